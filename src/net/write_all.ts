/**
 * Sending all of something, however little a socket takes at a time.
 * @module
 */

/** What can be written to: a socket, a file, standard output. */
export interface Writable {
  /** Takes some of the bytes, and resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Sends every byte; resolves when the system has taken the last one, which is not when the peer has read it. `onProgress`
 * is called after each write with the number of bytes that it took. `bytes` must not change until then.
 *
 * Throws what the system says when the peer is gone (`isPeerGone`, `explainError`), and `Deno.errors.WriteZero` when a
 * write takes nothing, because to try on for ever would be worse.
 */
export async function writeAll(
  target: Writable,
  bytes: Uint8Array,
  { onProgress }: { readonly onProgress?: ((count: number) => void) | undefined } = {},
): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    const count = await target.write(rest);
    if (count === 0) throw new Deno.errors.WriteZero("a write took nothing");
    rest = rest.subarray(count);
    onProgress?.(count);
  }
}
