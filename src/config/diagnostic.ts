/**
 * What is wrong with a configuration, where, and what to do.
 * @module
 */

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
  const distances = known.map((name) => ({ name, distance: editDistance(word.toLowerCase(), name) }));
  const nearest = distances.toSorted((a, b) => a.distance - b.distance)[0];
  // Two edits of a word of four letters make any other word of four letters out of it.
  const isNear = nearest !== undefined && nearest.distance <= 2 && nearest.distance < nearest.name.length / 2;
  return isNear ? `; did you mean "${nearest.name}"?` : "";
}

/** A word of the file may be of any length; one that is much longer is not near. */
const WORD_CHARS_MAX = 64;

/**
 * The number of letters to add, take away, exchange or swap with their neighbours to turn one word into the other (optimal
 * string alignment); `Infinity` where it is large anyway.
 */
function editDistance(from: string, to: string): number {
  if (from.length > WORD_CHARS_MAX || to.length > WORD_CHARS_MAX) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
        isSwap ? beforeLast[column - 2]! + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}
