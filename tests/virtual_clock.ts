/**
 * A clock that stands still until a test moves it, and a way to let everything run that is ready to.
 */

import type { Clock } from "../src/net/clock.ts";

/** An afternoon in 2026, for tests that do not care. */
export const SOME_WALL_MS = Date.UTC(2026, 10, 21, 13, 14, 15, 678);

interface Timer {
  readonly periodMs: number | null;
  readonly call: () => void;
  dueMs: number;
}

/** Time for tests. `now()` and `wall()` move together, and only by `advance()`. */
export class VirtualClock implements Clock {
  #nowMs = 1_000_000; // Far from 0, so that a mark that was never set cannot pass for one that was.
  readonly #wallOffsetMs: number;
  readonly #timers = new Set<Timer>();

  constructor(wallMs: number = SOME_WALL_MS) {
    this.#wallOffsetMs = wallMs - this.#nowMs;
  }

  /** Timers and sleeps that have not ended: 0 when everything has been tidied away. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  every(periodMs: number, call: () => void): () => void {
    if (!(periodMs > 0)) throw new RangeError(`Not a period: ${periodMs}`);
    const timer = this.#add(periodMs, periodMs, call);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#timers.delete(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = this.#add(delayMs, null, wake);
      signal?.addEventListener("abort", wake);
    });
  }

  /**
   * Lets `ms` pass: runs what falls due in the order of its time, then of its making, each at its own time. What waited
   * for a promise goes on afterwards: `await turn()` for it.
   */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = next.dueMs;
      if (next.periodMs === null) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.call();
    }
    this.#nowMs = endMs;
  }

  #add(delayMs: number, periodMs: number | null, call: () => void): Timer {
    const timer: Timer = { dueMs: this.#nowMs + delayMs, periodMs, call };
    this.#timers.add(timer);
    return timer;
  }

  #next(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }
}

/** Resolves when everything that was ready to run has run, however many promises it went through. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
