/**
 * The options of a connection: limits, time, and an observer.
 * @module
 */

import type { SendingRate } from "./send_deadline.ts";
import type { AccumulatorSizes, SpareBuffers } from "./accumulator.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionEvent } from "./events.ts";
import type { Lingering } from "./lingering.ts";
import type { Tally } from "./tally.ts";

/** The options of a connection. */
export interface ConnectionOptions {
  /** The clock of all limits. */
  readonly clock: Clock;
  /** Sizes of `input`. */
  readonly accumulator: AccumulatorSizes;
  /** Spare buffers for `input`. A connection that is over puts its buffer there. */
  readonly spareBuffers?: SpareBuffers | undefined;
  /** How slowly the peer may accept what is sent to it. */
  readonly sendingRate: SendingRate;
  /**
   * How long a peer between two messages may take to notice our end: until a message arrives that it sent before, and
   * until it closes its side.
   */
  readonly graceMs: number;
  /** How long and how fast a connection reads on after our end, see `linger()`. Shared by a server's connections. */
  readonly lingering: Lingering;
  /** The counts of the server. */
  readonly tally?: Tally | undefined;
  /** Called at each event of a connection. */
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
}
