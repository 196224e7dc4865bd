/**
 * A clock that the caller advances. Events run one by one when they are due.
 * For replays, and for tests in which an hour passes at once. Knows times; not what the events do.
 * @module
 */

import type { Clock } from "./clock.ts";

interface Event {
  readonly dueMs: number;
  readonly call: () => void;
  isCancelled: boolean;
}

/** `now()` and `wall()` advance together, and only by `step()` and `advance()`. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #wallOffsetMs: number;
  #pending = 0;
  /** In reverse order: the next event is the last. Of events with the same time, the older one is next. */
  readonly #events: Event[] = [];

  /** Starts at these times, in milliseconds: `wall()` and `now()`. */
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

  /** The value of `wall()` when `now()` is `nowMs`: whole milliseconds, like the system's. */
  wallOf(nowMs: number): number {
    return Math.floor(nowMs + this.#wallOffsetMs);
  }

  /** Number of timers and sleeps that have neither ended nor been stopped. 0 when a server has cleaned up. */
  get pending(): number {
    return this.#pending;
  }

  /** Throws `RangeError` if `periodMs` is not positive. */
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
   * Calls `call` once after `delayMs`, unless the returned function is called before. Not counted in `pending`. Throws
   * `RangeError` if the delay is negative or infinite.
   */
  after(delayMs: number, call: () => void): () => void {
    if (!(delayMs >= 0 && delayMs < Infinity)) throw new RangeError(`Not a delay: ${delayMs}`);
    const event = { dueMs: this.#nowMs + delayMs, call, isCancelled: false };
    this.#events.splice(this.#placeOf(event.dueMs), 0, event);
    return () => void (event.isCancelled = true);
  }

  /** When the next event is due; `Infinity` if there is none. */
  get nextMs(): number {
    while (this.#events.at(-1)?.isCancelled) this.#events.pop();
    return this.#events.at(-1)?.dueMs ?? Infinity;
  }

  /** Advances to the next event and runs it. Awaiting code continues afterwards. Throws if there is no event. */
  step(): void {
    if (this.nextMs === Infinity) throw new RangeError("No event is pending");
    const { dueMs, call } = this.#events.pop()!;
    this.#nowMs = dueMs;
    call();
  }

  /** Advances by `ms` and runs the events that are due, each at its own time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.nextMs <= endMs) this.step();
    this.#nowMs = endMs;
  }

  /** The index at which to insert an event: before all events that are due at the same time or earlier. */
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
