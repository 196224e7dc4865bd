/**
 * Reads the text of a configuration from a file, a pipe or standard input: within a size and a time, because a pipe may
 * have neither an end nor a writer.
 * @module
 */

import { readBuild } from "./build.ts";
import { explainDenied } from "./remedy.ts";
import { closedRemark } from "./roots.ts";

/** A configuration file, or a folder to serve, that cannot be used: for the person, in one line. */
export class UnreadableConfigError extends Error {
  override name = "UnreadableConfigError";
}

/** A text, and what tells a file that has changed from this one. */
export interface Text {
  readonly text: string;
  readonly stamp: string;
}

/** Far beyond any configuration; what is longer is some other file, or has no end. */
const FILE_BYTES_MAX = 1024 * 1024;

/** Whoever writes to a pipe may have to start, or to ask another machine, first. */
export const SILENCE_MAX_MS = 30_000;

/** Reads the file, pipe or device at `path`, to its end; `name` is for messages. Throws `UnreadableConfigError`. */
export async function readText(path: string, name: string, silenceMaxMs = SILENCE_MAX_MS): Promise<Text> {
  try {
    using file = await open(path, silenceMaxMs);
    const stamp = stampOf(await file.stat());
    return { text: await readAll(file, silenceMaxMs), stamp };
  } catch (error) {
    throw unreadable(name, path, error);
  }
}

/** The same of standard input. */
export async function readStandardInput(name: string, silenceMaxMs = SILENCE_MAX_MS): Promise<string> {
  try {
    return await readAll(Deno.stdin, silenceMaxMs);
  } catch (error) {
    throw unreadable(name, name, error);
  }
}

/** What differs after each change of a file. */
export function stampOf({ size, mtime, ctime, dev, ino }: Deno.FileInfo): string {
  return `${size} ${mtime?.getTime()} ${ctime?.getTime()} ${dev} ${ino}`;
}

/** Why a file or folder, an absolute path, cannot be used, in words. */
export function reasonOf(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.NotADirectory) return "a part of its path is a file, not a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "its permissions forbid it to this user";
  if (error instanceof Deno.errors.NotCapable) {
    const closed = closedRemark(path);
    return closed === null ? explainDenied("read", path, readBuild()) : `it ${closed}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Opening a FIFO waits for its writer. */
async function open(path: string, silenceMaxMs: number): Promise<Deno.FsFile> {
  const opening = Deno.open(path);
  try {
    return await inTime(opening, silenceMaxMs);
  } catch (error) {
    opening.then((file) => file.close(), () => {}); // A writer that comes too late finds nobody.
    throw error;
  }
}

async function readAll(file: Pick<Deno.FsFile, "read">, silenceMaxMs: number): Promise<string> {
  const bytes = new Uint8Array(FILE_BYTES_MAX + 1);
  let length = 0;
  for (let count: number | null = 1; count; length += count ?? 0) {
    count = await inTime(file.read(bytes.subarray(length)), silenceMaxMs);
  }
  if (length > FILE_BYTES_MAX) throw new Unusable("it is larger than 1 MiB, which no web.conf is");
  return new TextDecoder().decode(bytes.subarray(0, length));
}

/** The system cannot be told to give up: a read that comes late is nobody's any more. */
async function inTime<T>(result: Promise<T>, maxMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Unusable(`nothing came for ${maxMs / 1000} seconds`)), maxMs);
  try {
    return await Promise.race([result, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A reason in words. */
class Unusable extends Error {}

function unreadable(name: string, path: string, error: unknown): UnreadableConfigError {
  const reason = error instanceof Unusable ? error.message : reasonOf(path, error);
  return new UnreadableConfigError(`cannot read ${name}: ${reason}`, { cause: error });
}
