/**
 * Fields that a site adds to its responses, or removes from them. Pure: knows fields and statuses, not why they are
 * added.
 * @module
 */

import { alter, type Content, type Field, type Response } from "./response.ts";
import { listMembers } from "./syntax.ts";
import type { Status } from "./status.ts";

/** Added fields for one path. A field with an empty value removes the field of this name. */
export interface Additions {
  /** Fields that describe the content. They are sent with the content of a file, and with each part of it. */
  readonly describing: readonly Field[];
  /** All other fields. */
  readonly general: readonly Field[];
  /** Cache-Control for files that were found; `null`: none. */
  readonly cacheControl: string | null;
}

/** No additions. */
export const NO_ADDITIONS: Additions = { describing: [], general: [], cacheControl: null };

/** Fields that describe the content. An error has other content, so it must not have them (RFC 9110, section 8). */
const DESCRIBING = new Set([
  "content-type",
  "content-encoding",
  "content-language",
  "content-location",
  "content-disposition",
]);

/** Fields that would make caches store an error. */
const CACHING = new Set(["cache-control", "expires"]);

/** Whether a field describes the content. */
export function isDescribing(name: string): boolean {
  return DESCRIBING.has(name.toLowerCase());
}

/** `fields` with `added`. Each added field replaces those with its name, or joins them if it is Vary. */
export function merge(fields: readonly Field[], added: readonly Field[]): readonly Field[] {
  return added.reduce<readonly Field[]>((before, [name, value]) => {
    const same = before.filter((field) => isNamed(field, name));
    const others = same.length === 0 ? before : before.filter((field) => !isNamed(field, name));
    // The server knows on which fields its answer depends, so its own Vary stays, and the added one is appended.
    const isJoined = name.toLowerCase() === "vary" && same.length > 0;
    if (value === "") return isJoined ? before : others;
    return [...others, [name, isJoined ? join(same[0]![1], value) : value]];
  }, fields);
}

/** A list with one more member, unless it has it. */
function join(list: string, member: string): string {
  return listMembers(list).includes(member) ? list : `${list}, ${member}`;
}

function isNamed([name]: Field, other: string): boolean {
  return name.length === other.length && name.toLowerCase() === other.toLowerCase();
}

/** The response with those general fields that are suitable for its status. */
export function withAdditions<Kind extends Content>(
  response: Response & { readonly content: Kind },
  { general }: Additions,
): Response & { readonly content: Kind } {
  if (general.length === 0) return response;
  const added = general.filter(([name]) => isFor(response.status, name));
  if (added.length === 0) return response;
  const server = added.find((field) => isNamed(field, "server"));
  return alter(response, {
    ...server === undefined ? {} : { serverName: server[1] },
    ...added.some((field) => isNamed(field, "last-modified")) ? { lastModified: null } : {},
    fields: merge(response.fields, server === undefined ? added : added.filter((field) => field !== server)),
  });
}

/** Errors get no caching fields, because caches must not store them. */
function isFor(status: Status, name: string): boolean {
  return status < 400 || !CACHING.has(name.toLowerCase());
}
