/**
 * Byte ranges (RFC 9110, section 14): which parts of a representation a request asks for.
 * Knows field values and lengths; not where the bytes come from.
 * @module
 */

import type { ByteRange } from "../byte_range.ts";
import type { OctetRange } from "../fields.ts";
import { RANGES_MAX } from "../limits.ts";
import { isAt, isDigit, latin1Bytes, listMembers, SP } from "../syntax.ts";

/** A requested range. In a suffix range, `first` is `null` and `last` is the length. */
interface RangeSpec {
  readonly first: number | null;
  readonly last: number;
}

/**
 * The ranges to send, in the requested order; `"unsatisfiable"`: 416; `null`: ignore the field and send everything. The
 * field is ignored if it requests too many ranges, or more bytes than there are (14.2). It is also ignored for empty
 * content, because a download that resumes at 0 wants the whole file, and 416 would look like a missing file.
 */
export function selectRanges(field: string, length: number): readonly ByteRange[] | "unsatisfiable" | null {
  if (length === 0) return null;
  const specs = parseSpecs(field);
  if (specs === null) return null; // Other units and malformed sets are ignored (14.2).
  const ranges = specs.map((spec) => resolve(spec, length)).filter((range) => range !== null);
  if (ranges.length === 0) return "unsatisfiable";
  const total = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return ranges.length > 1 && total > length ? null : ranges;
}

/**
 * The same for a field such as `bytes=0-99`, `bytes=200-` or `bytes=-5, 0-99`, without making strings. `null`: the field
 * has another form, or must be ignored, and `selectRanges` decides.
 */
export function readRanges({ bytes, first, end }: OctetRange, length: number): ReturnType<typeof selectRanges> {
  if (length === 0 || end - first <= UNIT.length || !isAt(bytes, first, UNIT, 0x20)) return null;
  const ranges: ByteRange[] = [];
  let count = 0;
  let total = 0;
  for (let at = first + UNIT.length; at <= end; count++) {
    if (bytes[at] === SP && count > 0) at++; // The usual blank after a comma.
    const comma = indexOf(COMMA, bytes, at, end);
    const spec = readSpec(bytes, at, comma);
    if (spec === null) return null;
    const range = resolve(spec, length);
    if (range !== null) {
      ranges.push(range);
      total += range.last - range.first + 1;
    }
    at = comma + 1;
  }
  if (count > RANGES_MAX || ranges.length > 1 && total > length) return null;
  return ranges.length === 0 ? "unsatisfiable" : ranges;
}

/** `bytes=0-99, 200-, -5`. The unit is compared without regard to case (14.1). */
function parseSpecs(field: string): RangeSpec[] | null {
  const [, set] = /^bytes=(.*)$/i.exec(field) ?? [];
  if (set === undefined) return null;
  const members = listMembers(set);
  if (members.length === 0 || members.length > RANGES_MAX) return null;
  const specs = members.map(parseSpec);
  return specs.every((spec) => spec !== null) ? specs : null;
}

function parseSpec(text: string): RangeSpec | null {
  const [, first = "", last = ""] = /^([0-9]*)-([0-9]*)$/.exec(text) ?? [];
  if (first === "" && last === "") return null;
  if (first === "") return { first: null, last: Number(last) };
  // "Invalid if the last-pos value is present and less than first-pos" (14.1.1), with any number of digits.
  if (last !== "" && BigInt(last) < BigInt(first)) return null;
  return { first: Number(first), last: last === "" ? Infinity : Number(last) };
}

const UNIT = latin1Bytes("bytes=");
const COMMA = ",".charCodeAt(0);
const DASH = "-".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** A number with more digits may not be exact. */
const DIGITS_MAX = 15;

/** A member of a set, without blanks; `null`: it has another form. */
function readSpec(bytes: Uint8Array, first: number, end: number): RangeSpec | null {
  const dash = indexOf(DASH, bytes, first, end);
  const from = readNumber(bytes, first, dash);
  const to = readNumber(bytes, dash + 1, end);
  if (from === null) return dash === first && to !== null ? { first: null, last: to } : null;
  if (to === null) return dash + 1 === end ? { first: from, last: Infinity } : null;
  return from <= to ? { first: from, last: to } : null;
}

/** The position of an octet in `bytes[first .. end)`; `end`: it is not there. */
function indexOf(octet: number, bytes: Uint8Array, first: number, end: number): number {
  let at = first;
  while (at < end && bytes[at] !== octet) at++;
  return at;
}

/** The number in `bytes[first .. end)`; `null`: it is empty, too long, or contains other octets than digits. */
function readNumber(bytes: Uint8Array, first: number, end: number): number | null {
  if (end <= first || end - first > DIGITS_MAX) return null;
  let value = 0;
  for (let at = first; at < end; at++) {
    if (!isDigit(bytes[at])) return null;
    value = value * 10 + bytes[at]! - ZERO;
  }
  return value;
}

/** The positions of `spec` in `length` bytes; `null`: there are none (14.1.2). */
function resolve({ first, last }: RangeSpec, length: number): ByteRange | null {
  if (first === null) return last === 0 ? null : { first: Math.max(0, length - last), last: length - 1 };
  return first < length ? { first, last: Math.min(last, length - 1) } : null;
}
