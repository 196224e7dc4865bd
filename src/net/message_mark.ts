/**
 * When the current message began. Its deadline counts from its first byte, but not while the answer to the message
 * before is being made. Knows times; not bytes.
 * @module
 */

const NONE = -1;

/** The message has begun, but the server has not waited for the rest yet. */
const BEGUN = -2;

/** The beginning of the current message of one connection. Times are milliseconds of the connection's clock. */
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

  /** Notes that the server waits for more: for a message that has begun, the deadline counts from `markMs`. */
  wait(markMs: number): void {
    if (this.#beganMs === BEGUN) this.#beganMs = markMs;
  }

  /** Notes that bytes arrived. */
  receive(nowMs: number): void {
    if (this.#beganMs === NONE) this.#beganMs = nowMs;
  }

  /** Notes that a message was received in full. Remaining bytes begin the next one, even if some are consumed soon. */
  end(isMoreThere: boolean): void {
    this.#beganMs = isMoreThere ? BEGUN : NONE;
  }
}
