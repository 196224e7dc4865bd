/**
 * Which folder relative paths start from. Asked once, at the start: a folder may be renamed or removed while the server runs.
 * @module
 */

import { isAbsolute } from "@std/path/is-absolute";
import { relative } from "@std/path/relative";
import { staysBelow } from "../paths.ts";
import { absolute } from "./roots.ts";

/** Absolute paths. They differ only under `deno task`, which changes to the folder of the project. */
export interface Folders {
  /** Where the person stands: paths of the command line, and of what it names, start here. */
  readonly standing: string;
  /** The process's own current folder. */
  readonly current: string;
}

/** The process has no current folder, because somebody removed it: for the person, in one line. */
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
 * Changes to the top of the disk, where that is permitted. No path depends on the current folder any more, and the runtime
 * (2.9.6) can start no thread in a folder that somebody removes.
 */
export function leaveFolder(): void {
  try {
    Deno.chdir("/");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error; // A binary may have been built to read some folders only.
  }
}

/** What `deno task` says of where it was called. The tasks permit this one variable, a binary has it not. */
function invokedFrom(): string | null {
  const variable = "INIT_CWD";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) ?? null : null;
}

/** `path` as an absolute one; it is relative to `folder`. One that is absolute already stays as it is written. */
export function absolutePath(path: string, folder: string): string {
  return isAbsolute(path) ? path : absolute(path, folder);
}

/** `path` as a person in `folder` writes it: what is not below the folder stays absolute. */
export function shortPath(path: string, folder: string): string {
  const below = relative(folder, path);
  return below !== "" && staysBelow(below) ? below : path;
}

/** A command's paths, made absolute. The configuration `-` is standard input. */
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
