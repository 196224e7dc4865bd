/**
 * Writes lines to standard output, standard error or a file: in order, complete, and with bounded memory if no program
 * reads them or the disk is full. The caller never waits.
 * Knows streams; not what the lines say.
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { Clock } from "../net/clock.ts";

/** Whole lines, each with its LF: text, or the same as UTF-8. */
export type Lines = string | Uint8Array;

/** Bytes that wait for a slow reader or a full disk. Further lines are dropped, counted and reported. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** The time between two attempts after a failure, for instance of a full disk. */
const RETRY_MS = 1_000;

/** The time between two attempts on a full non-blocking pipe. Another process may have set the pipe to this mode. */
const BUSY_MS = 20;

/** The largest write. */
const SLICE_BYTES = 64 * 1024;

/**
 * The largest write to a stream on which a write has failed. The runtime (2.9.6) does not report how many bytes of a
 * failed write were written, so the write is repeated, and some lines may appear twice. A non-blocking pipe accepts
 * 4,096 bytes as a whole or not at all (POSIX, PIPE_BUF).
 */
const SMALL_SLICE_BYTES = 4096;

/** The part of a stream that an output needs. `Deno.stdout` is one. */
export interface ByteStream {
  write(bytes: Uint8Array): Promise<number>;
}

export interface OutputOptions {
  /** The name for messages: "standard output". */
  readonly name: string;
  readonly clock: Pick<Clock, "sleep">;
  /** Receives messages about the output itself: one when writing begins to fail, and one when it works again. */
  readonly report: (problem: string) => void;
}

/** Writes in the background, so that a terminal that has been stopped does not stop the server. */
export class Output {
  readonly #stream: ByteStream;
  readonly #options: OutputOptions;
  readonly #closing = new AbortController();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #lostLines = 0;
  #isFailing = false;
  #isNonBlocking = false;
  #hasEnded = false;
  #writing: Promise<void> | null = null;

  constructor(stream: ByteStream, options: OutputOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Accepts whole lines. The caller must not change the bytes afterwards. */
  write(lines: Lines): void {
    if (this.#hasEnded) return;
    const bytes = typeof lines === "string" ? new TextEncoder().encode(lines) : lines;
    if (this.#waitingBytes + bytes.length > WAITING_BYTES_MAX) {
      this.#lostLines += countLines(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all lines are written, `last` too, or the reader has left, or the rest cannot be written now. */
  async close(last: Lines = ""): Promise<"complete" | "lost"> {
    this.#closing.abort();
    if (last.length > 0) this.write(last);
    await this.#writing;
    return this.#lostLines > 0 ? "lost" : "complete";
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const unwritten = await this.#tryWrite();
      if (unwritten === null) this.#reportEnd();
      else await this.#waitAfter(unwritten);
    }
    this.#writing = null;
  }

  /** Writes the waiting lines. Returns `null`, or the error; then the unwritten bytes wait again. */
  async #tryWrite(): Promise<unknown> {
    let bytes = concat(this.#waiting); // Lines that arrived during a write are written together.
    this.#waiting = [];
    this.#waitingBytes = 0;
    const sliceBytes = this.#isFailing || this.#isNonBlocking ? SMALL_SLICE_BYTES : SLICE_BYTES;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(await this.#stream.write(firstLines(bytes, sliceBytes)));
      return null;
    } catch (error) {
      this.#waiting.unshift(bytes);
      this.#waitingBytes += bytes.length;
      return error;
    }
  }

  /** Reports a failure, and waits until it is time for the next attempt. */
  async #waitAfter(error: unknown): Promise<void> {
    if (error instanceof Deno.errors.BrokenPipe) return this.#end(error); // The reader has left, and no other one can come.
    const isBusy = error instanceof Deno.errors.WouldBlock;
    this.#isNonBlocking ||= isBusy;
    if (!isBusy && this.#closing.signal.aborted) return this.#dropRest(error);
    if (!isBusy && !this.#isFailing) {
      this.#report(`cannot write to ${this.#options.name}: ${reasonOf(error)}; ${LATER}`);
    }
    this.#isFailing ||= !isBusy;
    await this.#options.clock.sleep(isBusy ? BUSY_MS : RETRY_MS, isBusy ? undefined : this.#closing.signal);
  }

  #end(error: unknown): void {
    this.#hasEnded = true;
    this.#waiting = [];
    if (this.#closing.signal.aborted) return; // In `sweepd --help | head -1` this is no failure.
    this.#report(`cannot write to ${this.#options.name}: ${reasonOf(error)}; no more is written to it`);
  }

  #dropRest(error: unknown): void {
    this.#hasEnded = true;
    this.#lostLines += this.#waiting.reduce((count, bytes) => count + countLines(bytes), 0);
    this.#waiting = [];
    const lost = `${this.#lostLines} ${this.#lostLines === 1 ? "line is" : "lines are"} lost`;
    this.#report(`cannot write to ${this.#options.name}: ${reasonOf(error)}; ${lost}`);
  }

  #reportEnd(): void {
    const { name } = this.#options;
    const lost = `${this.#lostLines} ${this.#lostLines === 1 ? "line was" : "lines were"} lost`;
    if (this.#isFailing) this.#report(`${name} can be written to again; ${lost}`);
    else if (this.#lostLines > 0) this.#report(`${lost} on the way to ${name}: its reader does not keep up`);
    this.#isFailing = false;
    this.#lostLines = 0;
  }

  #report(problem: string): void {
    this.#options.report(problem);
  }
}

const LATER = "its lines wait until that is over, 16 MiB of them at the most";

const LF = "\n".charCodeAt(0);

/** At most `maxBytes` of the lines. Whole lines, unless the first one is longer. */
function firstLines(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  const end = bytes.lastIndexOf(LF, maxBytes - 1) + 1;
  return bytes.subarray(0, end === 0 ? maxBytes : end);
}

function countLines(bytes: Uint8Array): number {
  return bytes.reduce((count, octet) => octet === LF ? count + 1 : count, 0);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
