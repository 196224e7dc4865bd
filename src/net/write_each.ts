/**
 * Sending the items of an iterable, each in full and one behind the other, with word of how far it is.
 * @module
 */

import { type Writable, writeAll } from "./write_all.ts";

/** Which item it is about: its bytes, and its place from 0. */
export interface WriteItem {
  /** All of the item. */
  readonly bytes: Uint8Array;
  /** 0 for the first item, 1 for the second. */
  readonly index: number;
}

/** Told of each item's way out. Whoever measures takes the time in these. */
export interface WriteEachCallbacks {
  /** Before its first byte is sent. */
  readonly before?: ((item: WriteItem) => void) | undefined;
  /** After the write that took its first bytes, with how many those were. Not called for an empty item: it has none. */
  readonly begun?: ((item: WriteItem, count: number) => void) | undefined;
  /** After the write that took its last byte. */
  readonly done?: ((item: WriteItem) => void) | undefined;
}

/**
 * Sends each of `items` in full, in order; resolves to their number when the system has taken the last byte. The next item
 * is asked for when the one before is out, so that an endless iterable costs the memory of one item.
 *
 * Throws what a write throws (see `writeAll`), what the iterable throws, and what a callback throws; the iterable is told
 * (`return`), and nothing more is sent.
 */
export async function writeEach(
  target: Writable,
  items: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { before, begun, done }: WriteEachCallbacks = {},
): Promise<number> {
  let index = 0;
  for await (const bytes of items) {
    const item = { bytes, index };
    let hasBegun = false;
    const onProgress = (count: number) => {
      if (!hasBegun) begun?.(item, count);
      hasBegun = true;
    };
    before?.(item);
    await writeAll(target, bytes, { onProgress });
    done?.(item);
    index++;
  }
  return index;
}
