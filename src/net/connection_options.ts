/**
 * What a connection is made with: limits, time, and who is told what happens.
 * @module
 */

import type { SendingRate } from "./account.ts";
import type { AccumulatorSizes, SpareBuffers } from "./accumulator.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionEvent } from "./events.ts";
import type { Lingering } from "./lingering.ts";

/** What a connection is made with. */
export interface ConnectionOptions {
  /** What the marks are taken from. */
  readonly clock: Clock;
  /** Sizes of `input`. */
  readonly accumulator: AccumulatorSizes;
  /** Where `input` has its buffer from, see `giveUp()`. */
  readonly spareBuffers?: SpareBuffers | undefined;
  /** How slowly the peer may take what is sent to it. */
  readonly sendingRate: SendingRate;
  /**
   * How long a peer that owes nothing may take to notice that we end: for the message that it sent before, and for closing its
   * side.
   */
  readonly graceMs: number;
  /** How long a connection may go on reading after our end, and how fast, see `linger()`. Those of a server share one. */
  readonly lingering: Lingering;
  /** Told what happens, as it happens. */
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
}
