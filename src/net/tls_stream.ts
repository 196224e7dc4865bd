/**
 * A connection whose handshake is over, as a stream of `node:tls`: the documented way, for runtimes in which `TlsRecords`
 * cannot be used.
 * @module
 */

import { Buffer } from "node:buffer";
import type { TLSSocket } from "node:tls";
import type { SecuredStream } from "./security.ts";
import { brokenBy } from "./tls_records.ts";
import type { TlsWire } from "./tls_wire.ts";

/** A write encrypts this many bytes at most, because all of them are in memory until the system accepts them. */
const WRITE_BYTES_MAX = 48 * 1024;

/** One connection. Only one read and one write may be pending. */
export class TlsStream implements SecuredStream {
  readonly #tls: TLSSocket;
  readonly #wire: TlsWire;
  /** Decrypted bytes that no read has taken yet. */
  #held: Uint8Array[] = [];
  #end: "open" | "ended" | Error = "open";
  #read: { readonly into: Uint8Array; resolve(count: number | null): void; reject(error: unknown): void } | null = null;

  /** Takes over the bytes of `tls`. */
  constructor(tls: TLSSocket, wire: TlsWire) {
    this.#tls = tls;
    this.#wire = wire;
    tls.push = (chunk: Uint8Array | null) => this.#take(chunk);
  }

  /** Receives decrypted bytes. They are copied once, into the buffer of the reader. */
  #take(chunk: Uint8Array | null): boolean {
    if (chunk === null) {
      if (this.#end === "open") this.#end = "ended";
    } else if (chunk.length > 0) this.#held.push(chunk);
    this.#deliver();
    if (this.#held.length > 0) this.#wire.pause(); // Otherwise a peer could fill the memory.
    return true;
  }

  #deliver(): void {
    const read = this.#read;
    if (read === null) return;
    const [chunk] = this.#held;
    if (chunk !== undefined) {
      const count = Math.min(chunk.length, read.into.length);
      read.into.set(count < chunk.length ? chunk.subarray(0, count) : chunk);
      if (count < chunk.length) this.#held[0] = chunk.subarray(count);
      else this.#held.shift();
      this.#read = null;
      return read.resolve(count);
    }
    if (this.#end === "open") return;
    this.#read = null;
    if (this.#end === "ended") read.resolve(null);
    else read.reject(brokenBy(this.#end));
  }

  fail(error: Error | null): void {
    if (this.#end === "open") this.#end = error ?? "ended";
    this.#deliver();
  }

  read(into: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#read = { into, resolve, reject };
      this.#deliver();
      if (this.#read !== null) this.#wire.resume();
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    const count = Math.min(bytes.length, WRITE_BYTES_MAX);
    const slice = Buffer.from(bytes.buffer, bytes.byteOffset, count);
    const wire = this.#wire;
    return new Promise((resolve, reject) => {
      this.#tls.write(slice, (error) => {
        if (error) return reject(brokenBy(error));
        if (wire.isFlushed) return resolve(count);
        wire.flushed().then(() => wire.destroyed ? reject(new Deno.errors.Interrupted("closed")) : resolve(count));
      });
    });
  }

  closeWrite(): Promise<void> {
    const tls = this.#tls;
    if (tls.destroyed) return Promise.reject(new Deno.errors.NotConnected("closed"));
    return new Promise((resolve, reject) => {
      tls.end(() => resolve());
      tls.once("close", () => reject(new Deno.errors.NotConnected("closed")));
    });
  }

  close(): void {
    this.#end = new Deno.errors.Interrupted("closed");
    this.#held = [];
    this.#deliver();
  }
}
