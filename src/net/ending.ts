/**
 * The end of one connection from our side: closes our side of the socket, after a last message if there is one, reads
 * on until the peer has closed its side, and closes. Knows bytes and limits; not what the connection was doing.
 * @module
 */

import type { ConnectionOptions } from "./connection_options.ts";
import type { CloseReason } from "./events.ts";
import { Linger } from "./lingering.ts";
import { isPeerGone } from "./peer.ts";
import type { Sender } from "./sender.ts";
import type { Socket } from "./socket.ts";

/** What an end needs of its connection. */
export interface Endable {
  readonly connection: { close(reason: CloseReason): void };
  readonly socket: Socket;
  readonly sender: Sender;
  readonly options: ConnectionOptions;
  /** Called after each read with the number of discarded bytes. */
  readonly onRead: (count: number) => void;
}

/** How our side closes for the sweep or for an error of ours. */
export interface Closing {
  readonly reason: CloseReason;
  /** The pending read. */
  readonly reading: Promise<number | null> | null;
  /** Written before our side closes. */
  readonly farewell?: Uint8Array | undefined;
  /** Called when the farewell has been written. */
  readonly onFarewell: () => void;
}

/** The end of one connection, once it has begun. Nothing can be sent any more. The sweep enforces the limits. */
export class Ending {
  readonly #of: Endable;
  readonly #linger: Linger;

  /** Begins now. */
  constructor(of: Endable, quietMs: number = of.options.lingering.limits.quietMs) {
    const { options: { lingering, clock }, socket, onRead } = of;
    this.#of = of;
    this.#linger = new Linger(lingering, { clock, quietMs, socket, onRead });
  }

  /** The times and the reason, see `Linger`. */
  get linger(): Linger {
    return this.#linger;
  }

  /**
   * Reads on, because a close with unread bytes could destroy the last answer (RFC 9112, section 9.6). `reading` is the
   * pending read.
   */
  async readOn(reading: Promise<number | null> | null): Promise<void> {
    try {
      await this.#linger.end(reading);
      this.#of.connection.close("done");
    } catch (error) {
      if (!isPeerGone(error)) throw error;
      this.#of.connection.close("peer gone");
    }
  }

  /** Closes our side of a secured stream, so that the peer can tell the end from a cut (RFC 8446, section 6.1). */
  async closeWrite(): Promise<void> {
    await this.#of.socket.closeWrite();
  }

  /** Writes the farewell, reads on and closes. The connection also closes if the farewell cannot be written. */
  closeFor({ reason, reading, farewell, onFarewell }: Closing): void {
    const said = farewell === undefined ? Promise.resolve() : this.#of.sender.sendAll(farewell).then(onFarewell);
    this.#linger.closeAfter(reason, said.then(() => this.#linger.end(reading)), this.#of.connection);
  }
}
