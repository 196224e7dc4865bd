/**
 * What ends the content of an answer (RFC 9112, section 6.3), and a reader of the content.
 * Knows framing; not what the content should be.
 */

import { concat } from "@std/bytes/concat";
import { Violation } from "./trace.ts";

/** `close`: the content ends with the connection. */
export type Framing = "none" | "length" | "chunked" | "close";

const INVARIANT = "answers are exactly framed";

/** Throws a `Violation` if a recipient could not know where the content ends, or the fields contradict each other. */
export function framingOf(status: number, fields: ReadonlyMap<string, string>): Framing {
  const length = fields.get("content-length");
  const coding = fields.get("transfer-encoding");
  const hasContent = status >= 200 && status !== 204 && status !== 304;
  if (!hasContent && length === undefined && coding === undefined) return "none";
  if (hasContent && coding === "chunked" && length === undefined) return "chunked";
  if (hasContent && coding === undefined && /^(0|[1-9][0-9]*)$/.test(length ?? "")) return "length";
  const isLast = fields.get("connection") === "close";
  if (hasContent && coding === undefined && length === undefined && isLast) return "close";
  throw new Violation(INVARIANT, `${status} with Content-Length ${length} and Transfer-Encoding ${coding}`);
}

/** The content of an answer, complete or in part. */
export class Content {
  readonly #pieces: Uint8Array[] = [];
  readonly #framing: Framing;
  /** Number of missing bytes of the content, or of the chunk. */
  #left: number;
  /** The received part of the line before or after a chunk; `null` within a chunk. */
  #line: string | null;
  /** The kind of the line: the size of a chunk, or the empty line after a chunk or after the last one. */
  #expects: "size" | "end" | "last end" = "size";
  #isComplete: boolean;

  /** `length` is the length of the content, and used only if `framing` is `length`. */
  constructor(framing: Framing, length: number) {
    this.#framing = framing;
    this.#left = framing === "length" ? length : framing === "close" ? Infinity : 0;
    this.#line = framing === "chunked" ? "" : null;
    this.#isComplete = framing === "none" || (framing === "length" && length === 0);
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The content received so far, without its framing. */
  get bytes(): Uint8Array {
    return concat(this.#pieces);
  }

  /** Removes the bytes that belong to the content, and returns the rest. */
  take(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    while (rest.length > 0 && !this.#isComplete) {
      rest = this.#line === null ? this.#takeData(rest) : this.#takeLine(rest);
    }
    return rest;
  }

  /** Called when the connection has ended without a reset. */
  end(): void {
    if (this.#framing === "close") this.#isComplete = true;
  }

  #takeData(bytes: Uint8Array): Uint8Array {
    const piece = bytes.subarray(0, this.#left);
    this.#pieces.push(piece);
    this.#left -= piece.length;
    if (this.#left === 0 && this.#framing === "chunked") this.#expect("end");
    else if (this.#left === 0) this.#isComplete = true;
    return bytes.subarray(piece.length);
  }

  #takeLine(bytes: Uint8Array): Uint8Array {
    for (let at = 0; at < bytes.length; at++) {
      this.#line += String.fromCharCode(bytes[at]!);
      if (this.#line!.length > LINE_BYTES_MAX) throw new Violation(INVARIANT, `a chunk line: ${this.#line}`);
      if (!this.#line!.endsWith("\r\n")) continue;
      this.#endLine(this.#line!.slice(0, -2));
      return bytes.subarray(at + 1);
    }
    return bytes.subarray(bytes.length);
  }

  /** Extensions and trailers are refused, because this server never sends any. */
  #endLine(line: string): void {
    const grammar = this.#expects === "size" ? /^(?:0|[1-9A-F][0-9A-F]*)$/i : /^$/;
    if (!grammar.test(line)) throw new Violation(INVARIANT, `${this.#expects} of a chunk: ${JSON.stringify(line)}`);
    if (this.#expects === "last end") this.#isComplete = true;
    if (this.#expects !== "size") return this.#expect("size");
    this.#left = parseInt(line, 16);
    if (this.#left === 0) this.#expect("last end");
    else this.#line = null;
  }

  #expect(line: "size" | "end" | "last end"): void {
    this.#line = "";
    this.#expects = line;
  }
}

/** A size of 64 bits has 16 digits. */
const LINE_BYTES_MAX = 18;
