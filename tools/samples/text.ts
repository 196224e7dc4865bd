/**
 * Sample texts: a greeting in several scripts, and lines with their own numbers and offsets.
 * @module
 */

import { utf8 } from "./bytes.ts";

/** Few enough to store the file with the sources, and enough for ranges and for resumed downloads. */
const LINE_COUNT = 8192;
const LINE_BYTES = 64;

export function helloText(): string {
  return [
    "Hello. Grüße. Здравствуйте. Γειά σου. こんにちは.",
    "This text is UTF-8: it has more bytes than characters, and Content-Length counts bytes.",
    "",
  ].join("\n");
}

/** Lines of 64 bytes, each with its number and offset, so that the bytes of a range show their own position. */
export function numberedLines(): Uint8Array {
  const lines: string[] = [];
  for (let line = 0; line < LINE_COUNT; line++) {
    const place = `${String(line).padStart(4, "0")} ${String(line * LINE_BYTES).padStart(6, "0")} `;
    lines.push(place + ruler(place.length, LINE_BYTES - 1));
  }
  return utf8(lines.join("\n") + "\n");
}

/** A digit at each tenth byte of the line, and a plus sign half way between. */
function ruler(first: number, end: number): string {
  let marks = "";
  for (let column = first; column < end; column++) {
    if (column % 10 === 0) marks += String(column / 10);
    else marks += column % 5 === 0 ? "+" : ".";
  }
  return marks;
}
