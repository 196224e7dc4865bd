/**
 * A log file: whole lines are added at its end, and it can be opened again under its name after another program has
 * renamed it. Knows bytes and one path; not what the lines say.
 * @module
 */

import type { ByteStream } from "./output.ts";

/** A log file that cannot be used: for the person, in one line. */
export class LogFileError extends Error {
  override name = "LogFileError";
}

/** The part of an open file that a log needs. `Deno.FsFile` has it. */
export interface LogHandle extends ByteStream {
  /** Returns the new position. `stat` would need the permission to read. */
  seek(offset: number, whence: Deno.SeekMode): Promise<number>;
  truncate(length: number): Promise<void>;
  close(): void;
}

/** Opens a path for adding. The system's own is `openForAdding`. */
export type OpenLog = (path: string) => Promise<LogHandle>;

const LF = "\n".charCodeAt(0);

/** Only one write may be pending at a time. */
export class LogFile implements ByteStream {
  readonly path: string;
  readonly #open: OpenLog;
  #handle: LogHandle;
  /** Replaces the handle after the pending write. */
  #next: LogHandle | null = null;
  #isWriting = false;

  private constructor(path: string, open: OpenLog, handle: LogHandle) {
    this.path = path;
    this.#open = open;
    this.#handle = handle;
  }

  /** Opens or creates the file. Throws `LogFileError`. */
  static async open(path: string, open: OpenLog = openForAdding): Promise<LogFile> {
    return new LogFile(path, open, await tryOpen(path, open));
  }

  /** Opens the path again. A pending write ends in the old file. Throws `LogFileError`; then the old file stays. */
  async reopen(): Promise<void> {
    const opened = await tryOpen(this.path, this.#open);
    this.#next?.close();
    this.#next = opened;
    if (!this.#isWriting) this.#exchange();
  }

  /**
   * Adds whole lines and returns how many bytes were added. If the disk is full after a part of a line, removes this
   * part again, so that the file never ends with half a line. Throws the error of the system if no line was added.
   */
  async write(lines: Uint8Array): Promise<number> {
    this.#isWriting = true;
    try {
      return await addLines(this.#handle, lines);
    } finally {
      this.#isWriting = false;
      this.#exchange();
    }
  }

  /** Closes the file. */
  close(): void {
    this.#next?.close();
    this.#next = null;
    this.#handle.close();
  }

  #exchange(): void {
    if (this.#next === null) return;
    this.#handle.close();
    this.#handle = this.#next;
    this.#next = null;
  }
}

async function addLines(handle: LogHandle, lines: Uint8Array): Promise<number> {
  let added = 0;
  try {
    while (added < lines.length) added += await handle.write(lines.subarray(added));
    return added;
  } catch (error) {
    const whole = added === 0 ? 0 : lines.lastIndexOf(LF, added - 1) + 1;
    if (added > whole) await removeEnd(handle, added - whole);
    if (whole === 0) throw error;
    return whole;
  }
}

async function removeEnd(handle: LogHandle, count: number): Promise<void> {
  const size = await sizeOf(handle);
  await handle.truncate(Math.max(0, size - count));
}

/** A pipe without a reader would be waited for without end. */
const OPEN_WAIT_MS = 2_000;

async function tryOpen(path: string, open: OpenLog): Promise<LogHandle> {
  let handle: LogHandle;
  try {
    handle = await withinTime(open(path));
  } catch (error) {
    throw new LogFileError(`cannot write the log file ${path}: ${reasonOf(error)}`, { cause: error });
  }
  try {
    await sizeOf(handle);
    return handle;
  } catch (cause) {
    handle.close();
    throw new LogFileError(`cannot write the log file ${path}: it is not a regular file`, { cause });
  }
}

/** Throws for pipes and sockets, which have no size. */
async function sizeOf(handle: LogHandle): Promise<number> {
  return await handle.seek(0, Deno.SeekMode.End);
}

async function withinTime(opening: Promise<LogHandle>): Promise<LogHandle> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it is not a regular file")), OPEN_WAIT_MS);
  });
  try {
    return await Promise.race([opening, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its folder is not there";
  return error instanceof Error ? error.message.replace(/, open '.*$/, "") : String(error);
}

/** Opens a file for adding. Other users of the machine may not read it, because it has the addresses of people. */
async function openForAdding(path: string): Promise<LogHandle> {
  return await Deno.open(path, { append: true, create: true, mode: 0o640 });
}
