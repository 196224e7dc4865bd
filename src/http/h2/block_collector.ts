/**
 * Collects the field block of one HEADERS frame and its CONTINUATION frames (RFC 9113, section 4.3).
 * Knows fragments and limits; not what is in them.
 * @module
 */

import { ConnectionError, ErrorCode } from "./errors.ts";
import { Flag, type Frame } from "./frames.ts";
import { BLOCK_BYTES_MAX, CONTINUATIONS_MAX } from "./limits.ts";

const NO_BYTES = new Uint8Array(0);

/** A block that is being received, or the last one that was. */
export class BlockCollector {
  /** The stream whose block is incomplete; 0: none. No other frame may come before its end (6.10). */
  stream = 0;
  /** The block, once it is complete, is `bytes[first .. end)`, valid until more bytes are read. */
  bytes: Uint8Array = NO_BYTES;
  first = 0;
  end = 0;
  #collected: Uint8Array = NO_BYTES;
  #length = 0;
  #continuations = 0;

  /** Begins with the fragment of a HEADERS frame. */
  begin(frame: Frame): "complete" | "partial" {
    if (frame.has(Flag.END_HEADERS)) return this.#complete(frame.bytes, frame.first, frame.end);
    this.stream = frame.stream;
    this.#length = this.#continuations = 0;
    this.#append(frame);
    return "partial";
  }

  /** Goes on with a CONTINUATION frame of the same stream. */
  continue(frame: Frame): "complete" | "partial" | ConnectionError {
    const isTooLong = ++this.#continuations > CONTINUATIONS_MAX || this.#length + frame.length > BLOCK_BYTES_MAX;
    if (isTooLong) return new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a field block is too long");
    this.#append(frame);
    if (!frame.has(Flag.END_HEADERS)) return "partial";
    this.stream = 0;
    const bytes = this.#collected;
    this.#collected = NO_BYTES;
    return this.#complete(bytes, 0, this.#length);
  }

  #complete(bytes: Uint8Array, first: number, end: number): "complete" {
    this.bytes = bytes;
    this.first = first;
    this.end = end;
    return "complete";
  }

  #append({ bytes, first, end, length }: Frame): void {
    if (this.#collected.length < this.#length + length) {
      const grown = new Uint8Array(Math.min(BLOCK_BYTES_MAX, 2 * (this.#length + length)));
      grown.set(this.#collected.subarray(0, this.#length));
      this.#collected = grown;
    }
    this.#collected.set(bytes.subarray(first, end), this.#length);
    this.#length += length;
  }
}
