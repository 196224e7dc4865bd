/**
 * Virtual time: the server's clock, and the events of the world around it, in one order.
 * Time stands still until `step()`, which runs exactly one event; whoever drives it lets promises settle in between.
 */

import type { Clock } from "../../src/net/clock.ts";

/** An autumn afternoon; what simulations call now. */
const START_WALL_MS = Date.UTC(2026, 10, 21, 13, 14, 15, 678);

interface Event {
  dueMs: number;
  /** Among events due at the same time the one made first comes first. */
  order: number;
  readonly call: () => void;
  isCancelled: boolean;
}

/** The server gets it as its `Clock`; the world adds events of its own by `after()`, which do not count as timers. */
export class Timeline implements Clock {
  #nowMs = 1_000_000; // Far from 0, so that a mark that was never set cannot pass for one that was.
  #order = 0;
  #timers = 0;
  /** A binary heap. */
  readonly #events: Event[] = [];

  /** Timers and sleeps of the server that have neither ended nor been stopped. */
  get timers(): number {
    return this.#timers;
  }

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return this.wallOf(this.#nowMs);
  }

  /** The wall clock's time when `now()` is `nowMs`. */
  wallOf(nowMs: number): number {
    return nowMs - 1_000_000 + START_WALL_MS;
  }

  every(periodMs: number, call: () => void): () => void {
    if (!(periodMs > 0)) throw new RangeError(`Not a period: ${periodMs}`);
    this.#timers++;
    let isStopped = false;
    let event: Event;
    const tick = () => {
      event = this.#add(periodMs, tick);
      call();
    };
    event = this.#add(periodMs, tick);
    return () => {
      if (!isStopped) this.#timers--;
      isStopped = event.isCancelled = true;
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    this.#timers++;
    return new Promise((resolve) => {
      const wake = () => {
        if (event.isCancelled) return;
        event.isCancelled = true;
        this.#timers--;
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const event = this.#add(delayMs, wake);
      signal?.addEventListener("abort", wake);
    });
  }

  /** Calls back once in `delayMs`, unless the returned function is called before. */
  after(delayMs: number, call: () => void): () => void {
    const event = this.#add(delayMs, call);
    return () => void (event.isCancelled = true);
  }

  /** When the next event is due; `Infinity` when there is none. */
  get nextMs(): number {
    while (this.#events[0]?.isCancelled) this.#takeFirst();
    return this.#events[0]?.dueMs ?? Infinity;
  }

  /** Goes to the next event and runs it. */
  step(): void {
    if (this.nextMs === Infinity) throw new RangeError("Nothing will ever happen again");
    const { dueMs, call } = this.#takeFirst();
    this.#nowMs = dueMs;
    call();
  }

  #add(delayMs: number, call: () => void): Event {
    if (!(delayMs >= 0 && delayMs < Infinity)) throw new RangeError(`Not a delay: ${delayMs}`);
    const event = { dueMs: this.#nowMs + delayMs, order: this.#order++, call, isCancelled: false };
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, events[parent]!)) break;
      events[at] = events[parent]!;
      at = parent;
    }
    events[at] = event;
    return event;
  }

  #takeFirst(): Event {
    const events = this.#events;
    const first = events[0]!;
    const moved = events.pop()!;
    if (events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child++;
      if (!isBefore(events[child]!, moved)) break;
      events[at] = events[child]!;
      at = child;
    }
    events[at] = moved;
    return first;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}
