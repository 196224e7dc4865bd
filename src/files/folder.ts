/**
 * The entries of a folder that may be served, by the rules of a look-up.
 * Knows disks; not requests, and not what is done with the entries.
 * @module
 */

import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import type { Disk, FileState, FolderEntry } from "./disk.ts";
import type { FilePath } from "./file_path.ts";
import {
  type FoundFolder,
  isProved,
  type Knowledge,
  lookUp,
  type NotFound,
  notFoundFor,
  type Place,
} from "./look_up.ts";
import { pathBelow } from "../paths.ts";
import { rejectedNameReason } from "./names.ts";
import type { Slices } from "./slices.ts";
import { isWithheld, type Withheld } from "./withheld.ts";

/** A file or folder that may be served. */
export interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder";
  /** Bytes; `null` for a folder. */
  readonly size: number | null;
  /** Milliseconds since 1970; `NaN`: the file system has no such time, or no date can express it. */
  readonly modifiedMs: number;
}

/** What a folder is read with. */
export interface FolderOptions {
  readonly disk: Disk;
  readonly withheld: readonly Withheld[];
  /** What is known before a look-up that is made now. */
  readonly known: () => Knowledge;
}

/** Names are read and examined separately, because examining takes most of the time. */
export class Folder {
  readonly #options: FolderOptions;
  readonly #path: FilePath;
  /** The root plus the path below it without links, see `lookUp`: the runtime permits the root as it is named. */
  readonly #place: string;
  readonly #realPlace: Place;
  /** What was known before it was looked up. */
  readonly #known: Knowledge;
  /** Whether somebody may be exchanging names on the way to it. Then each entry is looked up, which takes 0.3 ms. */
  #isUnsteady = false;
  /** Names that are not UTF-8, with U+FFFD for octets. The runtime cannot open them. */
  readonly undecodable = new Set<string>();

  constructor(path: FilePath, { place }: FoundFolder, known: Knowledge, options: FolderOptions) {
    this.#options = options;
    this.#path = path;
    this.#known = known;
    this.#realPlace = place;
    const below = relative(place.root, place.path);
    this.#place = below === "" ? path.root : join(path.root, below);
  }

  /**
   * The entries whose names may be served. Throws errors of the system. If it is not proved afterwards that they are
   * those of this folder, it is looked up again, and `examine` looks each of them up. `mayHold` is called for each
   * entry. `false`: there is no memory for it, and the folder is busy.
   */
  async read(slices: Slices, mayHold: () => boolean): Promise<FolderEntry[] | NotFound> {
    const entries: FolderEntry[] = [];
    try {
      for await (const entry of this.#options.disk.readFolder(this.#place)) {
        // A copy, because the runtime's objects are dictionaries, which take five times the memory.
        const { name, isFile, isDirectory, isSymlink } = entry;
        if (!this.#isNamed(entry)) continue;
        if (!mayHold()) return { kind: "none", why: "busy" };
        entries.push({ name, isFile, isDirectory, isSymlink });
        const pause = slices.next();
        if (pause !== null) await pause;
      }
    } catch (error) {
      return notFoundFor(error);
    }
    if (!this.becomesUnsteady()) return entries;
    const found = openFolder(this.#path, this.#options);
    if (!(found instanceof Folder)) return found;
    return found.#place === this.#place ? entries : { kind: "none", why: "absent" };
  }

  /**
   * Whether it is not proved any more that the same folder was read all the time, because a name on the way to it has
   * changed. Then what `examine` has said so far may be about another one. From now on it is sure. Tells so once.
   */
  becomesUnsteady(): boolean {
    if (this.#isUnsteady) return false;
    const context = { disk: this.#options.disk, root: this.#path.root, known: this.#known };
    try {
      this.#isUnsteady = !isProved(context, this.#realPlace);
    } catch {
      this.#isUnsteady = true; // The folder was removed. The following look-up gets the same error, and interprets it.
    }
    return this.#isUnsteady;
  }

  /** Whether it has a name that may be served, and is no device. A link is judged when it is examined. */
  #isNamed({ name, isFile, isDirectory, isSymlink }: FolderEntry): boolean {
    if (!isFile && !isDirectory && !isSymlink) return false;
    if (name.includes("\\")) return false; // No request can contain one.
    const { segments, dotFiles } = this.#path;
    return rejectedNameReason({ segment: name, index: segments.length }, Deno.build.os, dotFiles) === null;
  }

  /** Looks an entry up; `null`: it may not be served, or is not there any more. */
  examine(name: string): Entry | null {
    const path = pathBelow(this.#place, [name]);
    try {
      if (this.#isUnsteady) return this.#lookUp(name);
      const { disk, withheld } = this.#options;
      const state = disk.lstat(path);
      if (state.isSymlink === true) return this.#lookUp(name);
      const isServed = (state.isFile || state.isDirectory) &&
        !(withheld.length > 0 && isWithheld(withheld, pathBelow(this.#realPlace.path, [name]), state)) &&
        this.#isReadable(path, state);
      return isServed ? entryOf(name, state) : null;
    } catch (error) {
      // The runtime replaces octets that are not UTF-8, so there is no such name.
      if (name.includes("\ufffd") && error instanceof Deno.errors.NotFound) this.undecodable.add(name);
      return null; // A request for it would get an error, too.
    }
  }

  /** A link is shown as the file or folder to which it leads, if that may be served. */
  #lookUp(name: string): Entry | null {
    const { disk, withheld, known } = this.#options;
    const { root, segments, dotFiles } = this.#path;
    const names = [...segments, name];
    const found = lookUp(disk, root, names, { dotFiles, withheld, known: known() });
    if (found.kind === "none") return null;
    if (found.kind === "folder") {
      const path = pathBelow(root, names);
      const state = disk.stat(path);
      return this.#isReadable(path, state) ? entryOf(name, state) : null;
    }
    found.file.close();
    return entryOf(name, found.info);
  }

  /** Whether this process may open it. It is opened only if not everybody may read it, because opening is slow. */
  #isReadable(path: string, { mode = null, isDirectory }: FileState): boolean {
    const needed = isDirectory ? 0o555 : 0o444;
    if (mode === null || (mode & needed) === needed || Deno.build.os === "windows") return true;
    this.#options.disk.open(path).close();
    if (isDirectory) this.#options.disk.stat(`${path}/.`);
    return true;
  }
}

function entryOf(name: string, { isDirectory, size, mtime }: FileState): Entry {
  const kind = isDirectory ? "folder" : "file";
  return { name, kind, size: isDirectory ? null : size, modifiedMs: mtime?.getTime() ?? NaN };
}

/** The folder at `path`, or why it must not be read. */
export function openFolder(path: FilePath, options: FolderOptions): Folder | NotFound {
  const { root, segments, dotFiles } = path;
  const { disk, withheld } = options;
  const known = options.known();
  const found = lookUp(disk, root, segments, { dotFiles, withheld, known });
  if (found.kind === "folder") return new Folder(path, found, known, options);
  if (found.kind === "file") found.file.close();
  return found.kind === "none" ? found : { kind: "none", why: "absent" };
}
