/**
 * What `serve` goes by when nothing else is said: every limit, with its unit and its reason.
 * @module
 */

import { systemClock } from "./clock.ts";
import { listen, type ListenAddress } from "./listen.ts";
import type { Listener, ServeSettings } from "./listener.ts";
import { withDefaults } from "./options.ts";

/** What a server need not be told: all but where it listens, and what it is to be told when. */
export const SERVE_DEFAULTS: Omit<ServeSettings, "listener" | "signal" | "observe" | "exhausted"> = {
  clock: systemClock,
  /** An idle connection costs a kilobyte; no message can claim more than 64. */
  accumulator: { minBytes: 1024, maxBytes: 64 * 1024 },
  /** 1 KiB/s after half a minute: slower is a peer that is gone in all but name, or one that wants to hold us up. */
  sendingRate: { bytesPerMs: 1.024, graceMs: 30_000, creditMaxMs: 120_000 },
  /** Some ten times what a message takes between two continents, and too short to be noticed when the server ends. */
  graceMs: 250,
  /**
   * Some clients write all of a message before they read why nobody wants it: ten megabytes take a third of a second, or half a
   * minute over a slow line. Reading and forgetting takes a hundredth of a processor at this rate.
   */
  linger: { quietMs: 2_000, totalMs: 30_000, bytesPerMs: 32 * 1024 },
  /** Each takes a descriptor; more wait in the system's backlog. */
  connectionsMax: 10_000,
  /** A person at a keyboard is the slowest honest peer: a minute to think, half a minute to finish a message. */
  sweep: { idleMs: 60_000, messageMs: 30_000 },
  /** What is said when the server ends is finished, within reason. */
  drainMs: 10_000,
  report: reportToConsole,
};

/** How to serve: an address or a listener, and whatever is to be other than in `SERVE_DEFAULTS`. */
export type ServeOptions =
  & Partial<Omit<ServeSettings, "listener">>
  & (ListenAddress | { readonly listener: Listener | readonly Listener[] });

/** Options with everything that they leave out. Listens, where they name an address. */
export function settle(options: ServeOptions): ServeSettings {
  const listener = "listener" in options ? options.listener : listen(options);
  return withDefaults<ServeSettings>({ ...SERVE_DEFAULTS, listener }, options);
}

/** Where problems go unless something else is said: to standard error, with the stack of what was thrown. */
export function reportToConsole(problem: string, error: unknown): void {
  console.error(`${problem}:`, error);
}
