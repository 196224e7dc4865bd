/**
 * Opens the socket of a connection before its conversation. Knows how that can end; not what TLS is.
 * @module
 */

import type { CloseReason } from "./events.ts";
import type { Opened, Security } from "./security.ts";
import type { Socket } from "./socket.ts";

/** How a connection is secured; `missing`: the peer has sent plain bytes; or why the connection must be closed. */
export type Opening =
  | { readonly opened: Opened; readonly security: Security | "missing" }
  | { readonly opened: Opened; readonly reason: CloseReason };

/** Waits until `socket` is secured. Calls `onBytes` each time bytes arrive. */
export async function openSocket(socket: Socket, onBytes: () => void): Promise<Opening> {
  const opened = await socket.open!(onBytes);
  switch (opened.kind) {
    case "secure":
      return { opened, security: opened.security };
    case "plain":
      return { opened, security: "missing" };
    case "failed":
      return { opened, reason: "handshake failed" };
    case "gone":
      return { opened, reason: "peer gone" };
  }
}
