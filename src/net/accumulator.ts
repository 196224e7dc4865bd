/**
 * The accumulator: the bytes of one connection that were received and not yet consumed.
 * Knows positions and capacity; not what the bytes mean or where they come from.
 * @module
 */

/** How large an accumulator starts and how far it may grow, in bytes. */
export interface AccumulatorSizes {
  /** What it starts with, and shrinks back to when it is empty; more than 0. */
  readonly minBytes: number;
  /** What it may hold at most. */
  readonly maxBytes: number;
}

/** Buffers of `minBytes` that nobody uses. */
export type SpareBuffers = Uint8Array<ArrayBuffer>[];

/** Buffers kept for reuse; beyond this many the garbage collector has them. */
const SPARE_MAX = 1024;

const NO_BYTES = new Uint8Array(0);

/**
 * A growing window of bytes. Readers look at `bytes[start .. end)`; the socket writes into `space()`.
 *
 * `space()` may move the bytes to make room, so positions taken from `start` hold until the next `space()`.
 */
export class Accumulator {
  readonly #sizes: AccumulatorSizes;
  readonly #spare: SpareBuffers;
  #bytes: Uint8Array<ArrayBuffer>;
  #start = 0;
  #end = 0;

  /** Empty, of `minBytes` bytes, out of `spare` if there are any. Throws `RangeError` for sizes that cannot be. */
  constructor(sizes: AccumulatorSizes, spare: SpareBuffers = []) {
    if (!(sizes.minBytes > 0 && sizes.minBytes <= sizes.maxBytes)) {
      throw new RangeError(`Accumulator sizes must satisfy 0 < min <= max: ${sizes.minBytes}, ${sizes.maxBytes}`);
    }
    this.#sizes = sizes;
    this.#spare = spare;
    this.#bytes = spare.pop() ?? new Uint8Array(sizes.minBytes);
  }

  /** The whole buffer; only `start` to `end` is meaningful. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Where in `bytes` the first byte that is not consumed stands. */
  get start(): number {
    return this.#start;
  }

  /** Where in `bytes` the next byte received will stand. */
  get end(): number {
    return this.#end;
  }

  /** Bytes received and not yet consumed. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Bytes of memory held now. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Room for the next read; empty only when `maxBytes` unconsumed bytes are held. */
  space(): Uint8Array<ArrayBuffer> {
    // A nearly full buffer would make for reads of a few bytes each.
    if (this.#bytes.length - this.#end < this.#sizes.minBytes / 2) this.#makeRoom();
    return this.#end === 0 ? this.#bytes : this.#bytes.subarray(this.#end);
  }

  /** Says that `count` bytes were written into `space()`. */
  commit(count: number): void {
    if (count < 0 || this.#end + count > this.#bytes.length) throw new RangeError(`Cannot commit ${count} bytes`);
    this.#end += count;
  }

  /** Drops `count` bytes from the front. */
  consume(count: number): void {
    if (count < 0 || count > this.length) throw new RangeError(`Cannot consume ${count} of ${this.length} bytes`);
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  /** Gives back what an empty accumulator grew by. Never while a read into `space()` is pending: its bytes would be lost. */
  release(): void {
    if (this.length === 0 && this.#bytes.length > this.#sizes.minBytes) {
      this.#bytes = this.#spare.pop() ?? new Uint8Array(this.#sizes.minBytes);
    }
  }

  /** Lets others have its buffer; there is no space any more. Never while a read into `space()` is pending. */
  giveUp(): void {
    const isSpare = this.#bytes.length === this.#sizes.minBytes && this.#spare.length < SPARE_MAX;
    if (isSpare) this.#spare.push(this.#bytes);
    this.#bytes = NO_BYTES;
    this.#start = this.#end = 0;
  }

  /** Moving costs less than growing, and growing by doubling keeps the copying linear in the bytes received. */
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
