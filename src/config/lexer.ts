/**
 * Splits web.conf into lines of words. Knows blanks, quotes and comments; not what the words mean.
 * @module
 */

import type { Problem } from "./diagnostic.ts";

/** A word, and the column at which it begins, counted from 1 in characters. */
export interface Word {
  readonly text: string;
  readonly column: number;
}

/** A line with words. `line` counts from 1. */
export interface Line {
  readonly line: number;
  readonly words: readonly Word[];
}

/**
 * Splits lines at blanks and tabs. `"quoted words"` may contain blanks and `#`. There are no escape sequences, because
 * Windows paths contain backslashes. `#` at the beginning of a word starts a comment. Lines may end with LF, CR LF or
 * nothing.
 */
export function lex(text: string): { lines: Line[]; problems: Problem[] } {
  const lines: Line[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    const words = splitWords(raw, (column, message) => problems.push({ severity: "error", line, column, message }));
    if (words.length > 0) lines.push({ line, words });
  }
  return { lines, problems };
}

function splitWords(raw: string, complain: (column: number, message: string) => void): Word[] {
  const words: Word[] = [];
  for (const match of raw.matchAll(/#.*|"([^"]*)"([^ \t]*)|"(.*)|[^ \t]+/g)) {
    const [whole, quoted, trailing, unclosed] = match;
    const column = match.index + 1;
    if (whole.startsWith("#")) break;
    if (unclosed !== undefined) complain(column, 'a quotation mark is not closed; add a " at the end of the words');
    if (trailing) complain(column + whole.length - trailing.length, "a blank must follow a closing quotation mark");
    words.push({ text: quoted ?? unclosed ?? whole, column });
  }
  return words;
}
