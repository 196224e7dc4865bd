/**
 * The deadline of a peer that we send to: each byte that the peer accepts extends it (a token bucket).
 * Knows counts and times; not what is sent.
 * @module
 */

/** How slowly a peer may accept what is sent to it. */
export interface SendingRate {
  /** The minimum rate. Each accepted byte extends the deadline by the time that it takes at this rate. */
  readonly bytesPerMs: number;
  /** How long a write may make no progress at first. */
  readonly graceMs: number;
  /**
   * How far ahead of now the deadline may be. The kernel accepts up to a megabyte at once, so a slow but honest peer
   * shows no progress for minutes afterwards. A peer that stops reading is closed after this time at the latest.
   */
  readonly aheadMaxMs: number;
}

/** The deadline of one peer. Times are milliseconds of one clock. */
export class SendDeadline {
  readonly #rate: SendingRate;
  #deadlineMs = 0;
  /** Whether the deadline of the pending write has been started. */
  #hasStarted = false;

  constructor(rate: SendingRate) {
    this.#rate = rate;
  }

  /** Notes that a write begins. Its grace starts at the first check, so that no write has to read the clock. */
  begin(): void {
    this.#hasStarted = false;
  }

  /** Extends the deadline, because the peer's system accepted `count` bytes. */
  extend(count: number): void {
    this.#deadlineMs += count / this.#rate.bytesPerMs;
  }

  /** Moves the deadline to `nowMs` or later, because the peer owes nothing for a time without anything to accept. */
  moveUpTo(nowMs: number): void {
    if (this.#deadlineMs < nowMs) this.#deadlineMs = nowMs;
  }

  /** Whether the peer of the pending write has missed its deadline. */
  isMissed(nowMs: number): boolean {
    const { graceMs, aheadMaxMs } = this.#rate;
    if (!this.#hasStarted) this.moveUpTo(nowMs + graceMs);
    this.#hasStarted = true;
    this.#deadlineMs = Math.min(this.#deadlineMs, nowMs + aheadMaxMs);
    return nowMs > this.#deadlineMs;
  }
}
