/**
 * Writes the items of an iterable in order, each in full, and reports the progress.
 * @module
 */

import { type Writable, writeAll } from "./write_all.ts";

/** The item that a callback is about. */
export interface WriteItem {
  /** All bytes of the item. */
  readonly bytes: Uint8Array;
  /** 0 for the first item, 1 for the second. */
  readonly index: number;
}

/** Called at the stages of each item, for example to measure times. */
export interface WriteEachCallbacks {
  /** Before the first byte is sent. */
  readonly before?: ((item: WriteItem) => void) | undefined;
  /** After the write that accepted the first bytes, with their number. Not called for an empty item. */
  readonly begun?: ((item: WriteItem, count: number) => void) | undefined;
  /** After the write that accepted the last byte. */
  readonly done?: ((item: WriteItem) => void) | undefined;
}

/**
 * Writes each of `items` in full, in order. Resolves to their number when the system has accepted the last byte. It
 * requests the next item when the one before is written, so that an endless iterable needs the memory of one item.
 *
 * Throws the errors of a write (see `writeAll`), of the iterable and of a callback. Then it ends the iterable
 * (`return`) and sends nothing more.
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
