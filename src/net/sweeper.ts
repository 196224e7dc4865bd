/**
 * The sweep as it goes round: finds who is overdue, lets what is on its way arrive, and ends those who are overdue still.
 * Knows marks and time; not connections.
 * @module
 */

import type { Clock } from "./clock.ts";
import type { CloseReason } from "./events.ts";
import { nextRound, untilStill } from "./stillness.ts";
import { type CurrentLimits, findOverdue, type Marked, overdue } from "./sweep.ts";

/**
 * Connections that end between two looks at what has come: each takes some 10 microseconds, in which the request of the
 * last of them may arrive unseen.
 */
const ENDED_A_ROUND = 16;

/** How often one that was at work at the moment is looked at again; what is left is for the next sweep. */
const TRIES_AT_WORK = 16;

/** Goes round over the connections. */
export class Sweeper {
  readonly #connections: Iterable<Marked>;
  readonly #clock: Clock;
  readonly #limits: () => CurrentLimits;
  readonly #stopped = new AbortController();
  #isUnderWay = false;

  /** `limits` is asked each time, so that they may change. */
  constructor(connections: Iterable<Marked>, clock: Clock, limits: () => CurrentLimits) {
    this.#connections = connections;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Goes round once; does nothing while an earlier round is under way. */
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

  /** Ends what is under way: for when the connections are closed. */
  stop(): void {
    this.#stopped.abort();
  }

  /**
   * Those for whom nothing came while all that had arrived was told. Bytes do not save a connection from all deadlines: one that
   * reads all the time is at work between two reads, which is no reason to let it go.
   */
  async #stillOverdue(found: readonly Marked[]): Promise<Marked[]> {
    let left = [...found];
    const hasMoved = () => {
      const before = left.length;
      left = left.filter((each) => each.activity === "working" || this.#reasonFor(each) !== null);
      return left.length < before;
    };
    await untilStill(this.#clock, hasMoved, this.#stopped.signal);
    return left;
  }

  async #end(late: Marked[]): Promise<void> {
    for (let triesAtWork = TRIES_AT_WORK; late.length > 0 && !this.#stopped.signal.aborted;) {
      const atWork = late.splice(-ENDED_A_ROUND).filter((connection) => {
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
