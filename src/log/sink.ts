/**
 * Where log lines gather until there are enough of them, or it is time, to hand them on.
 * @module
 */

/** Lines are handed on at this size; a message or a write costs more than the lines in it. */
const BATCH_CHARS = 32 * 1024;

/** The longest that a line waits for others. */
const BATCH_MS = 200;

/** Gathers text and hands it on in batches of whole lines. */
export class BatchSink {
  readonly #emit: (text: string) => void;
  #text = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
  }

  /** Takes one line, with its LF. */
  write(line: string): void {
    this.#text += line;
    if (this.#text.length >= BATCH_CHARS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Hands on what there is, and leaves no timer behind. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === "") return;
    this.#emit(this.#text);
    this.#text = "";
  }
}
