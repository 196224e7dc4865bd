/**
 * The accumulator: the bytes of one connection that were received and not yet consumed.
 * Knows positions and capacity; not what the bytes mean or where they come from.
 * @module
 */

/** The initial size of an accumulator and the size that it may grow to, in bytes. */
export interface AccumulatorSizes {
  /** The initial size. An empty accumulator shrinks back to it. More than 0. */
  readonly minBytes: number;
  /** The largest size. */
  readonly maxBytes: number;
}

/** Unused buffers of `minBytes`. */
export type SpareBuffers = Uint8Array<ArrayBuffer>[];

/** Buffers kept for reuse. The garbage collector takes those beyond this number. */
const SPARE_MAX = 1024;

const NO_BYTES = new Uint8Array(0);

/**
 * A growing window of bytes. Readers look at `bytes[start .. end)`. The socket writes into `space()`.
 *
 * `space()` may move the bytes, so positions computed from `start` are valid only until the next `space()`.
 */
export class Accumulator {
  readonly #sizes: AccumulatorSizes;
  readonly #spare: SpareBuffers;
  #bytes: Uint8Array<ArrayBuffer>;
  #start = 0;
  #end = 0;

  /** Starts empty, with a buffer of `minBytes` from `spare` if there is one. `RangeError` for impossible sizes. */
  constructor(sizes: AccumulatorSizes, spare: SpareBuffers = []) {
    if (!(sizes.minBytes > 0 && sizes.minBytes <= sizes.maxBytes)) {
      throw new RangeError(`Accumulator sizes must satisfy 0 < min <= max: ${sizes.minBytes}, ${sizes.maxBytes}`);
    }
    this.#sizes = sizes;
    this.#spare = spare;
    this.#bytes = spare.pop() ?? new Uint8Array(sizes.minBytes);
  }

  /** The whole buffer. Only the bytes from `start` to `end` are meaningful. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Position in `bytes` of the first byte that is not consumed. */
  get start(): number {
    return this.#start;
  }

  /** Position in `bytes` of the next byte to be received. */
  get end(): number {
    return this.#end;
  }

  /** Bytes received and not yet consumed. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Current size of the buffer in bytes. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** The free space for the next read. It is empty only if `maxBytes` unconsumed bytes are held. */
  space(): Uint8Array<ArrayBuffer> {
    // Not in consume(), because a read into the last space() may be pending, and its bytes are committed at `end`.
    if (this.#start === this.#end) this.#start = this.#end = 0;
    // A read into a nearly full buffer would return only a few bytes.
    if (this.#bytes.length - this.#end < this.#sizes.minBytes / 2) this.#makeRoom();
    return this.#end === 0 ? this.#bytes : this.#bytes.subarray(this.#end);
  }

  /** Records that `count` bytes were written into `space()`. */
  commit(count: number): void {
    if (count < 0 || this.#end + count > this.#bytes.length) throw new RangeError(`Cannot commit ${count} bytes`);
    this.#end += count;
  }

  /** Removes `count` bytes from the front. */
  consume(count: number): void {
    if (count < 0 || count > this.length) throw new RangeError(`Cannot consume ${count} of ${this.length} bytes`);
    this.#start += count;
  }

  /** Shrinks an empty accumulator to its initial size. Not during a read into `space()`, whose bytes would be lost. */
  shrink(): void {
    if (this.length === 0 && this.#bytes.length > this.#sizes.minBytes) {
      this.#bytes = this.#spare.pop() ?? new Uint8Array(this.#sizes.minBytes);
      this.#start = this.#end = 0;
    }
  }

  /** Returns the buffer for reuse. Afterwards there is no space. Not during a read into `space()`. */
  releaseBuffer(): void {
    const isSpare = this.#bytes.length === this.#sizes.minBytes && this.#spare.length < SPARE_MAX;
    if (isSpare) this.#spare.push(this.#bytes);
    this.#bytes = NO_BYTES;
    this.#start = this.#end = 0;
  }

  /** Moves the bytes if possible, because that is cheaper than growing. Doubling keeps the copying linear. */
  #makeRoom(): void {
    if (this.#start > 0) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    } else if (this.#bytes.length < this.#sizes.maxBytes && this.#bytes !== NO_BYTES) {
      const grown = new Uint8Array(Math.min(this.#bytes.length * 2, this.#sizes.maxBytes));
      grown.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = grown;
    }
  }
}
