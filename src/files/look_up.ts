/**
 * From a root and path segments to what is there: an open file, a folder, or nothing that is served.
 * Checks the file that was opened, not its name. Knows disks; not requests.
 * @module
 */

import { join } from "@std/path/join";
import { SEPARATOR } from "@std/path/constants";
import { relative } from "@std/path/relative";
import { staysBelow } from "../paths.ts";
import type { Disk, FileState, OpenFile } from "./disk.ts";
import { areServed, type DotFiles } from "./names.ts";
import { isWithheld, type Withheld } from "./withheld.ts";

/** What there is at a path. A file is open, regular and inside its root; the caller closes it. */
export type Found = OpenedFile | FoundFolder | NotFound;

/** A file, opened. */
export interface OpenedFile {
  readonly kind: "file";
  readonly file: OpenFile;
  /** Bytes, at the time of opening. */
  readonly length: number;
  /** What the system said of it when it was opened. */
  readonly info: FileState;
  readonly place: Place;
}

/** A folder inside the root. */
export interface FoundFolder {
  readonly kind: "folder";
  readonly place: Place;
}

/** Nothing that is served. `busy`: no descriptors are left, which passes. */
export interface NotFound {
  readonly kind: "none";
  readonly why: "absent" | "forbidden" | "busy";
}

/** Where something was found to be, and the root that it is in: absolute paths without symbolic links. */
export interface Place {
  readonly root: string;
  readonly path: string;
}

const ABSENT: NotFound = { kind: "none", why: "absent" };
const FORBIDDEN: NotFound = { kind: "none", why: "forbidden" };
const BUSY: NotFound = { kind: "none", why: "busy" };

/** Our lock on the root: whether what really lies at this path, relative to the real root, may be served. */
export type Lock = (relativePath: string) => boolean;

/** How what is asked for is judged. */
export interface LookUpOptions {
  /** Whether dot files are served; they are hidden unless said. */
  readonly dotFiles?: DotFiles;
  /** `lockFor(dotFiles)` unless said: tests take it away, because the runtime's own lock is behind it. */
  readonly lock?: Lock;
  /** Where the root really is; the disk is asked unless said. */
  readonly realRoot?: (root: string) => string;
  /** Files that are absent for visitors. */
  readonly withheld?: readonly Withheld[];
}

/** What `segments` name below `root`. Errors that say neither "absent" nor "forbidden" are thrown. */
export function lookUp(
  disk: Disk,
  root: string,
  segments: readonly string[],
  options: LookUpOptions = {},
): Found {
  const { dotFiles = "hidden", lock = lockFor(dotFiles), realRoot = (path) => disk.realPath(path), withheld = [] } =
    options;
  if (!areServed(segments, Deno.build.os, dotFiles)) return ABSENT;
  const looking = { disk, root, path: pathBelow(root, segments), lock, realRoot };
  try {
    const named = disk.stat(looking.path);
    if (named.isFile) return openFile(looking, withheld);
    // To open a device may do things.
    const place = named.isDirectory ? locate(looking, named) : null;
    return place === null ? FORBIDDEN : { kind: "folder", place };
  } catch (error) {
    return notFoundFor(error);
  }
}

/**
 * Whether `segments` name a folder below `root` that may be seen. Opens nothing, and takes an error for no: the answer decides
 * only the words of a 404.
 */
export function isFolder(disk: Disk, root: string, segments: readonly string[], dotFiles: DotFiles): boolean {
  if (!areServed(segments, Deno.build.os, dotFiles)) return false;
  const looking: Looking = {
    disk,
    root,
    path: pathBelow(root, segments),
    lock: lockFor(dotFiles),
    realRoot: (path) => disk.realPath(path),
  };
  try {
    const named = disk.stat(looking.path);
    return named.isDirectory && locate(looking, named) !== null;
  } catch {
    return false;
  }
}

/** One look-up. */
interface Looking {
  readonly disk: Disk;
  readonly root: string;
  readonly path: string;
  readonly lock: Lock;
  readonly realRoot: (root: string) => string;
}

/** The path of `segments` below `root`. */
export function pathBelow(root: string, segments: readonly string[]): string {
  return segments.length === 0 ? root : [root.replace(/[/\\]+$/, ""), ...segments].join("/");
}

function openFile(looking: Looking, withheld: readonly Withheld[]): Found {
  const file = looking.disk.open(looking.path);
  let isReturned = false;
  try {
    const info = file.stat();
    const place = info.isFile ? locate(looking, info) : null;
    if (place === null) return FORBIDDEN;
    if (withheld.length > 0 && isWithheld(withheld, { ...info, path: place.path })) return ABSENT;
    isReturned = true;
    return { kind: "file", file, length: info.size, info, place };
  } finally {
    if (!isReturned) file.close();
  }
}

/**
 * Where what was found at `path` really is, or `null` when that may not be served: its path without symbolic links must lie
 * inside the root and be for visitors, and name the same file. Looked up after opening, so a link that is swapped in between
 * changes the answer.
 *
 * Two locks: ours judges paths; then the runtime, which checks names against its scope, is asked for the file by the
 * root and the path below it. It follows links out of its scope, so the name that it is asked for must have none left.
 */
function locate({ disk, root, path, lock, realRoot }: Looking, found: FileState): Place | null {
  const place = { root: realRoot(root), path: disk.realPath(path) };
  const below = relative(place.root, place.path);
  if (!lock(below)) return null;
  const resolved = disk.stat(below === "" ? root : join(root, below));
  return resolved.dev === found.dev && resolved.ino === found.ino ? place : null;
}

/**
 * Names on the way to where a file really is are judged like those that are asked for: a link shows nothing that its target
 * would not. Only those below the root count; the root itself may lie in a hidden folder.
 */
function lockFor(dotFiles: DotFiles): Lock {
  return (below) => staysBelow(below) && areServed(below.split(SEPARATOR), Deno.build.os, dotFiles);
}

/** What the codes of the system mean to a client. */
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

/** The only place where errors of the file system become answers. */
function notFoundFor(error: unknown): NotFound {
  if (error instanceof Deno.errors.NotFound) return ABSENT; // On Windows its code is another.
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) return FORBIDDEN;
  const reason = REASONS_BY_CODE.get(error instanceof Error && "code" in error ? error.code : undefined);
  if (reason === undefined) throw error;
  return reason;
}
