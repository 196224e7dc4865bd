/**
 * The records of a connection whose handshake is over: encrypts what is written, and decrypts what is read.
 *
 * It calls the methods of the handle of `TLSSocket` directly, which are not documented. The streams above them cost more
 * than the encryption of a short answer: `TLSSocket` writes through two streams, three promises and a second copy.
 * `recordsOf` returns `null` if a runtime has another handle; then `TlsStream` is used. `tests/net/tls_records_test.ts`
 * fails in such a runtime.
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { TLSSocket } from "node:tls";
import { isPeerGone } from "./peer.ts";
import type { SecuredStream } from "./security.ts";
import type { Socket } from "./socket.ts";
import type { TlsWire } from "./tls_wire.ts";
import { writeAll } from "./write_all.ts";

/** The handle of the runtime (2.9.6) encrypts at most this many bytes in one call, and keeps the rest for the next. */
const SEALED_BYTES_MAX = 48 * 1024;

/** The handle of a `TLSSocket` over a stream of ours. */
interface Handle extends Methods {
  /** Called with decrypted bytes; without, when the peer has sent close_notify. */
  onread: (decrypted?: ArrayBuffer) => void;
}

/** The methods that we use. */
interface Methods {
  /** Makes the current `onread` effective. */
  readStart(): number;
  /** Takes encrypted bytes, and calls `onread`. */
  readBuffer(encrypted: Uint8Array): void;
  /** Encrypts at most `SEALED_BYTES_MAX` bytes. */
  writeBuffer(request: object, bytes: Uint8Array): number;
  /** Encrypts close_notify. */
  shutdown(request: object): number;
  /** Returns all bytes that were encrypted since the last call. */
  drainEncOut(): Uint8Array;
}

const METHOD_NAMES = ["readStart", "readBuffer", "writeBuffer", "shutdown", "drainEncOut"] as const;

/** What the handle calls when a write is complete: nothing, because the bytes are drained at once. */
const REQUEST = {};

/** What the records of one connection need. */
interface Parts {
  readonly tls: TLSSocket;
  /** The stream of the handshake. Its last bytes may still be on their way. */
  readonly wire: TlsWire;
  readonly socket: Socket;
  /** Called when bytes have arrived that make no whole record. */
  readonly onBytes: () => void;
}

/** Takes over a connection when its handshake is over; `null`: the handle is not as we know it. */
export function recordsOf(parts: Parts): TlsRecords | null {
  const { _handle: handle } = parts.tls as unknown as { readonly _handle?: Partial<Handle> | null };
  if (!handle) return null;
  // TLSSocket has put others before some of the methods, which also write what was encrypted.
  const methods = Object.getPrototypeOf(handle) as Partial<Methods>;
  if (METHOD_NAMES.some((name) => typeof methods[name] !== "function")) return null;
  return new TlsRecords(handle as Handle, methods as Methods, parts);
}

/** One connection. Only one read and one write may be pending. */
export class TlsRecords implements SecuredStream {
  readonly #handle: Handle;
  readonly #methods: Methods;
  readonly #parts: Parts;
  /** Read into again and again, because the handle copies the bytes. */
  readonly #buffer: Uint8Array;
  /** Decrypted bytes that no read has taken yet. */
  #held: Uint8Array | null = null;
  #into: Uint8Array | null = null;
  #end: "open" | "ended" | Error = "open";
  /** Encrypted bytes that the system has not accepted yet, and the number of bytes that they stand for. */
  #sealed: Uint8Array | null = null;
  #owed = 0;

  constructor(handle: Handle, methods: Methods, parts: Parts) {
    this.#handle = handle;
    this.#methods = methods;
    this.#parts = parts;
    this.#buffer = parts.wire.giveUpReading();
    handle.onread = (decrypted) => this.#take(decrypted);
    methods.readStart.call(handle);
  }

  #take(decrypted: ArrayBuffer | undefined): void {
    if (decrypted === undefined) {
      if (this.#end === "open") this.#end = "ended";
      return;
    }
    const bytes = new Uint8Array(decrypted);
    this.#held = this.#held === null ? bytes : concat([this.#held, bytes]);
  }

  /** The stream is over: `null`: the peer is gone. */
  fail(error: Error | null): void {
    if (this.#end === "open") this.#end = error ?? "ended";
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#held !== null) return Promise.resolve(this.#takeHeld(this.#held, into));
    if (this.#end !== "open") return this.#ended();
    this.#into = into;
    return this.#parts.socket.read(this.#buffer).then(this.#receive);
  }

  /** A property, so that a read makes no closure. */
  readonly #receive = (count: number | null): number | null | Promise<number | null> => {
    if (count === null) return null; // Without close_notify, a message that is not complete is missing its rest all the same.
    const { readBuffer } = this.#methods;
    readBuffer.call(this.#handle, count === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, count));
    if (this.#held !== null) return this.#takeHeld(this.#held, this.#into!);
    if (this.#end !== "open") return this.#ended();
    this.#parts.onBytes();
    return this.#parts.socket.read(this.#buffer).then(this.#receive);
  };

  #takeHeld(held: Uint8Array, into: Uint8Array): number {
    if (held.length <= into.length) {
      this.#held = null;
      into.set(held);
      return held.length;
    }
    this.#held = held.subarray(into.length);
    into.set(held.subarray(0, into.length));
    return into.length;
  }

  async #ended(): Promise<null> {
    if (this.#end instanceof Error) {
      await this.#sendAlert();
      throw brokenBy(this.#end);
    }
    return null;
  }

  /** Tells the peer what it has done wrong (RFC 8446, section 6.2), if that can be sent. */
  async #sendAlert(): Promise<void> {
    const alert = this.#methods.drainEncOut.call(this.#handle);
    if (alert.length > 0 && this.#sealed === null) await writeAll(this.#parts.socket, alert).catch(() => {});
  }

  /**
   * Resolves to the number of bytes whose encrypted form the system has accepted. The next write must go on with the
   * bytes after them, because those may be encrypted already.
   */
  write(bytes: Uint8Array): Promise<number> {
    const { wire, socket } = this.#parts;
    if (!wire.isFlushed) return wire.flushed().then(() => this.write(bytes)); // Tickets, after the handshake.
    this.#sealed ??= this.#seal(bytes);
    return socket.write(this.#sealed).then(this.#accept);
  }

  #seal(bytes: Uint8Array): Uint8Array {
    this.#owed = Math.min(bytes.length, SEALED_BYTES_MAX);
    this.#methods.writeBuffer.call(this.#handle, REQUEST, bytes.subarray(0, this.#owed));
    const sealed = this.#methods.drainEncOut.call(this.#handle);
    if (sealed.length > this.#owed) return sealed;
    throw this.#end instanceof Error ? brokenBy(this.#end) : new Deno.errors.ConnectionReset("TLS is over");
  }

  /** A property, so that a write makes no closure. */
  readonly #accept = (count: number): number | Promise<number> => {
    const sealed = this.#sealed!;
    const accepted = count === sealed.length ? this.#owed : Math.floor(this.#owed * count / sealed.length);
    this.#owed -= accepted;
    this.#sealed = count === sealed.length ? null : sealed.subarray(count);
    if (accepted > 0 || count === 0) return accepted;
    return this.#parts.socket.write(this.#sealed!).then(this.#accept);
  };

  async closeWrite(): Promise<void> {
    const { wire, socket } = this.#parts;
    await wire.flushed();
    if (this.#sealed !== null) await writeAll(socket, this.#sealed);
    this.#methods.shutdown.call(this.#handle, REQUEST);
    await writeAll(socket, this.#methods.drainEncOut.call(this.#handle));
    await socket.closeWrite();
  }

  close(): void {
    this.#end = new Deno.errors.Interrupted("closed");
    this.#held = null;
  }
}

/** The error of a read or write. Everything that breaks TLS in the middle is the peer's doing. */
export function brokenBy(error: Error): Error {
  return isPeerGone(error) ? error : new Deno.errors.ConnectionReset(error.message);
}
