/**
 * Guards: which paths of a host need which password. Pure; checks none.
 * @module
 */

import { EXTENSIONS } from "../files/content_codings.ts";
import { type Coding, CODINGS } from "../http/semantics/coding.ts";
import { decodedPath } from "../http/target.ts";
import { EXTENSION } from "./clean_urls.ts";
import { mayFallBack } from "./fallback.ts";
import type { Host } from "./host.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import type { Passwords } from "./passwords.ts";
import type { Visit } from "./steps.ts";

/** A rule about paths that need a password. */
export interface GuardRule {
  /** The text that a browser shows when it asks for a password: visible ASCII. */
  readonly realm: string;
  /** A pattern; `null`: every path. */
  readonly pattern: string | null;
  readonly passwords: Passwords;
}

/** A guard in a form that can be compared with paths. */
export interface Guard {
  /** The value of WWW-Authenticate. */
  readonly challenge: string;
  readonly passwords: Passwords;
  /** For comparisons with folded paths; `null`: every path. */
  readonly pattern: Pattern | null;
}

/** Throws `RangeError` if the rule is invalid. */
export function compileGuard({ realm, pattern, passwords }: GuardRule): Guard {
  const problem = invalidRealmReason(realm);
  if (problem !== null) throw new RangeError(problem);
  const compiled = pattern === null ? null : compileFolded(pattern);
  if (typeof compiled === "string") throw new RangeError(compiled);
  return { challenge: challengeOf(realm), passwords, pattern: compiled };
}

/**
 * The first guard of `host` that matches a target; `null`: the target needs no password. `candidates` are the files
 * that may answer.
 *
 * It compares every path that leads to the same content, because a guard that compares only the requested path could be
 * bypassed by another one.
 */
export function guardFor(host: Host, target: Visit["target"], candidates: Visit["candidates"]): Guard | null {
  if (host.guards.length === 0) return null;
  const paths = [...pathsOf(host, target), ...candidates.map(({ segments }) => decodedPath(segments, false))].map(fold);
  return host.guards.find(({ pattern }) => pattern === null || paths.some((path) => pattern.matches(path))) ?? null;
}

/**
 * The codings in which siblings of a file may be sent. A sibling that needs a password of its own is not sent in place of
 * the file.
 */
export function openSiblings(guards: readonly Guard[], segments: readonly string[]): readonly Coding[] {
  if (guards.length === 0) return CODINGS;
  const guardOf = (path: string) =>
    guards.find(({ pattern }) => pattern === null || pattern.matches(fold(path))) ?? null;
  const path = decodedPath(segments, false);
  const own = guardOf(path);
  const open = CODINGS.filter((coding) => {
    const guard = guardOf(path + EXTENSIONS[coding]);
    return guard === null || guard === own;
  });
  return open.length === CODINGS.length ? CODINGS : open;
}

/**
 * All paths that lead to the content of a target: the requested path, with and without a slash, the folder of an index,
 * the address without the extension, and the fallback page.
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

/** Compiles a pattern for folded paths, or returns why it can match nothing. */
export function compileFolded(pattern: string): Pattern | string {
  return compilePattern(fold(pattern));
}

/**
 * Removes differences in letter case and Unicode form, because some file systems ignore them, so that `/SECRET/` is
 * `/secret/`. On other file systems, a guard then matches more paths than it names, which is safe.
 */
function fold(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC"); // Both, because `\u017f` has the capital S.
}

/** Why a realm cannot be sent; `null`: it can be. */
export function invalidRealmReason(realm: string): string | null {
  if (realm === "") return "a realm is empty; write what a browser shows when it asks for a password";
  return /^[\x20-\x7e]*$/.test(realm) ? null : `"${realm}" is not allowed in a field; use visible ASCII characters`;
}

/** RFC 7617, section 2: a quoted string (RFC 9110, section 5.6.4), and that credentials must be UTF-8 (2.1). */
function challengeOf(realm: string): string {
  return `Basic realm="${realm.replace(/["\\]/g, "\\$&")}", charset="UTF-8"`;
}
