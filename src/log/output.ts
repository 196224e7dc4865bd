/**
 * Text on its way to standard output, standard error or a file: in order, complete, and bounded when nobody reads it or
 * there is no room for it. Whoever writes never waits.
 * Knows streams; not what the lines say.
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { Clock } from "../net/clock.ts";

/** Whole lines, each with its LF: text, or the same as UTF-8. */
export type Lines = string | Uint8Array;

/** What is kept for a reader or a disk that does not take it, in bytes. Beyond it lines are lost, counted and told. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** After a failure (a disk that is full) writing is tried again this often. */
const RETRY_MS = 1_000;

/** A pipe that another process has set not to block says so instead of waiting for its reader. */
const BUSY_MS = 20;

/** What is written at once. */
const SLICE_BYTES = 64 * 1024;

/**
 * What is written at once to a stream that did not take all. The runtime (2.9.6) does not tell how much of a write it took
 * before it failed, so the write is repeated, and some lines may be written twice. A pipe that is set not to block takes
 * 4,096 bytes as a whole or not at all (POSIX, PIPE_BUF).
 */
const SMALL_SLICE_BYTES = 4096;

/** What an output needs of a stream. `Deno.stdout` is one. */
export interface ByteStream {
  write(bytes: Uint8Array): Promise<number>;
}

export interface OutputOptions {
  /** What it is called in messages: "standard output". */
  readonly name: string;
  readonly clock: Pick<Clock, "sleep">;
  /** Takes what there is to say of the output itself: once when it begins to fail, once when that is over. */
  readonly report: (problem: string) => void;
}

/** Writes in the background, so that a terminal that is held up does not hold us up. */
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

  /** Takes whole lines; bytes must not change any more. */
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

  /** Resolves when all is written, `last` too, or the reader has left, or what is left cannot be written now. */
  async close(last: Lines = ""): Promise<"complete" | "lost"> {
    this.#closing.abort();
    if (last.length > 0) this.write(last);
    await this.#writing;
    return this.#lostLines > 0 ? "lost" : "complete";
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const unwritten = await this.#tryWrite();
      if (unwritten === null) this.#tellOver();
      else await this.#bear(unwritten);
    }
    this.#writing = null;
  }

  /** Writes what waits; where that fails, the error. What was not written, and be it half a line, waits on. */
  async #tryWrite(): Promise<unknown> {
    let bytes = concat(this.#waiting); // What has come meanwhile takes few writes.
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

  async #bear(error: unknown): Promise<void> {
    if (error instanceof Deno.errors.BrokenPipe) return this.#end(error); // Its reader has left, and no other can come.
    const isBusy = error instanceof Deno.errors.WouldBlock;
    this.#isNonBlocking ||= isBusy;
    if (!isBusy && this.#closing.signal.aborted) return this.#giveUp(error);
    if (!isBusy && !this.#isFailing) {
      this.#report(`cannot write to ${this.#options.name}: ${reasonOf(error)}; ${LATER}`);
    }
    this.#isFailing ||= !isBusy;
    await this.#options.clock.sleep(isBusy ? BUSY_MS : RETRY_MS, isBusy ? undefined : this.#closing.signal);
  }

  #end(error: unknown): void {
    this.#hasEnded = true;
    this.#waiting = [];
    if (this.#closing.signal.aborted) return; // `sweepd --help | head -1` is no trouble.
    this.#report(`cannot write to ${this.#options.name}: ${reasonOf(error)}; no more is written to it`);
  }

  #giveUp(error: unknown): void {
    this.#hasEnded = true;
    this.#lostLines += this.#waiting.reduce((count, bytes) => count + countLines(bytes), 0);
    this.#waiting = [];
    const lost = `${this.#lostLines} ${this.#lostLines === 1 ? "line is" : "lines are"} lost`;
    this.#report(`cannot write to ${this.#options.name}: ${reasonOf(error)}; ${lost}`);
  }

  #tellOver(): void {
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

/** At most `maxBytes` of the lines, as whole lines where one fits. */
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
