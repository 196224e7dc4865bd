/**
 * Collects log lines and sends them in batches, by size and by time.
 * @module
 */

/** Size at which a batch is sent. A message or a write costs more than the lines in it. */
const BATCH_BYTES = 32 * 1024;

/** Size of the buffer. */
const BUFFER_BYTES = 2 * BATCH_BYTES;

/** The longest time that a line waits for others. */
const BATCH_MS = 200;

const encoder = new TextEncoder();

/** Collects text as UTF-8, and sends it in batches of whole lines. */
export class BatchSink {
  readonly #emit: (lines: Uint8Array<ArrayBuffer>) => void;
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `emit` may keep the batches. Each has a buffer of its own, which is not much larger. */
  constructor(emit: (lines: Uint8Array<ArrayBuffer>) => void) {
    this.#emit = emit;
  }

  /** Appends one line, with its LF. Encodes it at once, so that the string need not be kept. */
  write(line: string): void {
    if (!this.#tryWrite(line)) {
      this.flush();
      if (!this.#tryWrite(line)) return this.#emit(encoder.encode(line));
    }
    if (this.#length >= BATCH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Sends the collected lines, and stops the timer. */
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
