/**
 * What a connection is at, what happens on it, and why it ends: for the sweep, logs, captures and tests.
 * @module
 */

/**
 * What a connection is at. `waiting` and `receiving` both read: between messages and within one.
 * `working` is ours: the protocol has the floor and the peer owes nothing.
 */
export type Activity = "waiting" | "receiving" | "sending" | "working" | "lingering" | "closed";

/** Why a connection ended. */
export type CloseReason =
  | "done"
  | "peer gone"
  | "idle"
  | "message overdue"
  | "too slow"
  | "lingered"
  | "drained"
  | "failed";

/** What happens on a connection, for `-d`, captures and tests. Sizes in bytes; chunks hold during the call. */
export type ConnectionEvent =
  | { readonly kind: "accept"; readonly open: number }
  | { readonly kind: "read"; readonly count: number; readonly accumulated: number; readonly chunk: Uint8Array }
  | { readonly kind: "end"; readonly accumulated: number }
  | { readonly kind: "write"; readonly count: number; readonly chunk: Uint8Array }
  | { readonly kind: "sweep"; readonly activity: Activity; readonly reason: CloseReason }
  | { readonly kind: "close"; readonly reason: CloseReason; readonly received: number; readonly sent: number };

/**
 * Outcome of one read. `ended`: the peer will send no more, and may still be listening. `gone`: it reset the connection, or
 * we closed it; nothing can be sent any more. `full`: the accumulator may not grow further.
 */
export type Filled = "bytes" | "ended" | "gone" | "full";
