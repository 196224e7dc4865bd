/**
 * Calls a function with each chunk of a stream, and closes the stream at the end.
 * @module
 */

import { CHUNK_BYTES, chunks, type Readable } from "./chunks.ts";

/** A source of bytes that `readData` closes. */
export interface ReadableAndClosable extends Readable {
  /** Closes the source. Nothing can be read afterwards. */
  close(): void;
}

/**
 * Receives a chunk, never an empty one. While the returned promise is pending, nothing more is read. So a slow callback
 * slows the sender down and does not fill our memory.
 */
export type OnData = (chunk: Uint8Array<ArrayBuffer>) => void | Promise<void>;

/**
 * Calls `onData` with each chunk of `source`, 1 to `maxBytes` bytes long, until the stream ends. Then it closes
 * `source` and resolves. If the stream breaks or `onData` throws, it also closes `source`, and throws the reason.
 */
export async function readData(
  source: ReadableAndClosable,
  onData: OnData,
  { maxBytes = CHUNK_BYTES }: { readonly maxBytes?: number } = {},
): Promise<void> {
  try {
    for await (const chunk of chunks(source, maxBytes)) await onData(chunk);
  } finally {
    closeOnce(source);
  }
}

/** `onData` may have closed the source already, to stop the reading. */
function closeOnce(source: ReadableAndClosable): void {
  try {
    source.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
