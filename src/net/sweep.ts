/**
 * Mark and sweep: which connections have gone without progress for too long.
 * Every read and write marks a connection with the time; the sweep looks at the marks. Pure: knows no sockets or timers.
 * @module
 */

import type { Activity, CloseReason } from "./events.ts";

/** What the sweep judges a connection by. Times in milliseconds of the clock that `nowMs` is from. */
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

/** How long a peer may keep us waiting, in milliseconds; `Infinity` is forever. */
export interface SweepLimits {
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** From the first byte of a message to its last. "Any byte marks" alone would be beaten by a trickle. */
  readonly messageMs: number;
}

/** Limits of the moment. */
export interface CurrentLimits extends SweepLimits {
  /** How long a connection may linger, whatever else it may do. */
  readonly lingerMs: number;
}

/** Those that are overdue. Linear: some 50 nanoseconds a connection. */
export function findOverdue(connections: Iterable<Marked>, nowMs: number, limits: CurrentLimits): Marked[] {
  const found: Marked[] = [];
  for (const connection of connections) if (overdue(connection, nowMs, limits) !== null) found.push(connection);
  return found;
}

/** Why a connection must go now, or `null`. One that we are working on or sending to in good time is never idle. */
export function overdue(connection: Marked, nowMs: number, limits: CurrentLimits): CloseReason | null {
  switch (connection.activity) {
    case "waiting":
      if (nowMs > connection.graceUntilMs) return "drained";
      return nowMs - connection.markMs > limits.idleMs ? "idle" : null;
    case "receiving":
      if (nowMs - connection.messageMs > limits.messageMs) return "message overdue";
      return nowMs - connection.markMs > limits.idleMs ? "idle" : null;
    case "sending":
      return connection.isTooSlow(nowMs) ? "too slow" : null;
    case "lingering":
      return nowMs > Math.min(connection.lingerUntilMs, connection.lingerSinceMs + limits.lingerMs) ? "lingered" : null;
    case "working":
    case "closed":
      return null;
  }
}
