/**
 * Cached files: small ones in memory, large ones open, and paths at which there is no file. It checks on disk regularly
 * whether they have changed. Bounded in bytes and in descriptors.
 * @module
 */

import { type Clock, systemClock } from "../net/clock.ts";
import { withDefaults } from "../net/options.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { isSettled } from "./file_validator.ts";
import type { MediaTable } from "./media.ts";
import { type Found, type FoundFolder, isFolder, lookUp, type NotFound, type OpenedFile } from "./look_up.ts";
import { type CacheState, HEAD_SPACE_BYTES, Resource } from "./resource.ts";
import { Revalidator } from "./revalidator.ts";
import type { FilePath } from "./file_path.ts";
import type { Withheld } from "./withheld.ts";

/** The options of a cache. */
export interface FileCacheOptions {
  /** The file system. */
  readonly disk: Disk;
  /** The clock for `revalidateMs`. */
  readonly clock: Clock;
  /** Media types that come before the built-in table. */
  readonly media: MediaTable;
  /** Files that are never served. */
  readonly withheld: readonly Withheld[];
  /** Maximum of bytes in memory, for all files together. */
  readonly bytesMax: number;
  /** How long a cached look-up, hit or miss, is used before the disk is checked again. */
  readonly revalidateMs: number;
  /**
   * Maximum of files kept open. Reading from an open file costs little more than from memory, but opening one costs
   * much more. All workers and connections share the descriptors; `closeUnused()` returns those of the cache.
   */
  readonly openFilesMax: number;
}

/** The defaults: the system's disk and clock, and few enough descriptors to matter to no other part. */
const DEFAULTS: FileCacheOptions = {
  disk: systemDisk,
  clock: systemClock,
  media: {},
  withheld: [],
  bytesMax: 64 * 1024 * 1024,
  revalidateMs: 100,
  openFilesMax: 64,
};

/** Larger files stay on disk, because reading them costs little compared to sending them. */
const CACHED_FILE_BYTES_MAX = 256 * 1024;

/** When the memory is full, larger files stay on disk, because one would evict many small ones that save more work. */
const SMALL_FILE_BYTES_MAX = 16 * 1024;

/** Limit on eviction attempts for a file that is kept open, so that one descriptor cannot empty the memory. */
const EVICTION_ATTEMPTS_MAX = 4;

/**
 * Age at which a file in memory is read again. A program that writes through a memory map changes the times of the file
 * only when the system writes the pages to disk.
 */
const MEMORY_AGE_MAX_MS = 10_000;

/** How long an unused file is kept open. The system cannot free the space of a deleted file while it is open. */
const OPEN_IDLE_MS = 15_000;

/** The interval between two searches for unused open files. */
const CLOSE_IDLE_PERIOD_MS = 1_000;

/** Maximum of cached misses, and of the length of their keys. Clients may request any number of wrong paths. */
const ABSENT_MAX = 4096;
const ABSENT_KEY_CHARS_MAX = 512;

/** Memory of an entry without the content and the key. */
const ENTRY_BYTES = 512 + HEAD_SPACE_BYTES;

/** What is at a path instead of a file, and the time of the look-up, on the monotonic clock. */
export type Known<Kind extends FoundFolder | NotFound> = Kind & { readonly knownMs: number };

/** What is at a path. */
export type Finding = Resource | Known<FoundFolder> | Known<NotFound>;

/** Resources by key. The newest one is last, and one that was spared from eviction also moves there. */
type Entries = Map<string, Resource>;

/** Files by root and path. It contains only files that `lookUp` has permitted. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #revalidator: Revalidator;
  readonly #small: Entries = new Map();
  /** Larger files in memory. They are evicted before the small ones. */
  readonly #large: Entries = new Map();
  readonly #open: Entries = new Map();
  /** By keys at which there is no file. */
  readonly #absent = new Map<string, Known<NotFound>>();
  #bytes = 0;
  /** Stops the search for unused open files; `null`: no file is open. */
  #stopClosing: (() => void) | null = null;

  /** Starts empty. */
  constructor(options: Partial<FileCacheOptions> = {}) {
    this.#options = withDefaults(DEFAULTS, options);
    this.#revalidator = new Revalidator(this.#options.disk, this.#options.revalidateMs);
  }

  /**
   * What is at a path, according to a check of the disk at most `revalidateMs` ago. `nowMs` is on the monotonic clock.
   * Returns the same resource as long as it is cached and unchanged. The caller must close it.
   */
  find(path: FilePath, nowMs: number = this.#options.clock.now()): Finding {
    const { key } = path;
    const kept = this.#small.get(key) ?? this.#large.get(key) ?? this.#open.get(key);
    if (kept !== undefined) {
      if (this.reuse(kept, nowMs)) return kept;
    } else {
      const absent = this.#absent.get(key);
      if (absent !== undefined && this.isRecent(absent, nowMs)) return absent;
    }
    const { found, knownMs } = this.#lookUp(path, nowMs);
    if (found.kind === "file") return this.#serve(path, found, nowMs);
    const known = { ...found, knownMs };
    if (known.kind === "none" && known.why === "absent") this.#cacheAbsent(key, known);
    return known;
  }

  /** Whether a result is recent enough to be used without a check of the disk. */
  isRecent({ knownMs }: { readonly knownMs: number }, nowMs: number): boolean {
    return this.#revalidator.isRecent(knownMs, nowMs);
  }

  /** Whether `path` is a folder that may be shown, according to the disk now. Never throws. */
  hasFolder({ root, segments, dotFiles }: FilePath): boolean {
    return isFolder(this.#options.disk, root, segments, dotFiles);
  }

  /** Whether a resource is still cached and unchanged. If so, the caller holds it, and must close it. */
  reuse(resource: Resource, nowMs: number): boolean {
    const { cacheState } = resource;
    if (cacheState === null) return false;
    const isYoung = nowMs - cacheState.readMs < MEMORY_AGE_MAX_MS;
    if (!isYoung || !this.#revalidator.isCurrent(cacheState.snapshot, resource.isOpen, nowMs)) {
      this.#remove(resource, cacheState);
      return false;
    }
    cacheState.isRecent = true;
    cacheState.usedMs = nowMs;
    resource.hold();
    return true;
  }

  /** Looks a path up. `knownMs` is the time of the oldest information that was used: that of the root may be cached. */
  #lookUp(path: FilePath, nowMs: number): { readonly found: Found; knownMs: number } {
    const { disk, withheld } = this.#options;
    const { root, segments, dotFiles } = path;
    let knownMs = nowMs;
    const realRoot = () => {
      const real = this.#revalidator.realFolder(root, nowMs);
      knownMs = Math.min(knownMs, real.checkedMs);
      return real.path;
    };
    let found = lookUp(disk, root, segments, { dotFiles, realRoot, withheld });
    if (found.kind === "none" && this.#shouldRetry(found, root)) {
      found = lookUp(disk, root, segments, { dotFiles, realRoot, withheld });
    }
    return { found, knownMs };
  }

  /** Whether to look again: the root may have moved, or closing unused files may free descriptors. */
  #shouldRetry({ why }: NotFound, root: string): boolean {
    return why === "forbidden" ? this.#revalidator.forget(root) : why === "busy" && this.closeUnused() > 0;
  }

  /** Closes all files that only the cache keeps open. Returns their number. For when descriptors are missing. */
  closeUnused(): number {
    const count = this.#open.size;
    this.#removeAll(this.#open);
    return count;
  }

  /** Closes open files that were not used lately. */
  #closeIdle(): void {
    const nowMs = this.#options.clock.now();
    this.#removeAll(this.#open, ({ usedMs }) => nowMs - usedMs > OPEN_IDLE_MS);
  }

  /** Empties the cache. Open files are closed as soon as no answer reads them. */
  close(): void {
    for (const resources of [this.#small, this.#large, this.#open]) this.#removeAll(resources);
    this.#absent.clear();
  }

  #removeAll(resources: Entries, isRemoved: (cacheState: CacheState) => boolean = () => true): void {
    for (const resource of resources.values()) {
      const { cacheState } = resource;
      if (cacheState !== null && isRemoved(cacheState)) this.#remove(resource, cacheState);
    }
  }

  #cacheAbsent(key: string, absent: Known<NotFound>): void {
    if (key.length > ABSENT_KEY_CHARS_MAX) return;
    if (this.#absent.size >= ABSENT_MAX) this.#absent.clear();
    this.#absent.set(key, absent);
  }

  #serve(path: FilePath, found: OpenedFile, nowMs: number): Resource {
    const { media, clock, bytesMax } = this.#options;
    const { key, segments, charset, additions } = path;
    const options = { name: segments.at(-1) ?? "", media, charset, additions, nowMs: clock.wall(), memory: null };
    try {
      if (!isSettled(found.info, options.nowMs) || costOf(key, 0) > bytesMax) return new Resource(found, options);
      const cacheState = {
        key,
        snapshot: this.#revalidator.snapshot(path, found, nowMs),
        usedMs: nowMs,
        isRecent: true,
      };
      if (!this.#hasMemoryFor(key, found.length)) {
        const resource = new Resource(found, options);
        this.#keepOpen(resource, { ...cacheState, readMs: Infinity });
        return resource;
      }
      const memory = readWhole(found);
      const resource = new Resource(found, { ...options, memory });
      if (memory === null) return resource;
      this.#keep(this.#entriesFor(resource), resource, { ...cacheState, readMs: nowMs });
      this.#bytes += costOf(key, resource.length);
      found.file.close();
      return resource;
    } catch (error) {
      found.file.close();
      throw error;
    }
  }

  #keep(entries: Entries, resource: Resource, cacheState: CacheState): void {
    resource.cacheState = cacheState;
    resource.hold();
    entries.set(cacheState.key, resource);
  }

  /** Whether there is memory for a file, after evicting files that were not used lately. */
  #hasMemoryFor(key: string, length: number): boolean {
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

  #keepOpen(resource: Resource, cacheState: CacheState): void {
    const { openFilesMax, clock } = this.#options;
    if (this.#open.size >= openFilesMax) this.#evict(this.#open, openFilesMax);
    this.#bytes += costOf(cacheState.key, 0);
    for (const entries of [this.#large, this.#small, this.#open]) {
      while (this.#bytes > this.#options.bytesMax && entries.size > 0) this.#evict(entries, EVICTION_ATTEMPTS_MAX);
    }
    this.#keep(this.#open, resource, cacheState);
    this.#stopClosing ??= clock.every(CLOSE_IDLE_PERIOD_MS, () => this.#closeIdle());
  }

  /** Removes the first resource that was not used lately. After `attempts` that were used, it removes the first one. */
  #evict(entries: Entries, attempts: number): void {
    let unused = takeUnused(entries);
    for (let made = 1; unused === null && made < attempts; made++) unused = takeUnused(entries);
    this.#removeKept(unused ?? first(entries));
  }

  #removeKept(resource: Resource): void {
    if (resource.cacheState !== null) this.#remove(resource, resource.cacheState);
  }

  #remove(resource: Resource, { key }: CacheState): void {
    this.#entriesFor(resource).delete(key);
    resource.cacheState = null;
    this.#bytes -= costOf(key, resource.isOpen ? 0 : resource.length);
    resource.close();
    if (this.#open.size > 0) return;
    this.#stopClosing?.();
    this.#stopClosing = null;
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

/** Free memory for a head, and all bytes of the file; `null`: the file is shorter than at the time of opening. */
function readWhole({ file, length }: OpenedFile): Uint8Array | null {
  const memory = new Uint8Array(HEAD_SPACE_BYTES + length);
  let at = HEAD_SPACE_BYTES;
  while (at < memory.length) {
    const count = file.readAt(at - HEAD_SPACE_BYTES, memory.subarray(at));
    if (count === 0) return null;
    at += count;
  }
  return memory;
}
