/**
 * Items in a ring with a hand, which points to the item that is examined next: the clock of a cache. All operations take
 * constant time. The order of a `Map` would not do, because finding its first entry gets slow when many were moved.
 * Knows no resources.
 * @module
 */

/** An item that can be in one ring. */
export interface Placed {
  /** Its place in the ring. Only the ring uses it. */
  slot: number;
}

/** Items in no particular order. */
export class Ring<T extends Placed> {
  readonly #items: T[] = [];
  #hand = 0;

  /** The number of items. */
  get size(): number {
    return this.#items.length;
  }

  /** The item at the hand. There must be one. */
  get current(): T {
    if (this.#hand >= this.#items.length) this.#hand = 0;
    return this.#items[this.#hand]!;
  }

  /** Moves the hand to the next item. */
  advance(): void {
    this.#hand++;
  }

  add(item: T): void {
    item.slot = this.#items.length;
    this.#items.push(item);
  }

  /** Removes an item, whose place the last one takes. The hand passes that over, because it may be the newest. */
  remove(item: T): void {
    const last = this.#items.pop()!;
    if (last !== item) {
      this.#items[item.slot] = last;
      last.slot = item.slot;
    }
    if (item.slot === this.#hand) this.#hand++;
  }

  /** A copy, so that items can be removed meanwhile. */
  all(): T[] {
    return [...this.#items];
  }
}
