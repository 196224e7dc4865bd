/**
 * What a person types and sees in a conversation with a server: line ends and other invisible bytes, in a notation. Pure.
 * @module
 */

import { concat } from "@std/bytes/concat";

/** A typed line: bytes to send, or an instruction for the program. */
export type Typed =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Wait before the next line. */
  | { readonly kind: "wait"; readonly seconds: number }
  /** Close our side. The server may still send. */
  | { readonly kind: "end" }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

/** A person can wait no longer than that. */
const WAIT_SECONDS_MAX = 600;

const ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "\\": "\\" };

/** Reads a typed line without its own line end. `lineEnd` is sent after it, unless it ends with a single `\`. */
export function readTyped(line: string, lineEnd: string): Typed {
  const [, command, rest = ""] = /^\\(wait|end|\?)(?: +(.*))?$/.exec(line) ?? [];
  if (command === "end") return { kind: "end" };
  if (command === "?") return { kind: "help" };
  if (command === "wait") return readWait(rest);
  const isOpen = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
  const bytes = unescape(isOpen ? line.slice(0, -1) : line);
  if (typeof bytes === "string") return { kind: "mistake", message: bytes };
  return { kind: "bytes", bytes: isOpen ? bytes : concat([bytes, new TextEncoder().encode(lineEnd)]) };
}

function readWait(word: string): Typed {
  const seconds = /^[0-9]*\.?[0-9]+$/.test(word) ? Number(word) : NaN;
  if (seconds <= WAIT_SECONDS_MAX) return { kind: "wait", seconds };
  return { kind: "mistake", message: `\\wait takes seconds, at most ${WAIT_SECONDS_MAX}` };
}

/** The bytes of a text with escapes, or which escape is unknown. */
export function unescape(text: string): Uint8Array | string {
  const parts: Uint8Array[] = [];
  for (const [whole, digits, letter] of text.matchAll(/\\x([0-9A-Fa-f]{2})|\\(.?)|[^\\]+/gs)) {
    if (digits !== undefined) parts.push(Uint8Array.of(parseInt(digits, 16)));
    else if (letter === undefined) parts.push(new TextEncoder().encode(whole));
    else if (Object.hasOwn(ESCAPES, letter)) parts.push(new TextEncoder().encode(ESCAPES[letter]));
    else return `${whole} is unknown; write \\r \\n \\t \\xHH, or \\\\ for a backslash`;
  }
  return concat(parts);
}

/** Bytes as lines, each with its line end: `Host: localhost\r\n`. Bytes that are not UTF-8, and controls, become `\xHH`. */
export function showLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    lines.push(show(bytes.subarray(start, next)));
    start = next;
  }
  return lines;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function show(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes).replace(/[\p{Cc}\\]/gu, showChar);
  } catch {
    return Array.from(bytes, (byte) => byte < 0x7f ? showChar(String.fromCharCode(byte)) : `\\x${hex(byte)}`).join("");
  }
}

const NAMES: Readonly<Record<string, string>> = { "\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\" };

function showChar(char: string): string {
  return NAMES[char] ?? (/\p{Cc}/u.test(char) ? `\\x${hex(char.codePointAt(0)!)}` : char);
}

function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
