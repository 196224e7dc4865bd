/**
 * Where log lines gather until there are enough of them, or it is time, to hand them on.
 * @module
 */

/** Lines are handed on at this size; a message or a write costs more than the lines in it. */
const BATCH_BYTES = 32 * 1024;

/** What a buffer has room for. */
const BUFFER_BYTES = 2 * BATCH_BYTES;

/** The longest that a line waits for others. */
const BATCH_MS = 200;

const encoder = new TextEncoder();

/** Gathers text, as UTF-8, and hands it on in batches of whole lines. */
export class BatchSink {
  readonly #emit: (lines: Uint8Array<ArrayBuffer>) => void;
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `emit` gets batches for good, each in a buffer of its own and not much smaller. */
  constructor(emit: (lines: Uint8Array<ArrayBuffer>) => void) {
    this.#emit = emit;
  }

  /** Takes one line, with its LF. At once, so that what it was made from need not be kept. */
  write(line: string): void {
    if (!this.#tryWrite(line)) {
      this.flush();
      if (!this.#tryWrite(line)) return this.#emit(encoder.encode(line));
    }
    if (this.#length >= BATCH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Hands on what there is, and leaves no timer behind. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#buffer === null || this.#length === 0) return;
    const lines = this.#buffer.subarray(0, this.#length);
    if (this.#length >= BATCH_BYTES) {
      this.#buffer = null;
      this.#emit(lines);
    } else this.#emit(lines.slice());
    this.#length = 0;
  }

  #tryWrite(line: string): boolean {
    this.#buffer ??= new Uint8Array(BUFFER_BYTES);
    const { read, written } = encoder.encodeInto(line, this.#buffer.subarray(this.#length));
    if (read < line.length) return false;
    this.#length += written;
    return true;
  }
}
