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
  readonly creditMaxMs: number;
}

/** The deadline of one peer. Times are milliseconds of one clock. */
export class SendingAccount {
  readonly #rate: SendingRate;
  #paidUntilMs = 0;
  /** Whether the deadline of the pending write has been started. */
  #isOpen = false;

  constructor(rate: SendingRate) {
    this.#rate = rate;
  }

  /** Notes that a write begins. Its grace starts at the first check, so that no write has to read the clock. */
  begin(): void {
    this.#isOpen = false;
  }

  /** Extends the deadline, because the peer's system accepted `count` bytes. */
  pay(count: number): void {
    this.#paidUntilMs += count / this.#rate.bytesPerMs;
  }

  /** Moves the deadline to `nowMs` or later, because the peer owes nothing for a time without anything to accept. */
  forgive(nowMs: number): void {
    if (this.#paidUntilMs < nowMs) this.#paidUntilMs = nowMs;
  }

  /** Whether the peer of the pending write has missed its deadline. */
  isOverdrawn(nowMs: number): boolean {
    const { graceMs, creditMaxMs } = this.#rate;
    if (!this.#isOpen) this.forgive(nowMs + graceMs);
    this.#isOpen = true;
    this.#paidUntilMs = Math.min(this.#paidUntilMs, nowMs + creditMaxMs);
    return nowMs > this.#paidUntilMs;
  }
}
