/**
 * Collects log lines and sends them in batches, by size and by time.
 * @module
 */

/** Size at which a batch is sent. A message or a write costs more than the lines in it. */
const BATCH_BYTES = 32 * 1024;

/** Size of the buffer. */
const BUFFER_BYTES = 2 * BATCH_BYTES;

/**
 * The longest time that a line waits for others. All workers send at multiples of it, so that the lines of the same time
 * arrive together and can be brought into order.
 */
export const BATCH_MS = 200;

const encoder = new TextEncoder();

/** Collects text as UTF-8, and sends it in batches of whole lines. */
export class BatchSink {
  readonly #emit: (lines: Uint8Array<ArrayBuffer>, times: Float64Array<ArrayBuffer>) => void;
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  #times: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `emit` may keep the batches, and the time of each line. Each has a buffer of its own, which is not much larger. */
  constructor(emit: (lines: Uint8Array<ArrayBuffer>, times: Float64Array<ArrayBuffer>) => void) {
    this.#emit = emit;
  }

  /** Appends one line of the time `wallMs`, with its LF. Encodes it at once, so that the string need not be kept. */
  write(line: string, wallMs: number = Date.now()): void {
    if (!this.#tryWrite(line)) {
      this.flush();
      if (!this.#tryWrite(line)) return this.#emit(encoder.encode(line), Float64Array.of(wallMs));
    }
    this.#times.push(wallMs);
    if (this.#length >= BATCH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS - wallMs % BATCH_MS);
  }

  /** Sends the collected lines, and stops the timer. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#buffer === null || this.#length === 0) return;
    const lines = this.#buffer.subarray(0, this.#length);
    const times = Float64Array.from(this.#times);
    this.#times.length = 0;
    if (this.#length >= BATCH_BYTES) {
      this.#buffer = null;
      this.#emit(lines, times);
    } else this.#emit(lines.slice(), times);
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
