/**
 * Activities of a connection, its events, and reasons for closing it: for the sweep, logs, captures and tests.
 * @module
 */

import type { Accumulator } from "./accumulator.ts";
import type { Opened } from "./security.ts";

/**
 * The activity of a connection. It reads in `waiting` and `receiving`: between messages and within one. In `blocked` it
 * reads too: there is something to send, and the peer must allow it first, apart from TCP.
 * `working`: our side has to act, and the peer owes nothing.
 */
export type Activity = "waiting" | "receiving" | "sending" | "blocked" | "working" | "lingering" | "closed";

/** Why a connection ended. */
export type CloseReason =
  | "done"
  | "handshake failed"
  | "peer gone"
  | "idle"
  | "message overdue"
  | "too slow"
  | "lingered"
  | "drained"
  | "failed";

/** An event of a connection, for `-d`, captures and tests. Sizes in bytes. A chunk is valid during the call only. */
export type ConnectionEvent =
  | { readonly kind: "accept"; readonly open: number }
  | { readonly kind: "open"; readonly opened: Opened }
  | { readonly kind: "read"; readonly count: number; readonly accumulated: number; readonly chunk: Uint8Array }
  | { readonly kind: "end"; readonly accumulated: number }
  | { readonly kind: "write"; readonly count: number; readonly chunk: Uint8Array }
  | { readonly kind: "sweep"; readonly activity: Activity; readonly reason: CloseReason }
  | { readonly kind: "close"; readonly reason: CloseReason; readonly received: number; readonly sent: number };

/**
 * The result of one read. `ended`: the peer will send no more, and may still be reading. `gone`: the peer reset the
 * connection or we closed it; nothing can be sent any more. `full`: the accumulator may not grow further.
 */
export type Filled = "bytes" | "ended" | "gone" | "full";

/** The event of a read of the last `count` bytes of `input`. */
export function readEvent(input: Accumulator, count: number): ConnectionEvent {
  const chunk = input.bytes.subarray(input.end - count, input.end);
  return { kind: "read", count, accumulated: input.length, chunk };
}
