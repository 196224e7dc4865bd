/**
 * Reads a text from a file, a pipe or standard input: within a size and a time, because a pipe may have neither an end nor
 * a writer.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { readBuild } from "./build.ts";
import { explainDenied } from "./remedy.ts";
import { closedRemark } from "./roots.ts";

/** A configuration, a capture or a folder to serve that cannot be used: for the person, in one line. */
export class UnreadableConfigError extends Error {
  override name = "UnreadableConfigError";
}

/** A text, and what tells a file that has changed from this one. */
export interface Text {
  readonly text: string;
  readonly stamp: string;
}

const MEBIBYTE = 1024 * 1024;

export interface ReadOptions {
  /** What messages call it. */
  readonly name: string;
  /** What it should be, for messages, and how large that can be. What is larger is something else, or has no end. */
  readonly kind?: "web.conf" | "capture";
  readonly mebibytesMax?: number;
  /** The program that writes to a pipe may have to start, or to ask another machine, first. */
  readonly silenceMaxMs?: number;
}

const DEFAULTS = { kind: "web.conf", mebibytesMax: 1, silenceMaxMs: 30_000 } as const;

/** Reads the file, pipe or device at `path`, an absolute one, to its end. Throws `UnreadableConfigError`. */
export async function readText(path: string, options: ReadOptions): Promise<Text> {
  try {
    using file = await open(path, options.silenceMaxMs ?? DEFAULTS.silenceMaxMs);
    const stamp = stampOf(await file.stat());
    return { text: await readAll(file, options), stamp };
  } catch (error) {
    throw unreadable(options.name, path, error);
  }
}

/** The same of standard input. */
export async function readStandardInput(options: ReadOptions): Promise<string> {
  try {
    return await readAll(Deno.stdin, options);
  } catch (error) {
    throw unreadable(options.name, options.name, error);
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

async function readAll(file: Pick<Deno.FsFile, "read">, options: ReadOptions): Promise<string> {
  const { kind, mebibytesMax, silenceMaxMs } = { ...DEFAULTS, ...options };
  const parts: Uint8Array[] = [];
  for (let length = 0; length <= mebibytesMax * MEBIBYTE;) {
    const part = new Uint8Array(CHUNK_BYTES);
    const count = await inTime(file.read(part), silenceMaxMs);
    if (count === null) return new TextDecoder().decode(concat(parts));
    parts.push(part.subarray(0, count));
    length += count;
  }
  throw new Unusable(`it is larger than ${mebibytesMax} MiB, which no ${kind} is`);
}

const CHUNK_BYTES = 64 * 1024;

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
