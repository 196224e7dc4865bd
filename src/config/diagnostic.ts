/**
 * Errors and warnings about a configuration, with their positions and suggestions.
 * @module
 */

import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** A problem at a position in the text. `line` and `column` count from 1. An error prevents the start. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A problem and its file. */
export interface Diagnostic extends Problem {
  readonly file: string;
}

/** A message quotes words of the file, which may have any length. */
const MESSAGE_CHARS_MAX = 400;

/** `web.conf:3:11: error: ...` */
export function formatDiagnostic({ file, line, column, severity, message }: Diagnostic): string {
  const text = message.replace(/\p{Cc}/gu, "\uFFFD"); // The file's words must not control the terminal.
  return `${file}:${line}:${column}: ${severity}: ${text.slice(0, MESSAGE_CHARS_MAX)}`;
}

/** If there are more, the file is probably no configuration. */
const DIAGNOSTICS_MAX = 50;

/** As many problems as a person can read, errors before warnings, in the order of their lines. */
export function worstProblems<T extends Problem>(problems: readonly T[]): readonly T[] {
  if (problems.length <= DIAGNOSTICS_MAX) return problems;
  const isError = ({ severity }: T) => severity === "error";
  const chosen = [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))];
  const shown = new Set(chosen.slice(0, DIAGNOSTICS_MAX));
  return problems.filter((problem) => shown.has(problem));
}

/** Limit for comparisons, because they take long for long words, which are similar to no known word anyway. */
const WORD_CHARS_MAX = 64;

/** `; did you mean "timeout"?` if a known word is similar, otherwise nothing. */
export function suggest(word: string, known: readonly string[]): string {
  const given = word.slice(0, WORD_CHARS_MAX).toLowerCase();
  const distances = known.map((name) => ({ name, distance: levenshteinDistance(given, name) }));
  const nearest = distances.toSorted((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && isNear(given, nearest) ? `; did you mean "${nearest.name}"?` : "";
}

/**
 * Like `suggest`, but also takes words that are less similar, if they have the same first letter. For words without
 * which a host would be open: an error too many is better than one too few.
 */
export function suggestCautiously(word: string, known: readonly string[]): string {
  const given = word.slice(0, WORD_CHARS_MAX).toLowerCase();
  const near = known.find((name) => name[0] === given[0] && levenshteinDistance(given, name) <= 2);
  return near === undefined ? suggest(word, known) : `; did you mean "${near}"?`;
}

/** Two edits can turn a word of four letters into any other such word, unless they only change the order. */
function isNear(word: string, { name, distance }: { readonly name: string; readonly distance: number }): boolean {
  const isReordered = [...word].toSorted().join("") === [...name].toSorted().join("");
  return distance <= 2 && (distance < name.length / 2 || isReordered);
}
