/**
 * A clock that is moved by hand: time stands still between two calls, and events fall due one by one.
 * For a replay, and for tests in which an hour passes at once. Knows times; not what the events do.
 * @module
 */

import type { Clock } from "./clock.ts";

interface Event {
  readonly dueMs: number;
  readonly call: () => void;
  isCancelled: boolean;
}

/** `now()` and `wall()` move together, and only by `step()` and `advance()`. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #wallOffsetMs: number;
  #pending = 0;
  /** The first to fall due is the last; of those due at the same time, the one that was made first. */
  readonly #events: Event[] = [];

  /** Both times to begin at, in milliseconds: `wall()`, and `now()`. */
  constructor(wallMs: number, nowMs = 0) {
    this.#nowMs = nowMs;
    this.#wallOffsetMs = wallMs - nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return this.wallOf(this.#nowMs);
  }

  /** What `wall()` is when `now()` is `nowMs`: whole milliseconds, as the system's. */
  wallOf(nowMs: number): number {
    return Math.floor(nowMs + this.#wallOffsetMs);
  }

  /** Timers and sleeps that have neither ended nor been stopped: 0 when everything has been tidied away. */
  get pending(): number {
    return this.#pending;
  }

  /** Throws `RangeError` for a period that is not positive. */
  every(periodMs: number, call: () => void): () => void {
    if (!(periodMs > 0)) throw new RangeError(`Not a period: ${periodMs}`);
    const tick = () => {
      cancel = this.after(periodMs, tick);
      call();
    };
    let cancel = this.after(periodMs, tick);
    let isStopped = false;
    this.#pending++;
    return () => {
      if (!isStopped) this.#pending--;
      isStopped = true;
      cancel();
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    this.#pending++;
    return new Promise((resolve) => {
      const wake = () => {
        this.#pending--;
        cancel();
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const cancel = this.after(delayMs, wake);
      signal?.addEventListener("abort", wake);
    });
  }

  /**
   * Calls back once in `delayMs`, unless the returned function is called before. Not counted in `pending`. Throws
   * `RangeError` for a delay that is negative or without end.
   */
  after(delayMs: number, call: () => void): () => void {
    if (!(delayMs >= 0 && delayMs < Infinity)) throw new RangeError(`Not a delay: ${delayMs}`);
    const event = { dueMs: this.#nowMs + delayMs, call, isCancelled: false };
    this.#events.splice(this.#placeOf(event.dueMs), 0, event);
    return () => void (event.isCancelled = true);
  }

  /** When the next event is due; `Infinity` when there is none. */
  get nextMs(): number {
    while (this.#events.at(-1)?.isCancelled) this.#events.pop();
    return this.#events.at(-1)?.dueMs ?? Infinity;
  }

  /** Goes to the next event and runs it. What waits for a promise goes on afterwards. Throws where there is no event. */
  step(): void {
    if (this.nextMs === Infinity) throw new RangeError("Nothing will ever happen again");
    const { dueMs, call } = this.#events.pop()!;
    this.#nowMs = dueMs;
    call();
  }

  /** Lets `ms` pass, and runs what falls due meanwhile, each at its own time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.nextMs <= endMs) this.step();
    this.#nowMs = endMs;
  }

  /** Where an event belongs: in front of all that are due no later. */
  #placeOf(dueMs: number): number {
    let [first, end] = [0, this.#events.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (this.#events[middle]!.dueMs > dueMs) first = middle + 1;
      else end = middle;
    }
    return first;
  }
}
