/**
 * Small files in memory, looked at on disk again and again. Bounded in bytes.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Disk, FileState } from "./disk.ts";
import type { MediaTable } from "./media.ts";
import { isWhatItSeems, type Missing, pathBelow, type Representation, select } from "./representation.ts";
import { fromDisk, fromMemory, type ServedFile } from "./served_file.ts";

/** What a cache is made with. */
export interface FileCacheOptions {
  /** The file system that is served from. */
  readonly disk: Disk;
  /** What `revalidateMs` is measured with. */
  readonly clock: Clock;
  /** Media types before the built-in table. */
  readonly media: MediaTable;
  /** All files in memory together, in bytes. */
  readonly bytesMax: number;
  /** How long a file in memory is served without a look at the disk. */
  readonly revalidateMs: number;
}

/** Larger files are read from disk each time: what opening them costs does not show beside sending them. */
const CACHED_FILE_BYTES_MAX = 256 * 1024;

/** Longer than any file system's clock ticks (FAT: two seconds). */
const SETTLED_MS = 2_500;

/** What an entry costs besides its bytes and its key. */
const ENTRY_BYTES = 512;

interface Entry {
  readonly info: FileState;
  readonly served: ServedFile;
  /** When the disk was last asked, on the monotonic clock. */
  checkedMs: number;
  /** Used since the last look for something to throw out. */
  isRecent: boolean;
}

/** Files by root and path. A file is in it only after `select` found that it may be served. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** Remembers nothing yet. */
  constructor(options: FileCacheOptions) {
    this.#options = options;
  }

  /**
   * The file that `segments` name below `root`: from memory where the disk says that it has not changed. `nowMs` is the
   * monotonic clock. Gives the same object as long as the file stays as it is.
   */
  find(root: string, segments: readonly string[], nowMs: number = this.#options.clock.now()): ServedFile | Missing {
    // Roots may overlap, and what one host may serve another may not.
    const key = `${root}\0${segments.join("/")}`;
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      if (this.#isFresh(entry, root, segments, nowMs)) {
        entry.isRecent = true;
        return entry.served;
      }
      this.#remove(key, entry);
    }
    const found = select(this.#options.disk, root, segments);
    return typeof found === "string" ? found : this.#serve(key, segments.at(-1) ?? "", found, nowMs);
  }

  #isFresh(entry: Entry, root: string, segments: readonly string[], nowMs: number): boolean {
    if (nowMs - entry.checkedMs < this.#options.revalidateMs) return true;
    entry.checkedMs = nowMs;
    return this.#isUnchanged(entry.info, root, pathBelow(root, segments));
  }

  /** Whether the path still leads to the same file, in the same state, inside the root. */
  #isUnchanged(before: FileState, root: string, path: string): boolean {
    const { disk } = this.#options;
    try {
      const now = disk.stat(path);
      return now.size === before.size && now.mtime?.getTime() === before.mtime?.getTime() &&
        now.ctime?.getTime() === before.ctime?.getTime() && isWhatItSeems(disk, root, path, before);
    } catch {
      return false; // `select` finds the same error, and says what it means.
    }
  }

  #serve(key: string, name: string, found: Representation, nowMs: number): ServedFile {
    const { media, clock } = this.#options;
    const wallMs = clock.wall();
    try {
      const bytes = this.#isWorthKeeping(key, found, wallMs) ? readWhole(found) : null;
      if (bytes === null) return fromDisk(found, name, media, wallMs);
      const served = fromMemory(found, bytes, name, media, wallMs);
      this.#add(key, { info: found.info, served, checkedMs: nowMs, isRecent: false });
      found.file.close();
      return served;
    } catch (error) {
      found.file.close();
      throw error;
    }
  }

  #isWorthKeeping(key: string, found: Representation, nowMs: number): boolean {
    const isSmall = found.length <= CACHED_FILE_BYTES_MAX && costOf(key, found.length) <= this.#options.bytesMax;
    return isSmall && isSettled(found.info, nowMs);
  }

  #add(key: string, entry: Entry): void {
    this.#bytes += costOf(key, entry.served.length);
    while (this.#bytes > this.#options.bytesMax) this.#evict();
    this.#entries.set(key, entry);
  }

  /** Second chance: the oldest that was not used since its last chance goes. Costs a hit one flag instead of a reordering. */
  #evict(): void {
    for (const [key, entry] of this.#entries) {
      if (!entry.isRecent) return this.#remove(key, entry);
      entry.isRecent = false;
      this.#entries.delete(key);
      this.#entries.set(key, entry); // To the end of the line.
    }
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= costOf(key, entry.served.length);
  }
}

/**
 * Whether another change would show: one within the same tick of the file system's clock, of the same size, would not. The
 * time of modification alone can be set to anything.
 */
function isSettled({ mtime, ctime }: FileState, nowMs: number): boolean {
  return mtime !== null && nowMs - Math.max(mtime.getTime(), ctime?.getTime() ?? 0) > SETTLED_MS;
}

/** Keys count: through a link to its own folder one file has any number of them. */
function costOf(key: string, length: number): number {
  return length + 2 * key.length + ENTRY_BYTES;
}

/** All bytes of the file, or `null` when there are fewer than it had when it was opened. */
function readWhole({ file, length }: Representation): Uint8Array | null {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const count = file.readAt(at, bytes.subarray(at));
    if (count === 0) return null;
    at += count;
  }
  return bytes;
}
