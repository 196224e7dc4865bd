/**
 * Limits on lingering connections: how long each may go on sending after our end, and how fast all of them together are
 * read from. Knows counts and times; not what is said.
 * @module
 */

import type { Clock } from "./clock.ts";
import type { CloseReason } from "./events.ts";
import type { Socket } from "./socket.ts";

/** How long a peer may go on sending after we have closed our side, so that it reads our last answer. */
export interface LingerLimits {
  /** Milliseconds without a byte after which the connection closes: the peer has read the answer or never will. */
  readonly quietMs: number;
  /** Milliseconds after which the connection closes even if the peer goes on sending. */
  readonly totalMs: number;
  /** Bytes per millisecond that are read from all peers together. `Infinity`: no limit. */
  readonly bytesPerMs: number;
}

/** About the size of the system's buffer for each connection. A larger read returns no more. */
const DISCARD_BYTES = 64 * 1024;

/** How far reading may be ahead of the rate. Timers are not more exact than that. */
const AHEAD_MS = 10;

/** The state that all lingering connections of one server share. */
export class Lingering {
  readonly limits: LingerLimits;
  /** The time at which all bytes read so far are within the rate. */
  #onRateMs = -Infinity;
  #discarded: Uint8Array | null = null;

  constructor(limits: LingerLimits) {
    this.limits = limits;
  }

  /** The buffer into which all lingering connections read. Its content is ignored, so they can share it. */
  get discarded(): Uint8Array {
    return this.#discarded ??= new Uint8Array(DISCARD_BYTES);
  }

  /** Counts `count` bytes and returns the milliseconds that their reader must wait. Readers wait in turn. */
  charge(count: number, nowMs: number): number {
    this.#onRateMs = Math.max(this.#onRateMs, nowMs) + count / this.limits.bytesPerMs;
    return Math.max(0, this.#onRateMs - nowMs - AHEAD_MS);
  }
}

/** The options of one lingering connection. */
export interface LingerOptions {
  readonly clock: Clock;
  /** How long the peer may send nothing at first, in milliseconds. */
  readonly quietMs: number;
  readonly socket: Pick<Socket, "read" | "closeWrite">;
  /** Called after each read with the number of discarded bytes. */
  readonly onRead: (count: number) => void;
}

/** The end of one connection. Times are milliseconds of its clock. */
export class Linger {
  readonly #lingering: Lingering;
  readonly #options: LingerOptions;
  readonly #closed = new AbortController();
  /** When the lingering began. */
  readonly sinceMs: number;
  /** The reason for closing if the sweep or an error of ours ends the connection; `null`: the conversation ended. */
  closeReason: CloseReason | null = null;
  /** Resolves when the connection is closed; `null`: only the conversation ends it. */
  closing: Promise<void> | null = null;
  #untilMs: number;

  /** Starts now. */
  constructor(lingering: Lingering, options: LingerOptions) {
    this.#lingering = lingering;
    this.#options = options;
    this.sinceMs = options.clock.now();
    this.#untilMs = this.sinceMs + options.quietMs;
  }

  /** Until when the peer may send nothing. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Closes `connection` for `reason` when `end` settles. */
  closeAfter(reason: CloseReason, end: Promise<void>, connection: { close(reason: CloseReason): void }): void {
    this.closeReason = reason;
    this.closing = end.catch(() => {}).then(() => connection.close(reason));
  }

  /** Ends a pending wait, because the connection is closed. */
  close(): void {
    this.#closed.abort();
  }

  /**
   * Closes our side of the socket, then reads and discards until the peer closes its side, no faster than the shared
   * rate. `reading` is the pending read. Throws the errors of a read.
   */
  async end(reading: Promise<number | null> | null = null): Promise<void> {
    const { socket, clock, onRead } = this.#options;
    const { discarded, limits } = this.#lingering;
    await socket.closeWrite();
    if (reading !== null && await reading === null) return;
    for (let count = await socket.read(discarded); count !== null; count = await socket.read(discarded)) {
      onRead(count);
      const nowMs = clock.now();
      const waitMs = this.#lingering.charge(count, nowMs);
      this.#untilMs = Math.min(this.sinceMs + limits.totalMs, nowMs + waitMs + limits.quietMs);
      if (waitMs > 0) await clock.sleep(waitMs, this.#closed.signal);
    }
  }
}
