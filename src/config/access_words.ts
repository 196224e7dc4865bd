/**
 * Words of the settings that say who is let in to what one line says, and back. Pure.
 * @module
 */

import { type AddressRange, holdsAll, parseRange } from "../site/cidr.ts";
import { invalid, type InvalidWord } from "./setting_words.ts";

/** CIDR... */
export function parseRanges(words: readonly string[]): readonly string[] | InvalidWord {
  for (const [index, word] of words.entries()) {
    const range = parseRange(word);
    if (typeof range === "string") return invalid(index, range);
  }
  return words;
}

/** Whether `earlier` has all addresses of `later`. */
export function hidesRanges(earlier: readonly string[], later: readonly string[]): boolean {
  const ranges = rangesOf(earlier);
  return rangesOf(later).every((inner) => ranges.some((outer) => holdsAll(outer, inner)));
}

function rangesOf(words: readonly string[]): AddressRange[] {
  return words.map(parseRange).filter((range) => typeof range !== "string");
}
