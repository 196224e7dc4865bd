/**
 * Answers to scripts of other origins (Fetch standard, section 3.2): which may read them, and what they may request.
 * @module
 */

import { alter, type Field, NO_CONTENT, type Response } from "../http/response.ts";
import { merge } from "../http/additions.ts";
import type { Request } from "../http/request.ts";
import { TCHAR } from "../http/syntax.ts";
import { Alterations } from "./alterations.ts";
import { addHostFields } from "./answers.ts";
import { lineOf } from "./notes.ts";
import type { Origins } from "./origins.ts";
import type { Visit } from "./steps.ts";

/** Scripts may read only a few fields unless others are listed. `*` would not work for requests with credentials. */
const EXPOSED: Field = [
  "Access-Control-Expose-Headers",
  "Accept-Ranges, Content-Encoding, Content-Range, Date, ETag, Retry-After",
];

/** The answer to a preflight. Two hours is the longest time that browsers cache it. */
const PREFLIGHT: readonly Field[] = [
  ["Access-Control-Allow-Methods", "GET, HEAD"],
  ["Access-Control-Max-Age", "7200"],
];

/** The field names in a preflight. All are permitted, because they have no effect on this server. */
const FIELD_NAMES = new RegExp(`^${TCHAR}+(?:[ \\t]*,[ \\t]*${TCHAR}+)*$`);
const FIELD_NAMES_CHARS_MAX = 1024;

/** The permissions of other origins on one host. */
export class Cors {
  /** Fields of every answer, so that a cache does not use the answer for one origin for another. */
  readonly fields: readonly Field[];
  /** Altered answers by origin. */
  readonly #allowed = new Map<string, Alterations>();

  /** `origins` must not be empty. */
  constructor(origins: Origins) {
    const isForAll = origins[0] === "*";
    this.fields = isForAll ? [["Access-Control-Allow-Origin", "*"], EXPOSED] : [["Vary", "Origin"]];
    for (const origin of isForAll ? [] : origins) this.#allowed.set(origin, new Alterations());
  }

  /** The answer with the fields for the origin of a request. */
  answerFor({ fields }: Request, response: Response): Response {
    if (!fields.has("origin")) return response;
    const origin = fields.value("origin") ?? "";
    const allow = (before: Response) => alter(before, { fields: merge(before.fields, fieldsFor(origin)) });
    return this.#allowed.get(origin)?.of(response, allow) ?? response;
  }
}

/** Scripts of listed origins may send the user's credentials. With `*`, no script may. */
function fieldsFor(origin: string): readonly Field[] {
  return [["Access-Control-Allow-Origin", origin], ["Access-Control-Allow-Credentials", "true"], EXPOSED];
}

/** Answers a preflight request, which browsers send without a password. */
export function answerPreflight(visit: Visit, { method, fields }: Request): Response | null {
  if (method !== "OPTIONS" || !fields.has("origin") || !fields.has("access-control-request-method")) return null;
  visit.services.note?.("cors", "a preflight request", lineOf(visit.host, "cors"));
  const names = fields.value("access-control-request-headers") ?? "";
  const isList = names.length <= FIELD_NAMES_CHARS_MAX && FIELD_NAMES.test(names);
  const allowed: readonly Field[] = isList ? [["Access-Control-Allow-Headers", names]] : [];
  const response = { status: 204, fields: [...PREFLIGHT, ...allowed, ASKED], content: NO_CONTENT } as const;
  return addHostFields(visit, response);
}

const ASKED: Field = ["Vary", "Access-Control-Request-Headers"];
