/**
 * The source of the configuration. It is chosen once, at the start: a reload reads the same file, or nothing.
 * Knows files and standard input; not what the text means.
 * @module
 */

import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { embeddedPath, readBuild } from "./build.ts";
import { absolutePath, type Folders, shortPath } from "./folders.ts";
import { readStandardInput, readText, reasonOf, UnreadableConfigError } from "./read.ts";

/** A file that each reload reads, or a text that never changes. */
export type Source =
  | {
    readonly kind: "file";
    /** An absolute path, because the current folder may change before a reload. */
    readonly path: string;
    /** The name in diagnostics. */
    readonly name: string;
    /** The folder that its relative roots start from. */
    readonly folder: string;
  }
  | {
    readonly kind: "fixed";
    /** `null`: there is no configuration. */
    readonly text: string | null;
    /** A description for the user: "standard input". */
    readonly place: string;
    readonly name: string;
    readonly folder: string;
    /** Why a reload cannot read it. */
    readonly reason: string;
  };

/** The arguments of the command line that choose the source. */
export interface SourceOptions {
  /** The folder to serve in place of the file's hosts; `null`: the file's. */
  readonly dir: string | null;
  /** The configuration file; `-`: standard input; `null`: search for one, unless `dir` is given. */
  readonly config: string | null;
}

const FILE_NAME = "web.conf";

/** Throws `UnreadableConfigError` if the file does not exist although it is given, or cannot be read. */
export async function findSource({ dir, config }: SourceOptions, folders: Folders): Promise<Source> {
  const { standing, current } = folders;
  if (config === "-" || config === "/dev/stdin") return await standardInput(standing);
  if (config !== null) return await sourceAt(absolutePath(config, standing), standing);
  if (dir !== null) return without(standing);
  if (readBuild()?.flavour === "embedded") return await embedded(standing);
  if (isThere(join(standing, FILE_NAME))) return await sourceAt(join(standing, FILE_NAME), standing);
  // `deno task start` from another folder: the project's web.conf, with the project's roots.
  if (isThere(join(current, FILE_NAME))) return await sourceAt(join(current, FILE_NAME), current);
  const beside = besideExecutable();
  return beside === null ? without(standing) : await sourceAt(beside, standing);
}

function without(folder: string): Source {
  const reason = "this server was started without a web.conf";
  return { kind: "fixed", text: null, place: "none", name: FILE_NAME, folder, reason };
}

async function standardInput(folder: string): Promise<Source> {
  const name = "standard input";
  const text = await readStandardInput({ name });
  return { kind: "fixed", text, place: name, name, folder, reason: `${name} can be read only once` };
}

async function embedded(folder: string): Promise<Source> {
  const { text } = await readText(embeddedPath(FILE_NAME), { name: FILE_NAME });
  const reason = "the configuration is inside this program";
  return { kind: "fixed", text, place: "inside this program", name: FILE_NAME, folder, reason };
}

/** The text of a pipe or a device can be read only once, so it is read now. */
async function sourceAt(path: string, folder: string): Promise<Source> {
  const name = shortPath(path, folder);
  const { isFile, isDirectory } = await stat(path, name);
  if (isFile || isDirectory) return { kind: "file", path, name, folder };
  const { text } = await readText(path, { name });
  return { kind: "fixed", text, place: path, name, folder, reason: `${name} can be read only once` };
}

async function stat(path: string, name: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    throw new UnreadableConfigError(`cannot read ${name}: ${reasonOf(path, error)}`, { cause: error });
  }
}

/** A dangling link counts as existing, because the user would not expect that another folder is served instead. */
function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UnreadableConfigError(`cannot read ${path}: ${reasonOf(path, error)}`, { cause: error });
  }
}

/** Only for binaries, because from source the executable is the runtime. */
function besideExecutable(): string | null {
  if (!Deno.build.standalone) return null;
  const path = join(dirname(Deno.execPath()), FILE_NAME);
  try {
    return isThere(path) ? path : null;
  } catch (error) {
    // A binary that was built for one web.conf may not read the folder of its executable.
    if (error instanceof UnreadableConfigError && error.cause instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}
