/**
 * Names of files and other values as text of a page. Pure.
 * @module
 */

import { escapeHtml } from "../http/html.ts";

/**
 * Characters that are not visible, or that change how others are shown: controls, the controls of writing direction,
 * separators, blanks of other widths, and marks without width. Joiners stay, because emoji and scripts need them.
 */
const INVISIBLE =
  /[\p{Cc}\u00a0\u00ad\u061c\u115f\u1160\u1680\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\ufff9-\ufffb]/gu;

/** A quick test: most names need no work. */
const PLAIN = /^[A-Za-z0-9_.,()+-]+(?: [A-Za-z0-9_.,()+-]+)*$/;

/** A name as HTML. Invisible characters, and blanks at its ends, are replaced by marked symbols. */
export function nameHtml(name: string): string {
  if (PLAIN.test(name)) return name;
  return escapeHtml(name)
    .replace(/^ +| +$| {2,}/g, (blanks) => mark("\u2423".repeat(blanks.length)))
    .replace(INVISIBLE, (char) => mark(symbolOf(char.codePointAt(0)!)));
}

/** A name as text without invisible characters, for titles. */
export function nameText(name: string): string {
  return name.replace(INVISIBLE, (char) => symbolOf(char.codePointAt(0)!));
}

function mark(symbols: string): string {
  return `<i>${symbols}</i>`;
}

const ESCAPES: ReadonlyMap<number, string> = new Map([[0x09, "\\t"], [0x0a, "\\n"], [0x0d, "\\r"]]);

/**
 * A character as programmers write it, or its number. Not the pictures of Unicode, which many fonts do not have. No
 * listed name contains a backslash, so nobody can take one for another.
 */
function symbolOf(code: number): string {
  const escape = ESCAPES.get(code);
  if (escape !== undefined) return escape;
  const digits = code.toString(16).toUpperCase();
  return code < 0x80 ? `\\x${digits.padStart(2, "0")}` : `U+${digits.padStart(4, "0")}`;
}

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** `12 kB`: three digits at most, in powers of 1,000. */
export function humanSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${UNITS[unit]}`;
}

/** `1 byte`, `1,234 bytes`. */
export function exactSize(bytes: number): string {
  return `${grouped(bytes)} ${bytes === 1 ? "byte" : "bytes"}`;
}

/** `1,234`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}

/** ISO 8601 with seconds; `null`: no date can express it. */
export function isoTime(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
