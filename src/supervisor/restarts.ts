/**
 * When a worker that died is replaced, and when enough have died. Pure: told of times, keeps them.
 * @module
 */

/** Deaths within this time count together. */
const WINDOW_MS = 60_000;

/** So many deaths within the window are no accident any more. */
const DEATHS_MAX = 5;

/** The first replacement comes after this, each further one after twice the time. */
const FIRST_DELAY_MS = 100;

/** The deaths of a process's workers. */
export class Restarts {
  #deathsMs: number[] = [];

  /** Notes a death; how long to wait before the replacement, in milliseconds, or `"give up"`. */
  note(nowMs: number): number | "give up" {
    this.#deathsMs = [...this.#deathsMs.filter((deathMs) => nowMs - deathMs < WINDOW_MS), nowMs];
    const deaths = this.#deathsMs.length;
    return deaths >= DEATHS_MAX ? "give up" : FIRST_DELAY_MS * 2 ** (deaths - 1);
  }
}
