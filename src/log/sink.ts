/**
 * Collects log lines and sends them in batches, by size and by time.
 * @module
 */

/** Size at which a batch is sent. A message or a write costs more than the lines in it. */
const BATCH_BYTES = 32 * 1024;

/**
 * Length of text that is encoded in one call, because the call costs as much as formatting a line. Longer texts gain
 * nothing, and have more of their lines in memory as strings.
 */
const TEXT_CHARS = 4 * 1024;

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
  /** Lines that are not encoded yet. They follow those in the buffer. */
  #text = "";
  /** The time of each line, in the buffer or not. */
  #times: number[] = [];
  /** The number of lines in the buffer. */
  #encoded = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `emit` may keep the batches, and the time of each line. Each has a buffer of its own, which is not much larger. */
  constructor(emit: (lines: Uint8Array<ArrayBuffer>, times: Float64Array<ArrayBuffer>) => void) {
    this.#emit = emit;
  }

  /** Appends one line of the time `wallMs`, with its LF. */
  write(line: string, wallMs: number = Date.now()): void {
    this.#text += line;
    this.#times.push(wallMs);
    if (this.#text.length >= TEXT_CHARS) this.#encode();
    if (this.#length >= BATCH_BYTES) this.flush();
    else if (this.#times.length > 0) this.#timer ??= setTimeout(() => this.flush(), BATCH_MS - wallMs % BATCH_MS);
  }

  /** Sends the collected lines, and stops the timer. */
  flush(): void {
    this.#encode();
    this.#sendBuffer();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Moves the text into the buffer. If it does not fit, because a line is very long, it is sent as a batch of its own. */
  #encode(): void {
    if (this.#text === "" || this.#tryEncode()) return;
    this.#sendBuffer();
    this.#emit(encoder.encode(this.#text), Float64Array.from(this.#times));
    this.#text = "";
    this.#times.length = 0;
  }

  /** Sends the lines in the buffer. */
  #sendBuffer(): void {
    if (this.#buffer === null || this.#length === 0) return;
    const lines = this.#buffer.subarray(0, this.#length);
    const times = Float64Array.from(this.#times.splice(0, this.#encoded));
    if (this.#length >= BATCH_BYTES) {
      this.#buffer = null;
      this.#emit(lines, times);
    } else this.#emit(lines.slice(), times);
    this.#length = this.#encoded = 0;
  }

  #tryEncode(): boolean {
    this.#buffer ??= new Uint8Array(BUFFER_BYTES);
    const { read, written } = encoder.encodeInto(this.#text, this.#buffer.subarray(this.#length));
    if (read < this.#text.length) return false;
    this.#length += written;
    this.#encoded = this.#times.length;
    this.#text = "";
    return true;
  }
}
