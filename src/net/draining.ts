/**
 * When a connection must end because the server ends. Knows times; not messages.
 * @module
 */

/** The drain of one connection. Times are milliseconds of the connection's clock. */
export class Draining {
  #sinceMs = Infinity;
  #lastMessageMs = 0;

  /** Whether the server is ending. */
  get isBegun(): boolean {
    return this.#sinceMs < Infinity;
  }

  /** A waiting connection has `lastMessageMs` from `nowMs` on for one more message. */
  begin(nowMs: number, lastMessageMs: number): void {
    this.#sinceMs = nowMs;
    this.#lastMessageMs = lastMessageMs;
  }

  /** Until when a connection with this mark may wait for a message; `Infinity` before the drain. */
  untilMs(markMs: number): number {
    return Math.max(this.#sinceMs, markMs) + this.#lastMessageMs;
  }
}
