/**
 * Reading past a request's content (RFC 9112, sections 6.2 and 7.1). No method here takes any, but where it ends decides
 * where the next request begins.
 * @module
 */

import type { Accumulator } from "../net/accumulator.ts";
import { parseChunkSize } from "./chunk.ts";
import type { Framing } from "./framing.ts";
import { CHUNK_FRAMING_BYTES_MAX, CHUNK_LINE_BYTES_MAX, CONTENT_BYTES_MAX, TRAILER_BYTES_MAX } from "./limits.ts";
import { type Refusal, refuse } from "./status.ts";
import { COLON, CR, isFieldValue, isToken, latin1, LF } from "./syntax.ts";

/** What comes next in chunked content; `data end` is the CR LF behind a chunk. */
type Expecting = "size" | "data" | "data end" | "trailer";

/** Skips the content of one request; never holds more of it than the accumulator does. */
export class ContentSkipper {
  #expecting: Expecting;
  /** Bytes left of the content, or of the chunk. */
  #left: number;
  #skipped = 0;
  #framingBytes = 0;
  #trailerBytes = 0;
  readonly #isChunked: boolean;

  constructor(framing: Framing) {
    this.#isChunked = framing.kind === "chunked";
    this.#expecting = this.#isChunked ? "size" : "data";
    this.#left = framing.kind === "length" ? framing.length : 0;
  }

  /** Consumes what there is of the content in `input`. After `"partial"` call again when more bytes have come. */
  advance(input: Accumulator): "complete" | "partial" | Refusal {
    if (!this.#isChunked) return this.#skipData(input) ?? (this.#left === 0 ? "complete" : "partial");
    for (;;) {
      const outcome = this.#step(input);
      if (outcome !== null) return outcome;
    }
  }

  /** One element of chunked content; `null`: go on. */
  #step(input: Accumulator): "complete" | "partial" | Refusal | null {
    if (this.#expecting === "data") {
      const refusal = this.#skipData(input);
      if (refusal !== null) return refusal;
      if (this.#left > 0) return "partial";
      this.#expecting = "data end";
      return null;
    }
    const line = takeLine(input);
    if (line === null) return "partial";
    if (typeof line !== "string") return line;
    this.#framingBytes += line.length + 2;
    if (this.#framingBytes > CHUNK_FRAMING_BYTES_MAX) return refuse(413, "the chunks are too many or too talkative");
    switch (this.#expecting) {
      case "size":
        return this.#beginChunk(line);
      case "data end":
        this.#expecting = "size";
        return line === "" ? null : refuse(400, "a chunk is longer than its size");
      case "trailer":
        return line === "" ? "complete" : this.#checkTrailer(line);
    }
  }

  #beginChunk(line: string): Refusal | null {
    const size = parseChunkSize(line);
    if (size === null) return refuse(400, "a malformed chunk size");
    this.#left = size;
    this.#expecting = this.#left === 0 ? "trailer" : "data";
    return this.#left + this.#skipped > CONTENT_BYTES_MAX ? refuse(413, "the content is too long") : null;
  }

  #checkTrailer(line: string): Refusal | null {
    this.#trailerBytes += line.length + 2;
    if (this.#trailerBytes > TRAILER_BYTES_MAX) return refuse(431, "the trailer section is too long");
    const bytes = Uint8Array.from(line, (char) => char.charCodeAt(0));
    const colon = bytes.indexOf(COLON);
    const isField = colon > 0 && isToken(bytes, 0, colon) && isFieldValue(bytes, colon + 1, bytes.length);
    return isField ? null : refuse(400, "a malformed trailer field");
  }

  #skipData(input: Accumulator): Refusal | null {
    if (this.#skipped + this.#left > CONTENT_BYTES_MAX) return refuse(413, "the content is too long");
    const count = Math.min(this.#left, input.length);
    input.consume(count);
    this.#left -= count;
    this.#skipped += count;
    return null;
  }
}

/** Consumes the next line, without its CR LF; `null` while it is not complete. */
function takeLine(input: Accumulator): string | null | Refusal {
  const { bytes, start, end } = input;
  let lf = start;
  while (lf < end && bytes[lf] !== LF) lf++;
  if (lf - start > CHUNK_LINE_BYTES_MAX) return refuse(400, "a line of the chunked content is too long");
  if (lf === end) return null;
  if (lf === start || bytes[lf - 1] !== CR) return refuse(400, "a line of the chunked content ends without CR");
  const line = latin1(bytes, start, lf - 1);
  input.consume(lf + 1 - start);
  return line;
}
