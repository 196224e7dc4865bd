/**
 * Folders whose files need no real path: the way from the root to them contains no link and has not changed.
 * Knows disks; not requests, and not what is done with a file.
 *
 * Each change of a name gives its folder a new change time (POSIX), and on Linux each renamed folder has a new one too.
 * A file is first looked at (`lstat`: it is a file and no link), then opened, then the folders on the way are looked at,
 * the deepest one first. If all of them are folders and no links, and were last changed long before the first look, then
 * every name on the way has meant the same all the time. So the opened file is the one at the first look, and it is
 * below the root. Each look names a path without links, so the runtime's check of the name is a check of the place.
 * @module
 */

import type { Disk, FileState } from "./disk.ts";
import { isSettled } from "./file_validator.ts";
import { pathBelow } from "../paths.ts";

/** A folder, and the root through which it was found. */
export interface KnownFolder {
  /** The root as it is named, and the names below it. */
  readonly path: string;
  /** The absolute path without links. */
  readonly realPath: string;
  readonly realRoot: string;
  readonly dev: number;
  readonly ino: number;
}

/** A file that was looked at and then opened. */
export interface NamedFile {
  readonly root: string;
  /** The real path of the root, from before the first look. */
  readonly realRoot: string;
  /** The names below the root; at least that of the file. */
  readonly segments: readonly string[];
  /** The path that was opened. */
  readonly path: string;
  /** The wall clock before the first look. */
  readonly wallMs: number;
}

/**
 * macOS and Windows open a name in another letter case too, and Windows a short name, so that only the real path tells
 * the name of a file.
 */
const HAS_EXACT_NAMES = Deno.build.os === "linux";

/** Maximum of known folders. */
const FOLDERS_MAX = 16_384;

/** Folders by path, on one disk. */
export class KnownFolders {
  readonly #disk: Disk;
  readonly #folders = new Map<string, KnownFolder>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * The folder of a file that was just opened, if nothing on the way to it has changed since before the first look.
   * `null`: this is not proved. Throws errors of the system.
   */
  unchangedFolderOf(file: NamedFile): KnownFolder | null {
    if (!HAS_EXACT_NAMES) return null;
    const { root, segments, path } = file;
    const folder = segments.length === 1 ? root : parentOf(path, segments.at(-1)!);
    const state = this.#unchangedState(file, folder);
    if (state === null) return null;
    // Another root may have come to the same path. Then the first look and the opening may have been in different ones.
    const known = this.#folders.get(folder);
    if (known !== undefined && isIn(known, file.realRoot, state)) return known;
    this.#learn(folder, file, state);
    return null;
  }

  /** The state of the folder at `path`, if neither it nor the folders between it and the root have changed. */
  #unchangedState({ root, segments, wallMs }: NamedFile, path: string): FileState | null {
    // The root itself may be a link.
    if (segments.length === 1) return unlessChanged(this.#disk.stat(root), wallMs);
    const state = unlessChanged(this.#disk.lstat(path), wallMs);
    let above = path;
    for (let depth = segments.length - 2; depth > 0; depth--) {
      above = parentOf(above, segments[depth]!);
      if (state === null || unlessChanged(this.#disk.lstat(above), wallMs) === null) return null;
    }
    return state;
  }

  #learn(path: string, { realRoot, segments }: NamedFile, { dev, ino }: FileState): void {
    if (ino === null) return;
    if (this.#folders.size >= FOLDERS_MAX) this.#folders.clear();
    const realPath = pathBelow(realRoot, segments.slice(0, -1));
    this.#folders.set(path, { path, realPath, realRoot, dev, ino });
  }
}

/**
 * Whether no name on the way from the root to a place below it has changed since before `wallMs` of the wall clock.
 * `names`: those below the root, without links. Throws errors of the system.
 */
export function isWayUnchanged(disk: Disk, root: string, names: readonly string[], wallMs: number): boolean {
  for (let depth = names.length - 1; depth > 0; depth--) {
    if (unlessChanged(disk.lstat(pathBelow(root, names.slice(0, depth))), wallMs) === null) return false;
  }
  return unlessChanged(disk.stat(root), wallMs) !== null;
}

function parentOf(path: string, name: string): string {
  return path.slice(0, -1 - name.length);
}

function isIn(known: KnownFolder, realRoot: string, { dev, ino }: FileState): boolean {
  return known.dev === dev && known.ino === ino && known.realRoot === realRoot;
}

/** `null`: it is no folder, or was changed lately, or the system does not say when. */
function unlessChanged(state: FileState, wallMs: number): FileState | null {
  const isKnown = state.isDirectory && state.isSymlink !== true && state.ctime !== null;
  return isKnown && isSettled(state, wallMs) ? state : null;
}
