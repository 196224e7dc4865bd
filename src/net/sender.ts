/**
 * The sending side of one connection: writes every byte, counts the bytes, and keeps the deadline of a peer that
 * accepts them slowly. Knows bytes; not what the connection is doing.
 * @module
 */

import { SendDeadline, type SendingRate } from "./send_deadline.ts";
import type { Socket } from "./socket.ts";
import { writeAll } from "./write_all.ts";

/** Only one write may be pending at a time. */
export class Sender {
  /** The deadline of the peer. */
  readonly deadline: SendDeadline;
  readonly #socket: Socket;
  #sent = 0;

  constructor(socket: Socket, rate: SendingRate) {
    this.#socket = socket;
    this.deadline = new SendDeadline(rate);
  }

  /** Bytes that the system has accepted so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Starts a write of at least one byte. Resolves to the number of accepted bytes; `end` must follow. */
  begin(bytes: Uint8Array): Promise<number> {
    this.deadline.begin();
    return this.#socket.write(bytes);
  }

  /** Sends the bytes that the system did not accept; `null`: it accepted all. */
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
    this.deadline.extend(count);
  }
}
