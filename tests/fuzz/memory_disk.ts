/**
 * A disk in memory with a few files and folders. It counts the open files.
 */

import type { Disk, FileState, FolderEntry, OpenFile } from "../../src/files/disk.ts";

export class MemoryDisk implements Disk {
  openFiles = 0;
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #time: Date;

  /** A disk that holds these files, by absolute path, and the folders above them. */
  constructor(files: ReadonlyMap<string, Uint8Array>, modifiedMs: number) {
    this.#files = files;
    this.#time = new Date(modifiedMs);
  }

  stat(path: string): FileState {
    const file = this.#files.get(path);
    const isDirectory = [...this.#files.keys()].some((other) => other.startsWith(`${path}/`));
    if (file === undefined && !isDirectory) throw new Deno.errors.NotFound(path);
    const ino = [...path].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1e9, 7);
    const [mtime, ctime] = [this.#time, this.#time];
    return { isFile: file !== undefined, isDirectory, size: file?.length ?? 0, mtime, ctime, dev: 1, ino };
  }

  lstat(path: string): FileState {
    return this.stat(path);
  }

  realPath(path: string): string {
    this.stat(path);
    return path;
  }

  async *readFolder(path: string): AsyncGenerator<FolderEntry> {
    const below = [...this.#files.keys()].filter((other) => other.startsWith(`${path}/`));
    for (const name of new Set(below.map((other) => other.slice(path.length + 1).split("/")[0]!))) {
      yield await Promise.resolve({ ...this.stat(`${path}/${name}`), name, isSymlink: false });
    }
  }

  open(path: string): OpenFile {
    const state = this.stat(path);
    const bytes = this.#files.get(path) ?? new Uint8Array(0);
    this.openFiles++;
    return {
      stat: () => state,
      readAt(position, into) {
        const part = bytes.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      close: () => this.openFiles--,
    };
  }
}
