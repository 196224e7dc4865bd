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

/** More than that are one mistake: it is some other file. */
const DIAGNOSTICS_MAX = 50;

/** As many as a person can read, errors before warnings; in the order of their lines. */
export function worst<T extends Problem>(problems: readonly T[]): readonly T[] {
  if (problems.length <= DIAGNOSTICS_MAX) return problems;
  const isError = ({ severity }: T) => severity === "error";
  const chosen = [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))];
  const shown = new Set(chosen.slice(0, DIAGNOSTICS_MAX));
  return problems.filter((problem) => shown.has(problem));
}

/** The file's words may be of any length; the distance between long ones takes time, and they are near to none that is known. */
const WORD_CHARS_MAX = 64;

/** `; did you mean "timeout"?` when one of `known` is near enough to be meant, else nothing. */
export function suggest(word: string, known: readonly string[]): string {
  const given = word.slice(0, WORD_CHARS_MAX).toLowerCase();
  const distances = known.map((name) => ({ name, distance: levenshteinDistance(given, name) }));
  const nearest = distances.toSorted((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && isNear(given, nearest) ? `; did you mean "${nearest.name}"?` : "";
}

/** Two edits of a word of four letters make any other word of four letters of it, unless they only change the order. */
function isNear(word: string, { name, distance }: { readonly name: string; readonly distance: number }): boolean {
  const isReordered = [...word].toSorted().join("") === [...name].toSorted().join("");
  return distance <= 2 && (distance < name.length / 2 || isReordered);
}
