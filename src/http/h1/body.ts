/**
 * Reads the content of a message (RFC 9112, sections 6 and 7.1): by length, chunked, or until the connection ends.
 * Serves both sides, for requests and answers. Passes the bytes on and keeps none; knows no status.
 * @module
 */

import type { Accumulator } from "../../net/accumulator.ts";
import { parseChunkSize } from "./chunk.ts";
import { CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX } from "../limits.ts";
import { isMalformed, LineReader, type Malformed, malformed } from "./line_reader.ts";
import { COLON, isFieldValue, isToken, latin1Bytes } from "../syntax.ts";

/** How a message marks the end of its content. */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until close" };

/** Limits on one message. */
export interface BodyLimits {
  /** Maximum of content, in bytes. */
  readonly contentBytes: number;
  /** Maximum of the lines around the chunks, in bytes. RFC 9112, section 7.1.1, says to limit them. */
  readonly framingBytes: number;
  /** Whether each byte of content permits one more byte of framing, so that a long message may have small chunks. */
  readonly framingGrows: boolean;
}

/** Receives content. The bytes are valid during the call only. */
export type BodySink = (bytes: Uint8Array) => void;

/** The next element of chunked content. `data end` is the CR LF after a chunk. */
type Expecting = "size" | "data" | "data end" | "trailer";

/** Reads the content of one message. */
export class BodyReader {
  readonly #framing: BodyFraming;
  readonly #limits: BodyLimits;
  readonly #sink: BodySink | null;
  readonly #lines = new LineReader(CHUNK_LINE_BYTES_MAX);
  #expecting: Expecting = "size";
  /** Remaining bytes of the content, or of the chunk. */
  #left: number;
  #contentBytes = 0;
  #framingBytes = 0;
  #trailerBytes = 0;

  /** Without a sink the content is skipped. */
  constructor(framing: BodyFraming, limits: BodyLimits, sink: BodySink | null = null) {
    this.#framing = framing;
    this.#limits = limits;
    this.#sink = sink;
    this.#left = framing.kind === "length" ? framing.length : framing.kind === "until close" ? Infinity : 0;
  }

  /** Bytes of content read so far. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** Consumes the content in `input`. After `"partial"`, call it again when more bytes have arrived. */
  advance(input: Accumulator): "complete" | "partial" | Malformed {
    if (this.#framing.kind !== "chunked") {
      return this.#takeData(input) ?? (this.#left === 0 ? "complete" : "partial");
    }
    for (;;) {
      const outcome = this.#step(input);
      if (outcome !== null) return outcome;
    }
  }

  /** Ends the reading, because the stream ended when the content was `"partial"`. */
  end(): "complete" | Malformed {
    switch (this.#framing.kind) {
      case "until close":
        return "complete";
      case "length":
        return malformed(
          "short",
          `the content ends ${this.#left} bytes short of its Content-Length ${this.#framing.length}`,
        );
      default:
        return malformed("short", `the chunked content ends after ${this.#contentBytes} bytes, before its last chunk`);
    }
  }

  /** Reads one element of chunked content; `null`: the next one may have arrived too. */
  #step(input: Accumulator): "complete" | "partial" | Malformed | null {
    if (this.#expecting === "data") {
      const problem = this.#takeData(input);
      if (problem !== null) return problem;
      if (this.#left > 0) return "partial";
      this.#expecting = "data end";
      return null;
    }
    const line = this.#lines.read(input);
    if (line === null) return "partial";
    if (isMalformed(line)) return line;
    this.#framingBytes += line.length + 2;
    const framingMax = this.#limits.framingBytes + (this.#limits.framingGrows ? this.#contentBytes : 0);
    if (this.#framingBytes > framingMax) {
      return malformed("content too long", "more framing of chunks than is permitted");
    }
    switch (this.#expecting) {
      case "size":
        return this.#beginChunk(line);
      case "data end":
        this.#expecting = "size";
        return line === "" ? null : malformed("syntax", "a chunk is longer than its size");
      case "trailer":
        return line === "" ? "complete" : this.#checkTrailer(line);
    }
  }

  #beginChunk(line: string): Malformed | null {
    const size = parseChunkSize(line);
    if (size === null) return malformed("syntax", "a malformed chunk size");
    this.#left = size;
    this.#expecting = size === 0 ? "trailer" : "data";
    return this.#contentBytes + size > this.#limits.contentBytes ? this.#tooLong() : null;
  }

  #checkTrailer(line: string): Malformed | null {
    this.#trailerBytes += line.length + 2;
    if (this.#trailerBytes > TRAILER_BYTES_MAX) return malformed("trailer too long", "the trailer section is too long");
    const bytes = latin1Bytes(line);
    const colon = bytes.indexOf(COLON);
    const isField = colon > 0 && isToken(bytes, 0, colon) && isFieldValue(bytes, colon + 1, bytes.length);
    return isField ? null : malformed("syntax", "a malformed trailer field");
  }

  /** Refuses a length beyond the limit before its bytes arrive. */
  #takeData(input: Accumulator): Malformed | null {
    const count = Math.min(this.#left, input.length);
    const announced = this.#left === Infinity ? count : this.#left;
    if (this.#contentBytes + announced > this.#limits.contentBytes) return this.#tooLong();
    if (count > 0) this.#sink?.(input.bytes.subarray(input.start, input.start + count));
    input.consume(count);
    this.#left -= count;
    this.#contentBytes += count;
    return null;
  }

  #tooLong(): Malformed {
    return malformed("content too long", `more content than the ${this.#limits.contentBytes} bytes that it may have`);
  }
}
