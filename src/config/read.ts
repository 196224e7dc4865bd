/**
 * Reads a text from a file, a pipe or standard input: within a size and a time, because a pipe may have neither an end
 * nor a writer.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { readBuild } from "./build.ts";
import { explainDenied } from "./remedy.ts";
import { deniedReason } from "./roots.ts";

/** A configuration, a capture or a folder that cannot be used. The message is for a person, in one line. */
export class UnreadableConfigError extends Error {
  override name = "UnreadableConfigError";
}

/** A text, and a stamp that differs when the file has changed. */
export interface Text {
  readonly text: string;
  readonly stamp: string;
}

const MEBIBYTE = 1024 * 1024;

export interface ReadOptions {
  /** The name in messages. */
  readonly name: string;
  /** The kind of text, for messages, and its maximum size. A larger file is something else, or has no end. */
  readonly kind?: "web.conf" | "capture" | "password file" | "certificate" | "key";
  readonly mebibytesMax?: number;
  /** The longest time without a byte. The program that writes to a pipe may have to start first. */
  readonly idleTimeoutMs?: number;
}

const DEFAULTS = { kind: "web.conf", mebibytesMax: 1, idleTimeoutMs: 30_000 } as const;

/** Reads the file, pipe or device at `path` to its end. The path is absolute. Throws `UnreadableConfigError`. */
export async function readText(path: string, options: ReadOptions): Promise<Text> {
  try {
    using file = await open(path, options.idleTimeoutMs ?? DEFAULTS.idleTimeoutMs);
    const stamp = stampOf(await file.stat());
    return { text: await readAll(file, options), stamp };
  } catch (error) {
    throw unreadable(options.name, path, error);
  }
}

/** Reads standard input to its end. */
export async function readStandardInput(options: ReadOptions): Promise<string> {
  try {
    return await readAll(Deno.stdin, options);
  } catch (error) {
    throw unreadable(options.name, options.name, error);
  }
}

/** A text that differs after each change of a file. */
export function stampOf({ size, mtime, ctime, dev, ino }: Deno.FileInfo): string {
  return `${size} ${mtime?.getTime()} ${ctime?.getTime()} ${dev} ${ino}`;
}

/** Why a file or folder cannot be used. `path` is absolute. */
export function reasonOf(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.NotADirectory) return "a part of its path is a file, not a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "this user has no permission";
  if (error instanceof Deno.errors.NotCapable) {
    const closed = deniedReason(path);
    return closed === null ? explainDenied("read", path, readBuild()) : `it ${closed}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Opening a FIFO waits for its writer. */
async function open(path: string, idleTimeoutMs: number): Promise<Deno.FsFile> {
  const opening = Deno.open(path);
  try {
    return await inTime(opening, idleTimeoutMs);
  } catch (error) {
    opening.then((file) => file.close(), () => {}); // The opening cannot be cancelled; it may succeed later.
    throw error;
  }
}

async function readAll(file: Pick<Deno.FsFile, "read">, options: ReadOptions): Promise<string> {
  const { kind, mebibytesMax, idleTimeoutMs } = { ...DEFAULTS, ...options };
  const parts: Uint8Array[] = [];
  for (let length = 0; length <= mebibytesMax * MEBIBYTE;) {
    const part = new Uint8Array(CHUNK_BYTES);
    const count = await inTime(file.read(part), idleTimeoutMs);
    if (count === null) return new TextDecoder().decode(concat(parts));
    parts.push(part.subarray(0, count));
    length += count;
  }
  throw new UnreadableError(`it is larger than ${mebibytesMax} MiB, the limit for a ${kind}`);
}

const CHUNK_BYTES = 64 * 1024;

/**
 * Rejects if `result` takes too long. The operation itself cannot be cancelled. At the first `setTimeout`, the runtime
 * (2.9.6) loads modules for 10 ms, and web.conf is read before anything else can be done.
 */
async function inTime<T>(result: Promise<T>, maxMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const reject = () => late.reject(new UnreadableError(`no data arrived for ${maxMs / 1000} seconds`));
  const signal = AbortSignal.timeout(maxMs);
  signal.addEventListener("abort", reject);
  try {
    return await Promise.race([result, late.promise]);
  } finally {
    signal.removeEventListener("abort", reject);
  }
}

/** A reason as text. */
class UnreadableError extends Error {}

function unreadable(name: string, path: string, error: unknown): UnreadableConfigError {
  const reason = error instanceof UnreadableError ? error.message : reasonOf(path, error);
  return new UnreadableConfigError(`cannot read ${name}: ${reason}`, { cause: error });
}
