/**
 * What is wrong with a configuration, where, and what to do.
 * @module
 */

import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** A problem at a place in the text; line and column count from 1. An error keeps the server from starting. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A problem and the file that it is in. */
export interface Diagnostic extends Problem {
  readonly file: string;
}

/** A message quotes the file, whose words may be of any length. */
const MESSAGE_CHARS_MAX = 400;

/** `web.conf:3:11: error: ...` */
export function formatDiagnostic({ file, line, column, severity, message }: Diagnostic): string {
  const text = message.replace(/\p{Cc}/gu, "\uFFFD"); // The file's words must not steer a terminal.
  return `${file}:${line}:${column}: ${severity}: ${text.slice(0, MESSAGE_CHARS_MAX)}`;
}

/** `; did you mean "timeout"?` when one of `known` is near enough to be meant, else nothing. */
export function suggest(word: string, known: readonly string[]): string {
  const distances = known.map((name) => ({ name, distance: levenshteinDistance(word.toLowerCase(), name) }));
  const nearest = distances.toSorted((a, b) => a.distance - b.distance)[0];
  const isNear = nearest !== undefined && nearest.distance <= (nearest.name.length > 3 ? 2 : 1); // Two: swapped letters.
  return isNear ? `; did you mean "${nearest.name}"?` : "";
}
