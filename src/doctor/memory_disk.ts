/**
 * A small file system in memory, so that the self-test needs no permission to write.
 * @module
 */

import type { Disk, FileState, FolderEntry, OpenFile } from "../files/disk.ts";

/** Files by absolute path, and symbolic links with the absolute paths that they lead to. */
export interface MemoryTree {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly links: Readonly<Record<string, string>>;
}

/** A disk with these files. All of them were changed at `modified`. */
export class MemoryDisk implements Disk {
  readonly #tree: MemoryTree;
  readonly #modified: Date;
  readonly #paths: readonly string[];

  constructor(tree: MemoryTree, modified: Date) {
    this.#tree = tree;
    this.#modified = modified;
    this.#paths = Object.keys(tree.files);
  }

  stat(path: string): FileState {
    return this.lstat(this.realPath(path));
  }

  lstat(path: string): FileState {
    const content = this.#tree.files[path];
    const isDirectory = this.#paths.some((each) => each.startsWith(path === "/" ? path : `${path}/`));
    const isLink = this.#tree.links[path] !== undefined;
    if (content === undefined && !isDirectory && !isLink) throw new Deno.errors.NotFound(path);
    return {
      isFile: content !== undefined,
      isDirectory: isDirectory && !isLink,
      size: content?.length ?? 0,
      mtime: this.#modified,
      ctime: this.#modified,
      dev: 1,
      ino: 1 + this.#paths.indexOf(path),
    };
  }

  realPath(path: string): string {
    const link = Object.entries(this.#tree.links).find(([from]) => path === from || path.startsWith(`${from}/`));
    const real = link === undefined ? path : link[1] + path.slice(link[0].length);
    this.lstat(real);
    return real;
  }

  async *readFolder(path: string): AsyncGenerator<FolderEntry> {
    const below = [...this.#paths, ...Object.keys(this.#tree.links)].filter((each) => each.startsWith(`${path}/`));
    const names = new Set(below.map((each) => each.slice(path.length + 1).split("/")[0]!));
    for (const name of names) {
      const { isFile, isDirectory } = this.lstat(`${path}/${name}`);
      yield { name, isFile, isDirectory, isSymlink: this.#tree.links[`${path}/${name}`] !== undefined };
    }
  }

  open(path: string): OpenFile {
    const real = this.realPath(path);
    const content = this.#tree.files[real] ?? new Uint8Array();
    return {
      stat: () => this.lstat(real),
      readAt: (position, into) => {
        const part = content.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      close: () => {},
    };
  }
}
