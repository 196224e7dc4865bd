/**
 * A request as handlers see it, in any version of HTTP. Types only.
 * @module
 */

import type { Fields } from "./fields.ts";
import type { Target } from "./target.ts";

/** Whom a request comes from. */
export interface Client {
  /** The address of the client. */
  readonly peer: Deno.NetAddr;
  /** Whether the connection of the client is secured. */
  readonly isSecure: boolean;
}

/** A request. */
export interface Request {
  /** In its original letter case. */
  readonly method: string;
  readonly fields: Fields;
  /** The parsed request target. */
  readonly target: Target;
  /** The requested host in lower case, without its port. */
  readonly host: string;
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
  /** The address of the client. */
  readonly peer: Deno.NetAddr;
  /** The time on the monotonic clock at which the server began to answer, so that handlers need not read the clock. */
  readonly nowMs: number;
  /** One object for all requests with the same target and Host, as long as it is in the cache. */
  readonly route: Route;
  /** The authenticated user for the log, set by a handler; `null`: none. */
  user: string | null;
}

/** Where a handler stores what it found for a target and a host, for the next request with the same ones. */
export interface Route {
  /** For the handler only. It may contain a value of an earlier handler. */
  found: object | null;
  /** The name of the host that answers, as configured, for logs and counters. Set by a handler; `null`: none does. */
  servedBy: string | null;
}
