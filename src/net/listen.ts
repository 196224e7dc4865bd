/**
 * The server side of a connection's beginning: an address to listen on.
 * `serve` accepts from what `listen` gives, and hands each accepted socket to a conversation, with the means to close it.
 * @module
 */

import { explainError } from "./explain_error.ts";
import type { Listener } from "./listener.ts";
import { hostAndPort } from "./peer.ts";

/** Where to listen. */
export interface ListenAddress {
  /** An IP address of this machine, or a name for one. Without it, or `""`: every address, IPv6 and IPv4. */
  readonly hostname?: string | undefined;
  /** 0 to 65535; 0: any free one, see `addr` of the result. */
  readonly port: number;
}

/** A listening socket that knows where it listens. */
export interface TcpListener extends Listener {
  /** The address and the port that it really has. */
  readonly addr: Deno.NetAddr;
}

/** An address that cannot be listened on. The message is for a person; the cause is the system's own error. */
export class ListenError extends Error {
  /** The class of the error. */
  override name = "ListenError";
}

/**
 * Listens on a TCP address, at once. The address can be used again right after an earlier listener on it has closed, even
 * while its connections linger in the system (SO_REUSEADDR, which the runtime sets wherever it has that meaning); an
 * address on which somebody listens cannot. The listener is the caller's to close, unless `serve` gets it.
 *
 * Throws `ListenError`, and `RangeError` when the port is none.
 */
export function listen({ hostname = "", port }: ListenAddress): TcpListener {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw new RangeError(`Not a TCP port: ${port}`);
  if (hostname !== "") return tryListen(hostname, port);
  try {
    return tryListen("::", port); // Takes IPv4 as well.
  } catch (error) {
    const isTaken = error instanceof ListenError && error.cause instanceof Deno.errors.AddrInUse;
    if (isTaken) throw error;
    return tryListen("0.0.0.0", port); // A system without IPv6.
  }
}

function tryListen(hostname: string, port: number): TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (cause) {
    throw new ListenError(`cannot listen on ${hostAndPort(hostname, port)}: ${explainError(cause)}`, { cause });
  }
}
