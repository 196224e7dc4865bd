/**
 * Files that were found before, looked at on disk again and again: small ones in memory, large ones open, and names that
 * nothing goes by. Bounded in bytes and in descriptors.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Disk, FileState } from "./disk.ts";
import type { MediaTable } from "./media.ts";
import { type Missing, pathBelow, type Place, type Representation, select } from "./representation.ts";
import { fromDisk, fromMemory, fromShared, HEAD_ROOM, type ServedFile } from "./served_file.ts";
import { SharedFile } from "./shared_file.ts";

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
  /** How long what was found is taken for true without a look at the disk. */
  readonly revalidateMs: number;
}

/** Larger files stay on disk: what reading them costs does not show beside sending them. */
const CACHED_FILE_BYTES_MAX = 256 * 1024;

/** Where room must be made, larger files stay on disk, too: each would put out many whose reading costs more than their sending. */
const SMALL_FILE_BYTES_MAX = 16 * 1024;

/** Larger files that are kept open. Each takes a descriptor of those that all workers and connections share. */
const OPEN_FILES_MAX = 256;

/** How long a file that nobody reads is kept open: until it is closed, the space of a deleted one is not given back. */
const OPEN_IDLE_MS = 2_000;

/** Names that nothing goes by, and their length: bounds what whoever tries many can make us remember. */
const ABSENT_MAX = 4096;
const ABSENT_KEY_CHARS_MAX = 512;

/** Longer than any file system's clock ticks (FAT: two seconds). */
const SETTLED_MS = 2_500;

/** What an entry costs besides its bytes and its key. */
const ENTRY_BYTES = 512 + HEAD_ROOM;

interface Entry {
  readonly info: FileState;
  readonly place: Place;
  readonly served: ServedFile;
  /** Of a file that is kept open. */
  readonly shared: SharedFile | null;
  /** When the disk was last asked, on the monotonic clock. */
  checkedMs: number;
  /** When it was last asked for, as far as it matters: of a file that is kept open. */
  usedMs: number;
  /** Used since the last look for something to throw out. */
  isRecent: boolean;
}

/** What is looked for. */
interface Wanted {
  readonly key: string;
  readonly root: string;
  readonly segments: readonly string[];
}

/** Files by root and path. A file is in it only after `select` found that it may be served. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #entries = new Map<string, Entry>();
  /** Keys of the files that are kept open; who was asked for last stands last. */
  readonly #open = new Set<string>();
  /** Keys of what was not found, and when. */
  readonly #absent = new Map<string, number>();
  readonly #keys = new WeakMap<readonly string[], { readonly root: string; readonly key: string }>();
  readonly #realRoots = new Map<string, { readonly path: string; readonly askedMs: number }>();
  #bytes = 0;

  /** Remembers nothing yet. */
  constructor(options: FileCacheOptions) {
    this.#options = options;
  }

  /**
   * The file that `segments` name below `root`, as the disk has had it within `revalidateMs`. `nowMs` is the monotonic
   * clock. Gives the same object as long as the file is remembered and stays as it is. Whoever gets it closes it.
   */
  find(root: string, segments: readonly string[], nowMs: number = this.#options.clock.now()): ServedFile | Missing {
    const key = this.#keyOf(root, segments);
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      if (this.#isFresh(entry, root, segments, nowMs)) return this.#use(key, entry, nowMs);
      this.#remove(key, entry);
    } else if (nowMs - (this.#absent.get(key) ?? -Infinity) < this.#options.revalidateMs) return "not found";
    const found = this.#select(root, segments, nowMs);
    if (found === "not found") this.#noteAbsent(key, nowMs);
    return typeof found === "string" ? found : this.#serve({ key, root, segments }, found, nowMs);
  }

  /** With what is known of the root; where that may be the reason for a refusal, and out of descriptors, once more. */
  #select(root: string, segments: readonly string[], nowMs: number): Representation | Missing {
    const { disk } = this.#options;
    const realPath = (path: string) => path === root ? this.#realRoot(root, nowMs) : disk.realPath(path);
    const rooted: Disk = { stat: (path) => disk.stat(path), open: (path) => disk.open(path), realPath };
    const found = select(rooted, root, segments);
    if (found === "forbidden" && this.#realRoots.delete(root)) return select(rooted, root, segments);
    return found === "busy" && this.closeKept() > 0 ? select(rooted, root, segments) : found;
  }

  /** Gives back the descriptors of all files that are only kept open; returns how many. For when there are none left. */
  closeKept(): number {
    const count = this.#open.size;
    for (const key of this.#open) this.#remove(key, this.#entries.get(key)!);
    return count;
  }

  /** Closes the files that nobody has asked for lately. To be called every second or so. */
  closeIdle(nowMs: number = this.#options.clock.now()): void {
    for (const key of this.#open) {
      const entry = this.#entries.get(key)!;
      if (nowMs - entry.usedMs <= OPEN_IDLE_MS) return; // All that follow were used later.
      this.#remove(key, entry);
    }
  }

  /** Forgets everything, and closes what is open as soon as nobody reads it. */
  close(): void {
    for (const [key, entry] of this.#entries) this.#remove(key, entry);
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

  #use(key: string, entry: Entry, nowMs: number): ServedFile {
    entry.isRecent = true;
    if (entry.shared === null) return entry.served;
    entry.shared.share();
    entry.usedMs = nowMs;
    this.#open.delete(key); // To the end of the line.
    this.#open.add(key);
    return entry.served;
  }

  #isFresh(entry: Entry, root: string, segments: readonly string[], nowMs: number): boolean {
    const isRecent = nowMs - entry.checkedMs < this.#options.revalidateMs;
    // What is in memory is of one state, and stays right for a while; an open file gives what is in it now.
    if (isRecent && entry.shared === null) return true;
    const path = pathBelow(root, segments);
    try {
      if (!isSameState(this.#options.disk.stat(path), entry.info)) return false;
      return isRecent || this.#isInPlace(entry, root, path, nowMs);
    } catch {
      return false; // `select` finds the same error, and says what it means.
    }
  }

  /** Whether the path still leads to the same place in the same root. */
  #isInPlace(entry: Entry, root: string, path: string, nowMs: number): boolean {
    const isSame = this.#realRoot(root, nowMs) === entry.place.root &&
      this.#options.disk.realPath(path) === entry.place.file;
    entry.checkedMs = this.#checkedMs(root, nowMs);
    return isSame;
  }

  /** Since when what was just found is known: no longer than where the root is. */
  #checkedMs(root: string, nowMs: number): number {
    return Math.min(nowMs, this.#realRoots.get(root)?.askedMs ?? nowMs);
  }

  /** Asked once for all files of the root that are looked at within `revalidateMs`. */
  #realRoot(root: string, nowMs: number): string {
    const known = this.#realRoots.get(root);
    if (known !== undefined && nowMs - known.askedMs < this.#options.revalidateMs) return known.path;
    const path = this.#options.disk.realPath(root);
    this.#realRoots.set(root, { path, askedMs: nowMs });
    return path;
  }

  #noteAbsent(key: string, nowMs: number): void {
    if (key.length > ABSENT_KEY_CHARS_MAX) return;
    if (this.#absent.size >= ABSENT_MAX) this.#absent.clear();
    this.#absent.set(key, nowMs);
  }

  #serve({ key, root, segments }: Wanted, found: Representation, nowMs: number): ServedFile {
    const { media, clock, bytesMax } = this.#options;
    const name = segments.at(-1) ?? "";
    const wallMs = clock.wall();
    const isKept = isSettled(found.info, wallMs) && costOf(key, 0) <= bytesMax;
    const { info, place } = found;
    const entry = { info, place, checkedMs: this.#checkedMs(root, nowMs), usedMs: nowMs, isRecent: false };
    try {
      if (isKept && !this.#hasMemoryFor(key, found.length)) {
        const shared = new SharedFile(found.file);
        const served = fromShared(found, shared, name, media, wallMs);
        this.#add(key, { ...entry, served, shared });
        shared.share();
        return served;
      }
      const memory = isKept ? readWhole(found) : null;
      if (memory === null) return fromDisk(found, name, media, wallMs);
      const served = fromMemory(found, memory, name, media, wallMs);
      this.#add(key, { ...entry, served, shared: null });
      found.file.close();
      return served;
    } catch (error) {
      found.file.close();
      throw error;
    }
  }

  #hasMemoryFor(key: string, length: number): boolean {
    const cost = costOf(key, length);
    const isFree = this.#bytes + cost <= this.#options.bytesMax;
    return isFree ? length <= CACHED_FILE_BYTES_MAX : cost <= this.#options.bytesMax && length <= SMALL_FILE_BYTES_MAX;
  }

  #add(key: string, entry: Entry): void {
    this.#bytes += this.#costOf(key, entry);
    while (this.#bytes > this.#options.bytesMax) this.#evict();
    this.#entries.set(key, entry);
    if (entry.shared === null) return;
    this.#open.add(key);
    for (const oldest of this.#open) {
      if (this.#open.size <= OPEN_FILES_MAX) break;
      this.#remove(oldest, this.#entries.get(oldest)!);
    }
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
    this.#bytes -= this.#costOf(key, entry);
    if (entry.shared === null) return;
    this.#open.delete(key);
    entry.shared.giveBack();
  }

  #costOf(key: string, { served, shared }: Entry): number {
    return costOf(key, shared === null ? served.length : 0);
  }
}

function isSameState(now: FileState, before: FileState): boolean {
  return now.dev === before.dev && now.ino === before.ino && now.size === before.size &&
    now.mtime?.getTime() === before.mtime?.getTime() && now.ctime?.getTime() === before.ctime?.getTime();
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
