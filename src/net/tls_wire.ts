/**
 * The stream below TLS: a TCP socket as a stream of the runtime's module for TLS. Knows encrypted bytes only.
 * @module
 */

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { Socket } from "./socket.ts";
import { writeAll } from "./write_all.ts";

/** A request fits into it, and each idle connection holds one. */
const READ_BYTES = 4 * 1024;

/** A TCP socket as a stream. */
export class TlsWire extends Duplex {
  readonly #socket: Socket;
  readonly #onBytes: () => void;
  #first: Uint8Array | null;
  /** Whether bytes are wanted that may not be given yet. */
  #isAwaited = false;
  #writes = 0;
  #waiting: (() => void) | null = null;

  /** `first`: bytes that were read before. `onBytes` is called after each read. */
  constructor(socket: Socket, first: Uint8Array, onBytes: () => void) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#socket = socket;
    this.#first = first;
    this.#onBytes = onBytes;
  }

  /** Resolves when the system has accepted all bytes; `null`: it has. */
  get flushed(): Promise<void> | null {
    return this.#writes === 0 ? null : new Promise((resolve) => this.#waiting = resolve);
  }

  /** Gives the first bytes. The module for TLS (2.9.6) throws if they cause an error before its own first tick. */
  begin(): void {
    const first = this.#first;
    this.#first = null;
    if (first !== null && !this.destroyed) this.push(Buffer.from(first.buffer, first.byteOffset, first.length));
    if (this.#isAwaited) this._read();
  }

  override _read(): void {
    this.#isAwaited = this.#first !== null;
    if (this.#isAwaited) return;
    const bytes = Buffer.allocUnsafeSlow(READ_BYTES);
    this.#socket.read(bytes).then((count) => {
      this.#onBytes();
      if (!this.destroyed) this.push(count === null ? null : bytes.subarray(0, count));
    }, (error) => void this.destroy(error));
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#settle(writeAll(this.#socket, bytes), done);
  }

  override _writev(chunks: { readonly chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#settle(writeAll(this.#socket, Buffer.concat(chunks.map(({ chunk }) => chunk))), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#settle(this.#socket.closeWrite(), done);
  }

  #settle(work: Promise<void>, done: (error?: Error | null) => void): void {
    this.#writes++;
    const end = (error: Error | null) => {
      done(error);
      if (--this.#writes === 0) this.#waiting?.();
    };
    work.then(() => end(null), end);
  }
}
