/**
 * Decides which connections have made no progress for too long. Every read and write marks a connection with the time,
 * and the sweep compares the marks. Pure: knows no sockets or timers.
 * @module
 */

import type { Activity, CloseReason } from "./events.ts";

/** What the sweep needs to know of a connection. Times are milliseconds of the clock of `nowMs`. */
export interface Marked {
  readonly activity: Activity;
  readonly markMs: number;
  readonly messageMs: number;
  readonly graceUntilMs: number;
  readonly lingerSinceMs: number;
  readonly lingerUntilMs: number;
  isTooSlow(nowMs: number): boolean;
  expire(reason: CloseReason): void;
}

/** How long a peer may keep the server waiting, in milliseconds; `Infinity`: forever. */
export interface SweepLimits {
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** From the first byte of a message to its last. `idleMs` alone does not stop a peer that sends single bytes. */
  readonly messageMs: number;
}

/** The limits of one sweep. */
export interface CurrentLimits extends SweepLimits {
  /** How long a connection may linger, in addition to its own limits. */
  readonly lingerMs: number;
}

/** The overdue connections. Takes some 50 nanoseconds per connection. */
export function findOverdue(connections: Iterable<Marked>, nowMs: number, limits: CurrentLimits): Marked[] {
  const found: Marked[] = [];
  for (const connection of connections) if (overdue(connection, nowMs, limits) !== null) found.push(connection);
  return found;
}

/** Why a connection must be closed now, or `null`. One that is `working`, or sends fast enough, is never overdue. */
export function overdue(connection: Marked, nowMs: number, limits: CurrentLimits): CloseReason | null {
  switch (connection.activity) {
    case "waiting":
      if (nowMs > connection.graceUntilMs) return "drained";
      return nowMs - connection.markMs > limits.idleMs ? "idle" : null;
    case "receiving":
      if (nowMs - connection.messageMs > limits.messageMs) return "message overdue";
      return nowMs - connection.markMs > limits.idleMs ? "idle" : null;
    case "sending":
    case "blocked":
      return connection.isTooSlow(nowMs) ? "too slow" : null;
    case "lingering":
      return nowMs > Math.min(connection.lingerUntilMs, connection.lingerSinceMs + limits.lingerMs) ? "lingered" : null;
    case "working":
    case "closed":
      return null;
  }
}
