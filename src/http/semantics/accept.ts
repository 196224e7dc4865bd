/**
 * Which media types a client accepts (RFC 9110, section 12.5.1). Pure.
 * @module
 */

import { listMembers } from "../syntax.ts";

/** Whether `accept` lists one of `types`, in lower case, with a weight above 0. Ranges such as `*` do not count. */
export function namesType(accept: string, types: readonly string[]): boolean {
  return rangesOf(accept).some(({ range, weight }) => types.includes(range) && weight > 0);
}

/** How much a client wants a media type. */
export interface Preference {
  /** From 0, not acceptable, to 1. */
  readonly weight: number;
  /** How the type was named: 2 exactly, 1 as `text/*`, 0 as any type or not at all. */
  readonly precision: number;
}

/** The preference for a type in lower case, without parameters: that of the most precise range. */
export function weightFor(accept: string, type: string): Preference {
  const [main] = type.split("/");
  const precise = [type, `${main}/*`, "*/*"];
  let found: Preference | null = null;
  for (const { range, weight } of rangesOf(accept)) {
    const place = precise.indexOf(range);
    const precision = 2 - place;
    if (place >= 0 && (found === null || precision > found.precision)) found = { weight, precision };
  }
  return found ?? { weight: 0, precision: 0 };
}

interface MediaRange {
  readonly range: string;
  readonly weight: number;
}

/** The ranges of a field, in lower case. Their parameters are left out. */
function rangesOf(accept: string): MediaRange[] {
  return listMembers(accept).map((member) => {
    const [range = "", ...parameters] = member.toLowerCase().split(";").map((part) => part.trim());
    return { range, weight: weightOf(parameters) };
  });
}

/** RFC 9110, section 12.4.2. A malformed weight counts as 0. */
function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  if (weight === undefined) return 1;
  return /^q=(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight.slice(2)) : 0;
}
