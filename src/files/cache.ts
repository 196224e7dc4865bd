/**
 * Files that were found before, looked at on disk again and again: small ones in memory, large ones open, and names that
 * nothing goes by. Bounded in bytes and in descriptors.
 * @module
 */

import { type Clock, systemClock } from "../net/clock.ts";
import { withDefaults } from "../net/options.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { isSettled } from "./file_validator.ts";
import type { MediaTable } from "./media.ts";
import { type Found, type FoundFolder, isFolder, lookUp, type NotFound, type OpenedFile } from "./look_up.ts";
import { HEAD_SPACE_BYTES, type Keeping, Resource } from "./resource.ts";
import { Sightings } from "./sightings.ts";
import type { Wanted } from "./wanted.ts";
import type { Withheld } from "./withheld.ts";

/** What a cache goes by. */
export interface FileCacheOptions {
  /** The file system that is served from. */
  readonly disk: Disk;
  /** What `revalidateMs` is measured with. */
  readonly clock: Clock;
  /** Media types before the built-in table. */
  readonly media: MediaTable;
  /** Files that are not served. */
  readonly withheld: readonly Withheld[];
  /** All files in memory together, in bytes. */
  readonly bytesMax: number;
  /** How long what was found is taken for true without a look at the disk. */
  readonly revalidateMs: number;
  /**
   * Files that are kept open: reading from one costs little more than memory, opening it much more. Each takes a descriptor
   * of those that all workers and connections share; `closeKept()` gives these back.
   */
  readonly openFilesMax: number;
}

/** What is not said otherwise: the system's disk and clock, and no more descriptors than nobody misses. */
const DEFAULTS: FileCacheOptions = {
  disk: systemDisk,
  clock: systemClock,
  media: {},
  withheld: [],
  bytesMax: 64 * 1024 * 1024,
  revalidateMs: 100,
  openFilesMax: 64,
};

/** Larger files stay on disk: what reading them costs does not show beside sending them. */
const CACHED_FILE_BYTES_MAX = 256 * 1024;

/** Where memory is short, larger files stay on disk, too: each would put out many, which save more together. */
const SMALL_FILE_BYTES_MAX = 16 * 1024;

/** Upper bound on eviction attempts for a file that is kept open, so that one descriptor cannot empty the memory. */
const EVICTION_ATTEMPTS_MAX = 4;

/**
 * How old what is in memory may get until it is read again. What is written through a memory map changes no time that the file
 * system keeps, until the system writes it to disk.
 */
const MEMORY_AGE_MAX_MS = 10_000;

/** How long a file that nobody reads is kept open: until it is closed, the space of a deleted one is not given back. */
const OPEN_IDLE_MS = 15_000;

/** How often such files are looked for, while any is open. */
const CLOSE_IDLE_PERIOD_MS = 1_000;

/** Names that nothing goes by, and their length: bounds what whoever tries many can make us remember. */
const ABSENT_MAX = 4096;
const ABSENT_KEY_CHARS_MAX = 512;

/** What an entry costs besides its bytes and its key. */
const ENTRY_BYTES = 512 + HEAD_SPACE_BYTES;

/** Resources by key; the one that came last, or was passed over last, stands last. */
type Entries = Map<string, Resource>;

/** Files by root and path. A file is in it only after `lookUp` found that it may be served. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #sightings: Sightings;
  readonly #small: Entries = new Map();
  /** In memory as well, as long as there is some for all. */
  readonly #large: Entries = new Map();
  readonly #open: Entries = new Map();
  /** Keys of what was not found, and when. */
  readonly #absent = new Map<string, number>();
  #bytes = 0;
  /** Ends the search for files that nobody reads; `null` while none is open. */
  #stopClosing: (() => void) | null = null;

  /** Remembers nothing yet. */
  constructor(options: Partial<FileCacheOptions> = {}) {
    this.#options = withDefaults(DEFAULTS, options);
    this.#sightings = new Sightings(this.#options.disk, this.#options.revalidateMs);
  }

  /**
   * What is there, as the disk has had it within `revalidateMs`. `nowMs` is the monotonic clock. Gives the same resource as
   * long as it is kept and stays as it is. The caller closes it.
   */
  find(wanted: Wanted, nowMs: number = this.#options.clock.now()): Resource | FoundFolder | NotFound {
    const { key } = wanted;
    const kept = this.#small.get(key) ?? this.#large.get(key) ?? this.#open.get(key);
    if (kept !== undefined) {
      if (this.reuse(kept, nowMs)) return kept;
    } else if (this.#sightings.isRecent(this.#absent.get(key) ?? -Infinity, nowMs)) return ABSENT;
    const { found, knownMs } = this.#lookUp(wanted, nowMs);
    if (found.kind === "none" && found.why === "absent") this.#noteAbsent(key, knownMs);
    return found.kind === "file" ? this.#serve(wanted, found, nowMs) : found;
  }

  /** Whether `wanted` is a folder that may be seen, as the disk has it now. Never throws. */
  hasFolder({ root, segments, dotFiles }: Wanted): boolean {
    return isFolder(this.#options.disk, root, segments, dotFiles);
  }

  /** Whether a resource that was found before is kept and still as it was: then the caller holds it, and closes it. */
  reuse(resource: Resource, nowMs: number): boolean {
    const { keeping } = resource;
    if (keeping === null) return false;
    const isYoung = nowMs - keeping.readMs < MEMORY_AGE_MAX_MS;
    if (!isYoung || !this.#sightings.holds(keeping.sighting, resource.isOpen, nowMs)) {
      this.#remove(resource, keeping);
      return false;
    }
    keeping.isRecent = true;
    keeping.usedMs = nowMs;
    resource.hold();
    return true;
  }

  /** What is there, and since when that is known: where it depends on where the root is, no longer than that. */
  #lookUp(wanted: Wanted, nowMs: number): { readonly found: Found; knownMs: number } {
    const { disk, withheld } = this.#options;
    const { root, segments, dotFiles } = wanted;
    let knownMs = nowMs;
    const realRoot = () => {
      const real = this.#sightings.realFolder(root, nowMs);
      knownMs = Math.min(knownMs, real.askedMs);
      return real.path;
    };
    let found = lookUp(disk, root, segments, { dotFiles, realRoot, withheld });
    if (found.kind === "none" && this.#isWorthAnotherLook(found, root)) {
      found = lookUp(disk, root, segments, { dotFiles, realRoot, withheld });
    }
    return { found, knownMs };
  }

  /** That the root was elsewhere may be the reason for a refusal, and files that are only kept open that for being out of descriptors. */
  #isWorthAnotherLook({ why }: NotFound, root: string): boolean {
    return why === "forbidden" ? this.#sightings.forget(root) : why === "busy" && this.closeKept() > 0;
  }

  /** Gives back the descriptors of all files that are only kept open; returns how many. For when there are none left. */
  closeKept(): number {
    const count = this.#open.size;
    this.#removeAll(this.#open);
    return count;
  }

  /** Closes the files that nobody has asked for lately. */
  #closeIdle(): void {
    const nowMs = this.#options.clock.now();
    this.#removeAll(this.#open, ({ usedMs }) => nowMs - usedMs > OPEN_IDLE_MS);
  }

  /** Forgets everything, and closes what is open as soon as nobody reads it. */
  close(): void {
    for (const resources of [this.#small, this.#large, this.#open]) this.#removeAll(resources);
    this.#absent.clear();
  }

  #removeAll(resources: Entries, isRemoved: (keeping: Keeping) => boolean = () => true): void {
    for (const resource of resources.values()) {
      const { keeping } = resource;
      if (keeping !== null && isRemoved(keeping)) this.#remove(resource, keeping);
    }
  }

  #noteAbsent(key: string, knownMs: number): void {
    if (key.length > ABSENT_KEY_CHARS_MAX) return;
    if (this.#absent.size >= ABSENT_MAX) this.#absent.clear();
    this.#absent.set(key, knownMs);
  }

  #serve(wanted: Wanted, found: OpenedFile, nowMs: number): Resource {
    const { media, clock, bytesMax } = this.#options;
    const { key, segments, charset, additions } = wanted;
    const options = { name: segments.at(-1) ?? "", media, charset, additions, nowMs: clock.wall(), memory: null };
    try {
      if (!isSettled(found.info, options.nowMs) || costOf(key, 0) > bytesMax) return new Resource(found, options);
      const keeping = { key, sighting: this.#sightings.of(wanted, found, nowMs), usedMs: nowMs, isRecent: true };
      if (!this.#hasMemoryFor(key, found.length)) {
        const resource = new Resource(found, options);
        this.#keepOpen(resource, { ...keeping, readMs: Infinity });
        return resource;
      }
      const memory = readWhole(found);
      const resource = new Resource(found, { ...options, memory });
      if (memory === null) return resource;
      this.#keep(this.#entriesFor(resource), resource, { ...keeping, readMs: nowMs });
      this.#bytes += costOf(key, resource.length);
      found.file.close();
      return resource;
    } catch (error) {
      found.file.close();
      throw error;
    }
  }

  #keep(entries: Entries, resource: Resource, keeping: Keeping): void {
    resource.keeping = keeping;
    resource.hold();
    entries.set(keeping.key, resource);
  }

  /** Whether there is memory for a file, or can be had from what has not been in use of late. */
  #hasMemoryFor(key: string, length: number): boolean {
    const cost = costOf(key, length);
    const { bytesMax } = this.#options;
    if (this.#bytes + cost <= bytesMax) return length <= CACHED_FILE_BYTES_MAX;
    if (cost > bytesMax || length > SMALL_FILE_BYTES_MAX) return false;
    while (this.#bytes + cost > bytesMax) {
      if (this.#large.size + this.#small.size === 0) return false; // What is kept open has taken it all.
      const unneeded = this.#large.size > 0 ? first(this.#large) : takeUnused(this.#small);
      if (unneeded === null) return false;
      this.#removeKept(unneeded);
    }
    return true;
  }

  #keepOpen(resource: Resource, keeping: Keeping): void {
    const { openFilesMax, clock } = this.#options;
    if (this.#open.size >= openFilesMax) this.#evict(this.#open, openFilesMax);
    this.#bytes += costOf(keeping.key, 0);
    for (const entries of [this.#large, this.#small, this.#open]) {
      while (this.#bytes > this.#options.bytesMax && entries.size > 0) this.#evict(entries, EVICTION_ATTEMPTS_MAX);
    }
    this.#keep(this.#open, resource, keeping);
    this.#stopClosing ??= clock.every(CLOSE_IDLE_PERIOD_MS, () => this.#closeIdle());
  }

  /** Removes the first that has not been in use, or, after so many that have, just the first. */
  #evict(entries: Entries, attempts: number): void {
    let unused = takeUnused(entries);
    for (let made = 1; unused === null && made < attempts; made++) unused = takeUnused(entries);
    this.#removeKept(unused ?? first(entries));
  }

  #removeKept(resource: Resource): void {
    if (resource.keeping !== null) this.#remove(resource, resource.keeping);
  }

  #remove(resource: Resource, { key }: Keeping): void {
    this.#entriesFor(resource).delete(key);
    resource.keeping = null;
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

const ABSENT: NotFound = { kind: "none", why: "absent" };

/** The first in line, unless it was used since it last was: then it moves to the end (second chance). */
function takeUnused(entries: Entries): Resource | null {
  const resource = first(entries);
  const { keeping } = resource;
  if (keeping === null || !keeping.isRecent) return resource;
  keeping.isRecent = false;
  entries.delete(keeping.key);
  entries.set(keeping.key, resource);
  return null;
}

function first(entries: Entries): Resource {
  for (const resource of entries.values()) return resource;
  throw new RangeError("There is nothing to remove");
}

/** Keys count, and the paths made from them: through a link to its own folder one file has any number of them. */
function costOf(key: string, length: number): number {
  return length + 4 * key.length + ENTRY_BYTES;
}

/** Room for a head and all bytes of the file, or `null` when there are fewer than it had when it was opened. */
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
