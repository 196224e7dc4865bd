/**
 * Checks on disk whether a cached file has changed: its state, name, folder and root.
 * Knows disks and time; not what is done with a file.
 * @module
 */

import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import type { Disk, FileState } from "./disk.ts";
import { type OpenedFile, type Place } from "./look_up.ts";
import { pathBelow } from "../paths.ts";
import type { FilePath } from "./file_path.ts";

/** The numbers that identify a state of a file. Only these are kept, because there are thousands of them. */
interface StateNumbers {
  readonly dev: number;
  readonly ino: number | null;
  readonly size: number;
  /** Milliseconds since 1970; `NaN`: the file system has no such time. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** A file as it was at one check. One object, because several would take half as much memory again. */
export interface Snapshot extends StateNumbers {
  readonly root: string;
  /** The path that was looked up. */
  readonly path: string;
  /** The real paths of both. */
  readonly realRoot: string;
  readonly realPath: string;
  /** The folder that contains the file, if its own name is not a link. Then a check needs fewer calls. */
  readonly home: Home | null;
  /** Time of the oldest check of its place, on the monotonic clock. */
  placeCheckedMs: number;
  /** Time of the last check of its state. */
  stateCheckedMs: number;
}

/** The path of a folder as requested, and its real path when the file was found. */
interface Home {
  readonly path: string;
  readonly realPath: string;
}

/** The real path of a folder, and the time of its check. */
interface RealFolder {
  readonly path: string;
  readonly checkedMs: number;
}

/**
 * Interval of the checks of an open file. It is short, because the bytes are the current ones. It is not zero, because
 * all requests of one turn of the event loop can share a check: their answers are read from the file after it.
 */
const OPEN_LOOK_MS = 1;

/** Maximum of cached folders, and of the length of their paths. A link to its own folder makes any number of paths. */
const FOLDERS_MAX = 16_384;
const FOLDER_CHARS_MAX = 512;

/** Checks files on one disk. */
export class Revalidator {
  readonly #disk: Disk;
  readonly #revalidateMs: number;
  readonly #realFolders = new Map<string, RealFolder>();

  /** `revalidateMs` is how long a check is used. */
  constructor(disk: Disk, revalidateMs: number) {
    this.#disk = disk;
    this.#revalidateMs = revalidateMs;
  }

  /** The snapshot of a file that was just opened. */
  snapshot({ root, segments }: FilePath, { info, place, folder: known }: OpenedFile, nowMs: number): Snapshot {
    const rootMs = this.#realFolders.get(root)?.checkedMs ?? nowMs; // First, because the calls below may evict it.
    const path = known !== null && known.path === known.realPath ? place.path : pathBelow(root, segments);
    if (known !== null) return snapshotOf(info, { root, path, place, home: known }, Math.min(nowMs, rootMs), nowMs);
    const name = segments.at(-1) ?? "";
    const folder = segments.length === 1 ? root : path.slice(0, -1 - name.length);
    const found = this.#folderOf(folder, name, place.path, nowMs);
    const home = found === null ? null : { path: folder, realPath: found.path };
    const placeCheckedMs = Math.min(nowMs, rootMs, found?.checkedMs ?? nowMs);
    return snapshotOf(info, { root, path, place, home }, placeCheckedMs, nowMs);
  }

  /** Whether the file is unchanged. Does not look at the disk if the last check is recent, see `OPEN_LOOK_MS`. */
  isCurrent(snapshot: Snapshot, isOpen: boolean, nowMs: number): boolean {
    const isFresh = this.isRecent(snapshot.placeCheckedMs, nowMs) &&
      (!isOpen || nowMs - snapshot.stateCheckedMs < OPEN_LOOK_MS);
    return isFresh || this.#isUnchanged(snapshot, nowMs);
  }

  /** Whether a check at `foundMs` may still be used. It may be later than `nowMs`, the time of a request. */
  isRecent(foundMs: number, nowMs: number): boolean {
    return this.#revalidateMs > 0 && nowMs - foundMs < this.#revalidateMs;
  }

  /** The real path of a folder. All look-ups in it within `revalidateMs` share one check. */
  realFolder(folder: string, nowMs: number): RealFolder {
    const known = this.#realFolders.get(folder);
    if (known !== undefined && this.isRecent(known.checkedMs, nowMs)) return known;
    const real = { path: this.#disk.realPath(folder), checkedMs: nowMs };
    if (folder.length > FOLDER_CHARS_MAX) return real;
    if (known === undefined && this.#realFolders.size >= FOLDERS_MAX) this.#realFolders.clear();
    this.#realFolders.set(folder, real);
    return real;
  }

  /** Forgets the real path of a folder. Returns whether one was cached. */
  forget(folder: string): boolean {
    return this.#realFolders.delete(folder);
  }

  /** Whether the path still leads to the same file, in the same state, at the same place in the same root. */
  #isUnchanged(snapshot: Snapshot, nowMs: number): boolean {
    const { root, path, home } = snapshot;
    try {
      if (home?.path === root && snapshot.ino !== null) return this.#isUnchangedInRoot(snapshot, nowMs);
      const realRoot = this.realFolder(root, nowMs);
      if (realRoot.path !== snapshot.realRoot) return false;
      let placeCheckedMs = Math.min(nowMs, realRoot.checkedMs);
      if (home === null) {
        if (!isSame(this.#disk.stat(path), snapshot)) return false;
        if (this.#disk.realPath(path) !== snapshot.realPath) return false;
      } else {
        // If the name is not a link, the folder's real path determines the file's.
        if (!isSame(this.#disk.lstat(path), snapshot)) return false;
        const folder = this.realFolder(home.path, nowMs);
        if (folder.path !== home.realPath) return false;
        placeCheckedMs = Math.min(placeCheckedMs, folder.checkedMs);
      }
      snapshot.placeCheckedMs = placeCheckedMs;
      snapshot.stateCheckedMs = nowMs;
      return true;
    } catch {
      return false; // The following look-up gets the same error, and interprets it.
    }
  }

  /**
   * The same for a file directly in its root. If the same file has this name, it is in the root, wherever that is now, so
   * the root itself need not be looked at. A link would be another file.
   */
  #isUnchangedInRoot(snapshot: Snapshot, nowMs: number): boolean {
    if (!isSame(this.#disk.lstat(snapshot.path), snapshot)) return false;
    snapshot.placeCheckedMs = snapshot.stateCheckedMs = nowMs;
    return true;
  }

  /** The folder of a file; `null`: the file has another name there, because the requested one is a link. */
  #folderOf(folder: string, name: string, file: string, nowMs: number): RealFolder | null {
    try {
      const real = this.realFolder(folder, nowMs);
      return dirname(file) === real.path && basename(file) === name ? real : null;
    } catch {
      return null; // The folder was removed. The next check will notice that.
    }
  }
}

/** Where a file was found. */
interface Whereabouts extends Pick<Snapshot, "root" | "path" | "home"> {
  readonly place: Place;
}

function snapshotOf(
  { dev, ino, size, mtime, ctime }: FileState,
  { root, path, place, home }: Whereabouts,
  placeCheckedMs: number,
  stateCheckedMs: number,
): Snapshot {
  return {
    dev: inPlace(dev),
    ino: ino === null ? null : inPlace(ino),
    size: inPlace(size),
    mtimeMs: mtime?.getTime() ?? NaN,
    ctimeMs: ctime?.getTime() ?? NaN,
    root,
    path,
    realRoot: place.root,
    realPath: place.path,
    home,
    placeCheckedMs,
    stateCheckedMs,
  };
}

/** The same number. The engine keeps a small one in the object itself, if it comes from an operation on integers. */
function inPlace(value: number): number {
  return (value | 0) === value ? value | 0 : value;
}

/** Whether a state of a file has these numbers. */
function isSame({ dev, ino, size, mtime, ctime }: FileState, before: StateNumbers): boolean {
  return dev === before.dev && ino === before.ino && size === before.size &&
    Object.is(mtime?.getTime() ?? NaN, before.mtimeMs) && Object.is(ctime?.getTime() ?? NaN, before.ctimeMs);
}
