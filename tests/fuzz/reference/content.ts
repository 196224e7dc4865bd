/**
 * A slow reference for the end of a request's content (RFC 9112, sections 6 and 7.1): one grammar, character by character,
 * over the complete text. It was written from the RFC and the limits, and not from the parser that it checks.
 */

import {
  CHUNK_FRAMING_BYTES_MAX,
  CHUNK_LINE_BYTES_MAX,
  CONTENT_BYTES_MAX,
  TRAILER_BYTES_MAX,
} from "../../../src/http/limits.ts";
import type { HeadRead } from "./head.ts";

export type FramingRead = "none" | "chunked" | "refused" | { readonly length: number };

/** What ends the content after `head`. */
export function readFraming({ fields, minorVersion }: HeadRead): FramingRead {
  const codings = fields.filter(([name]) => name === "transfer-encoding").map(([, value]) => value);
  const lengths = fields.filter(([name]) => name === "content-length").map(([, value]) => value);
  if (codings.length > 0) {
    const isPlain = codings.length === 1 && codings[0]!.toLowerCase() === "chunked";
    return isPlain && lengths.length === 0 && minorVersion === 1 ? "chunked" : "refused";
  }
  if (lengths.length === 0) return "none";
  if (lengths.length > 1 || !/^[0-9]+$/.test(lengths[0]!)) return "refused";
  const length = BigInt(lengths[0]!);
  if (length === 0n) return "none";
  return length > BigInt(Number.MAX_SAFE_INTEGER) ? "refused" : { length: Number(length) };
}

/** The end of the content; `"partial"`: it is incomplete; `"refused"`: no continuation can make it valid. */
export type ContentReading = number | "partial" | "refused";

/** Skips `length` characters. */
export function readCounted(text: string, length: number): ContentReading {
  if (length > CONTENT_BYTES_MAX) return "refused";
  return text.length >= length ? length : "partial";
}

/** `*chunk last-chunk trailer-section CRLF` (RFC 9112, section 7.1). */
export function readChunked(text: string): ContentReading {
  const reader = new ChunkReader(text);
  try {
    reader.readAll();
    return reader.at;
  } catch (stop) {
    if (stop instanceof Stop) return stop.reading;
    throw stop;
  }
}

/** Thrown at the end of the text, or where the text does not match the grammar. */
class Stop extends Error {
  readonly reading: ContentReading;

  constructor(reading: ContentReading) {
    super(String(reading));
    this.reading = reading;
  }
}

/** A recursive-descent parser. It throws `Stop` if it cannot continue. */
class ChunkReader {
  at = 0;
  readonly #text: string;
  #framingBytes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): void {
    let total = 0;
    for (;;) {
      const size = readSize(this.#line());
      if (size === 0) break;
      total += size;
      if (total > CONTENT_BYTES_MAX) throw new Stop("refused");
      if (this.#text.length - this.at < size) throw new Stop("partial");
      this.at += size;
      if (this.#line() !== "") throw new Stop("refused");
    }
    let trailerBytes = 0;
    for (let line = this.#line(); line !== ""; line = this.#line()) {
      trailerBytes += line.length + 2;
      if (trailerBytes > TRAILER_BYTES_MAX) throw new Stop("refused");
      readTrailer(line);
    }
  }

  /** The rest of the line, without its CR LF. */
  #line(): string {
    const lf = this.#text.indexOf("\n", this.at);
    const end = lf < 0 ? this.#text.length : lf;
    if (end - this.at > CHUNK_LINE_BYTES_MAX) throw new Stop("refused");
    if (lf < 0) throw new Stop("partial");
    const line = this.#text.slice(this.at, lf);
    this.at = lf + 1;
    this.#framingBytes += line.length + 1;
    if (!line.endsWith("\r") || this.#framingBytes > CHUNK_FRAMING_BYTES_MAX) throw new Stop("refused");
    return line.slice(0, -1);
  }
}

const isTchar = (char: string | undefined) => char !== undefined && /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(char);
const isBlank = (char: string | undefined) => char === " " || char === "\t";

/** `chunk-size [ chunk-ext ]`. Leading zeros are ignored. More than 16 other digits are refused. */
function readSize(line: string): number {
  let at = 0;
  while (/[0-9A-Fa-f]/.test(line[at] ?? "")) at++;
  const digits = line.slice(0, at);
  if (at === 0 || digits.replace(/^0+/, "").length > 16) throw new Stop("refused");
  const size = BigInt(`0x${digits}`);
  while (at < line.length) at = readExtension(line, at);
  if (size > BigInt(CONTENT_BYTES_MAX)) throw new Stop("refused");
  return Number(size);
}

/** `BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ]` */
function readExtension(line: string, first: number): number {
  let at = skipBlanks(line, first);
  if (line[at++] !== ";") throw new Stop("refused");
  at = skipToken(line, skipBlanks(line, at));
  const equals = skipBlanks(line, at);
  if (line[equals] !== "=") return at;
  at = skipBlanks(line, equals + 1);
  return line[at] === '"' ? skipQuoted(line, at) : skipToken(line, at);
}

function skipBlanks(line: string, first: number): number {
  let at = first;
  while (isBlank(line[at])) at++;
  return at;
}

function skipToken(line: string, first: number): number {
  let at = first;
  while (isTchar(line[at])) at++;
  if (at === first) throw new Stop("refused");
  return at;
}

/** `DQUOTE *( qdtext / quoted-pair ) DQUOTE` (RFC 9110, section 5.6.4) */
function skipQuoted(line: string, first: number): number {
  for (let at = first + 1; at < line.length; at++) {
    if (line[at] === '"') return at + 1;
    if (line[at] === "\\") at++;
    if (!/[\t -~\x80-\xff]/.test(line[at] ?? "")) throw new Stop("refused");
  }
  throw new Stop("refused");
}

/** `field-name ":" OWS field-value OWS` */
function readTrailer(line: string): void {
  const at = skipToken(line, 0);
  if (line[at] !== ":" || !/^[\t -~\x80-\xff]*$/.test(line.slice(at + 1))) throw new Stop("refused");
}
