/**
 * From a root and path segments to an open file that may be served, or to the reason why not.
 * Checks what was opened, not its name. Knows disks; not requests.
 * @module
 */

import { join } from "@std/path/join";
import { SEPARATOR } from "@std/path/constants";
import { relative } from "@std/path/relative";
import { staysBelow } from "../paths.ts";
import type { Disk, FileState, OpenFile } from "./disk.ts";
import { areServed, type DotFiles } from "./names.ts";

/** A file that is open, regular and inside its root. Whoever gets it closes it. */
export interface Representation {
  readonly file: OpenFile;
  /** Bytes, at the time of opening. */
  readonly length: number;
  /** What the system said of it when it was opened. */
  readonly info: FileState;
  /** Where it really is. */
  readonly place: Place;
}

/** Where a file was found to be, and the root that it is in: absolute paths without symbolic links. */
export interface Place {
  readonly root: string;
  readonly file: string;
}

/** `busy`: out of descriptors; it passes. */
export type Missing = "not found" | "forbidden" | "directory" | "busy";

/** Our lock on the root: whether what really lies at this path, relative to the real root, may be served. */
export type Lock = (relativePath: string) => boolean;

/** How what is asked for is judged. */
export interface SelectOptions {
  /** Whether dot files are served; they are hidden unless said. */
  readonly dotFiles?: DotFiles;
  /** `lockFor(dotFiles)` unless said: tests take it away, because the runtime's own lock is behind it. */
  readonly lock?: Lock;
}

/** The file that `segments` name below `root`. Errors that say neither "absent" nor "forbidden" are thrown. */
export function select(
  disk: Disk,
  root: string,
  segments: readonly string[],
  { dotFiles = "hidden", lock = lockFor(dotFiles) }: SelectOptions = {},
): Representation | Missing {
  if (!areServed(segments, Deno.build.os, dotFiles)) return "not found";
  const path = pathBelow(root, segments);
  try {
    const named = disk.stat(path);
    if (named.isFile) return openFile(disk, root, path, lock);
    // To open a device may do things.
    if (!named.isDirectory) return "forbidden";
    return locate(disk, root, path, named, lock) !== null ? "directory" : "forbidden";
  } catch (error) {
    return missingFor(error);
  }
}

/** The path of `segments` below `root`. */
export function pathBelow(root: string, segments: readonly string[]): string {
  return [root.replace(/[/\\]+$/, ""), ...segments].join("/");
}

function openFile(disk: Disk, root: string, path: string, lock: Lock): Representation | Missing {
  const file = disk.open(path);
  let served = false;
  try {
    const opened = file.stat();
    const place = opened.isFile ? locate(disk, root, path, opened, lock) : null;
    if (place === null) return "forbidden";
    served = true;
    return { file, length: opened.size, info: opened, place };
  } finally {
    if (!served) file.close();
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
function locate(disk: Disk, root: string, path: string, found: FileState, lock: Lock): Place | null {
  const place = { root: disk.realPath(root), file: disk.realPath(path) };
  const below = relative(place.root, place.file);
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
const MISSING_BY_CODE = new Map<unknown, Missing>([
  ["ENOENT", "not found"],
  ["ENOTDIR", "not found"],
  ["ELOOP", "not found"],
  ["ENAMETOOLONG", "not found"],
  ["EACCES", "forbidden"],
  ["EPERM", "forbidden"],
  ["EMFILE", "busy"],
  ["ENFILE", "busy"],
]);

/** The only place where errors of the file system become answers. */
function missingFor(error: unknown): Missing {
  if (error instanceof Deno.errors.NotFound) return "not found"; // On Windows its code is another.
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) return "forbidden";
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const missing = MISSING_BY_CODE.get(code);
  if (missing === undefined) throw error;
  return missing;
}
