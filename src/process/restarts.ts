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

/** What a process puts up with. */
export interface RestartLimits {
  /** So many deaths within a minute end it. */
  readonly deathsMax: number;
  /** No replacement waits longer. */
  readonly delayMaxMs: number;
}

/** The deaths of a process's workers. */
export class Restarts {
  readonly #limits: RestartLimits;
  #deathsMs: number[] = [];

  constructor(limits: RestartLimits = { deathsMax: DEATHS_MAX, delayMaxMs: Infinity }) {
    this.#limits = limits;
  }

  /** Notes a death; how long to wait before the replacement, in milliseconds, or `"give up"`. */
  note(nowMs: number): number | "give up" {
    this.#deathsMs = [...this.#deathsMs.filter((deathMs) => nowMs - deathMs < WINDOW_MS), nowMs];
    const deaths = this.#deathsMs.length;
    if (deaths >= this.#limits.deathsMax) return "give up";
    return Math.min(FIRST_DELAY_MS * 2 ** (deaths - 1), this.#limits.delayMaxMs);
  }
}
