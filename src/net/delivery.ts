/**
 * Waits until the runtime has delivered all bytes that have already arrived. When a timer fires, arrived bytes may not
 * be delivered yet, because the runtime delivers 128 operations per round of its event loop and runs timers first. Code
 * that closes a connection because nothing arrived must wait for this first.
 * @module
 */

import type { Clock } from "./clock.ts";

/**
 * Rounds in a row without a delivery after which everything counts as delivered. After a long turn, the runtime (2.9.6)
 * delivers in the second or third round; with 1,000 busy connections, within some ten.
 */
export const QUIET_ROUNDS = 16;

/** Rounds after which the wait ends in any case: a tenth of a second, and more if the machine is busy. */
const ROUNDS_MAX = 64;

/** Resolves when `hasMoved`, called once per round, has returned `false` `QUIET_ROUNDS` times in a row, or on abort. */
export async function untilDelivered(clock: Clock, hasMoved: () => boolean, signal: AbortSignal): Promise<void> {
  let quiet = 0;
  for (let round = 0; round < ROUNDS_MAX && quiet < QUIET_ROUNDS && !signal.aborted; round++) {
    await nextRound(clock, signal);
    quiet = hasMoved() ? 0 : quiet + 1;
  }
}

/**
 * Resolves after the runtime has asked the system for arrived bytes and has delivered them. A timer makes the runtime
 * ask; without one, it first runs about sixty turns in which other work is ready. The second sleep lets bytes be
 * delivered that arrived at the same time.
 */
export async function nextRound(clock: Clock, signal: AbortSignal): Promise<void> {
  await clock.sleep(1, signal);
  await clock.sleep(0, signal);
}

/**
 * While work is ready at once, the runtime (2.9.6) asks the system for arrived bytes once in this many turns of its
 * event loop. It delivers them in the turn after that.
 */
const TURNS_A_LOOK = 61;

/** A turn without a delivery takes some 4 microseconds. */
const BUSY_TURN_MS = 0.02;

/** Limit for a worker that always has bytes to deliver. */
const QUIET_MAX_MS = 1_000;

/**
 * Resolves right after the runtime has asked the system for arrived bytes and found none. Then a listener can be
 * closed, which resets connections that have arrived since. Turns without a timer make that moment known: after a turn
 * that delivered something, it comes exactly `TURNS_A_LOOK` turns later.
 */
export async function untilNothingArrives(clock: Clock): Promise<void> {
  const untilMs = clock.now() + QUIET_MAX_MS;
  let beforeMs = clock.now();
  for (let quiet = 0; quiet < TURNS_A_LOOK && beforeMs < untilMs;) {
    await clock.sleep(0);
    const nowMs = clock.now();
    quiet = nowMs - beforeMs > BUSY_TURN_MS ? 0 : quiet + 1;
    beforeMs = nowMs;
  }
}
