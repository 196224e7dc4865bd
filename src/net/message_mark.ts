/**
 * When the message that is being received began: its deadline counts from its first byte, but not the time that the answer to
 * the message before takes. Knows times; not bytes.
 * @module
 */

const NONE = -1;

/** Begun, but nothing has been waited for yet. */
const BEGUN = -2;

/** The beginning of the message under way on one connection. Times in milliseconds of the connection's clock. */
export class MessageMark {
  #beganMs = NONE;

  /** `Infinity` between messages. */
  get beganMs(): number {
    return this.#beganMs < 0 ? Infinity : this.#beganMs;
  }

  /** Whether the peer owes the rest of a message. */
  get isBegun(): boolean {
    return this.#beganMs !== NONE;
  }

  /** More is waited for: a message that had begun has been waited for since the last mark. */
  wait(markMs: number): void {
    if (this.#beganMs === BEGUN) this.#beganMs = markMs;
  }

  /** Bytes came. */
  receive(nowMs: number): void {
    if (this.#beganMs === NONE) this.#beganMs = nowMs;
  }

  /** A message was received in full. Bytes that are left begin the next one, even if some of them are consumed before more come. */
  end(isMoreThere: boolean): void {
    this.#beganMs = isMoreThere ? BEGUN : NONE;
  }
}
