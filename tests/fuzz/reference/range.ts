/**
 * A slow reference for byte ranges (RFC 9110, section 14). It uses numbers of any size, and checks each position of the
 * representation. It was written from the RFC and the limit, and not from the parser that it checks.
 */

import { RANGES_MAX } from "../../../src/http/limits.ts";
import { trim } from "./head.ts";

/** The permitted results for a Range field. Positions are inclusive. */
export type RangeReading = readonly (readonly [first: number, last: number])[] | "unsatisfiable" | "ignore";

/** The result of `field` for a representation of `length` bytes. */
export function readRanges(field: string, length: number): RangeReading {
  if (length === 0) return "ignore"; // An empty representation has no ranges.
  const equals = field.indexOf("=");
  if (equals < 0 || field.slice(0, equals).toLowerCase() !== "bytes") return "ignore";
  const members = field.slice(equals + 1).split(",").map(trim);
  const specs = members.filter((member) => member !== "");
  if (specs.length === 0 || specs.length > RANGES_MAX || !specs.every(isValid)) return "ignore";
  const ranges = specs.map((spec) => positions(spec, length)).filter((range) => range !== null);
  if (ranges.length === 0) return "unsatisfiable";
  let total = 0;
  for (const [first, last] of ranges) for (let at = first; at <= last; at++) total++;
  return ranges.length > 1 && total > length ? "ignore" : ranges;
}

/** `int-range / suffix-range`; "invalid if the last-pos value is present and less than first-pos" (14.1.1). */
function isValid(spec: string): boolean {
  const dash = spec.indexOf("-");
  const [first, last] = [spec.slice(0, dash), spec.slice(dash + 1)];
  if (dash < 0 || first + last === "" || !/^[0-9]*$/.test(first + last)) return false;
  return first === "" || last === "" || BigInt(first) <= BigInt(last);
}

/** The first and the last of `length` positions that `spec` selects; `null`: none. */
function positions(spec: string, length: number): [number, number] | null {
  const [first = "", last = ""] = spec.split("-");
  const [from, to] = [numberOf(first), last === "" ? Infinity : numberOf(last)];
  let range: [number, number] | null = null;
  for (let at = 0; at < length; at++) {
    const isAsked = first === "" ? length - at <= to : at >= from && at <= to;
    if (isAsked) range = [range?.[0] ?? at, at];
  }
  return range;
}

/** Larger numbers are after every position. */
function numberOf(digits: string): number {
  const number = BigInt(digits);
  return number > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(number);
}
