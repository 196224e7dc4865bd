/**
 * The windows of a client (RFC 9113, section 6.9): how much content the server may send, and since when it may send none.
 * Knows numbers and times; not frames.
 */

import { Violation } from "../trace.ts";

/** The largest window. */
export const WINDOW_MAX = 2 ** 31 - 1;

/** The window of a stream or of the connection, for content from the server. */
export class Window {
  #left: number;
  #planned = 0;

  constructor(left: number) {
    this.#left = left;
  }

  /** What the server may send, as far as the client knows. Negative after the client has made it smaller. */
  get left(): number {
    return this.#left;
  }

  /** What the server may send when all that the client has written is sent. */
  get promised(): number {
    return this.#left + this.#planned;
  }

  widen(by: number): void {
    this.#left += by;
  }

  /** The client has written a frame that opens the window. It counts when it is sent. */
  plan(by: number): void {
    this.#planned += by;
  }

  carryOut(by: number): void {
    this.#planned -= by;
    this.#left += by;
  }

  /** Notes that content has arrived. */
  take(bytes: number, what: string): void {
    this.#left -= bytes;
    if (bytes > 0 && this.#left < 0) {
      throw new Violation("windows are never exceeded", `${-this.#left} bytes more than the window of ${what}`);
    }
  }
}

/** For how long the windows of one stream have been closed, in all. */
export class ClosedTime {
  #beforeMs = 0;
  #sinceMs = Infinity;

  /** Since when they are closed; `Infinity`: they are open. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  note(isClosed: boolean, nowMs: number): void {
    if (isClosed) this.#sinceMs = Math.min(this.#sinceMs, nowMs);
    else {
      this.#beforeMs = this.totalMs(nowMs);
      this.#sinceMs = Infinity;
    }
  }

  totalMs(nowMs: number): number {
    return this.#beforeMs + Math.max(0, nowMs - this.#sinceMs);
  }
}
