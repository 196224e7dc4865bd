/**
 * A request as handlers see it, in whichever version of HTTP it came. Types only.
 * @module
 */

import type { Fields } from "./fields.ts";
import type { Target } from "./target.ts";

/** A request. */
export interface Request {
  /** In its letter case. */
  readonly method: string;
  readonly fields: Fields;
  /** What is asked for. */
  readonly target: Target;
  /** In lower case, without its port. */
  readonly host: string;
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
  /** Who asks. */
  readonly peer: Deno.NetAddr;
  /** When its turn came to be answered, on the monotonic clock: good enough for whatever asks what time it is. */
  readonly askedMs: number;
  /** The same object for the same target and Host, as long as they are remembered. */
  readonly route: Route;
  /** Who asks by name, where a handler has found that out: for the log. */
  user: string | null;
}

/** Where a handler keeps what it found for a target and a host, for the next request that asks for the same. */
export interface Route {
  /** The handler's own. Another handler may have put something there before. */
  found: object | null;
}
