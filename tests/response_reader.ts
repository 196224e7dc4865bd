/**
 * Reads responses as a strict client does: status line, field lines and framing to the letter (RFC 9112, sections 4 to 7).
 * Pure: knows the bytes that are there; not where they come from or whether more will.
 */

import { latin1 } from "../src/http/syntax.ts";
import { concat } from "@std/bytes/concat";

/** Where the content ends (RFC 9112, section 6.3). `close`: with the connection. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

export interface Head {
  readonly statusLine: string;
  readonly status: number;
  readonly reason: string;
  readonly fieldLines: readonly string[];
  /** Names in their letter case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly framing: Framing;
  /** Bytes of the head. */
  readonly length: number;
}

/** `name ":" SP value`, without other blanks around the value, without folding and controls. */
const FIELD_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(?: ([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?))?$/;

/** Nothing here sends more. */
const HEAD_BYTES_MAX = 16 * 1024;
const LINE_BYTES_MAX = 1024;

const NO_CONTENT: Framing = { kind: "none" };

/** The head that `bytes` begin with; `null`: its end is not there. `toHead`: it answers a HEAD request. Throws what is wrong with it. */
export function readHead(bytes: Uint8Array, toHead = false): Head | null {
  const end = endOf("\r\n\r\n", bytes, 0, HEAD_BYTES_MAX);
  if (end === null) return null;
  const [statusLine = "", ...fieldLines] = latin1(bytes, 0, end - 4).split("\r\n");
  const [, code, reason] = /^HTTP\/1\.1 ([1-5][0-9]{2}) ([\t\x20-\x7e]*)$/.exec(statusLine) ?? [];
  if (reason === undefined) throw new Error(`Not a status line: ${JSON.stringify(statusLine)}`);
  const fields = fieldLines.map((line): [string, string] => {
    const [, name, value = ""] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`Not a field line: ${JSON.stringify(line)}`);
    return [name, value];
  });
  const status = Number(code);
  const framing = framingOf(status, fields, toHead);
  return { statusLine, status, reason, fieldLines, fields, framing, length: end };
}

/** The values of a field by its lower-case name, in order. */
export function valuesOf(fields: Head["fields"], name: string): string[] {
  return fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

function framingOf(status: number, fields: Head["fields"], toHead: boolean): Framing {
  const codings = valuesOf(fields, "transfer-encoding");
  const lengths = valuesOf(fields, "content-length");
  if (codings.length > 0 && (codings.join() !== "chunked" || lengths.length > 0 || status < 200 || status === 204)) {
    throw new Error(`${status} with Transfer-Encoding ${codings} and Content-Length ${lengths}`);
  }
  if (toHead || status < 200 || status === 204 || status === 304) return NO_CONTENT;
  if (codings.length > 0) return { kind: "chunked" };
  if (lengths.length === 0 && valuesOf(fields, "connection").join() === "close") return { kind: "close" };
  if (!/^(?:0|[1-9][0-9]*)$/.test(lengths.join())) throw new Error(`${status} with Content-Length ${lengths}`);
  return { kind: "length", length: Number(lengths[0]) };
}

/** Content without its framing, and how many bytes both take. */
export interface Read {
  readonly content: Uint8Array;
  readonly length: number;
}

/** The content that `bytes` begin with; `null`: more must come. `isEnded`: no more will. Throws what is wrong with it. */
export function readContent(framing: Framing, bytes: Uint8Array, isEnded: boolean): Read | null {
  switch (framing.kind) {
    case "none":
      return { content: new Uint8Array(0), length: 0 };
    case "length":
      return bytes.length < framing.length ? null : { content: bytes.slice(0, framing.length), length: framing.length };
    case "chunked":
      return readChunks(bytes);
    case "close":
      return isEnded ? { content: bytes, length: bytes.length } : null;
  }
}

/** Without extensions and trailers, because nothing here sends any. */
function readChunks(bytes: Uint8Array): Read | null {
  const chunks: Uint8Array[] = [];
  for (let at = 0;;) {
    const first = endOf("\r\n", bytes, at, LINE_BYTES_MAX);
    if (first === null) return null;
    const line = latin1(bytes, at, first - 2);
    if (!/^(?:0|[1-9A-Fa-f][0-9A-Fa-f]{0,7})$/.test(line)) throw new Error(`Not a chunk size: ${JSON.stringify(line)}`);
    const end = first + parseInt(line, 16);
    if (bytes.length < end + 2) return null;
    if (latin1(bytes, end, end + 2) !== "\r\n") throw new Error(`No CR LF behind a chunk of ${line}`);
    at = end + 2;
    if (end === first) return { content: concat(chunks), length: at };
    chunks.push(bytes.subarray(first, end));
  }
}

/** Where `words` end, which stand in at most `max` bytes from `from` on; `null`: they are not there yet. */
function endOf(words: string, bytes: Uint8Array, from: number, max: number): number | null {
  const text = latin1(bytes, from, Math.min(bytes.length, from + max));
  const at = text.indexOf(words);
  if (at >= 0) return from + at + words.length;
  if (text.length === max) throw new Error(`No end in ${max} bytes: ${JSON.stringify(text.slice(0, 80))}`);
  return null;
}
