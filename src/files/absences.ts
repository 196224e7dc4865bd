/**
 * Folders in which a missing name costs one short call. Scanners ask for any number of names that are not there, and a
 * look-up that finds nothing makes an error, which costs more than the whole rest of the answer.
 *
 * `exists` makes none, but does not say why a path leads to nothing: the name may be missing, or be that of a link, or
 * the folder may be closed to the server. So it decides only in a folder without links, for a moment after a complete
 * look-up has found that a name is missing there.
 * @module
 */

import type { Disk, FileState } from "./disk.ts";
import type { FilePath } from "./file_path.ts";
import { isSettled } from "./file_validator.ts";
import { areServed } from "./names.ts";
import { pathBelow } from "../paths.ts";

/** What is known about a folder in which names were missing. */
interface Searched {
  /** When a name was missing, on the monotonic clock. */
  missedMs: number;
  /** When a name was missing, and the folder was as it is in `state`. */
  provedMs: number;
  /** The folder when its entries were read; `null`: they were not. Each change of a name changes its times (POSIX). */
  state: FileState | null;
  hasLinks: boolean;
}

/** Elsewhere one name may have several spellings. See `KnownFolders`. */
const HAS_EXACT_NAMES = Deno.build.os === "linux";

/** A folder is examined if a second name is missing within this time. */
const SCANNED_MS = 1000;

/** Larger folders are not examined, because reading some thousand entries takes milliseconds. */
const EXAMINED_BYTES_MAX = 32 * 1024;

/** Maximum of folders, and of the length of their paths. */
const FOLDERS_MAX = 1024;
const FOLDER_CHARS_MAX = 512;

/** Folders by path, on one disk. */
export class Absences {
  readonly #disk: Disk;
  readonly #revalidateMs: number;
  readonly #folders = new Map<string, Searched>();

  /** `revalidateMs` is how long what was found is used. */
  constructor(disk: Disk, revalidateMs: number) {
    this.#disk = disk;
    this.#revalidateMs = revalidateMs;
  }

  /**
   * If it is certain that there is nothing at a path, the time of the oldest information that proves it; `null`: it must
   * be looked up. `nowMs` is on the monotonic clock.
   */
  provedMs({ root, segments, dotFiles }: FilePath, nowMs: number): number | null {
    if (this.#folders.size === 0) return null;
    const known = this.#folders.get(folderOf(root, segments));
    if (known === undefined || known.hasLinks || !(nowMs - known.provedMs < this.#revalidateMs)) return null;
    const isLookedUp = areServed(segments, Deno.build.os, dotFiles);
    return isLookedUp && this.#disk.exists?.(pathBelow(root, segments)) === false ? known.provedMs : null;
  }

  /** Notes that a complete look-up has just found nothing at a path. `wallMs` is the wall clock before it. */
  note({ root, segments, dotFiles }: FilePath, nowMs: number, wallMs: number): void {
    const folder = folderOf(root, segments);
    if (!HAS_EXACT_NAMES || folder.length > FOLDER_CHARS_MAX || !areServed(segments, Deno.build.os, dotFiles)) return;
    const known = this.#folders.get(folder);
    if (known !== undefined && nowMs - known.missedMs <= SCANNED_MS) {
      known.missedMs = nowMs;
      return this.#examine(folder, known, nowMs, wallMs);
    }
    if (this.#folders.size >= FOLDERS_MAX) this.#folders.clear();
    this.#folders.set(folder, { missedMs: nowMs, provedMs: -Infinity, state: null, hasLinks: true });
  }

  #examine(folder: string, known: Searched, nowMs: number, wallMs: number): void {
    const { exists, hasLinks } = this.#disk;
    if (hasLinks === undefined || exists?.(folder) !== true) return;
    try {
      const state = this.#disk.stat(folder);
      if (known.state === null || !isUnchanged(state, known.state)) {
        known.hasLinks = true;
        if (!isSettled(state, wallMs) || state.size > EXAMINED_BYTES_MAX) return;
        known.hasLinks = hasLinks(folder);
        known.state = state; // From before, so that a link made meanwhile gives the folder another state.
      }
      known.provedMs = nowMs;
    } catch {
      known.hasLinks = true; // The entries cannot be read.
    }
  }
}

/** The folder that would contain what is at a path. */
function folderOf(root: string, segments: readonly string[]): string {
  return pathBelow(root, segments.slice(0, -1));
}

function isUnchanged(state: FileState, before: FileState): boolean {
  return state.dev === before.dev && state.ino === before.ino && state.ctime?.getTime() === before.ctime?.getTime() &&
    state.mtime?.getTime() === before.mtime?.getTime();
}
