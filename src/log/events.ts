/**
 * Connection events as text, for `-d`.
 * @module
 */

import type { Connection } from "../net/connection.ts";
import type { ConnectionEvent } from "../net/events.ts";
import { hostAndPort } from "../net/peer.ts";

/** A line without LF: `#12 read 78 bytes, accumulator holds 78`. */
export function formatEvent(connection: Connection, event: ConnectionEvent): string {
  return `#${connection.id} ${describeEvent(connection, event)}`;
}

/** The event, without the number of the connection. */
export function describeEvent({ peer }: Connection, event: ConnectionEvent): string {
  switch (event.kind) {
    case "accept":
      return `accept from ${hostAndPort(peer.hostname, peer.port)}, ${event.open} open`;
    case "read":
      return `read ${event.count} bytes, accumulator holds ${event.accumulated}; marked`;
    case "end":
      return `end of input, accumulator holds ${event.accumulated}`;
    case "write":
      return `wrote ${event.count} bytes; marked`;
    case "sweep":
      return `swept while ${event.activity}: ${event.reason}`;
    case "close":
      return `close: ${event.reason}; ${event.received} bytes received, ${event.sent} sent`;
  }
}
