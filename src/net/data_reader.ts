/**
 * A reader that calls back: each chunk as it comes, and a close at the end.
 * @module
 */

import { CHUNK_BYTES, chunks, type Readable } from "./chunks.ts";

/** What can be read from, and is closed when that is over. */
export interface ReadableAndClosable extends Readable {
  /** Closes; nothing can be read any more. */
  close(): void;
}

/**
 * Takes a chunk, never an empty one. While the promise that it may return is pending nothing more is read, so that a slow
 * taker holds up the sender and not our memory.
 */
export type OnData = (chunk: Uint8Array<ArrayBuffer>) => void | Promise<void>;

/**
 * Calls `onData` with each chunk of `source`, 1 to `maxBytes` bytes of it, until the stream ends; then closes `source` and
 * resolves. When the stream breaks, or `onData` throws, it closes `source` all the same, and throws the reason.
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

/** `onData` may have closed it: that is how it says that it has had enough. */
function closeOnce(source: ReadableAndClosable): void {
  try {
    source.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
