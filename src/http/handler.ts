/**
 * What answers requests, and what is told of each answer when it has been given.
 * Types only: knows requests and responses, not how they come and go.
 * @module
 */

import type { Head } from "./fields.ts";
import type { Request } from "./request.ts";
import type { Response } from "./response.ts";
import type { Status } from "./status.ts";

/** Answers a request. May throw: that is a 500, and reported. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** One request and its answer, for the access log. Valid during the call only. */
export interface Exchange {
  /** Who asked. */
  readonly peer: Deno.NetAddr;
  /** The request, as far as it was understood. */
  readonly head: Head;
  /** Who asked by name; `null`: nobody has asked for a name. */
  readonly user: string | null;
  /** Of the answer. */
  readonly status: Status;
  /** Bytes of content that were put into the outbox; where the answer ends early, that the system took. */
  readonly contentBytes: number;
  /** From the complete head to the last byte in the outbox or, past its size, taken by the system. */
  readonly durationMs: number;
  /** Why a request was refused, or why the answer ends early. */
  readonly problem: string | null;
}
