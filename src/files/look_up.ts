/**
 * Finds the file or folder for a path below a root, and checks that it is inside the root.
 * The checks come after opening, so that no change of a name in between is missed. Knows disks; not requests.
 * @module
 */

import { join } from "@std/path/join";
import { SEPARATOR } from "@std/path/constants";
import { relative } from "@std/path/relative";
import { pathBelow, staysBelow } from "../paths.ts";
import type { Disk, FileState, OpenFile } from "./disk.ts";
import { isWayUnchanged, type KnownFolder, type KnownFolders } from "./known_folders.ts";
import { areServed, type DotFiles } from "./names.ts";
import { isWithheld, type Withheld } from "./withheld.ts";

/** The result of a look-up. A file is open, regular and inside its root. The caller must close it. */
export type Found = OpenedFile | FoundFolder | NotFound;

/** An open file. */
export interface OpenedFile {
  readonly kind: "file";
  readonly file: OpenFile;
  /** Length in bytes at the time of opening. */
  readonly length: number;
  /** The state of the file at the time of opening. */
  readonly info: FileState;
  readonly place: Place;
  /** The folder of the file, if the way to it contains no link; `null`: this was not examined. */
  readonly folder: KnownFolder | null;
}

/** A folder inside the root. */
export interface FoundFolder {
  readonly kind: "folder";
  readonly place: Place;
}

/** There is nothing to serve. `busy`: no descriptors are left at the moment. */
export interface NotFound {
  readonly kind: "none";
  readonly why: "absent" | "forbidden" | "busy";
}

/** The real place of a file and of its root: absolute paths without symbolic links. */
export interface Place {
  readonly root: string;
  readonly path: string;
}

const ABSENT: NotFound = { kind: "none", why: "absent" };
const FORBIDDEN: NotFound = { kind: "none", why: "forbidden" };
const BUSY: NotFound = { kind: "none", why: "busy" };

/** The containment check: whether the real path, given relative to the real root, may be served. */
export type ContainmentCheck = (relativePath: string) => boolean;

/** Known folders, and the wall clock before the look-up. */
export interface Knowledge {
  readonly folders: KnownFolders;
  readonly wallMs: number;
}

/** Options of a look-up. */
export interface LookUpOptions {
  /** Whether dot files are served. `hidden` by default. */
  readonly dotFiles?: DotFiles;
  /** `containmentCheckFor(dotFiles)` by default. Tests disable it to test the runtime's permissions alone. */
  readonly isContained?: ContainmentCheck;
  /** The real path of a root. Asks the disk by default. */
  readonly realRoot?: (root: string) => string;
  /** Files that are never served. They count as absent. */
  readonly withheld?: readonly Withheld[];
  /** Folders in which a look-up needs fewer calls. By default each look-up is complete. */
  readonly known?: Knowledge | null;
}

/** Looks up `segments` below `root`. Throws errors that mean neither "absent" nor "forbidden" nor "busy". */
export function lookUp(
  disk: Disk,
  root: string,
  segments: readonly string[],
  options: LookUpOptions = {},
): Found {
  const {
    dotFiles = "hidden",
    isContained = containmentCheckFor(dotFiles),
    realRoot = (path) => disk.realPath(path),
    withheld = [],
    known = null,
  } = options;
  if (!areServed(segments, Deno.build.os, dotFiles)) return ABSENT;
  const context = { disk, root, segments, path: pathBelow(root, segments), isContained, realRoot, known };
  try {
    const own = disk.lstat(context.path);
    const isLink = !own.isFile && !own.isDirectory;
    const named = isLink ? disk.stat(context.path) : own;
    if (named.isFile) return openFile(context, isLink ? null : own, withheld);
    // A device is not opened, because opening it may have effects.
    const place = named.isDirectory ? locate(context, named) : null;
    return place === null ? FORBIDDEN : { kind: "folder", place };
  } catch (error) {
    return notFoundFor(error);
  }
}

/**
 * Whether `segments` is a folder below `root` that may be shown. Opens nothing, and returns `false` after an error,
 * because the result is only used for the text of a 404.
 */
export function isFolder(
  disk: Disk,
  root: string,
  segments: readonly string[],
  { dotFiles, known }: Required<Pick<LookUpOptions, "dotFiles" | "known">>,
): boolean {
  if (!areServed(segments, Deno.build.os, dotFiles)) return false;
  const context: LookUpContext = {
    disk,
    root,
    segments,
    path: pathBelow(root, segments),
    isContained: containmentCheckFor(dotFiles),
    realRoot: (path) => disk.realPath(path),
    known,
  };
  try {
    const named = disk.stat(context.path);
    return named.isDirectory && locate(context, named) !== null;
  } catch {
    return false;
  }
}

/** The parameters of one look-up. */
interface LookUpContext {
  readonly disk: Disk;
  readonly root: string;
  readonly segments: readonly string[];
  readonly path: string;
  readonly isContained: ContainmentCheck;
  readonly realRoot: (root: string) => string;
  readonly known: Knowledge | null;
}

/** Opens the file, whose name has the state `own`; `null`: its name is a link. */
function openFile(context: LookUpContext, own: FileState | null, withheld: readonly Withheld[]): Found {
  const file = context.disk.open(context.path);
  let isReturned = false;
  try {
    const found = (own === null ? null : inKnownFolder(context, own)) ?? examine(context, file);
    if (found === null) return FORBIDDEN;
    if (withheld.length > 0 && isWithheld(withheld, found.place.path, found.info)) return ABSENT;
    isReturned = true;
    return { kind: "file", file, length: found.info.size, ...found };
  } finally {
    if (!isReturned) file.close();
  }
}

/** The properties of an open file that are the result of the checks. */
type Examined = Pick<OpenedFile, "info" | "place" | "folder">;

/** The open file, if it is proved that it is the one whose name had the state `own`. */
function inKnownFolder({ root, segments, path, realRoot, known }: LookUpContext, own: FileState): Examined | null {
  if (known === null || segments.length === 0) return null;
  const named = { root, realRoot: realRoot(root), segments, path, wallMs: known.wallMs };
  const folder = known.folders.unchangedFolderOf(named);
  if (folder === null) return null;
  // The same string if the root contains no links, because it is kept with each cached file.
  const realPath = folder.path === folder.realPath ? path : pathBelow(folder.realPath, segments.slice(-1));
  const place = { root: folder.realRoot, path: realPath };
  return { info: own, place, folder };
}

/** The open file, after looking at itself and at its real path; `null`: it must not be served. */
function examine(context: LookUpContext, file: OpenFile): Examined | null {
  const info = file.stat();
  const place = info.isFile ? locate(context, info) : null;
  return place === null ? null : { info, place, folder: null };
}

/**
 * The real place of what is at `path`; `null`: it must not be served. The real path must be inside the root, must not
 * be hidden, and must be the same file. This is checked after opening, so that a link which is changed in between is
 * noticed.
 *
 * There are two checks. Ours compares paths. The runtime's is a `stat` of the root plus the path below it: the runtime
 * checks the given name against its permissions but follows links out of them, so this name must not contain links.
 */
function locate(context: LookUpContext, found: FileState): Place | null {
  const { disk, root, path, isContained, realRoot } = context;
  const place = { root: realRoot(root), path: disk.realPath(path) };
  const below = relative(place.root, place.path);
  if (!isContained(below)) return null;
  const resolved = below === "" ? root : join(root, below);
  if (!isSameFile(disk.stat(resolved), found)) return null;
  return isProved(context, place) || isSteady(context, place, { resolved, found }) ? place : null;
}

function isSameFile(a: FileState, b: FileState): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** Whether no name on the way to `place` has changed since before the look-up. Throws errors of the system. */
export function isProved(
  { disk, root, known }: Pick<LookUpContext, "disk" | "root" | "known">,
  place: Place,
): boolean {
  const below = relative(place.root, place.path);
  return below === "" || known !== null && isWayUnchanged(disk, root, below.split(SEPARATOR), known.wallMs);
}

/**
 * Looks at a place in a folder in which a name has just changed. At most one look in two passes by chance, so 40 leave a
 * chance of 10 to the power of -12.
 */
const LOOKS = 40;

/**
 * Whether `place` still is the real path, and is still the same file. Somebody who may write below the root can exchange
 * a folder and a link to another place in a loop, so that the first look sees the folder, and the second one the file
 * behind the link. So these are many looks, and chance decides which of the two each one is: nobody can know in advance
 * whether it must see the folder or the link.
 */
function isSteady(
  { disk, path }: LookUpContext,
  place: Place,
  { resolved, found }: { readonly resolved: string; readonly found: FileState },
): boolean {
  for (let look = 0; look < LOOKS; look++) {
    const isPassed = Math.random() < 0.5 ? disk.realPath(path) === place.path : isSameFile(disk.stat(resolved), found);
    if (!isPassed) return false;
  }
  return true;
}

/**
 * The containment check. The names on the real path must follow the same rules as requested names, so that a link does
 * not show a hidden file. Only names below the root count, because the root itself may be in a hidden folder.
 */
function containmentCheckFor(dotFiles: DotFiles): ContainmentCheck {
  return (below) => staysBelow(below) && areServed(below.split(SEPARATOR), Deno.build.os, dotFiles);
}

/** The meaning of the system's error codes for a client. */
const REASONS_BY_CODE = new Map<unknown, NotFound>([
  ["ENOENT", ABSENT],
  ["ENOTDIR", ABSENT],
  ["ELOOP", ABSENT],
  ["ENAMETOOLONG", ABSENT],
  ["EACCES", FORBIDDEN],
  ["EPERM", FORBIDDEN],
  ["EMFILE", BUSY],
  ["ENFILE", BUSY],
]);

/** Converts errors of the file system to results. No other code does. */
export function notFoundFor(error: unknown): NotFound {
  if (error instanceof Deno.errors.NotFound) return ABSENT; // On Windows it has another code.
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) return FORBIDDEN;
  const reason = REASONS_BY_CODE.get(error instanceof Error && "code" in error ? error.code : undefined);
  if (reason === undefined) throw error;
  return reason;
}
