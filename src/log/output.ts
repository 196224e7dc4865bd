/**
 * Text on its way to standard output or standard error: in order, complete, and bounded when nobody reads.
 * @module
 */

/** What is kept for a reader that does not keep up, in characters. Beyond it lines are dropped, counted and told. */
const WAITING_CHARS_MAX = 16 * 1024 * 1024;

/** What an output needs of a stream. `Deno.stdout` is one. */
export interface TextStream {
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes in the background, so that a terminal that is held up does not hold us up. */
export class Output {
  readonly #stream: TextStream;
  readonly #report: (problem: string) => void;
  #waiting: string[] = [];
  #waitingChars = 0;
  #dropped = 0;
  #writing: Promise<void> | null = null;
  #broken = false;

  constructor(stream: TextStream, report: (problem: string) => void) {
    this.#stream = stream;
    this.#report = report;
  }

  /** Takes whole lines. */
  write(text: string): void {
    if (this.#broken) return;
    if (this.#waitingChars + text.length > WAITING_CHARS_MAX) {
      this.#dropped += text.split("\n").length - 1;
      return;
    }
    this.#waiting.push(text);
    this.#waitingChars += text.length;
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
    let bytes: Uint8Array = new TextEncoder().encode(this.#waiting.join(""));
    this.#waiting = [];
    this.#waitingChars = 0;
    while (bytes.length > 0) bytes = bytes.subarray(await this.#stream.write(bytes));
    if (this.#dropped > 0) this.#report(`${this.#dropped} lines of the log were dropped: its reader does not keep up`);
    this.#dropped = 0;
  }
}
