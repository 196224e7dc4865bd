/**
 * The settings of the protocol HTTP/1.1: time, log, counts, and whom to believe.
 * @module
 */

import { type Clock, systemClock } from "../../net/clock.ts";
import { reportToConsole } from "../../net/defaults.ts";
import { Tally } from "../../net/tally.ts";
import type { Fields } from "../fields.ts";
import type { Exchange } from "../handler.ts";
import type { Client, Request } from "../request.ts";

/** The settings of the protocol. `HttpOptions` may leave out all of them. */
export interface HttpSettings {
  /** The clock for the Date field and durations. */
  readonly clock: Clock;
  /** Value of the Server field. */
  readonly serverName: string;
  /**
   * How long the transport keeps a connection that waits for the next request: `sweep.idleMs` of `serve`. Clients are
   * told a second less (Keep-Alive). `Infinity`: they are told nothing.
   */
  readonly idleMs: number;
  /** Called for each exchange; `null`: the exchange is not recorded, which saves time. */
  readonly log: ((exchange: Exchange) => void) | null;
  /** The counts of the server. */
  readonly tally: Tally;
  /** Whom a request comes from, by its fields; `null`: from the peer alone. */
  readonly clientOf: ((fields: Fields, from: Client) => Client) | null;
  /** Whether a request is answered also for a host that the certificate is not valid for; `null`: none is. */
  readonly isForEveryHost: ((request: Request) => boolean) | null;
  /** Called when a handler or a source of content fails. */
  readonly report: (problem: string, error: unknown) => void;
  /** Number of parsed targets and hosts in the cache, a power of two. Each takes at most 1.2 KB. */
  readonly targetsCached: number;
}

/** The settings that differ from `HTTP_DEFAULTS`. */
export type HttpOptions = Partial<HttpSettings>;

/** The system's clock, the name of the product, no log, and problems to standard error. */
export const HTTP_DEFAULTS: HttpSettings = {
  clock: systemClock,
  serverName: "sweepd",
  idleMs: Infinity,
  log: null,
  tally: new Tally(),
  clientOf: null,
  isForEveryHost: null,
  report: reportToConsole,
  targetsCached: 32_768,
};
