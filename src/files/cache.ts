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
import { type Missing, type Representation, select } from "./representation.ts";
import { fromDisk, fromMemory, fromShared, HEAD_ROOM, type ServedFile } from "./served_file.ts";
import { SharedFile } from "./shared_file.ts";
import { type Sighting, Sightings, type Wanted } from "./sightings.ts";

/** What a cache goes by. */
export interface FileCacheOptions {
  /** The file system that is served from. */
  readonly disk: Disk;
  /** What `revalidateMs` is measured with. */
  readonly clock: Clock;
  /** Media types before the built-in table. */
  readonly media: MediaTable;
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
  bytesMax: 64 * 1024 * 1024,
  revalidateMs: 100,
  openFilesMax: 64,
};

/** Larger files stay on disk: what reading them costs does not show beside sending them. */
const CACHED_FILE_BYTES_MAX = 256 * 1024;

/** Where memory is short, larger files stay on disk, too: each would put out many, which save more together. */
const SMALL_FILE_BYTES_MAX = 16 * 1024;

/** For what little an open file costs, not everything in memory should lose its chance. */
const CHANCES_MAX = 4;

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
const ENTRY_BYTES = 512 + HEAD_ROOM;

interface Entry {
  readonly sighting: Sighting;
  readonly served: ServedFile;
  /** Of a file that is kept open. */
  readonly shared: SharedFile | null;
  /** When it was read, on the monotonic clock; of a file that is kept open, never: it is read each time. */
  readonly readMs: number;
  /** When it was last asked for, as far as it matters: of a file that is kept open. */
  usedMs: number;
  /** Used since the last look for something to throw out. */
  isRecent: boolean;
}

type Placed = readonly [key: string, entry: Entry];

/** Entries by key; who came last, or got another chance last, stands last. */
type Entries = Map<string, Entry>;

/** Files by root and path. A file is in it only after `select` found that it may be served. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #sightings: Sightings;
  readonly #small: Entries = new Map();
  /** In memory as well, as long as there is some for all. */
  readonly #large: Entries = new Map();
  readonly #open: Entries = new Map();
  /** Keys of what was not found, and when. */
  readonly #absent = new Map<string, number>();
  readonly #keys = new WeakMap<readonly string[], { readonly root: string; readonly key: string }>();
  #bytes = 0;
  /** Ends the search for files that nobody reads; `null` while none is open. */
  #stopClosing: (() => void) | null = null;

  /** Remembers nothing yet. */
  constructor(options: Partial<FileCacheOptions> = {}) {
    this.#options = withDefaults(DEFAULTS, options);
    this.#sightings = new Sightings(this.#options.disk, this.#options.revalidateMs);
  }

  /**
   * The file that `segments` name below `root`, as the disk has had it within `revalidateMs`. `nowMs` is the monotonic
   * clock. Gives the same object as long as the file is remembered and stays as it is. Whoever gets it closes it.
   */
  find(root: string, segments: readonly string[], nowMs: number = this.#options.clock.now()): ServedFile | Missing {
    const key = this.#keyOf(root, segments);
    const entry = this.#small.get(key) ?? this.#large.get(key) ?? this.#open.get(key);
    if (entry !== undefined) {
      const isYoung = nowMs - entry.readMs < MEMORY_AGE_MAX_MS;
      if (isYoung && this.#sightings.holds(entry.sighting, entry.shared !== null, nowMs)) return use(entry, nowMs);
      this.#remove(key, entry);
    } else if (this.#sightings.isRecent(this.#absent.get(key) ?? -Infinity, nowMs)) return "not found";
    const wanted = { root, segments };
    const { found, knownMs } = this.#select(wanted, nowMs);
    if (found === "not found") this.#noteAbsent(key, knownMs);
    return typeof found === "string" ? found : this.#serve(key, wanted, found, nowMs);
  }

  /** What is there, and since when that is known: where it depends on where the root is, no longer than that. */
  #select({ root, segments }: Wanted, nowMs: number): { readonly found: Representation | Missing; knownMs: number } {
    const { disk } = this.#options;
    let knownMs = nowMs;
    const realPath = (path: string) => {
      if (path !== root) return disk.realPath(path);
      const real = this.#sightings.realFolder(root, nowMs);
      knownMs = Math.min(knownMs, real.askedMs);
      return real.path;
    };
    const rooted: Disk = {
      stat: (path) => disk.stat(path),
      lstat: (path) => disk.lstat(path),
      open: (path) => disk.open(path),
      realPath,
    };
    let found = select(rooted, root, segments);
    // That the root was elsewhere may be the reason for a refusal, and what is only kept open for being out of descriptors.
    const again = found === "forbidden" ? this.#sightings.forget(root) : found === "busy" && this.closeKept() > 0;
    if (again) found = select(rooted, root, segments);
    return { found, knownMs };
  }

  /** Gives back the descriptors of all files that are only kept open; returns how many. For when there are none left. */
  closeKept(): number {
    const count = this.#open.size;
    for (const [key, entry] of this.#open) this.#remove(key, entry);
    return count;
  }

  /** Closes the files that nobody has asked for lately. */
  #closeIdle(): void {
    const nowMs = this.#options.clock.now();
    for (const [key, entry] of this.#open) {
      if (nowMs - entry.usedMs > OPEN_IDLE_MS) this.#remove(key, entry);
    }
  }

  /** Forgets everything, and closes what is open as soon as nobody reads it. */
  close(): void {
    for (const entries of [this.#small, this.#large, this.#open]) {
      for (const [key, entry] of entries) this.#remove(key, entry);
    }
    this.#absent.clear();
  }

  /** Roots may overlap, and what one host may serve another may not: so they are part of the key. Made once for a target. */
  #keyOf(root: string, segments: readonly string[]): string {
    const known = this.#keys.get(segments);
    if (known?.root === root) return known.key;
    const key = `${root}\0${segments.join("/")}`;
    this.#keys.set(segments, { root, key });
    return key;
  }

  #noteAbsent(key: string, knownMs: number): void {
    if (key.length > ABSENT_KEY_CHARS_MAX) return;
    if (this.#absent.size >= ABSENT_MAX) this.#absent.clear();
    this.#absent.set(key, knownMs);
  }

  #serve(key: string, wanted: Wanted, found: Representation, nowMs: number): ServedFile {
    const { media, clock, bytesMax } = this.#options;
    const name = wanted.segments.at(-1) ?? "";
    const wallMs = clock.wall();
    const isKept = isSettled(found.info, wallMs) && costOf(key, 0) <= bytesMax;
    try {
      if (!isKept) return fromDisk(found, name, media, wallMs);
      const seen = { sighting: this.#sightings.of(wanted, found, nowMs), usedMs: nowMs, isRecent: true };
      if (!this.#hasMemoryFor(key, found.length)) {
        const shared = new SharedFile(found.file);
        const served = fromShared(found, shared, name, media, wallMs);
        this.#keepOpen(key, { ...seen, served, shared, readMs: Infinity });
        shared.share();
        return served;
      }
      const memory = readWhole(found);
      if (memory === null) return fromDisk(found, name, media, wallMs);
      const served = fromMemory(found, memory, name, media, wallMs);
      const entry = { ...seen, served, shared: null, readMs: nowMs };
      this.#entriesWith(entry).set(key, entry);
      this.#bytes += costOf(key, served.length);
      found.file.close();
      return served;
    } catch (error) {
      found.file.close();
      throw error;
    }
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
      this.#remove(...unneeded);
    }
    return true;
  }

  #keepOpen(key: string, entry: Entry): void {
    const { openFilesMax, clock } = this.#options;
    if (this.#open.size >= openFilesMax) this.#evict(this.#open, openFilesMax);
    this.#bytes += costOf(key, 0);
    for (const entries of [this.#large, this.#small, this.#open]) {
      while (this.#bytes > this.#options.bytesMax && entries.size > 0) this.#evict(entries, CHANCES_MAX);
    }
    this.#open.set(key, entry);
    this.#stopClosing ??= clock.every(CLOSE_IDLE_PERIOD_MS, () => this.#closeIdle());
  }

  /** Throws out the first in line that has not been in use, or, after so many that have, just the first. */
  #evict(entries: Entries, chances: number): void {
    let unused = takeUnused(entries);
    for (let given = 1; unused === null && given < chances; given++) unused = takeUnused(entries);
    this.#remove(...unused ?? first(entries));
  }

  #remove(key: string, entry: Entry): void {
    this.#entriesWith(entry).delete(key);
    this.#bytes -= costOf(key, entry.shared === null ? entry.served.length : 0);
    entry.shared?.giveBack();
    if (this.#open.size > 0) return;
    this.#stopClosing?.();
    this.#stopClosing = null;
  }

  #entriesWith({ shared, served }: Entry): Entries {
    if (shared !== null) return this.#open;
    return served.length <= SMALL_FILE_BYTES_MAX ? this.#small : this.#large;
  }
}

function use(entry: Entry, nowMs: number): ServedFile {
  entry.isRecent = true;
  entry.usedMs = nowMs;
  entry.shared?.share();
  return entry.served;
}

/** The first in line, unless it was used since it last was: then it gets another chance, as the last (second chance). */
function takeUnused(entries: Entries): Placed | null {
  const [key, entry] = first(entries);
  if (!entry.isRecent) return [key, entry];
  entry.isRecent = false;
  entries.delete(key);
  entries.set(key, entry);
  return null;
}

function first(entries: Entries): Placed {
  for (const placed of entries) return placed;
  throw new RangeError("There is nothing to throw out");
}

/** Keys count, and the paths made from them: through a link to its own folder one file has any number of them. */
function costOf(key: string, length: number): number {
  return length + 4 * key.length + ENTRY_BYTES;
}

/** Room for a head and all bytes of the file, or `null` when there are fewer than it had when it was opened. */
function readWhole({ file, length }: Representation): Uint8Array | null {
  const memory = new Uint8Array(HEAD_ROOM + length);
  let at = HEAD_ROOM;
  while (at < memory.length) {
    const count = file.readAt(at - HEAD_ROOM, memory.subarray(at));
    if (count === 0) return null;
    at += count;
  }
  return memory;
}
