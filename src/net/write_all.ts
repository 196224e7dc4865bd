/**
 * Writes all bytes, even if a socket accepts few at a time.
 * @module
 */

/** A target of bytes: a socket, a file, standard output. */
export interface Writable {
  /** Writes some of the bytes, and resolves to their number. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Writes every byte. Resolves when the system has accepted the last one; the peer may read it later. `onProgress` is
 * called after each write with the number of bytes that were accepted. `bytes` must not change until then.
 *
 * Throws the system's error if the peer is gone (`isPeerGone`, `explainError`). Throws `Deno.errors.WriteZero` if a
 * write accepts nothing, because it would otherwise repeat forever.
 */
export async function writeAll(
  target: Writable,
  bytes: Uint8Array,
  { onProgress }: { readonly onProgress?: ((count: number) => void) | undefined } = {},
): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    const count = await target.write(rest);
    if (count === 0) throw new Deno.errors.WriteZero("a write accepted nothing");
    rest = rest.subarray(count);
    onProgress?.(count);
  }
}
