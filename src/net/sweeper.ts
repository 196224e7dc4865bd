/**
 * Runs the sweep: finds overdue connections, lets the runtime deliver bytes that have arrived, and closes the
 * connections that are still overdue. Knows marks and time; not connections.
 * @module
 */

import type { Clock } from "./clock.ts";
import type { CloseReason } from "./events.ts";
import { nextRound, untilDelivered } from "./delivery.ts";
import { type CurrentLimits, findOverdue, type Marked, overdue } from "./sweep.ts";

/**
 * Connections that are closed before the next delivery. Closing one takes some 10 microseconds, and the request of the
 * last one may arrive in that time.
 */
const ENDED_A_ROUND_MIN = 4;

/** Rounds that closing takes at most: a third of a second. With more connections, more are closed in each round. */
const ROUNDS_TO_END = 256;

/** How often a connection that is `working` is checked again. The next sweep checks the remaining ones. */
const TRIES_AT_WORK = 16;

/** Runs sweeps over the connections. */
export class Sweeper {
  readonly #connections: Iterable<Marked>;
  readonly #clock: Clock;
  readonly #limits: () => CurrentLimits;
  readonly #stopped = new AbortController();
  #isUnderWay = false;

  /** `limits` is called for each sweep, because they may change. */
  constructor(connections: Iterable<Marked>, clock: Clock, limits: () => CurrentLimits) {
    this.#connections = connections;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Runs one sweep. Does nothing while an earlier one is running. */
  async sweep(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    try {
      const found = findOverdue(this.#connections, this.#clock.now(), this.#limits());
      if (found.length > 0) await this.#end(await this.#stillOverdue(found));
    } finally {
      this.#isUnderWay = false;
    }
  }

  /** Ends a running sweep, because the connections are closed. */
  stop(): void {
    this.#stopped.abort();
  }

  /**
   * The connections that are overdue even after all arrived bytes were delivered. A connection that reads all the time
   * is `working` between two reads, so `working` alone does not exempt it.
   */
  async #stillOverdue(found: readonly Marked[]): Promise<Marked[]> {
    let left = [...found];
    const hasMoved = () => {
      const before = left.length;
      left = left.filter((each) => each.activity === "working" || this.#reasonFor(each) !== null);
      return left.length < before;
    };
    await untilDelivered(this.#clock, hasMoved, this.#stopped.signal);
    return left;
  }

  async #end(late: Marked[]): Promise<void> {
    const count = Math.max(ENDED_A_ROUND_MIN, Math.ceil(late.length / ROUNDS_TO_END));
    for (let triesAtWork = TRIES_AT_WORK; late.length > 0 && !this.#stopped.signal.aborted;) {
      const atWork = late.splice(-count).filter((connection) => {
        const reason = this.#reasonFor(connection);
        if (reason !== null) connection.expire(reason);
        return connection.activity === "working";
      });
      if (atWork.length > 0 && triesAtWork-- > 0) late.unshift(...atWork);
      if (late.length > 0) await nextRound(this.#clock, this.#stopped.signal);
    }
  }

  #reasonFor(connection: Marked): CloseReason | null {
    return overdue(connection, this.#clock.now(), this.#limits());
  }
}
