/**
 * Text on its way to standard output or standard error: in order, complete, and bounded when nobody reads.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { writeAll } from "../net/write_all.ts";

/** Whole lines, each with its LF: text, or the same as UTF-8. */
export type Lines = string | Uint8Array;

/** Lines as text. */
export function textOf(lines: Lines): string {
  return typeof lines === "string" ? lines : new TextDecoder().decode(lines);
}

/** What is kept for a reader that does not keep up, in bytes. Beyond it lines are dropped, counted and told. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** What an output needs of a stream. `Deno.stdout` is one. */
export interface TextStream {
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes in the background, so that a terminal that is held up does not hold us up. */
export class Output {
  readonly #stream: TextStream;
  readonly #report: (problem: string) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #writing: Promise<void> | null = null;
  #broken = false;

  constructor(stream: TextStream, report: (problem: string) => void) {
    this.#stream = stream;
    this.#report = report;
  }

  /** Takes whole lines; bytes must not change any more. */
  write(lines: Lines): void {
    if (this.#broken) return;
    const bytes = typeof lines === "string" ? new TextEncoder().encode(lines) : lines;
    if (this.#waitingBytes + bytes.length > WAITING_BYTES_MAX) {
      this.#dropped += bytes.reduce((count, octet) => octet === LF ? count + 1 : count, 0);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all that was taken is written, or cannot be. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#writeWaiting();
    } catch (error) {
      this.#broken = error instanceof Deno.errors.BrokenPipe; // Its reader has left; a full disk may be emptied.
      const consequence = this.#broken ? "no more is written" : "some lines are lost";
      this.#report(`cannot write the log: ${error instanceof Error ? error.message : error}; ${consequence}`);
    } finally {
      this.#writing = null;
    }
  }

  async #writeWaiting(): Promise<void> {
    const bytes = concat(this.#waiting); // What has come meanwhile takes one write.
    this.#waiting = [];
    this.#waitingBytes = 0;
    await writeAll(this.#stream, bytes);
    if (this.#dropped > 0) this.#report(`${this.#dropped} lines of the log were dropped: its reader does not keep up`);
    this.#dropped = 0;
  }
}

const LF = "\n".charCodeAt(0);
