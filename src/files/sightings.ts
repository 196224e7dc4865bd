/**
 * Files as they were seen on disk, and whether what was seen still holds: state, name, folder, root.
 * Knows disks and time; not what is done with a file.
 * @module
 */

import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import type { Disk, FileState } from "./disk.ts";
import { type OpenedFile, pathBelow, type Place } from "./look_up.ts";
import type { Wanted } from "./wanted.ts";

/** What tells one state of a file from another, without what else the system says: there are thousands of these. */
interface SeenState {
  readonly dev: number;
  readonly ino: number | null;
  readonly size: number;
  /** Milliseconds since 1970; `NaN` where the file system keeps no time. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** One file as it was seen. */
export interface Sighting {
  readonly state: SeenState;
  readonly place: Place;
  readonly root: string;
  /** What it was asked for by. */
  readonly path: string;
  /** The folder that it lies in, where its own name is no link: there is less to look at then. */
  readonly home: Home | null;
  /** Since when its place is known, on the monotonic clock. */
  placedMs: number;
  /** When its state was looked at. */
  lookedMs: number;
}

/** A folder as it is asked for, and where it was when a file was found in it. */
interface Home {
  readonly path: string;
  readonly realPath: string;
}

/** Where a folder was when that was asked. */
interface RealFolder {
  readonly path: string;
  readonly askedMs: number;
}

/**
 * An open file gives what is in it now, so its state is looked at much more often; but not for each of the requests that come
 * in one turn of the event loop: their answers are read from it later than any look.
 */
const OPEN_LOOK_MS = 1;

/** Folders whose real paths are remembered, and the length of their names: through a link to itself one has any number. */
const FOLDERS_MAX = 16_384;
const FOLDER_CHARS_MAX = 512;

/** Sees files on one disk. */
export class Sightings {
  readonly #disk: Disk;
  readonly #revalidateMs: number;
  readonly #realFolders = new Map<string, RealFolder>();

  /** `revalidateMs` is how long what was seen is taken for true without another look. */
  constructor(disk: Disk, revalidateMs: number) {
    this.#disk = disk;
    this.#revalidateMs = revalidateMs;
  }

  /** What was just found. */
  of({ root, segments }: Wanted, { info, place }: OpenedFile, nowMs: number): Sighting {
    const rootMs = this.#realFolders.get(root)?.askedMs ?? nowMs; // Before folders are asked for, which may forget it.
    const path = pathBelow(root, segments);
    const name = segments.at(-1) ?? "";
    const folder = segments.length === 1 ? root : path.slice(0, -1 - name.length);
    const found = this.#folderOf(folder, name, place.path, nowMs);
    const home = found === null ? null : { path: folder, realPath: found.path };
    const placedMs = Math.min(nowMs, rootMs, found?.askedMs ?? nowMs);
    return { state: seenState(info), place, root, path, home, placedMs, lookedMs: nowMs };
  }

  /** Whether what was seen still holds, without a look where that was a moment ago; of an open file, a shorter one. */
  holds(sighting: Sighting, isOpen: boolean, nowMs: number): boolean {
    const isFresh = this.isRecent(sighting.placedMs, nowMs) && (!isOpen || nowMs - sighting.lookedMs < OPEN_LOOK_MS);
    return isFresh || this.#isUnchanged(sighting, nowMs);
  }

  /** Whether what was found then is still taken for true. Others may have looked after a request's `nowMs`. */
  isRecent(foundMs: number, nowMs: number): boolean {
    return this.#revalidateMs > 0 && nowMs - foundMs < this.#revalidateMs;
  }

  /** The folder without symbolic links; asked once for all that is looked for in it within `revalidateMs`. */
  realFolder(folder: string, nowMs: number): RealFolder {
    const known = this.#realFolders.get(folder);
    if (known !== undefined && this.isRecent(known.askedMs, nowMs)) return known;
    const real = { path: this.#disk.realPath(folder), askedMs: nowMs };
    if (folder.length > FOLDER_CHARS_MAX) return real;
    if (known === undefined && this.#realFolders.size >= FOLDERS_MAX) this.#realFolders.clear();
    this.#realFolders.set(folder, real);
    return real;
  }

  /** Forgets where a folder is; whether anything was known of it. */
  forget(folder: string): boolean {
    return this.#realFolders.delete(folder);
  }

  /** Whether its path still leads to the same file, in the same state, at the same place in the same root. */
  #isUnchanged(sighting: Sighting, nowMs: number): boolean {
    const { state, place, root, path, home } = sighting;
    try {
      const realRoot = this.realFolder(root, nowMs);
      if (realRoot.path !== place.root) return false;
      let placedMs = Math.min(nowMs, realRoot.askedMs);
      if (home === null) {
        if (!isSame(this.#disk.stat(path), state) || this.#disk.realPath(path) !== place.path) return false;
      } else {
        // From a name that is no link, and the folder's real path, follows the file's.
        if (!isSame(this.#disk.lstat(path), state)) return false;
        const folder = this.realFolder(home.path, nowMs);
        if (folder.path !== home.realPath) return false;
        placedMs = Math.min(placedMs, folder.askedMs);
      }
      sighting.placedMs = placedMs;
      sighting.lookedMs = nowMs;
      return true;
    } catch {
      return false; // Whoever looks for it anew finds the same error, and says what it means.
    }
  }

  /** The folder that a file was found in; `null` where its name there is another, as that of a link is. */
  #folderOf(folder: string, name: string, file: string, nowMs: number): RealFolder | null {
    try {
      const real = this.realFolder(folder, nowMs);
      return dirname(file) === real.path && basename(file) === name ? real : null;
    } catch {
      return null; // It went away; the next look says so.
    }
  }
}

function seenState({ dev, ino, size, mtime, ctime }: FileState): SeenState {
  return { dev, ino, size, mtimeMs: mtime?.getTime() ?? NaN, ctimeMs: ctime?.getTime() ?? NaN };
}

function isSame({ dev, ino, size, mtime, ctime }: FileState, before: SeenState): boolean {
  return dev === before.dev && ino === before.ino && size === before.size &&
    Object.is(mtime?.getTime() ?? NaN, before.mtimeMs) && Object.is(ctime?.getTime() ?? NaN, before.ctimeMs);
}
