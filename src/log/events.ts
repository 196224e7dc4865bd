/**
 * Connection events as text, for `-d`.
 * @module
 */

import type { Connection } from "../net/connection.ts";
import type { ConnectionEvent } from "../net/events.ts";
import type { Opened } from "../net/security.ts";
import { hostAndPort } from "../net/peer.ts";

/** What is known about an event, to follow its kind: `78 bytes; accumulator holds 78; marked`. */
export function describeEvent({ peer }: Connection, event: ConnectionEvent): string {
  switch (event.kind) {
    case "accept":
      return `from ${hostAndPort(peer.hostname, peer.port)}; ${event.open} open`;
    case "open":
      return describeOpened(event.opened);
    case "read":
      return `${event.count} bytes; accumulator holds ${event.accumulated}; marked`;
    case "end":
      return `of input; accumulator holds ${event.accumulated}`;
    case "write":
      return `${event.count} bytes; marked`;
    case "sweep":
      return `${event.reason} while ${event.activity}`;
    case "close":
      return `${event.reason}; ${event.received} bytes received, ${event.sent} sent`;
  }
}

function describeOpened(opened: Opened): string {
  switch (opened.kind) {
    case "secure": {
      const { version, alpn, serverName } = opened.security;
      return `secured by ${version} for ${serverName ?? "no server name"}, ${alpn ?? "no ALPN"}; marked`;
    }
    case "plain":
      return "is not secured: it speaks no TLS";
    case "failed":
      return `handshake failed: ${opened.reason}`;
    case "gone":
      return "ended before it was secured";
  }
}
