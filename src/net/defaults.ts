/**
 * The default of every option of `serve`, with its unit and its reason.
 * @module
 */

import { systemClock } from "./clock.ts";
import { listen, type ListenAddress } from "./listen.ts";
import type { Listener, ServeSettings } from "./listener.ts";
import { withDefaults } from "./options.ts";
import { Tally } from "./tally.ts";

/** The defaults of all options except the listener, the signal and the callbacks. */
export const SERVE_DEFAULTS: Omit<ServeSettings, "listener" | "tally" | "signal" | "observe" | "exhausted"> = {
  clock: systemClock,
  /** An idle connection costs a kilobyte, and no message can occupy more than 64. */
  accumulator: { minBytes: 1024, maxBytes: 64 * 1024 },
  /** 1 KiB/s after half a minute. A slower peer has lost its network, or wants to occupy the server. */
  sendingRate: { bytesPerMs: 1.024, graceMs: 30_000, aheadMaxMs: 120_000 },
  /** Like `lastMessageMs`. */
  graceMs: 250,
  /**
   * Some clients write all of a message before they read why the server refuses it. Ten megabytes take a third of a
   * second, or half a minute over a slow line. Reading and discarding at this rate takes a hundredth of a processor.
   */
  linger: { quietMs: 2_000, totalMs: 30_000, bytesPerMs: 32 * 1024 },
  /** Each connection takes a descriptor. More connections wait in the system's backlog. */
  connectionsMax: 10_000,
  /** A person at a keyboard is the slowest honest peer: a minute to think, half a minute to finish a message. */
  sweep: { idleMs: 60_000, messageMs: 30_000 },
  /** Long enough for most answers that are being sent when the server ends. */
  drainMs: 10_000,
  /** Some ten times what a message takes between two continents, and too short to be noticed when the server ends. */
  lastMessageMs: 250,
  report: reportToConsole,
};

/** How to serve: an address or a listener, and the options that differ from `SERVE_DEFAULTS`. */
export type ServeOptions =
  & Partial<Omit<ServeSettings, "listener">>
  & (ListenAddress | { readonly listener: Listener | readonly Listener[] });

/** Completes options with the defaults. Listens if they contain an address. */
export function completeOptions(options: ServeOptions): ServeSettings {
  const listener = "listener" in options ? options.listener : listen(options);
  return withDefaults<ServeSettings>({ ...SERVE_DEFAULTS, listener, tally: new Tally() }, options);
}

/** The default of `report`: writes to standard error, with the stack of the error. */
export function reportToConsole(problem: string, error: unknown): void {
  console.error(`${problem}:`, error);
}
