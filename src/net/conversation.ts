/**
 * The interface of a protocol to the transport: a conversation that returns after each turn how to go on, or an async
 * function that reads and writes itself.
 * @module
 */

import type { Connection } from "./connection.ts";

/** Turns of one connection after which the other connections have theirs. */
export const TURNS_MAX = 32;

/**
 * How a conversation goes on after a turn. `read`: it needs more bytes. `again`: it may be able to do more with the
 * bytes it has. `linger`: it is over, and the peer may still be sending. `close`: it is over.
 */
export type Turn = "read" | "again" | "linger" | "close";

/** The bytes that a conversation has collected to send. */
export interface Outgoing {
  /** The number of collected bytes. */
  readonly length: number;
  /** The bytes. They must not change until `sent()`. */
  held(): Uint8Array;
  /** Notes that they were sent. */
  sent(): void;
}

/** A conversation over one connection, in turns. A turn does not read, and waits only if it returns a promise. */
export interface Conversation {
  /** Sent before the connection reads or ends, so that several turns share a write. */
  readonly outgoing: Outgoing;
  /** What is being answered, in one line, for people who look; `null`: nothing. */
  readonly underWay: string | null;
  /** Does one step with the bytes that have arrived. */
  turn(): Turn | Promise<Turn>;
  /** Called in place of `turn` when the peer will send no more. It may still be reading. */
  ended(): Turn | Promise<Turn>;
  /** Called after the other connections have had their turns. */
  resumed(): void;
  /** The bytes to write, best effort, before the sweep closes the connection in the middle of a message. */
  farewell(): Uint8Array;
}

/**
 * What the transport asks of a conversation that sends while a read is pending, because it has several messages under
 * way (HTTP/2). Such a conversation reads by `fill()`, in turns that return promises, and says what it waits for by
 * `await()`. While it has nothing under way, its turns may also be `read`.
 */
export interface Duplex {
  /** The number of messages that are under way at the same time, for people who look. */
  readonly streams: number;
  /** Whether the peer, which must permit what is to be sent, takes too long. May end one message instead. */
  isTooSlow(nowMs: number): boolean;
  /** The server is ending. Called while a read may be pending. */
  drained(): void;
  /** The bytes to write, best effort, before the sweep closes the connection between two messages. */
  goodbye(): Uint8Array;
}

/**
 * Makes the conversation of a connection. The connection closes when the conversation is over, or when the promise of
 * an async function settles.
 */
export type Protocol = (connection: Connection) => Conversation | Promise<void>;
