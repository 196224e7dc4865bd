/**
 * Cached files: small ones in memory, large ones open, and paths at which there is no file. It checks on disk regularly
 * whether they have changed. Bounded in bytes and in descriptors.
 * @module
 */

import { Absences } from "./absences.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { withDefaults } from "../net/options.ts";
import { Tally } from "../net/tally.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { isSettled } from "./file_validator.ts";
import { Codings, type EncodeElsewhere } from "./codings.ts";
import { type Folder, openFolder } from "./folder.ts";
import { KnownFolders } from "./known_folders.ts";
import type { MediaTable } from "./media.ts";
import {
  type Found,
  type FoundFolder,
  isFolder,
  type Knowledge,
  lookUp,
  type NotFound,
  type OpenedFile,
} from "./look_up.ts";
import { type CacheState, HEAD_SPACE_BYTES, type Resource, resourceOf } from "./resource.ts";
import { Revalidator } from "./revalidator.ts";
import { beginsWith } from "./same_bytes.ts";
import { Shelf, type ShelfUsage } from "./shelf.ts";
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
  /** Counts hits and misses. */
  readonly tally: Tally;
  /** Encodes larger files in another thread; `null`: they are sent as they are. */
  readonly encodeElsewhere: EncodeElsewhere | null;
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
  tally: new Tally(),
  encodeElsewhere: null,
};

/**
 * Age at which a file in memory is read again. A program that writes through a memory map changes the times of the file
 * only when the system writes the pages to disk.
 */
const MEMORY_AGE_MAX_MS = 10_000;

/** Maximum of cached misses, and of the length of their keys. Clients may request any number of wrong paths. */
const ABSENT_MAX = 4096;
const ABSENT_KEY_CHARS_MAX = 512;

/** What is at a path instead of a file, and the time of the look-up, on the monotonic clock. */
export type Known<Kind extends FoundFolder | NotFound> = Kind & { readonly knownMs: number };

/** What is at a path. */
export type Finding = Resource | Known<FoundFolder> | Known<NotFound>;

/** Files by root and path. It contains only files that `lookUp` has permitted. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #revalidator: Revalidator;
  readonly #knownFolders: KnownFolders;
  readonly #absences: Absences;
  readonly #shelf: Shelf;
  /** The forms of its files in content codings. */
  readonly codings: Codings;
  /** By keys at which there is no file. */
  readonly #absent = new Map<string, Known<NotFound>>();

  /** Starts empty. */
  constructor(options: Partial<FileCacheOptions> = {}) {
    this.#options = withDefaults(DEFAULTS, options);
    const { disk, clock, revalidateMs, encodeElsewhere, tally } = this.#options;
    this.#revalidator = new Revalidator(disk, revalidateMs);
    this.#knownFolders = new KnownFolders(disk);
    this.#absences = new Absences(disk, revalidateMs);
    this.#shelf = new Shelf(this.#options);
    this.codings = new Codings({
      disk,
      clock,
      shelf: this.#shelf,
      encodeElsewhere,
      tally,
      find: (path, nowMs) => this.find(path, nowMs),
      reuse: (resource, nowMs) => this.reuse(resource, nowMs),
      revalidateMs,
    });
  }

  /**
   * What is at a path, according to a check of the disk at most `revalidateMs` ago. `nowMs` is on the monotonic clock.
   * Returns the same resource as long as it is cached and unchanged. The caller must close it.
   */
  find(path: FilePath, nowMs: number = this.#options.clock.now()): Finding {
    const { key } = path;
    const kept = this.#shelf.get(key);
    if (kept !== undefined) {
      if (this.reuse(kept, nowMs)) return kept;
    } else {
      const absent = this.#absent.get(key);
      if (absent !== undefined && this.isRecent(absent, nowMs)) return absent;
    }
    if (path.media === null) this.#options.tally.counts.cacheMisses++; // A sibling is no file of its own.
    const provedMs = this.#absences.provedMs(path, nowMs);
    if (provedMs !== null) return { kind: "none", why: "absent", knownMs: provedMs };
    const wallMs = this.#options.clock.wall(); // Before the look-up, because it concludes from times that are older.
    const { found, knownMs } = this.#lookUp(path, nowMs, wallMs);
    if (found.kind === "file") return this.#serve(path, found, { nowMs, wallMs });
    const known = { ...found, knownMs };
    if (known.kind === "none" && known.why === "absent") {
      this.#absences.note(path, nowMs, wallMs);
      this.#cacheAbsent(key, known);
    }
    return known;
  }

  /** What the cache holds now. */
  get usage(): ShelfUsage {
    return this.#shelf.usage;
  }

  /** Whether a result is recent enough to be used without a check of the disk. */
  isRecent({ knownMs }: { readonly knownMs: number }, nowMs: number): boolean {
    return this.#revalidator.isRecent(knownMs, nowMs);
  }

  /** Whether `path` is a folder that may be shown, according to the disk now. Never throws. */
  hasFolder({ root, segments, dotFiles }: FilePath): boolean {
    return isFolder(this.#options.disk, root, segments, { dotFiles, known: this.#known() });
  }

  /** The folder at a path, for reading its entries, according to the disk now. */
  openFolder(path: FilePath): Folder | NotFound {
    const { disk, withheld } = this.#options;
    return openFolder(path, { disk, withheld, known: () => this.#known() });
  }

  /** For a look-up that begins now. */
  #known(): Knowledge {
    return { folders: this.#knownFolders, wallMs: this.#options.clock.wall() };
  }

  /** Whether a resource is still cached and unchanged. If so, the caller holds it, and must close it. */
  reuse(resource: Resource, nowMs: number): boolean {
    const { cacheState } = resource;
    if (cacheState === null) return false;
    const isYoung = nowMs - cacheState.readMs < MEMORY_AGE_MAX_MS;
    const isCurrent = this.#revalidator.isCurrent(cacheState.snapshot, resource.isOpen || !isYoung, nowMs);
    if (!isCurrent || !isYoung && !this.#isSame(resource, cacheState, nowMs)) {
      this.#shelf.remove(resource, cacheState);
      return false;
    }
    if (++cacheState.uses === cacheState.promotesAt && this.#shelf.promotes(resource, cacheState)) return false;
    cacheState.usedMs = nowMs;
    if (resource.origin === "file") this.#options.tally.counts.cacheHits++;
    resource.hold();
    return true;
  }

  /**
   * Whether the file at the path, whose state has not changed, still has the bytes that are in memory. So its answers
   * and its encoded forms need not be made again. Whichever file is opened, only the bytes in memory are sent, so the
   * state of the open one does not matter.
   */
  #isSame(resource: Resource, cacheState: CacheState, nowMs: number): boolean {
    try {
      const file = this.#options.disk.open(cacheState.snapshot.path);
      try {
        if (!beginsWith(file, resource.read(0)!)) return false;
      } finally {
        file.close();
      }
    } catch {
      return false; // The following look-up gets the same error, and interprets it.
    }
    cacheState.readMs = nowMs;
    return true;
  }

  /** Looks a path up. `knownMs` is the time of the oldest information that was used: that of the root may be cached. */
  #lookUp(path: FilePath, nowMs: number, wallMs: number): { readonly found: Found; knownMs: number } {
    const { disk, withheld } = this.#options;
    const { root, segments, dotFiles } = path;
    let knownMs = nowMs;
    const realRoot = () => {
      const real = this.#revalidator.realFolder(root, nowMs);
      knownMs = Math.min(knownMs, real.checkedMs);
      return real.path;
    };
    const options = { dotFiles, realRoot, withheld, known: { folders: this.#knownFolders, wallMs } };
    let found = lookUp(disk, root, segments, options);
    if (found.kind === "none" && this.#shouldRetry(found, root)) found = lookUp(disk, root, segments, options);
    return { found, knownMs };
  }

  /** Whether to look again: the root may have moved, or closing unused files may free descriptors. */
  #shouldRetry({ why }: NotFound, root: string): boolean {
    return why === "forbidden" ? this.#revalidator.forget(root) : why === "busy" && this.closeUnused() > 0;
  }

  /** Closes all files that only the cache keeps open. Returns their number. For when descriptors are missing. */
  closeUnused(): number {
    return this.#shelf.closeUnused();
  }

  /** Empties the cache. Open files are closed as soon as no answer reads them. */
  close(): void {
    this.#shelf.clear();
    this.#absent.clear();
  }

  #cacheAbsent(key: string, absent: Known<NotFound>): void {
    if (key.length > ABSENT_KEY_CHARS_MAX) return;
    if (this.#absent.size >= ABSENT_MAX) this.#absent.clear();
    this.#absent.set(key, absent);
  }

  #serve(path: FilePath, found: OpenedFile, { nowMs, wallMs }: { nowMs: number; wallMs: number }): Resource {
    const { media } = this.#options;
    const { key, segments, charset, additions } = path;
    const options = { name: segments.at(-1) ?? "", media, charset, additions, nowMs: wallMs, memory: null, path };
    try {
      if (!isSettled(found.info, wallMs) || !this.#shelf.takes(key)) return resourceOf(found, options);
      const snapshot = this.#revalidator.snapshot(path, found, nowMs);
      const cacheState = { key, snapshot, readMs: nowMs, usedMs: nowMs, uses: this.#shelf.usesOf(key), promotesAt: -1 };
      if (!this.#shelf.makeRoom(key, found.length)) {
        const resource = resourceOf(found, options);
        cacheState.readMs = Infinity;
        this.#shelf.keepOpen(resource, cacheState);
        return resource;
      }
      const memory = readWhole(found);
      const resource = resourceOf(found, { ...options, memory });
      if (memory === null) return resource;
      this.#shelf.keep(resource, cacheState);
      found.file.close();
      return resource;
    } catch (error) {
      found.file.close();
      throw error;
    }
  }
}

/** Free memory for a head, and all bytes of the file; `null`: the file is shorter than at the time of opening. */
function readWhole({ file, length }: Pick<OpenedFile, "file" | "length">): Uint8Array<ArrayBuffer> | null {
  const memory = new Uint8Array(HEAD_SPACE_BYTES + length);
  let at = HEAD_SPACE_BYTES;
  while (at < memory.length) {
    const count = file.readAt(at - HEAD_SPACE_BYTES, memory.subarray(at));
    if (count === 0) return null;
    at += count;
  }
  return memory;
}
