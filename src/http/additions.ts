/**
 * Fields that a site adds to its responses, or removes from them. Pure: knows fields and statuses, not why they are added.
 * @module
 */

import { alter, type Content, type Field, type Response } from "./response.ts";
import type { Status } from "./status.ts";

/** What is added for one path. A field without a value removes the one that would be sent. */
export interface Additions {
  /** Fields that say what the content is: they go with the content of a file, and with each of its parts. */
  readonly describing: readonly Field[];
  /** All others. */
  readonly general: readonly Field[];
  /** For what is found; `null`: none. */
  readonly cacheControl: string | null;
}

/** Nothing. */
export const NO_ADDITIONS: Additions = { describing: [], general: [], cacheControl: null };

/** Fields that describe content, and would be wrong beside another one, as an error has it (RFC 9110, section 8). */
const DESCRIBING = new Set([
  "content-type",
  "content-encoding",
  "content-language",
  "content-location",
  "content-disposition",
]);

/** Fields that would keep an error in a cache. */
const CACHING = new Set(["cache-control", "expires"]);

/** Whether a field says what the content is. */
export function isDescribing(name: string): boolean {
  return DESCRIBING.has(name.toLowerCase());
}

/** `fields` with those that are added; each replaces the one of its name. */
export function merge(fields: readonly Field[], added: readonly Field[]): readonly Field[] {
  return added.reduce<readonly Field[]>((before, [name, value]) => {
    const same = before.filter((field) => isNamed(field, name));
    const others = same.length === 0 ? before : before.filter((field) => !isNamed(field, name));
    if (value === "") return others;
    // What an answer depends on is ours to know: it stands beside what is added.
    const isJoined = name.toLowerCase() === "vary" && same.length > 0;
    return [...others, [name, isJoined ? `${same[0]![1]}, ${value}` : value]];
  }, fields);
}

function isNamed([name]: Field, other: string): boolean {
  return name.length === other.length && name.toLowerCase() === other.toLowerCase();
}

/** The response with the general fields that are added to one of its status. */
export function withAdditions<Kind extends Content>(
  response: Response & { readonly content: Kind },
  { general }: Additions,
): Response & { readonly content: Kind } {
  const added = general.filter(([name]) => isFor(response.status, name));
  if (added.length === 0) return response;
  const server = added.find((field) => isNamed(field, "server"));
  return alter(response, {
    ...server === undefined ? {} : { serverName: server[1] },
    ...added.some((field) => isNamed(field, "last-modified")) ? { lastModified: null } : {},
    fields: merge(response.fields, server === undefined ? added : added.filter((field) => field !== server)),
  });
}

/** Errors are not kept, whatever is said of the path. */
function isFor(status: Status, name: string): boolean {
  return status < 400 || !CACHING.has(name.toLowerCase());
}
