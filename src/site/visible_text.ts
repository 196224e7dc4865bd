/**
 * Names of files and other values as text of a page. Pure.
 * @module
 */

import { escapeHtml } from "../http/html.ts";

/**
 * Characters that are not visible, or that change how others are shown: controls, the controls of writing direction,
 * separators, and marks without width. Joiners stay, because emoji and scripts need them.
 */
const INVISIBLE =
  /[\p{Cc}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]/gu;

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

/** The picture of a control character (U+2400), or its number. */
function symbolOf(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
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
