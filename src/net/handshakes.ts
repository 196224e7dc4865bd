/**
 * Bounds the handshakes that are under way: how many there are, and how many begin in one turn of the event loop.
 * Knows counts; not what a handshake is.
 * @module
 */

import type { Clock } from "./clock.ts";

/**
 * Handshakes under way in one worker. Each takes some 100 KiB. Beyond it, the oldest is ended: a flood of handshakes
 * that are never finished then cannot keep others out, which take a few round trips.
 */
export const HANDSHAKES_MAX = 1024;

/** One handshake that is under way. */
interface UnderWay {
  readonly giveUp: () => void;
}

/** The handshakes of one listener. */
export class Handshakes {
  readonly #clock: Clock;
  readonly #max: number;
  /** The oldest comes first. */
  readonly #underWay = new Set<UnderWay>();
  #lastTurn: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(clock: Clock, max: number = HANDSHAKES_MAX) {
    this.#clock = clock;
    this.#max = max;
  }

  /** The number of handshakes under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /**
   * Runs a handshake. `giveUp` is called if others need its place; then it must end soon. One begins in each turn of
   * the event loop, because it takes about a millisecond, in which no other connection is served.
   */
  async run<T>(handshake: () => Promise<T>, giveUp: () => void): Promise<T> {
    const turn = this.#waiting++ === 0 ? this.#lastTurn : this.#lastTurn.then(() => this.#clock.sleep(0));
    this.#lastTurn = turn;
    await turn;
    this.#waiting--;
    const mine = { giveUp };
    this.#underWay.add(mine);
    if (this.#underWay.size > this.#max) this.#endOldest();
    try {
      return await handshake();
    } finally {
      this.#underWay.delete(mine);
    }
  }

  #endOldest(): void {
    const [oldest] = this.#underWay;
    this.#underWay.delete(oldest!);
    oldest!.giveUp();
  }
}
