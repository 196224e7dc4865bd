/**
 * Fair turns: a conversation that never has to wait lets the others in.
 * Reads and writes that need not wait go on in the same round of the event loop, so that one busy peer could hold it.
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";

/** How often a conversation may go on before the others have their turn, unless said otherwise. */
export const STEPS_A_TURN = 32;

/** Counts the steps of one conversation. */
export class Turns {
  readonly #clock: Clock;
  readonly #stepsMax: number;
  #steps = 0;

  /** The others have their turn after `stepsMax` steps. */
  constructor(clock: Clock = systemClock, stepsMax: number = STEPS_A_TURN) {
    this.#clock = clock;
    this.#stepsMax = stepsMax;
  }

  /** Ends a step. Resolves at once, or, when a turn is over, after everything else that is ready has run. */
  async next(): Promise<void> {
    if (++this.#steps < this.#stepsMax) return;
    this.#steps = 0;
    await this.#clock.sleep(0);
  }
}
