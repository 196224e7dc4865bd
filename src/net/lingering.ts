/**
 * What connections may cost that linger: how long each may go on sending after our end, and how fast all of them together are
 * read from. Knows counts and times; not what is said.
 * @module
 */

import type { Readable } from "./chunks.ts";
import type { Clock } from "./clock.ts";

/** How long a peer may go on sending after we have ended our side, so that it gets to read our last answer. */
export interface LingerLimits {
  /** A peer that has sent nothing for so long, in milliseconds, has read the answer or never will. */
  readonly quietMs: number;
  /** A peer that goes on sending is closed after so long, in milliseconds. */
  readonly totalMs: number;
  /** So many bytes a millisecond are read from all peers together. `Infinity`: as many as come. */
  readonly bytesPerMs: number;
}

/** The system has a buffer of about this size for each connection, so that a larger read brings no more. */
const SCRAP_BYTES = 64 * 1024;

/** Reading may be so far ahead of the rate: timers are no more exact than that. */
const AHEAD_MS = 10;

/** What all connections of one server share that linger. */
export class Lingering {
  readonly limits: LingerLimits;
  /** Until when what was read keeps to the rate. */
  #paidUntilMs = -Infinity;
  #scrap: Uint8Array | null = null;

  constructor(limits: LingerLimits) {
    this.limits = limits;
  }

  /** Where everybody reads into: nobody wants to know what. */
  get scrap(): Uint8Array {
    return this.#scrap ??= new Uint8Array(SCRAP_BYTES);
  }

  /** For how long whoever read `count` bytes must wait. They wait one behind the other, each for what it has read itself. */
  charge(count: number, nowMs: number): number {
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs) + count / this.limits.bytesPerMs;
    return Math.max(0, this.#paidUntilMs - nowMs - AHEAD_MS);
  }
}

/** The end of one connection. Times in milliseconds of `clock`. */
export class Linger {
  readonly #lingering: Lingering;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  /** When it began. */
  readonly sinceMs: number;
  #untilMs: number;

  /** `quietMs`: how long the peer may be quiet at first. */
  constructor(lingering: Lingering, clock: Clock, quietMs: number) {
    this.#lingering = lingering;
    this.#clock = clock;
    this.sinceMs = clock.now();
    this.#untilMs = this.sinceMs + quietMs;
  }

  /** Until when the peer may be quiet. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Ends a wait that is under way: for when the connection is closed. */
  close(): void {
    this.#closed.abort();
  }

  /**
   * Reads and forgets until `source` ends, no faster than all together may; `onRead` is called with each number of bytes. Throws
   * what a read throws.
   */
  async runOut(source: Readable, onRead: (count: number) => void): Promise<void> {
    const { scrap, limits } = this.#lingering;
    for (let count = await source.read(scrap); count !== null; count = await source.read(scrap)) {
      onRead(count);
      const nowMs = this.#clock.now();
      const waitMs = this.#lingering.charge(count, nowMs);
      this.#untilMs = Math.min(this.sinceMs + limits.totalMs, nowMs + waitMs + limits.quietMs);
      if (waitMs > 0) await this.#clock.sleep(waitMs, this.#closed.signal);
    }
  }
}
