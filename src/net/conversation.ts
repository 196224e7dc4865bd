/**
 * What a protocol is to the transport: a conversation that says after each turn how to go on, or an async function that does
 * its own reading and writing.
 * @module
 */

import type { Connection } from "./connection.ts";

/** How often one connection goes on before the others have their turns. */
export const TURNS_MAX = 32;

/**
 * How a conversation goes on after a turn. `read`: there is nothing to do before more bytes come. `again`: there may be more to
 * do with the bytes that are there. `linger`: it is over, and the peer may still be sending. `close`: it is over.
 */
export type Turn = "read" | "again" | "linger" | "close";

/** Bytes on their way out. */
export interface Outgoing {
  /** Bytes that are held. */
  readonly length: number;
  /** The bytes themselves, which must not change until `sent()`. */
  held(): Uint8Array;
  /** They were sent. */
  sent(): void;
}

/** One conversation over one connection, in turns. No turn reads or waits for the peer, unless it returns a promise. */
export interface Conversation {
  /** What is sent before the connection is read or ends, so that several turns share a write. */
  readonly outgoing: Outgoing;
  /** Does one thing with the bytes that are there. */
  turn(): Turn | Promise<Turn>;
  /** The peer will send no more, and may still be listening. */
  ended(): Turn | Promise<Turn>;
  /** The other connections have had their turns in between. */
  resumed(): void;
  /** What is written, best effort, before the sweep closes the connection in the middle of a message. */
  farewell(): Uint8Array;
}

/**
 * What is said over connections. The connection closes when the conversation is over, or when the promise of an async function
 * settles.
 */
export type Protocol = (connection: Connection) => Conversation | Promise<void>;
