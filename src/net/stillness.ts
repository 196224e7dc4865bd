/**
 * Stillness: waiting until nothing more is on its way from the system to us.
 * When a timer calls, bytes may have arrived of which the runtime has not told yet: it tells of 128 operations a round of its
 * event loop, and runs timers first. Whoever ends something because nothing came waits for stillness before.
 * @module
 */

import type { Clock } from "./clock.ts";

/**
 * Rounds in a row in which nothing moved, before that is taken for stillness. After a long turn the runtime (2.9.6) tells of
 * what has come in the second or third round; with 1,000 busy connections beside, in some ten of them.
 */
export const STILL_ROUNDS = 16;

/** Rounds after which we go on though something moves still: a tenth of a second, and more where the machine is busy. */
const ROUNDS_MAX = 64;

/** Resolves when `hasMoved`, asked once a round, has said no `STILL_ROUNDS` times in a row, or when `signal` aborts. */
export async function untilStill(clock: Clock, hasMoved: () => boolean, signal: AbortSignal): Promise<void> {
  let still = 0;
  for (let round = 0; round < ROUNDS_MAX && still < STILL_ROUNDS && !signal.aborted; round++) {
    await nextRound(clock, signal);
    still = hasMoved() ? 0 : still + 1;
  }
}

/**
 * Resolves when the system has been asked what has come, and that has been told. Only a timer that is waited for has the
 * runtime ask: of turns in which others are ready, it goes through sixty first. The turn behind it lets what came at the
 * same time be told.
 */
export async function nextRound(clock: Clock, signal: AbortSignal): Promise<void> {
  await clock.sleep(1, signal);
  await clock.sleep(0, signal);
}

/**
 * The runtime (2.9.6) asks the system what has come once in so many turns of its event loop, as long as others are ready at
 * once; in the turn behind that it tells of it.
 */
const TURNS_A_LOOK = 61;

/** A turn in which nothing is told takes some 4 microseconds. */
const BUSY_TURN_MS = 0.02;

/** A worker that never has a quiet moment gets no longer than this. */
const QUIET_MAX_MS = 1_000;

/**
 * Resolves in the first moment behind a look of the runtime's at the system that found nothing: for who closes a listener, and
 * with it resets whatever has come since that look. Unlike rounds with a timer, turns that follow each other at once let one
 * know when that was: behind a turn that had something to tell, exactly so many turns later.
 */
export async function untilNothingComes(clock: Clock): Promise<void> {
  const untilMs = clock.now() + QUIET_MAX_MS;
  let beforeMs = clock.now();
  for (let quiet = 0; quiet < TURNS_A_LOOK && beforeMs < untilMs;) {
    await clock.sleep(0);
    const nowMs = clock.now();
    quiet = nowMs - beforeMs > BUSY_TURN_MS ? 0 : quiet + 1;
    beforeMs = nowMs;
  }
}
