/**
 * Guards: which paths of a host need a password, and whose. Pure; checks none.
 * @module
 */

import { decodedPath } from "../http/target.ts";
import { EXTENSION } from "./clean_urls.ts";
import { mayFallBack } from "./fallback.ts";
import type { Host } from "./host.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import type { Passwords } from "./passwords.ts";
import type { Visit } from "./steps.ts";

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
  const problem = invalidRealmReason(realm);
  if (problem !== null) throw new RangeError(problem);
  const compiled = pattern === null ? null : compileFolded(pattern);
  if (typeof compiled === "string") throw new RangeError(compiled);
  return { challenge: challengeOf(realm), passwords, pattern: compiled };
}

/**
 * The first guard of `host` that is for a target; `null`: it needs no password. `wanted` are the files that may answer.
 *
 * Each path counts by which the same content, or word of it, could come out: a guard that only saw the path as it was sent would
 * close one of several doors.
 */
export function guardFor(host: Host, target: Visit["target"], wanted: Visit["wanted"]): Guard | null {
  if (host.guards.length === 0) return null;
  const paths = [...pathsOf(host, target), ...wanted.map(({ segments }) => decodedPath(segments, false))].map(fold);
  return host.guards.find(({ pattern }) => pattern === null || paths.some((path) => pattern.matches(path))) ?? null;
}

/**
 * A path, as it is asked for and as a folder, and what it stands for: an index for its folder, a page for its address without the
 * extension, and an address without a file for the page that would answer there.
 */
function pathsOf(host: Host, target: Visit["target"]): string[] {
  const { segments, directory } = target;
  const name = fold(segments.at(-1) ?? "");
  const isPage = host.cleanUrls && !directory && name.endsWith(EXTENSION);
  const isIndex = !directory && host.index.some((index) => fold(index) === name);
  return [
    decodedPath(segments, directory),
    decodedPath(segments, true),
    ...isIndex ? [decodedPath(segments.slice(0, -1), true)] : [],
    ...isPage ? [decodedPath(segments, false).slice(0, -EXTENSION.length)] : [],
    ...host.fallback !== null && mayFallBack({ host, target }) ? [decodedPath(host.fallback.segments, false)] : [],
  ];
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
export function invalidRealmReason(realm: string): string | null {
  if (realm === "") return "a realm is empty; write what a browser shows when it asks for a password";
  return /^[\x20-\x7e]*$/.test(realm) ? null : `"${realm}" is not allowed in a field; use visible ASCII characters`;
}

/** RFC 7617, section 2: a quoted string (RFC 9110, section 5.6.4), and that credentials are UTF-8 (2.1). */
function challengeOf(realm: string): string {
  return `Basic realm="${realm.replace(/["\\]/g, "\\$&")}", charset="UTF-8"`;
}
