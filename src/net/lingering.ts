/**
 * What connections may cost that linger: how long each may go on sending after our end, and how fast all of them together are
 * read from. Knows counts and times; not what is said.
 * @module
 */

import type { Clock } from "./clock.ts";
import type { CloseReason } from "./events.ts";
import type { Socket } from "./socket.ts";

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

/** What the end of one connection works with. */
export interface LingerOptions {
  readonly clock: Clock;
  /** How long the peer may be quiet at first, in milliseconds. */
  readonly quietMs: number;
  readonly socket: Pick<Socket, "read" | "closeWrite">;
  /** Called with each number of bytes that were read and forgotten. */
  readonly onRead: (count: number) => void;
}

/** The end of one connection. Times in milliseconds of its clock. */
export class Linger {
  readonly #lingering: Lingering;
  readonly #options: LingerOptions;
  readonly #closed = new AbortController();
  /** When it began. */
  readonly sinceMs: number;
  /** Why the sweep, or a mistake of ours, ends the connection; `null`: the conversation does. */
  dismissedFor: CloseReason | null = null;
  /** Resolves when a dismissed connection is closed; `null`: it is not dismissed. */
  dismissed: Promise<void> | null = null;
  #untilMs: number;

  /** Begins now. */
  constructor(lingering: Lingering, options: LingerOptions) {
    this.#lingering = lingering;
    this.#options = options;
    this.sinceMs = options.clock.now();
    this.#untilMs = this.sinceMs + options.quietMs;
  }

  /** Until when the peer may be quiet. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Closes `connection` for `reason` when the end is over, or has failed. */
  dismiss(reason: CloseReason, end: Promise<void>, connection: { close(reason: CloseReason): void }): void {
    this.dismissedFor = reason;
    this.dismissed = end.catch(() => {}).then(() => connection.close(reason));
  }

  /** Ends a wait that is under way: for when the connection is closed. */
  close(): void {
    this.#closed.abort();
  }

  /**
   * Ends our side of the socket, then reads and forgets until the peer ends its own, no faster than all together may. `reading`
   * is a read that is pending. Throws what a read throws.
   */
  async end(reading: Promise<number | null> | null = null): Promise<void> {
    const { socket, clock, onRead } = this.#options;
    const { scrap, limits } = this.#lingering;
    await socket.closeWrite();
    if (reading !== null && await reading === null) return;
    for (let count = await socket.read(scrap); count !== null; count = await socket.read(scrap)) {
      onRead(count);
      const nowMs = clock.now();
      const waitMs = this.#lingering.charge(count, nowMs);
      this.#untilMs = Math.min(this.sinceMs + limits.totalMs, nowMs + waitMs + limits.quietMs);
      if (waitMs > 0) await clock.sleep(waitMs, this.#closed.signal);
    }
  }
}
