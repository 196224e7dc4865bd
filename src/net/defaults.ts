/**
 * What `serve` goes by when nothing else is said: every limit, with its unit and its reason.
 * A server of one's own begins with `{ ...SERVE_DEFAULTS, listener }` and changes what it must.
 * @module
 */

import { systemClock } from "./clock.ts";
import type { ServeOptions } from "./listener.ts";

/** Options of `serve` but for the listener and the signals. */
export const SERVE_DEFAULTS: Omit<ServeOptions, "listener" | "signal" | "idleSignal" | "observe"> = {
  clock: systemClock,
  /** An idle connection costs a kilobyte; no message can claim more than 64. */
  accumulator: { minBytes: 1024, maxBytes: 64 * 1024 },
  /** 1 KiB/s after half a minute: slower is a peer that is gone in all but name, or one that wants to hold us up. */
  sendingRate: { bytesPerMs: 1.024, graceMs: 30_000, creditMaxMs: 120_000 },
  /** Long enough for a peer to read the last answer, short enough not to collect such connections. */
  linger: { ms: 2_000, bytes: 1024 * 1024 },
  /** Each takes a descriptor; more wait in the system's backlog. */
  connectionsMax: 10_000,
  /** A person at a keyboard is the slowest honest peer: a minute to think, half a minute to finish a message. */
  sweep: { idleMs: 60_000, messageMs: 30_000 },
  /** What is said when the server ends is finished, within reason. */
  drainMs: 10_000,
  report: (problem, error) => console.error(`${problem}:`, error),
};
