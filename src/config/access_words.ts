/**
 * Parses and formats the words of the settings that restrict access. Pure.
 * @module
 */

import { compileFolded, invalidRealmReason } from "../site/guard.ts";
import { type Origins, readOrigins } from "../site/origins.ts";
import { matchesAll } from "../site/pattern.ts";
import { type AddressRange, containsRange, parseRange } from "../site/cidr.ts";
import { invalid, type InvalidWord } from "./setting_words.ts";

/** Paths that need a password, and the file with the passwords. */
export interface AuthLine {
  readonly realm: string;
  /** The name in web.conf. */
  readonly file: string;
  /** A pattern; `null`: every path. */
  readonly pattern: string | null;
}

/** REALM FILE [PATTERN]. */
export function parseAuth(words: readonly string[]): AuthLine | InvalidWord {
  const [realm = "", file, pattern = null, surplus] = words;
  if (file === undefined) {
    return invalid(0, "it takes a realm and a password file");
  }
  if (surplus !== undefined) {
    return invalid(3, `"${surplus}" is one word too many; put words with blanks in quotation marks`);
  }
  const realmProblem = invalidRealmReason(realm);
  if (realmProblem !== null) return invalid(0, realmProblem);
  if (file === "") return invalid(1, "the name of the password file is empty");
  const compiled = pattern === null ? null : compileFolded(pattern);
  return typeof compiled === "string" ? invalid(2, compiled) : { realm, file, pattern };
}

export function formatAuth({ realm, file, pattern }: AuthLine): readonly string[] {
  return pattern === null ? [realm, file] : [realm, file, pattern];
}

/** Whether `earlier` matches every path of `later`. */
export function hidesAuth(earlier: AuthLine, later: AuthLine): boolean {
  return earlier.pattern === null || matchesAll(earlier.pattern) || earlier.pattern === later.pattern;
}

/** ORIGIN... or `*`. */
export function parseOrigins(words: readonly string[]): Origins | InvalidWord {
  const origins = readOrigins(words);
  return "message" in origins ? invalid(origins.index, origins.message) : origins;
}

/** CIDR... */
export function parseRanges(words: readonly string[]): readonly string[] | InvalidWord {
  for (const [index, word] of words.entries()) {
    const range = parseRange(word);
    if (typeof range === "string") return invalid(index, range);
  }
  return words;
}

/** Whether `earlier` contains all addresses of `later`. */
export function hidesRanges(earlier: readonly string[], later: readonly string[]): boolean {
  const ranges = rangesOf(earlier);
  return rangesOf(later).every((inner) => ranges.some((outer) => containsRange(outer, inner)));
}

function rangesOf(words: readonly string[]): AddressRange[] {
  return words.map(parseRange).filter((range) => typeof range !== "string");
}
