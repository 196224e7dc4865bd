/**
 * A stream of bytes as an async iteration over its chunks.
 * Knows reads; not what the bytes mean. Each step is one read, so that no caller waits for a chunk to become full.
 * @module
 */

/** A source of bytes: a socket, a file, standard input. */
export interface Readable {
  /** Reads at most `into.length` bytes. Resolves to the number of bytes read, or to `null` at the end of the stream. */
  read(into: Uint8Array): Promise<number | null>;
}

/** The default size of a read, in bytes. */
export const CHUNK_BYTES = 64 * 1024;

/**
 * Iterates over the bytes of `source` in chunks of 1 to `maxBytes` bytes, as they arrive. The caller may keep each
 * chunk. The iteration ends with the stream. Leaving the loop early leaves `source` open and reads no further.
 *
 * If the stream breaks, the iteration throws the reason: `Deno.errors.ConnectionReset` if the other end reset the
 * connection, `Deno.errors.Interrupted` or `BadResource` if it was closed here. `explainError` describes these errors.
 * Throws `RangeError` if `maxBytes` is not a whole number of at least 1.
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
