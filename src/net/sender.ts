/**
 * The sending side of one connection: every byte of a write, how many were sent, and the account of a peer that accepts them
 * slowly. Knows bytes; not what the connection is doing.
 * @module
 */

import { SendingAccount, type SendingRate } from "./account.ts";
import type { Socket } from "./socket.ts";
import { writeAll } from "./write_all.ts";

/** Not for two concurrent writes. */
export class Sender {
  /** The deadline of the peer. */
  readonly account: SendingAccount;
  readonly #socket: Socket;
  #sent = 0;

  constructor(socket: Socket, rate: SendingRate) {
    this.#socket = socket;
    this.account = new SendingAccount(rate);
  }

  /** Bytes that the system took so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Resolves to how many of the bytes, which are some, the system took; then `end`. */
  begin(bytes: Uint8Array): Promise<number> {
    this.account.begin();
    return this.#socket.write(bytes);
  }

  /** Sends the bytes that the system did not take; `null`: there are none. */
  end(bytes: Uint8Array, count: number): Promise<void> | null {
    this.#count(count);
    return count < bytes.length ? this.sendAll(bytes.subarray(count)) : null;
  }

  /** Sends every byte. */
  sendAll(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#socket, bytes, { onProgress: (count) => this.#count(count) });
  }

  #count(count: number): void {
    this.#sent += count;
    this.account.pay(count);
  }
}
