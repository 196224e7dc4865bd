/**
 * The interface of a file system, with the few calls that serving files needs, and the system's own.
 * Synchronous, because that is ten times faster for local metadata. Tests use disks that fail.
 * @module
 */

import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";

/** The properties of a file that are used. */
export type FileState =
  & Pick<Deno.FileInfo, "isFile" | "isDirectory" | "size" | "mtime" | "ctime" | "dev" | "ino">
  & Partial<Pick<Deno.FileInfo, "isSymlink" | "mode">>;

/** A name in a folder, and what the folder says of it. */
export type FolderEntry = Pick<Deno.DirEntry, "name" | "isFile" | "isDirectory" | "isSymlink">;

/** An open file. */
export interface OpenFile {
  /** The state of the open file, even if its name now leads to another. */
  stat(): FileState;
  /** Reads at most `into.length` bytes from `position` on. Returns their number, 0 at the end. */
  readAt(position: number, into: Uint8Array): number;
  /** Must be called once. */
  close(): void;
}

/** A file system. All methods throw the system's errors. */
export interface Disk {
  /** Follows symbolic links. */
  stat(path: string): FileState;
  /** Whether there is something at a path. Never throws. Without it, `stat` decides, whose error costs 30 µs. */
  readonly exists?: (path: string) => boolean;
  /** Whether a folder has entries that are symbolic links. May be missing. */
  readonly hasLinks?: (path: string) => boolean;
  /** The state of a symbolic link itself. */
  lstat(path: string): FileState;
  /** The absolute path without symbolic links. */
  realPath(path: string): string;
  /** Opens for reading. Never blocks, not even for a FIFO. */
  open(path: string): OpenFile;
  /** The entries of a folder, in no order. Asynchronous, because reading a large folder takes tenths of a second. */
  readFolder(path: string): AsyncIterable<FolderEntry>;
}

/**
 * Opening a FIFO would block the worker until a program writes to it. `Deno.openSync` has no flag against that, but
 * `node:fs` has, and the runtime checks its permissions there too. Windows has no such flag, and no FIFOs in folders.
 */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The system's file system. */
export const systemDisk: Disk = {
  stat: Deno.statSync,
  exists: existsSync,
  hasLinks: (path) => Deno.readDirSync(path).some(({ isSymlink }) => isSymlink),
  lstat: Deno.lstatSync,
  realPath: Deno.realPathSync,
  readFolder: Deno.readDir,
  open(path) {
    const descriptor = openSync(path, WITHOUT_WAITING);
    return {
      stat: () => stateOf(descriptor),
      readAt: (position, into) => readSync(descriptor, into, 0, into.length, position),
      close: () => closeSync(descriptor),
    };
  },
};

function stateOf(descriptor: number): FileState {
  const stats = fstatSync(descriptor);
  const { size, mtime, ctime, dev, ino } = stats;
  return { isFile: stats.isFile(), isDirectory: stats.isDirectory(), size, mtime, ctime, dev, ino };
}
