/**
 * Time as a value: the clock that the transport needs, and the system's clock.
 * Tests pass a virtual clock, with which an idle hour takes a millisecond.
 * @module
 */

/** A source of time and timers. */
export interface Clock {
  /** Milliseconds on a monotonic clock. Only differences have a meaning. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z, for `Date` fields and logs. Not for measuring. */
  wall(): number;
  /** Calls `call` every `periodMs` until the returned function is called. Does not keep the process running. */
  every(periodMs: number, call: () => void): () => void;
  /** Resolves after `delayMs` or when `signal` aborts. 0 ms: after all other pending work has run. Never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The system's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  every(periodMs, call) {
    const timer = setInterval(call, periodMs);
    Deno.unrefTimer(timer);
    return () => clearInterval(timer);
  },
  sleep(delayMs, signal) {
    if (signal?.aborted) return Promise.resolve();
    // A timer would take a millisecond. The runtime loads the module behind this global at its first use.
    if (delayMs === 0) return new Promise((resolve) => void setImmediate(resolve));
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, delayMs);
      signal?.addEventListener("abort", wake);
    });
  },
};
