/**
 * Decides when to replace a worker that died, and when to give up. Pure: the caller passes the times.
 * @module
 */

/** Deaths within this time are counted together. */
const WINDOW_MS = 60_000;

/** Number of deaths within this time after which the process ends. */
const DEATHS_MAX = 5;

/** Delay of the first replacement. Each further one has twice the delay. */
const FIRST_DELAY_MS = 100;

/** The limits on deaths. */
export interface RestartLimits {
  /** Number of deaths within a minute that ends the process. */
  readonly deathsMax: number;
  /** The longest delay of a replacement. */
  readonly delayMaxMs: number;
}

/** The deaths of a process's workers. */
export class Restarts {
  readonly #limits: RestartLimits;
  #deathsMs: number[] = [];

  constructor(limits: RestartLimits = { deathsMax: DEATHS_MAX, delayMaxMs: Infinity }) {
    this.#limits = limits;
  }

  /** Records a death. Returns the delay before the replacement in milliseconds, or `"give up"`. */
  recordDeath(nowMs: number): number | "give up" {
    this.#deathsMs = [...this.#deathsMs.filter((deathMs) => nowMs - deathMs < WINDOW_MS), nowMs];
    const deaths = this.#deathsMs.length;
    if (deaths >= this.#limits.deathsMax) return "give up";
    return Math.min(FIRST_DELAY_MS * 2 ** (deaths - 1), this.#limits.delayMaxMs);
  }
}
