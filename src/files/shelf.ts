/**
 * The resources that a cache keeps: in memory, and open ones. Bounded in bytes and in descriptors. Knows resources; not
 * how they are found or whether they are current.
 *
 * When the memory is full, a file takes the place of files that have fewer uses per byte. One that has too few stays
 * open, and its uses are counted there, so that it gets its place when it has earned it.
 * `bench/micro/eviction.ts` compares this rule with others.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import { Ring } from "./ring.ts";
import { type CacheState, HEAD_SPACE_BYTES, type Resource } from "./resource.ts";

/** The limits of a shelf. */
export interface ShelfOptions {
  /** The clock for files that were not used lately. */
  readonly clock: Clock;
  /** Maximum of bytes in memory, for all resources together. */
  readonly bytesMax: number;
  /** Maximum of files kept open. */
  readonly openFilesMax: number;
}

/** Larger files stay on disk, because reading them costs little compared to sending them. */
const CACHED_FILE_BYTES_MAX = 256 * 1024;

/** An encoded form may take this part of the memory, because making it again costs more than reading a file. */
const ENCODED_PART_MAX = 1 / 8;

/** How many resources with more uses per byte may be passed over for one that needs room. The first is nearly as good. */
const PASSED_MAX = 1;

/** The same for an encoded form, and for an open file, of which one must be closed. */
const PASSED_FOR_ENCODED_MAX = 4;
const PASSED_FOR_OPEN_MAX = 8;

/** An open file must have so many times the uses per byte. Files that are used equally would take turns otherwise. */
const PROMOTION_FACTOR = 1.5;

/** Of so many files that are used for the first time and find no room, one takes half of the uses of another. */
const STRANGERS = 8;

/** Uses that count. So files that were popular once leave after ten rounds at the latest. */
const USES_MAX = 1023;

/** How long an unused file is kept open. The system cannot free the space of a deleted file while it is open. */
const OPEN_IDLE_MS = 15_000;

/** The same for a file with encoded forms, because they are lost with it, and were slow to make. */
const ENCODED_IDLE_MS = 60_000;

/** The interval between two searches for unused open files. */
const CLOSE_IDLE_PERIOD_MS = 1_000;

/** See `CacheState.promotesAt`. */
const NEVER = -1;

/** Memory of an entry without the content and the key: its objects, measured with a snapshot of the heap, and the head. */
const ENTRY_BYTES = 2_560 + HEAD_SPACE_BYTES;

/** What a shelf holds: bytes of memory, files, and those of them that are open. */
export interface ShelfUsage {
  readonly bytes: number;
  readonly files: number;
  readonly openFiles: number;
}

/** The uses of a file that has earned a place in memory, until it is kept there. */
interface Promoted {
  readonly key: string;
  readonly uses: number;
}

/** Resources by key. It holds each of them. */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #byKey = new Map<string, Resource>();
  readonly #inMemory = new Ring<Resource>();
  readonly #open = new Ring<Resource>();
  #bytes = 0;
  /** Files that were used for the first time and found no room. */
  #strangers = 0;
  #promoted: Promoted | null = null;
  /** Stops the search for unused open files; `null`: no file is open. */
  #stopClosing: (() => void) | null = null;

  /** Starts empty. */
  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** The resource with a key. */
  get(key: string): Resource | undefined {
    return this.#byKey.get(key);
  }

  /** What it holds now. */
  get usage(): ShelfUsage {
    return { bytes: this.#bytes, files: this.#byKey.size, openFiles: this.#open.size };
  }

  /** Whether there could ever be room for a resource with this key. */
  takes(key: string): boolean {
    return costOf(key, 0) <= this.#options.bytesMax;
  }

  /** How often a file that is looked up was used before, and this time. */
  usesOf(key: string): number {
    return this.#promoted?.key === key ? this.#promoted.uses : 1;
  }

  /** Whether there is memory for a file, after evicting files with fewer uses per byte. */
  makeRoom(key: string, length: number): boolean {
    if (length > CACHED_FILE_BYTES_MAX) return false;
    return this.#evictFor(costOf(key, length), this.usesOf(key), PASSED_MAX);
  }

  /** Whether there is memory for an encoded form, after evicting resources with fewer uses per byte. */
  makeRoomForEncoded(key: string, length: number, uses: number): boolean {
    const cost = costOf(key, length);
    if (cost > this.#options.bytesMax * ENCODED_PART_MAX) return false;
    return this.#evictFor(cost, uses, PASSED_FOR_ENCODED_MAX);
  }

  /** Keeps a resource whose bytes are in memory, for which there is room. */
  keep(resource: Resource, cacheState: CacheState): void {
    this.#promoted = null;
    cacheState.promotesAt = NEVER;
    this.#bytes += costOf(cacheState.key, resource.length);
    this.#put(this.#inMemory, resource, cacheState);
  }

  /** Keeps a resource that is read from an open file. */
  keepOpen(resource: Resource, cacheState: CacheState): void {
    const { openFilesMax, bytesMax, clock } = this.#options;
    cacheState.promotesAt = resource.length > CACHED_FILE_BYTES_MAX ? NEVER : 2 * cacheState.uses;
    if (this.#open.size >= openFilesMax) this.#evict(this.#open);
    const cost = costOf(cacheState.key, 0);
    if (!this.#evictFor(cost, cacheState.uses, PASSED_FOR_OPEN_MAX)) {
      // The entries of open files are limited, so this takes from them first.
      for (const ring of [this.#open, this.#inMemory]) {
        while (this.#bytes + cost > bytesMax && ring.size > 0) this.#evict(ring);
      }
    }
    this.#bytes += cost;
    this.#put(this.#open, resource, cacheState);
    this.#stopClosing ??= clock.every(CLOSE_IDLE_PERIOD_MS, () => this.#closeIdle());
  }

  /**
   * Whether an open file, which was used twice as often as at the last attempt, has earned a place in memory. If so, it
   * is removed, so that the next look-up reads it. Its encoded forms would be lost, so a file that has some stays open.
   */
  promotes(resource: Resource, cacheState: CacheState): boolean {
    const { key, uses } = cacheState;
    cacheState.promotesAt = 2 * uses;
    if (resource.forms?.hasEncoded === true) return false;
    if (!this.#evictFor(costOf(key, resource.length), uses / PROMOTION_FACTOR, PASSED_MAX)) return false;
    if (resource.cacheState !== null) this.remove(resource, cacheState);
    this.#promoted = { key, uses };
    return true;
  }

  /** Removes a resource, and its encoded forms. */
  remove(resource: Resource, { key }: CacheState): void {
    (resource.isOpen ? this.#open : this.#inMemory).remove(resource);
    this.#byKey.delete(key);
    resource.cacheState = null;
    resource.form?.forget(resource);
    this.#bytes -= costOf(key, resource.isOpen ? 0 : resource.length);
    resource.forms?.forEachEncoded((encoded) => this.#removeKept(encoded));
    resource.close();
    if (this.#open.size > 0) return;
    this.#stopClosing?.();
    this.#stopClosing = null;
  }

  /** Closes all files that only the shelf keeps open. Returns their number. */
  closeUnused(): number {
    const count = this.#open.size;
    this.#removeAll(this.#open);
    return count;
  }

  /** Removes everything. Open files are closed as soon as no answer reads them. */
  clear(): void {
    for (const ring of [this.#inMemory, this.#open]) this.#removeAll(ring);
  }

  /** Closes open files that were not used lately. */
  #closeIdle(): void {
    const nowMs = this.#options.clock.now();
    this.#removeAll(this.#open, ({ usedMs }, { forms }) => {
      return nowMs - usedMs > (forms?.hasEncoded === true ? ENCODED_IDLE_MS : OPEN_IDLE_MS);
    });
  }

  #removeAll(
    ring: Ring<Resource>,
    isRemoved: (cacheState: CacheState, resource: Resource) => boolean = () => true,
  ): void {
    for (const resource of ring.all()) {
      const { cacheState } = resource;
      if (cacheState !== null && isRemoved(cacheState, resource)) this.remove(resource, cacheState);
    }
  }

  #put(ring: Ring<Resource>, resource: Resource, cacheState: CacheState): void {
    resource.cacheState = cacheState;
    resource.hold();
    ring.add(resource);
    this.#byKey.set(cacheState.key, resource);
  }

  /**
   * Removes resources from memory until `cost` bytes are free, in order, if they have fewer uses per byte. The others
   * lose half of their uses. Most files that are used for the first time take none from them, because it is often the
   * last time. After `passedMax` of these, there is no room.
   */
  #evictFor(cost: number, uses: number, passedMax: number): boolean {
    const { bytesMax } = this.#options;
    if (cost > bytesMax) return false;
    for (let passed = 0; this.#bytes + cost > bytesMax;) {
      if (this.#inMemory.size === 0) return false; // Entries of open files have used it all.
      const resource = this.#inMemory.current;
      const { key, uses: usesThere } = resource.cacheState!;
      if (usesThere * cost < uses * costOf(key, resource.length)) {
        this.#removeKept(resource);
      } else {
        if (passed === passedMax) return false;
        passed++;
        if (uses > 1 || ++this.#strangers % STRANGERS === 0) age(resource);
        this.#inMemory.advance();
      }
    }
    return true;
  }

  /** Removes the first resource that was used only once, or after a number of others the next one. */
  #evict(ring: Ring<Resource>): void {
    for (let passed = 0; passed < PASSED_FOR_OPEN_MAX && ring.current.cacheState!.uses > 1; passed++) {
      age(ring.current);
      ring.advance();
    }
    this.#removeKept(ring.current);
  }

  #removeKept(resource: Resource): void {
    if (resource.cacheState !== null) this.remove(resource, resource.cacheState);
  }
}

/** Halves the uses of a resource. */
function age({ cacheState }: Resource): void {
  cacheState!.uses = Math.min(cacheState!.uses, USES_MAX) >> 1;
}

/** Counts keys and the paths made from them, because a link to its own folder gives one file any number of paths. */
function costOf(key: string, length: number): number {
  return length + 4 * key.length + ENTRY_BYTES;
}
