/**
 * The content of an answer, as it comes (RFC 9112, sections 6 and 7.1): by length, chunked, or until the connection ends.
 * Hands the bytes on; holds none of them.
 * @module
 */

import type { Accumulator } from "../net/accumulator.ts";
import { type AnswerFraming, type Flaw, flaw, isFlaw, parseFieldLine, quote } from "./answer.ts";
import { parseChunkSize } from "./chunk.ts";
import { CHUNK_FRAMING_BYTES_MAX, CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX } from "./limits.ts";
import { LineTaker } from "./line_taker.ts";

/** What comes next in chunked content; `data end` is the CR LF behind a chunk. */
type Expecting = "size" | "data" | "data end" | "trailer";

/** Takes content; the bytes hold during the call only. */
export type ContentSink = (bytes: Uint8Array) => void;

/** Reads the content of one answer. */
export class ContentReader {
  readonly #framing: AnswerFraming;
  readonly #bytesMax: number;
  readonly #sink: ContentSink;
  readonly #lines = new LineTaker(CHUNK_LINE_BYTES_MAX);
  #expecting: Expecting = "size";
  /** Bytes left of the content, or of the chunk. */
  #left: number;
  #contentBytes = 0;
  #framingBytes = 0;
  #trailerBytes = 0;

  /** More than `bytesMax` bytes of content are a flaw. */
  constructor(framing: AnswerFraming, bytesMax: number, sink: ContentSink) {
    this.#framing = framing;
    this.#bytesMax = bytesMax;
    this.#sink = sink;
    this.#left = framing.kind === "length" ? framing.length : framing.kind === "until close" ? Infinity : 0;
  }

  /** Bytes of content so far. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** Consumes what there is of the content in `input`. After `"partial"` call again when more bytes have come. */
  advance(input: Accumulator): "complete" | "partial" | Flaw {
    if (this.#framing.kind !== "chunked") {
      return this.#takeData(input) ?? (this.#left === 0 ? "complete" : "partial");
    }
    for (;;) {
      const outcome = this.#step(input);
      if (outcome !== null) return outcome;
    }
  }

  /** Judges content that was `"partial"` when the stream ended. */
  end(): "complete" | Flaw {
    switch (this.#framing.kind) {
      case "until close":
        return "complete";
      case "length":
        return flaw(
          "short",
          `the content ends ${this.#left} bytes short of its Content-Length ${this.#framing.length}`,
        );
      default:
        return flaw("short", `the chunked content ends after ${this.#contentBytes} bytes, before its last chunk`);
    }
  }

  /** One element of chunked content; `null`: go on. */
  #step(input: Accumulator): "complete" | "partial" | Flaw | null {
    if (this.#expecting === "data") {
      const problem = this.#takeData(input);
      if (problem !== null) return problem;
      if (this.#left > 0) return "partial";
      this.#expecting = "data end";
      return null;
    }
    const line = this.#lines.take(input);
    if (line === null) return "partial";
    if (isFlaw(line)) return line;
    this.#framingBytes += line.length + 2;
    // In proportion, so that a long answer in small chunks is taken, and endless framing around nothing is not.
    const isTalkative = this.#framingBytes > CHUNK_FRAMING_BYTES_MAX + this.#contentBytes;
    if (isTalkative) return flaw("too long", "more framing of chunks than content");
    switch (this.#expecting) {
      case "size":
        return this.#beginChunk(line);
      case "data end":
        this.#expecting = "size";
        return line === "" ? null : flaw("malformed", "a chunk is longer than its size");
      case "trailer":
        return line === "" ? "complete" : this.#checkTrailer(line);
    }
  }

  #beginChunk(line: string): Flaw | null {
    const size = parseChunkSize(line);
    if (size === null || !Number.isSafeInteger(size)) {
      return flaw("malformed", `this is no size of a chunk: ${quote(line)}`);
    }
    this.#left = size;
    this.#expecting = this.#left === 0 ? "trailer" : "data";
    return null;
  }

  #checkTrailer(line: string): Flaw | null {
    this.#trailerBytes += line.length + 2;
    if (this.#trailerBytes > TRAILER_BYTES_MAX) return flaw("too long", `over ${TRAILER_BYTES_MAX} bytes of trailer`);
    const field = parseFieldLine(line);
    return isFlaw(field) ? field : null;
  }

  #takeData(input: Accumulator): Flaw | null {
    const isPast = this.#left !== Infinity && this.#contentBytes + this.#left > this.#bytesMax;
    const count = Math.min(this.#left, input.length);
    if (isPast || this.#contentBytes + count > this.#bytesMax) {
      return flaw("too long", `more content than the ${this.#bytesMax} bytes that it may have`);
    }
    if (count > 0) this.#sink(input.bytes.subarray(input.start, input.start + count));
    input.consume(count);
    this.#left -= count;
    this.#contentBytes += count;
    return null;
  }
}
