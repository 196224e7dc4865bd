/**
 * Time as a value: what the transport asks of a clock, and the system's clock.
 * Tests hand in a virtual one, so that an idle hour passes in a millisecond.
 * @module
 */

/** A source of time and timers. */
export interface Clock {
  /** Milliseconds on a monotonic clock; only differences mean anything. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z: for `Date` fields and logs, never for measuring. */
  wall(): number;
  /** Calls back every `periodMs` until the returned function is called. Alone it keeps no process running. */
  every(periodMs: number, call: () => void): () => void;
  /** Resolves after `delayMs`, or at once when `signal` aborts; after 0 when all others had their turn. Never rejects. */
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
    // A timer would take a millisecond. The runtime loads what stands behind this global when it is first asked for.
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
