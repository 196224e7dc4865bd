/**
 * Guards: which paths of a host need a password, and whose. Pure; checks none.
 * @module
 */

import { decodedPath } from "../http/target.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import type { Passwords } from "./passwords.ts";

/** Paths that need a password, as a host is told of them. */
export interface GuardRule {
  /** What a browser shows when it asks for a password: visible ASCII. */
  readonly realm: string;
  /** A pattern; `null`: every path. */
  readonly pattern: string | null;
  readonly passwords: Passwords;
}

/** The same in a form that can be compared with paths. */
export interface Guard {
  /** The value of WWW-Authenticate. */
  readonly challenge: string;
  readonly passwords: Passwords;
  /** `null`: it is for every path. Compared with folded paths. */
  readonly pattern: Pattern | null;
}

/** Throws `RangeError` where the rule cannot be used. */
export function compileGuard({ realm, pattern, passwords }: GuardRule): Guard {
  const trouble = realmTrouble(realm);
  if (trouble !== null) throw new RangeError(trouble);
  const compiled = pattern === null ? null : compileFolded(pattern);
  if (typeof compiled === "string") throw new RangeError(compiled);
  return { challenge: challengeOf(realm), passwords, pattern: compiled };
}

/**
 * The first of `guards` that is for a target; `null`: it needs no password. `wanted` are the files that may answer.
 *
 * The index of a folder is guarded by its own name as well, and a folder without its slash like the one with it: a guard that only
 * saw the path as it was sent would let the same content out by another name.
 */
export function guardFor(
  guards: readonly Guard[],
  { segments, directory }: { readonly segments: readonly string[]; readonly directory: boolean },
  wanted: readonly { readonly segments: readonly string[] }[],
): Guard | null {
  if (guards.length === 0) return null;
  const files = wanted.map((file) => decodedPath(file.segments, false));
  const paths = [decodedPath(segments, directory), decodedPath(segments, true), ...files].map(fold);
  return guards.find(({ pattern }) => pattern === null || paths.some((path) => pattern.matches(path))) ?? null;
}

/** A pattern to be compared with folded paths, or why it can match nothing. */
export function compileFolded(pattern: string): Pattern | string {
  return compilePattern(fold(pattern));
}

/**
 * Without letter case and forms of characters: some file systems know neither, so that `/SECRET/` leads where `/secret/` does. Where
 * they do know them, a guard is for more paths than it names, which closes a door too many and opens none.
 */
function fold(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC"); // Both: `\u017f` has the capital S.
}

/** Why a realm cannot be sent; `null`: it can. */
export function realmTrouble(realm: string): string | null {
  if (realm === "") return "a realm is empty; write what a browser shows when it asks for a password";
  return /^[\x20-\x7e]*$/.test(realm) ? null : `"${realm}" cannot stand in a field; use visible ASCII characters`;
}

/** RFC 7617, section 2: a quoted string (RFC 9110, section 5.6.4), and that credentials are UTF-8 (2.1). */
function challengeOf(realm: string): string {
  return `Basic realm="${realm.replace(/["\\]/g, "\\$&")}", charset="UTF-8"`;
}
