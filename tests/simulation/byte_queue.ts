/**
 * The buffer of a socket: a queue of bytes. Bytes are added and removed in pieces of any size.
 */

export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Keeps `bytes` without a copy, so the caller must not change them afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** Removes and returns the next bytes, at most `max`. */
  take(max: number): Uint8Array {
    const [first] = this.#chunks;
    if (first === undefined || max <= 0) return new Uint8Array(0);
    if (first.length > max) return this.#cut(first, max);
    if (first.length === max || this.#chunks.length === 1) return this.#shift(first);
    const taken = new Uint8Array(Math.min(max, this.#length));
    this.takeInto(taken);
    return taken;
  }

  /** Removes bytes into `into`, as many as fit, and returns their number. */
  takeInto(into: Uint8Array): number {
    let at = 0;
    for (let [first] = this.#chunks; first !== undefined && at < into.length; [first] = this.#chunks) {
      const part = first.length > into.length - at ? this.#cut(first, into.length - at) : this.#shift(first);
      into.set(part, at);
      at += part.length;
    }
    return at;
  }

  clear(): void {
    this.#chunks = [];
    this.#length = 0;
  }

  #cut(first: Uint8Array, count: number): Uint8Array {
    this.#chunks[0] = first.subarray(count);
    this.#length -= count;
    return first.subarray(0, count);
  }

  #shift(first: Uint8Array): Uint8Array {
    this.#chunks.shift();
    this.#length -= first.length;
    return first;
  }
}
