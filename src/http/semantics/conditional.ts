/**
 * Conditional requests (RFC 9110, section 13): validators and preconditions.
 * @module
 */

import { parseDate } from "../date.ts";
import type { Fields, OctetRange } from "../fields.ts";
import { isAt, isBlank } from "../syntax.ts";

/** Identifies one state of a representation. */
export interface Validator {
  /** An entity tag with its quotes; a weak one begins with `W/`. */
  readonly etag: string;
  /** Last modification in milliseconds since 1970, a whole second, maybe in the future; `null`: no date has it. */
  readonly modifiedMs: number | null;
}

/** A validator as clients send it back, for comparisons without strings. */
export interface ValidatorOctets {
  readonly etag: Uint8Array;
  /** The date of the last modification; `null`: no date can express it. */
  readonly lastModified: Uint8Array | null;
  /** The same as in `Validator`; `NaN`: no date has it. */
  readonly modifiedMs: number;
}

/**
 * Whether it is certain without strings that the request revalidates this state: no precondition precedes If-None-Match
 * or If-Modified-Since, and the decisive field lists the tag, or has exactly the date that the server sent. `true`:
 * `evaluate` returns "not modified".
 */
export function namesValidator(fields: Fields, { etag, lastModified }: ValidatorOctets): boolean {
  if (!fields.isConditional || fields.has("if-match") || fields.has("if-unmodified-since")) return false;
  if (fields.has("if-none-match")) {
    const list = fields.octets("if-none-match");
    return list !== null && listsTag(list, etag);
  }
  return lastModified !== null && fields.is("if-modified-since", lastModified);
}

/**
 * Whether it is certain without strings that Range counts: there are no preconditions, and If-Range is absent, or has
 * exactly the strong tag, or the date that the server sent, if that is a strong validator. `false`: `evaluate` and
 * `rangeApplies` decide.
 */
export function isRangeFree(
  fields: Fields,
  { etag, lastModified, modifiedMs }: ValidatorOctets,
  clock: { wall(): number },
): boolean {
  if (fields.isConditional) return false;
  if (!fields.has("if-range")) return true;
  if (etag[0] !== QUOTE) return false;
  return fields.is("if-range", etag) ||
    lastModified !== null && fields.is("if-range", lastModified) && isStrongDate(modifiedMs, clock.wall());
}

/** Whether a date of modification is a strong validator: only once its second is over (8.8.2.2). */
function isStrongDate(modifiedMs: number, nowMs: number): boolean {
  return nowMs - modifiedMs >= 1000;
}

const QUOTE = '"'.charCodeAt(0);
const COMMA = ",".charCodeAt(0);
const STAR = "*".charCodeAt(0);
const WEAK = "W".charCodeAt(0);
const SLASH = "/".charCodeAt(0);

/** Whether a list of entity tags is `*` or has `etag`, by the weak comparison. See `entityTags` for its form. */
function listsTag({ bytes, first, end }: OctetRange, etag: Uint8Array): boolean {
  if (end - first === etag.length && isAt(bytes, first, etag)) return true; // Nearly all lists are this.
  if (end - first === 1 && bytes[first] === STAR) return true;
  for (let at = afterBlanks(bytes, first, end); at < end; at = afterBlanks(bytes, at + 1, end)) {
    if (bytes[at] === COMMA) continue; // An empty member.
    const opaqueFirst = bytes[at] === WEAK && bytes[at + 1] === SLASH ? at + 2 : at;
    const opaqueEnd = afterOpaque(bytes, opaqueFirst, end);
    at = afterBlanks(bytes, opaqueEnd, end);
    if (opaqueEnd === opaqueFirst || at < end && bytes[at] !== COMMA) return false;
    if (isOpaque(bytes, opaqueFirst, opaqueEnd, etag)) return true;
  }
  return false;
}

function afterBlanks(bytes: Uint8Array, first: number, end: number): number {
  let at = first;
  while (at < end && isBlank(bytes[at])) at++;
  return at;
}

/** The end of the quoted part of a tag at `first`; `first`: there is none (RFC 9110, section 8.8.3). */
function afterOpaque(bytes: Uint8Array, first: number, end: number): number {
  if (first >= end || bytes[first] !== QUOTE) return first;
  let at = first + 1;
  while (at < end && isTagOctet(bytes[at]!)) at++;
  return at < end && bytes[at] === QUOTE ? at + 1 : first;
}

function isTagOctet(octet: number): boolean {
  return octet >= 0x21 && octet !== QUOTE && octet !== 0x7f;
}

/** Whether `bytes[first .. end)` is the quoted part of `etag`. */
function isOpaque(bytes: Uint8Array, first: number, end: number, etag: Uint8Array): boolean {
  const from = etag[0] === WEAK ? 2 : 0;
  if (end - first !== etag.length - from) return false;
  for (let at = first; at < end; at++) if (bytes[at] !== etag[from + at - first]) return false;
  return true;
}

/**
 * Evaluates the preconditions of a GET or HEAD in the order of section 13.2.2. `nowMs` is the wall clock.
 * If-Range is separate: see `rangeApplies`.
 */
export function evaluate(fields: Fields, validator: Validator, nowMs: number): "pass" | "not modified" | "failed" {
  const unchanged = ifMatch(fields, validator) ?? ifUnmodifiedSince(fields, validator, nowMs);
  if (unchanged === false) return "failed";
  const changed = ifNoneMatch(fields, validator) ?? ifModifiedSince(fields, validator, nowMs);
  return changed === false ? "not modified" : "pass";
}

/** Whether If-Range permits to use the Range field; `true` without If-Range (13.1.5, 13.2.2). Compares strongly. */
export function rangeApplies(fields: Fields, validator: Validator, nowMs: number): boolean {
  const value = fields.value("if-range");
  if (value === null) return true;
  const { etag, modifiedMs } = validator;
  if (isWeak(etag) || modifiedMs === null) return value === etag && !isWeak(etag); // A date is no stronger than the tag.
  if (value.startsWith('"') || value.startsWith("W/")) return value === etag;
  return parseDate(value, nowMs) === modifiedMs && isStrongDate(modifiedMs, nowMs);
}

// Each returns `null` if its field is absent or must be ignored.

function ifMatch(fields: Fields, { etag }: Validator): boolean | null {
  const value = fields.value("if-match");
  if (value === null) return null;
  return value === "*" || !isWeak(etag) && entityTags(value).includes(etag); // Strong: weak tags never match (8.8.3.2).
}

function ifUnmodifiedSince(fields: Fields, { modifiedMs }: Validator, nowMs: number): boolean | null {
  const time = singleDate(fields, "if-unmodified-since", nowMs);
  return time === null || modifiedMs === null ? null : modifiedMs <= time;
}

function ifNoneMatch(fields: Fields, { etag }: Validator): boolean | null {
  const value = fields.value("if-none-match");
  if (value === null) return null;
  return value !== "*" && !entityTags(value).some((tag) => opaque(tag) === opaque(etag)); // Weak comparison.
}

function ifModifiedSince(fields: Fields, { modifiedMs }: Validator, nowMs: number): boolean | null {
  const time = singleDate(fields, "if-modified-since", nowMs);
  return time === null || modifiedMs === null ? null : modifiedMs > time;
}

/** Fields without one valid date must be ignored, and all if the modification time is unknown (13.1.3, 13.1.4). */
function singleDate(
  fields: Fields,
  name: "if-modified-since" | "if-unmodified-since",
  nowMs: number,
): number | null {
  const value = fields.value(name);
  return value === null ? null : parseDate(value, nowMs);
}

function isWeak(etag: string): boolean {
  return etag.startsWith("W/");
}

function opaque(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}

const ENTITY_TAG = /[ \t]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|$)|[ \t]*,/y;

/** The members of a list of entity tags, which may contain commas. A malformed member ends it, as it cannot match. */
function entityTags(value: string): string[] {
  const tags: string[] = [];
  ENTITY_TAG.lastIndex = 0;
  while (ENTITY_TAG.lastIndex < value.length) {
    const match = ENTITY_TAG.exec(value);
    if (match === null) break;
    if (match[1] !== undefined) tags.push(match[1]);
  }
  return tags;
}
