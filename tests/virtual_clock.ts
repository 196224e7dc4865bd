/**
 * The clock that tests move by hand, begun at a time that they agree on, and a way to let everything run that is ready to.
 */

import { ManualClock } from "../src/net/manual_clock.ts";
import { QUIET_ROUNDS } from "../src/net/delivery.ts";
import { type Marked, type SweepLimits } from "../src/net/sweep.ts";
import { Sweeper } from "../src/net/sweeper.ts";

/** An afternoon in 2026, for tests that do not care. */
export const SOME_WALL_MS = Date.UTC(2026, 10, 21, 13, 14, 15, 678);

/** Far from 0, so that a mark that was never set cannot pass for one that was. */
const START_MS = 1_000_000;

/** Time for tests. Its wall clock can be set, as a system's can. */
export class VirtualClock extends ManualClock {
  #setByMs = 0;

  constructor(wallMs: number = SOME_WALL_MS) {
    super(wallMs, START_MS);
  }

  override wallOf(nowMs: number): number {
    return super.wallOf(nowMs) + this.#setByMs;
  }

  /** Sets the wall clock by `ms`, forth or back. `now()` does not follow. */
  setWallBy(ms: number): void {
    this.#setByMs += ms;
  }
}

/** Resolves when everything that was ready to run has run, however many promises it went through. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Lets a clock's rounds pass until all that has come is told: the sweep ends nobody before. Takes some 20 of its milliseconds. */
export async function untilTold(clock: VirtualClock): Promise<void> {
  for (let round = 0; round < QUIET_ROUNDS + 2; round++) {
    for (const ms of [1, 0]) {
      clock.advance(ms);
      await turn();
    }
  }
}

/** Moves the clock from event to event until `promise` is settled, and returns it. */
export async function untilSettled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = () => void (isSettled = true);
  promise.then(settle, settle);
  await turn();
  while (!isSettled && clock.nextMs < Infinity) {
    clock.step();
    await turn();
  }
  return await promise;
}

/** Sweeps `connections` once. */
export async function sweepOnce(
  connections: Iterable<Marked>,
  clock: VirtualClock,
  limits: SweepLimits,
): Promise<void> {
  const swept = new Sweeper(connections, clock, () => ({ ...limits, lingerMs: Infinity })).sweep();
  await untilTold(clock);
  await swept;
}
