/**
 * A stream of bytes as an async iteration over its chunks.
 * Knows reads; not what the bytes mean. One read a step, so that nobody is kept waiting for a chunk to become full.
 * @module
 */

/** What can be read from: a socket, a file, standard input. */
export interface Readable {
  /** Reads at most `into.length` bytes and resolves to how many came, or to `null` at the end of the stream. */
  read(into: Uint8Array): Promise<number | null>;
}

/** What one read asks for unless said otherwise, in bytes. */
export const CHUNK_BYTES = 64 * 1024;

/**
 * Iterates over what comes from `source`, in chunks of 1 to `maxBytes` bytes, as they come. Each chunk is the caller's to
 * keep. Ends at the end of the stream. Leaving the loop early leaves `source` open, and reads no further.
 *
 * A stream that breaks ends the iteration with the reason, thrown: `Deno.errors.ConnectionReset` when the other end reset
 * the connection, `Deno.errors.Interrupted` or `BadResource` when it was closed here. `explainError` has words for them.
 * Throws `RangeError` when `maxBytes` is not a whole number of at least 1.
 */
export async function* chunks(
  source: Readable,
  maxBytes: number = CHUNK_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  if (!(Number.isInteger(maxBytes) && maxBytes >= 1)) throw new RangeError(`Not a size of chunks: ${maxBytes}`);
  const buffer = new Uint8Array(maxBytes);
  for (let count = await source.read(buffer); count !== null; count = await source.read(buffer)) {
    if (count > 0) yield buffer.slice(0, count);
  }
}
