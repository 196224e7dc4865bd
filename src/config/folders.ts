/**
 * The folders that relative paths start from. They are read once, at the start, because a folder may be renamed or
 * removed while the server runs.
 * @module
 */

import { isAbsolute } from "@std/path/is-absolute";
import { relative } from "@std/path/relative";
import { staysBelow } from "../paths.ts";
import { absolute } from "./roots.ts";

/** Two absolute paths. They differ only with `deno task`, which changes to the folder of the project. */
export interface Folders {
  /** The folder in which the user called the program. Paths on the command line start here. */
  readonly standing: string;
  /** The process's own current folder. */
  readonly current: string;
}

/** The current folder was removed. The message is one line for the user. */
export class NoFolderError extends Error {
  override name = "NoFolderError";
}

/** Throws `NoFolderError`. */
export function findFolders(): Folders {
  const current = currentFolder();
  const standing = invokedFrom();
  return { standing: standing !== null && isAbsolute(standing) ? standing : current, current };
}

function currentFolder(): string {
  try {
    return Deno.cwd();
  } catch (cause) {
    throw new NoFolderError("the current folder is gone; change to another one and start again", { cause });
  }
}

/**
 * Changes to the top of the disk if that is permitted, because the runtime (2.9.6) cannot start a thread when the
 * current folder has been removed. Call it when all paths are absolute.
 */
export function leaveFolder(): void {
  try {
    Deno.chdir("/");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error; // A binary may be permitted to read only some folders.
  }
}

/** The folder in which the user called `deno task`. The tasks permit this one variable; binaries do not. */
function invokedFrom(): string | null {
  const variable = "INIT_CWD";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) ?? null : null;
}

/** Makes `path` absolute. A relative one starts from `folder`. An absolute one is not changed. */
export function absolutePath(path: string, folder: string): string {
  return isAbsolute(path) ? path : absolute(path, folder);
}

/** `path` relative to `folder` if it is below it, otherwise unchanged. */
export function shortPath(path: string, folder: string): string {
  const below = relative(folder, path);
  return below !== "" && staysBelow(below) ? below : path;
}

/** Makes the paths of a command absolute. The configuration `-` is standard input. */
export function locate<T extends { readonly dir: string | null; readonly config: string | null }>(
  options: T,
  { standing }: Folders,
): T {
  const { dir, config } = options;
  return {
    ...options,
    dir: dir === null ? null : absolutePath(dir, standing),
    config: config === null || config === "-" ? config : absolutePath(config, standing),
  };
}
