/**
 * The types of handlers and of logged exchanges.
 * Knows requests and responses; not how they are received and sent.
 * @module
 */

import type { Head } from "./fields.ts";
import type { Request } from "./request.ts";
import type { Response } from "./response.ts";
import type { Status } from "./status.ts";

/** Answers a request. If it throws, the client gets 500 and the error is reported. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** One request and its answer, for the access log. Valid during the call only. */
export interface Exchange {
  /** The address of the client. */
  readonly peer: Deno.NetAddr;
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
  /** The request, as far as it was parsed. */
  readonly head: Head;
  /** The name of the host that has answered, as configured; `null`: none has. */
  readonly servedBy: string | null;
  /** The authenticated user; `null`: none. */
  readonly user: string | null;
  /** The status of the answer. */
  readonly status: Status;
  /** The content coding of the answer; `null`: none. */
  readonly coding: string | null;
  /** Bytes of content put into the outbox. If the answer ended early, the bytes that the system accepted. */
  readonly contentBytes: number;
  /** From the complete head to the last byte put into the outbox or, for large answers, accepted by the system. */
  readonly durationMs: number;
  /** Why a request was refused, or why the answer ended early. */
  readonly problem: string | null;
}
