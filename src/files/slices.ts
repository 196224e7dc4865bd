/**
 * Long work in slices, so that other connections are answered meanwhile.
 * Knows time; not what the work is.
 * @module
 */

import type { Clock } from "../net/clock.ts";

/** How long a slice may take before others have a turn. A turn of the loop must stay below 10 ms. */
const SLICE_MS = 3;

/** Items between two looks at the clock, which take as long as examining a name. */
const ITEMS_A_LOOK = 32;

/** Length of the parts that are sorted at once: 2,048 names take a millisecond. */
const SORTED_AT_ONCE = 2048;

/** The slices of one piece of work. `await slices.next()` after each item. */
export class Slices {
  readonly #clock: Clock;
  #startMs: number;
  #items = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /** A promise if others must have a turn now; `null`: the slice goes on. */
  next(): Promise<void> | null {
    if (++this.#items % ITEMS_A_LOOK !== 0 || this.#clock.now() - this.#startMs < SLICE_MS) return null;
    return this.pause();
  }

  /** Lets others have a turn. A timer, because the runtime reads no socket between two immediate calls. */
  async pause(): Promise<void> {
    await this.#clock.sleep(1);
    this.#startMs = this.#clock.now();
  }
}

/** Sorts in slices by merging sorted parts. Stable. */
export async function sortInSlices<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  slices: Slices,
): Promise<readonly Item[]> {
  let parts: (readonly Item[])[] = [];
  for (let at = 0; at < items.length; at += SORTED_AT_ONCE) {
    parts.push(items.slice(at, at + SORTED_AT_ONCE).sort(compare));
    if (items.length > SORTED_AT_ONCE) await slices.pause();
  }
  while (parts.length > 1) {
    const merged: (readonly Item[])[] = [];
    for (let at = 0; at < parts.length; at += 2) {
      const [left, right] = [parts[at]!, parts[at + 1]];
      merged.push(right === undefined ? left : await merge(left, right, compare, slices));
    }
    parts = merged;
  }
  return parts[0] ?? [];
}

async function merge<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (a: Item, b: Item) => number,
  slices: Slices,
): Promise<readonly Item[]> {
  const merged: Item[] = [];
  let [at, other] = [0, 0];
  while (at < left.length || other < right.length) {
    const isLeft = other === right.length || at < left.length && compare(left[at]!, right[other]!) <= 0;
    merged.push(isLeft ? left[at++]! : right[other++]!);
    const pause = slices.next();
    if (pause !== null) await pause;
  }
  return merged;
}
