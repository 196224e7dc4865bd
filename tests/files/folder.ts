/**
 * Folders on disk for tests of files, and disks that record calls, fail, or change their results.
 */

import { type Disk, type FileState, type FolderEntry, type OpenFile, systemDisk } from "../../src/files/disk.ts";
import type { Found } from "../../src/files/look_up.ts";
import { TempFolder } from "../temp_folder.ts";

/** A root, and a folder next to it that must not be served. */
export interface Folder {
  readonly root: string;
  /** A folder next to the root, which contains `secret.txt`. */
  readonly outside: string;
  /** Creates a file below the root, and the folders above it. */
  write(path: string, content?: string): void;
  mkdir(path: string): void;
  /** Creates a symbolic link at `path` below the root. */
  link(target: string, path: string): void;
}

/** The content of `outside/secret.txt`. */
export const SECRET = "not for you";

/** Runs `test` with an empty root, and removes everything afterwards. */
export async function withFolder(test: (folder: Folder) => void | Promise<void>): Promise<void> {
  using base = new TempFolder();
  const root = `${base.path}/www`;
  base.write("outside/secret.txt", SECRET);
  Deno.mkdirSync(root);
  await test({
    root,
    outside: `${base.path}/outside`,
    mkdir: (path) => Deno.mkdirSync(`${root}/${path}`, { recursive: true }),
    write: (path, content = path) => void base.write(`www/${path}`, content),
    link: (target, path) => Deno.symlinkSync(target, `${root}/${path}`),
  });
}

/** The system's disk with a count of open files. Single calls can be replaced. */
export class WatchedDisk implements Disk {
  /** Number of files that are open. */
  openFiles = 0;
  /** Paths opened so far. */
  readonly opened: string[] = [];
  readonly #changes: Partial<Disk>;

  constructor(changes: Partial<Disk> = {}) {
    this.#changes = changes;
  }

  stat(path: string): FileState {
    return (this.#changes.stat ?? systemDisk.stat)(path);
  }

  exists(path: string): boolean {
    try {
      return this.stat(path) !== null;
    } catch {
      return false;
    }
  }

  /** If `stat` is replaced, uses it for `lstat` as well, because such a disk has no links. */
  lstat(path: string): FileState {
    return (this.#changes.lstat ?? this.#changes.stat ?? systemDisk.lstat)(path);
  }

  realPath(path: string): string {
    return (this.#changes.realPath ?? systemDisk.realPath)(path);
  }

  readFolder(path: string): AsyncIterable<FolderEntry> {
    return (this.#changes.readFolder ?? systemDisk.readFolder)(path);
  }

  open(path: string): OpenFile {
    const file = (this.#changes.open ?? systemDisk.open)(path);
    this.openFiles++;
    this.opened.push(path);
    return {
      stat: () => file.stat(),
      readAt: (position, into) => file.readAt(position, into),
      close: () => {
        this.openFiles--;
        file.close();
      },
    };
  }
}

/** A disk of files that are named by numbers, each with `size` bytes. It records the opened files. */
export function bottomlessDisk(
  size: (path: string) => number,
): { readonly disk: WatchedDisk; readonly opened: readonly string[] } {
  const info = (path: string) => ({
    isFile: true,
    size: size(path),
    mtime: new Date(0),
    ctime: new Date(0),
    ino: ino(path),
    dev: 1,
  });
  const ino = (path: string) => Number(path.slice(path.lastIndexOf("/") + 1));
  const disk = new WatchedDisk({
    stat: (path) => info(path) as Deno.FileInfo,
    realPath: (path) => path,
    open: (path) => ({ stat: () => info(path) as Deno.FileInfo, readAt: (_, into) => into.length, close: () => {} }),
  });
  return { disk, opened: disk.opened };
}

/** The whole content of a file as text. */
export function readAll(file: OpenFile): string {
  const chunk = new Uint8Array(64);
  let text = "";
  for (let count = file.readAt(0, chunk); count > 0; count = file.readAt(text.length, chunk)) {
    text += new TextDecoder("latin1").decode(chunk.subarray(0, count));
  }
  return text;
}

/** The content of the file as text, or the reason in parentheses why there is none. Closes the file. */
export function contentOf(found: Found): string {
  if (found.kind !== "file") return `(${found.kind === "none" ? found.why : found.kind})`;
  try {
    return readAll(found.file);
  } finally {
    found.file.close();
  }
}
