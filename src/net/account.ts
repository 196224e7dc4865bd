/**
 * The account of a peer that is sent to: the bytes that it takes pay for the time that they would take at the lowest allowed
 * rate. Knows counts and times; not what is sent.
 * @module
 */

/** The lowest rate, and the time before it counts, at which a peer may take what is sent to it. */
export interface SendingRate {
  /** Bytes taken pay for time at this rate. */
  readonly bytesPerMs: number;
  /** A peer may take nothing for this long. */
  readonly graceMs: number;
  /**
   * How far ahead bytes taken can pay. The kernel takes bytes from us in lumps of up to a megabyte, so a slow honest peer
   * shows no progress for minutes after one; a peer that stops reading is held no longer than this.
   */
  readonly creditMaxMs: number;
}

/** What one peer has paid for. Times in milliseconds of one clock. */
export class SendingAccount {
  readonly #rate: SendingRate;
  #paidUntilMs = 0;
  /** Whether the write that is pending was seen here before. */
  #isOpen = false;

  constructor(rate: SendingRate) {
    this.#rate = rate;
  }

  /** A write begins: its grace starts when it is first asked about, so that no write has to ask what time it is. */
  begin(): void {
    this.#isOpen = false;
  }

  /** The peer's system took `count` bytes. */
  pay(count: number): void {
    this.#paidUntilMs += count / this.#rate.bytesPerMs;
  }

  /** Time until `nowMs` in which nothing was to be taken is no debt. */
  forgive(nowMs: number): void {
    if (this.#paidUntilMs < nowMs) this.#paidUntilMs = nowMs;
  }

  /** Whether the peer of a pending write has used up our patience. */
  isOverdrawn(nowMs: number): boolean {
    const { graceMs, creditMaxMs } = this.#rate;
    if (!this.#isOpen) this.forgive(nowMs + graceMs);
    this.#isOpen = true;
    this.#paidUntilMs = Math.min(this.#paidUntilMs, nowMs + creditMaxMs);
    return nowMs > this.#paidUntilMs;
  }
}
