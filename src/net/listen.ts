/**
 * Opens a listening socket.
 * `serve` accepts connections from the result of `listen`, passes each to a conversation, and closes it at the end.
 * @module
 */

import { explainError } from "./explain_error.ts";
import type { Listener } from "./listener.ts";
import { hostAndPort } from "./peer.ts";

/** The address to listen on. */
export interface ListenAddress {
  /** An IP address of this machine, or a name for one. None or `""`: every address, IPv6 and IPv4. */
  readonly hostname?: string | undefined;
  /** 0 to 65535. 0: any free port, which `addr` of the result contains. */
  readonly port: number;
}

/** A listening socket with its address. */
export interface TcpListener extends Listener {
  /** The actual address and port. */
  readonly addr: Deno.NetAddr;
}

/** An address that cannot be listened on. The message is for a person. The cause is the system's own error. */
export class ListenError extends Error {
  /** The class of the error. */
  override name = "ListenError";
}

/**
 * Listens on a TCP address. The address can be used again right after an earlier listener on it has closed, even while
 * its connections linger in the system (SO_REUSEADDR, which the runtime sets on every system where it has this
 * meaning). It cannot be used while another socket listens on it. The caller must close the listener unless `serve`
 * gets it.
 *
 * Throws `ListenError`, and `RangeError` if `port` is not a TCP port.
 */
export function listen({ hostname = "", port }: ListenAddress): TcpListener {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw new RangeError(`Not a TCP port: ${port}`);
  if (hostname !== "") return tryListen(hostname, port);
  try {
    return tryListen("::", port); // Accepts IPv4 as well.
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
