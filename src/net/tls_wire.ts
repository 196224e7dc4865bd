/**
 * The stream below TLS: a TCP socket with those methods of a stream that the runtime's module for TLS uses. A real
 * stream of `node:stream` would cost as much as the encryption of a short answer. Knows encrypted bytes only.
 * @module
 */

import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type { Socket } from "./socket.ts";
import { writeAll } from "./write_all.ts";

/** A request fits into it, and each idle connection holds one. */
const READ_BYTES = 4 * 1024;

type Done = (error?: Error | null) => void;

/** A TCP socket as a stream. Emits `data`, `end`, `error` and `close`. */
export class TlsWire extends EventEmitter {
  readonly allowHalfOpen = true;
  readonly readable = true;
  readonly readableObjectMode = false;
  writable = true;
  /** Whether any byte was to be sent. */
  hasWritten = false;
  destroyed = false;
  readonly #socket: Socket;
  readonly #onBytes: () => void;
  /** Read into again and again, because the module for TLS copies the bytes before `emit` returns. */
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  /** Bytes that were read before they were wanted; at first those that were read before the handshake. */
  #held: Uint8Array | null;
  #hasBegun = false;
  #isFlowing = false;
  #isReading = false;
  #hasEnded = false;
  #corked = false;
  #chunks: Uint8Array[] = [];
  #dones: Done[] = [];
  #isWriting = false;
  #waiting: (() => void) | null = null;

  /** `first`: bytes that were read before. `onBytes` is called after each read. */
  constructor(socket: Socket, first: Uint8Array, onBytes: () => void) {
    super();
    this.#socket = socket;
    this.#held = first;
    this.#onBytes = onBytes;
  }

  /** The stream, for the module for TLS. */
  get stream(): Duplex {
    return this as unknown as Duplex;
  }

  /** Whether all bytes have been accepted by the system. */
  get isFlushed(): boolean {
    return !this.#isWriting && this.#chunks.length === 0;
  }

  /** Resolves when the system has accepted all bytes, or when the stream is over. Only one caller may wait. */
  flushed(): Promise<void> {
    return this.isFlushed || this.destroyed ? Promise.resolve() : new Promise((resolve) => this.#waiting = resolve);
  }

  /** Gives the first bytes. The module for TLS (2.9.6) throws if they cause an error before its own first tick. */
  begin(): void {
    this.#hasBegun = true;
    this.#flow();
  }

  resume(): void {
    this.#isFlowing = true;
    this.#flow();
  }

  pause(): void {
    this.#isFlowing = false;
  }

  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    this.#send();
  }

  write(chunk: Uint8Array, done: Done): boolean {
    this.hasWritten = true;
    this.#chunks.push(chunk);
    this.#dones.push(done);
    this.#send();
    return true;
  }

  /** Closes our side when everything is written. */
  end(done: Done): void {
    this.writable = false;
    this.flushed().then(() => this.#socket.closeWrite()).then(() => done(), (error) => this.destroy(error));
  }

  destroy(error?: Error): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.writable = false;
    this.#waiting?.();
    if (error !== undefined) this.emit("error", error);
    this.emit("close");
  }

  /** Stops reading for good, and returns the buffer, because the bytes after the handshake are read by others. */
  giveUpReading(): Uint8Array {
    this.#hasEnded = true;
    return this.#buffer;
  }

  #flow(): void {
    if (!this.#hasBegun || !this.#isFlowing || this.destroyed) return;
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.emit("data", Buffer.from(held.buffer, held.byteOffset, held.length));
    if (!this.#isReading && !this.#hasEnded && this.#isFlowing && !this.destroyed) this.#read();
  }

  #read(): void {
    this.#isReading = true;
    this.#socket.read(this.#buffer).then((count) => {
      this.#isReading = false;
      this.#onBytes();
      if (this.destroyed) return;
      if (count === null) {
        this.#hasEnded = true;
        return void this.emit("end");
      }
      this.#held = this.#buffer.subarray(0, count);
      this.#flow();
    }, (error) => this.destroy(error));
  }

  #send(): void {
    if (this.#corked || this.#isWriting || this.#chunks.length === 0) return;
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 ? first! : Buffer.concat(this.#chunks);
    const dones = this.#dones;
    this.#chunks = [];
    this.#dones = [];
    this.#isWriting = true;
    this.#socket.write(bytes).then(
      (count) => count < bytes.length ? writeAll(this.#socket, bytes.subarray(count)) : undefined,
    ).then(() => this.#sent(dones, null), (error) => this.#sent(dones, error));
  }

  #sent(dones: readonly Done[], error: Error | null): void {
    this.#isWriting = false;
    for (const done of dones) done(error);
    if (error !== null) return this.destroy(error);
    this.#send();
    if (this.isFlushed) {
      this.#waiting?.();
      this.#waiting = null;
    }
  }
}
