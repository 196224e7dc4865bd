/**
 * Answers for scripts of other origins (Fetch standard, section 3.2): who may read them, and what may be asked for.
 * @module
 */

import { alter, type Field, NO_CONTENT, type Response } from "../http/response.ts";
import { merge } from "../http/additions.ts";
import type { Request } from "../http/request.ts";
import { TCHAR } from "../http/syntax.ts";
import { Alterations } from "./alterations.ts";
import { dress } from "./answers.ts";
import { lineOf } from "./notes.ts";
import type { Origins } from "./origins.ts";
import type { Visit } from "./steps.ts";

/** Scripts see few fields unless they are named. A list of names, because `*` does not hold where credentials are sent. */
const EXPOSED: Field = [
  "Access-Control-Expose-Headers",
  "Accept-Ranges, Content-Encoding, Content-Range, Date, ETag, Retry-After",
];

/** What a browser may take for granted for two hours, which is the most that any takes. */
const PREFLIGHT: readonly Field[] = [
  ["Access-Control-Allow-Methods", "GET, HEAD"],
  ["Access-Control-Max-Age", "7200"],
];

/** The names that a preflight asks for; they change nothing here, so any may be sent. */
const FIELD_NAMES = new RegExp(`^${TCHAR}+(?:[ \\t]*,[ \\t]*${TCHAR}+)*$`);
const FIELD_NAMES_CHARS_MAX = 1024;

/** What one host lets other origins do. */
export class Cors {
  /** What stands in every answer, so that a cache does not give one origin the answer for another. */
  readonly fields: readonly Field[];
  /** Answers with the fields for an origin, by the origin. */
  readonly #allowed = new Map<string, Alterations>();

  /** `origins` are not empty. */
  constructor(origins: Origins) {
    const isForAll = origins[0] === "*";
    this.fields = isForAll ? [["Access-Control-Allow-Origin", "*"], EXPOSED] : [["Vary", "Origin"]];
    for (const origin of isForAll ? [] : origins) this.#allowed.set(origin, new Alterations());
  }

  /** The answer as the origin of a request may read it. */
  answerFor({ fields }: Request, response: Response): Response {
    if (!fields.has("origin")) return response;
    const origin = fields.value("origin") ?? "";
    const allow = (before: Response) => alter(before, { fields: merge(before.fields, fieldsFor(origin)) });
    return this.#allowed.get(origin)?.of(response, allow) ?? response;
  }
}

/** The origins of a list are trusted with what a browser sends for the person in front of it; every origin, `*`, is not. */
function fieldsFor(origin: string): readonly Field[] {
  return [["Access-Control-Allow-Origin", origin], ["Access-Control-Allow-Credentials", "true"], EXPOSED];
}

/** Answers the question whether a script may ask, which browsers ask without a password. */
export function answerPreflight(visit: Visit, { method, fields }: Request): Response | null {
  if (method !== "OPTIONS" || !fields.has("origin") || !fields.has("access-control-request-method")) return null;
  visit.services.note?.("cors", "the question whether a script may ask", lineOf(visit.host, "cors"));
  const names = fields.value("access-control-request-headers") ?? "";
  const isList = names.length <= FIELD_NAMES_CHARS_MAX && FIELD_NAMES.test(names);
  const allowed: readonly Field[] = isList ? [["Access-Control-Allow-Headers", names]] : [];
  const response = { status: 204, fields: [...PREFLIGHT, ...allowed, ASKED], content: NO_CONTENT } as const;
  return dress(visit, response);
}

const ASKED: Field = ["Vary", "Access-Control-Request-Headers"];
