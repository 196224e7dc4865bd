/**
 * Byte ranges (RFC 9110, section 14): which parts of a representation a request asks for.
 * Knows field values and lengths; not where the bytes come from.
 * @module
 */

import { RANGES_MAX } from "../limits.ts";
import { listMembers } from "../syntax.ts";

/** Inclusive positions, as in `Content-Range`. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

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

/** `bytes 0-99/1000` (14.4). */
export function contentRange({ first, last }: ByteRange, length: number): string {
  return `bytes ${first}-${last}/${length}`;
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

/** The positions of `spec` in `length` bytes; `null`: there are none (14.1.2). */
function resolve({ first, last }: RangeSpec, length: number): ByteRange | null {
  if (first === null) return last === 0 ? null : { first: Math.max(0, length - last), last: length - 1 };
  return first < length ? { first, last: Math.min(last, length - 1) } : null;
}
