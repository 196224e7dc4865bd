/**
 * The resources that a cache keeps: small ones and larger ones in memory, and open ones. Bounded in bytes and in
 * descriptors. Knows resources; not how they are found or whether they are current.
 * @module
 */

import type { Clock } from "../net/clock.ts";
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

/** When the memory is full, larger files stay on disk, because one would evict many small ones that save more work. */
const SMALL_FILE_BYTES_MAX = 16 * 1024;

/** An encoded form may take this part of the memory, because making it again costs more than reading a file. */
const ENCODED_PART_MAX = 1 / 8;

/** Limit on eviction attempts for one resource, so that one cannot empty the memory. */
const EVICTION_ATTEMPTS_MAX = 4;

/** How long an unused file is kept open. The system cannot free the space of a deleted file while it is open. */
const OPEN_IDLE_MS = 15_000;

/** The same for a file with encoded forms, because they are lost with it, and were slow to make. */
const ENCODED_IDLE_MS = 60_000;

/** The interval between two searches for unused open files. */
const CLOSE_IDLE_PERIOD_MS = 1_000;

/** Memory of an entry without the content and the key. */
const ENTRY_BYTES = 512 + HEAD_SPACE_BYTES;

/** Resources by key. The newest one is last, and one that was spared from eviction also moves there. */
type Entries = Map<string, Resource>;

/** What a shelf holds: bytes of memory, files, and those of them that are open. */
export interface ShelfUsage {
  readonly bytes: number;
  readonly files: number;
  readonly openFiles: number;
}

/** Resources by key. It holds each of them. */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #small: Entries = new Map();
  /** Larger files in memory. They are evicted before the small ones. */
  readonly #large: Entries = new Map();
  readonly #open: Entries = new Map();
  #bytes = 0;
  /** Stops the search for unused open files; `null`: no file is open. */
  #stopClosing: (() => void) | null = null;

  /** Starts empty. */
  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** The resource with a key. */
  get(key: string): Resource | undefined {
    return this.#small.get(key) ?? this.#large.get(key) ?? this.#open.get(key);
  }

  /** What it holds now. */
  get usage(): ShelfUsage {
    const inMemory = this.#small.size + this.#large.size;
    return { bytes: this.#bytes, files: inMemory + this.#open.size, openFiles: this.#open.size };
  }

  /** Whether there could ever be room for a resource with this key. */
  takes(key: string): boolean {
    return costOf(key, 0) <= this.#options.bytesMax;
  }

  /** Whether there is memory for a file, after evicting files that were not used lately. */
  makeRoom(key: string, length: number): boolean {
    const cost = costOf(key, length);
    const { bytesMax } = this.#options;
    if (this.#bytes + cost <= bytesMax) return length <= CACHED_FILE_BYTES_MAX;
    if (cost > bytesMax || length > SMALL_FILE_BYTES_MAX) return false;
    while (this.#bytes + cost > bytesMax) {
      if (this.#large.size + this.#small.size === 0) return false; // Entries of open files have used it all.
      const unneeded = this.#large.size > 0 ? first(this.#large) : takeUnused(this.#small);
      if (unneeded === null) return false;
      this.#removeKept(unneeded);
    }
    return true;
  }

  /** Whether there is memory for an encoded form, after evicting resources that were not used lately. */
  makeRoomForEncoded(key: string, length: number): boolean {
    const { bytesMax } = this.#options;
    if (costOf(key, length) > bytesMax * ENCODED_PART_MAX) return false;
    for (let attempt = 0; this.#bytes + costOf(key, length) > bytesMax; attempt++) {
      const entries = this.#large.size > 0 ? this.#large : this.#small;
      if (attempt === EVICTION_ATTEMPTS_MAX || entries.size === 0) return false;
      const unused = takeUnused(entries);
      if (unused !== null) this.#removeKept(unused);
    }
    return true;
  }

  /** Keeps a resource whose bytes are in memory, for which there is room. */
  keep(resource: Resource, cacheState: CacheState): void {
    this.#bytes += costOf(cacheState.key, resource.length);
    this.#put(this.#entriesFor(resource), resource, cacheState);
  }

  /** Keeps a resource that is read from an open file. */
  keepOpen(resource: Resource, cacheState: CacheState): void {
    const { openFilesMax, clock } = this.#options;
    if (this.#open.size >= openFilesMax) this.#evict(this.#open, openFilesMax);
    this.#bytes += costOf(cacheState.key, 0);
    for (const entries of [this.#large, this.#small, this.#open]) {
      while (this.#bytes > this.#options.bytesMax && entries.size > 0) this.#evict(entries, EVICTION_ATTEMPTS_MAX);
    }
    this.#put(this.#open, resource, cacheState);
    this.#stopClosing ??= clock.every(CLOSE_IDLE_PERIOD_MS, () => this.#closeIdle());
  }

  /** Removes a resource, and its encoded forms. */
  remove(resource: Resource, { key }: CacheState): void {
    this.#entriesFor(resource).delete(key);
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
    for (const resources of [this.#small, this.#large, this.#open]) this.#removeAll(resources);
  }

  /** Closes open files that were not used lately. */
  #closeIdle(): void {
    const nowMs = this.#options.clock.now();
    this.#removeAll(this.#open, ({ usedMs }, { forms }) => {
      return nowMs - usedMs > (forms?.hasEncoded === true ? ENCODED_IDLE_MS : OPEN_IDLE_MS);
    });
  }

  #removeAll(
    resources: Entries,
    isRemoved: (cacheState: CacheState, resource: Resource) => boolean = () => true,
  ): void {
    for (const resource of resources.values()) {
      const { cacheState } = resource;
      if (cacheState !== null && isRemoved(cacheState, resource)) this.remove(resource, cacheState);
    }
  }

  #put(entries: Entries, resource: Resource, cacheState: CacheState): void {
    resource.cacheState = cacheState;
    resource.hold();
    entries.set(cacheState.key, resource);
  }

  /** Removes the first resource that was not used lately. After `attempts` that were used, it removes the first one. */
  #evict(entries: Entries, attempts: number): void {
    let unused = takeUnused(entries);
    for (let made = 1; unused === null && made < attempts; made++) unused = takeUnused(entries);
    this.#removeKept(unused ?? first(entries));
  }

  #removeKept(resource: Resource): void {
    if (resource.cacheState !== null) this.remove(resource, resource.cacheState);
  }

  #entriesFor(resource: Resource): Entries {
    if (resource.isOpen) return this.#open;
    return resource.length <= SMALL_FILE_BYTES_MAX ? this.#small : this.#large;
  }
}

/** Returns the first resource if it was not used since the last call. Otherwise moves it to the end (second chance). */
function takeUnused(entries: Entries): Resource | null {
  const resource = first(entries);
  const { cacheState } = resource;
  if (cacheState === null || !cacheState.isRecent) return resource;
  cacheState.isRecent = false;
  entries.delete(cacheState.key);
  entries.set(cacheState.key, resource);
  return null;
}

function first(entries: Entries): Resource {
  for (const resource of entries.values()) return resource;
  throw new RangeError("No entry to remove");
}

/** Counts keys and the paths made from them, because a link to its own folder gives one file any number of paths. */
function costOf(key: string, length: number): number {
  return length + 4 * key.length + ENTRY_BYTES;
}
