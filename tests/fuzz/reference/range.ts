/**
 * Byte ranges (RFC 9110, section 14), read slowly: numbers of any size, and each position of the representation asked
 * whether it was asked for. Written from the RFC and the limit, without a look at the parser that it judges.
 */

import { RANGES_MAX } from "../../../src/http/limits.ts";
import { trim } from "./head.ts";

/** What may be done with a Range field; positions inclusive. */
export type RangeReading = readonly (readonly [first: number, last: number])[] | "unsatisfiable" | "ignore";

/** What `field` asks of `length` bytes. */
export function readRanges(field: string, length: number): RangeReading {
  if (length === 0) return "ignore"; // Nothing has no part that could be asked for.
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

/** The first and the last position of `length` that `spec` names; `null` for none. */
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

/** Larger ones are beyond every position. */
function numberOf(digits: string): number {
  const number = BigInt(digits);
  return number > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(number);
}
