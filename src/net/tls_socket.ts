/**
 * A socket that is secured by TLS, over a socket of our own, so that every limit of a connection holds: closing it
 * closes the TCP socket at once, and a write waits until the system has accepted the bytes.
 *
 * The listener for TLS of the runtime (2.9.6) keeps the descriptor of a closed connection until the peer closes it, if
 * a handshake or a write was in progress. It can choose no certificate by server name either.
 * @module
 */

import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { type SecureContext, TLSSocket } from "node:tls";
import { isPeerGone } from "./peer.ts";
import type { Opened } from "./security.ts";
import type { Socket } from "./socket.ts";
import type { Handshakes } from "./handshakes.ts";
import { alertFor, explainHandshake } from "./tls_errors.ts";
import { TlsWire } from "./tls_wire.ts";
import { writeAll } from "./write_all.ts";

/** A certificate with its key, ready for use. */
export interface Credentials {
  readonly context: SecureContext;
  /** Whether the certificate is valid for a host, in lower case and without its port. */
  readonly covers: (host: string) => boolean;
}

/** How to secure connections. */
export interface TlsSettings {
  /** The credentials for a server name in lower case; `""`: the client sent none. */
  readonly choose: (serverName: string) => Credentials;
  /** The protocols to offer by ALPN, the preferred one first. */
  readonly protocols: readonly string[];
}

/** The first byte of a TLS connection: a record of the handshake (RFC 8446, section 5.1). */
const HANDSHAKE_RECORD = 0x16;

/** Enough for the usual ClientHello. */
const FIRST_BYTES = 2 * 1024;

/** A write encrypts this many bytes at most, because all of them are in memory until the system accepts them. */
const WRITE_BYTES_MAX = 64 * 1024;

/** A TLS connection, seen from the server. `open` must be called first, and once. */
export class TlsSocket implements Socket {
  readonly #raw: Socket;
  readonly #settings: TlsSettings;
  readonly #handshakes: Handshakes;
  #wire: TlsWire | null = null;
  #tls: TLSSocket | null = null;
  /** Decrypted bytes that no read has taken yet; for a plain connection, the bytes that arrived first. */
  #held: Uint8Array[] = [];
  #end: "open" | "ended" | Error = "open";
  #read: { readonly into: Uint8Array; resolve(count: number | null): void; reject(error: unknown): void } | null = null;
  #isClosed = false;
  #hasFailed = false;
  #opening = Promise.withResolvers<Opened>();

  constructor(raw: Socket, settings: TlsSettings, handshakes: Handshakes) {
    this.#raw = raw;
    this.#settings = settings;
    this.#handshakes = handshakes;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#raw.remoteAddr;
  }

  /** Makes the handshake. Calls `onBytes` each time bytes arrive. Never rejects. */
  async open(onBytes: () => void): Promise<Opened> {
    try {
      const bytes = new Uint8Array(FIRST_BYTES);
      const count = await this.#raw.read(bytes);
      if (count === null || this.#isClosed) return { kind: "gone" };
      onBytes();
      const first = bytes.subarray(0, count);
      if (first[0] !== HANDSHAKE_RECORD) {
        this.#held.push(first);
        return { kind: "plain" };
      }
      return await this.#handshakes.run(() => this.#handshake(first, onBytes), () => this.#giveUp());
    } catch (error) {
      return isPeerGone(error) ? { kind: "gone" } : { kind: "failed", reason: explainHandshake(error) };
    }
  }

  #handshake(first: Uint8Array, onBytes: () => void): Promise<Opened> {
    if (this.#isClosed) return Promise.resolve({ kind: "gone" });
    let credentials: Credentials | null = null;
    const wire = this.#wire = new TlsWire(this.#raw, first, onBytes);
    const tls = this.#tls = new TLSSocket(wire.stream, {
      isServer: true,
      ALPNProtocols: [...this.#settings.protocols],
      SNICallback: (name, use) => {
        credentials = this.#settings.choose(name.toLowerCase());
        use(null, credentials.context);
      },
    });
    tls.on("secure", () => {
      const { covers } = credentials ?? this.#settings.choose("");
      const security = {
        version: tls.getProtocol() ?? "TLS",
        alpn: tls.alpnProtocol || null,
        serverName: serverNameOf(tls),
        covers,
      };
      this.#opening.resolve({ kind: "secure", security });
    });
    tls.on("error", (error) => this.#fail(error));
    tls.on("_tlsError", (error: Error) => this.#fail(error)); // Before the handshake is over, it takes the place of "error".
    tls.on("close", () => this.#fail(null));
    tls.push = (chunk: Uint8Array | null) => this.#take(chunk);
    tls.read(0);
    nextTick(() => wire.begin());
    return this.#opening.promise;
  }

  /** Ends the handshake, because others need its place. */
  #giveUp(): void {
    this.#opening.resolve({ kind: "failed", reason: "too many handshakes were under way" });
  }

  /** The stream is over. Without close_notify, a message that is not complete is missing its rest all the same. */
  #fail(error: Error | null): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const isGone = error === null || isPeerGone(error);
    if (isGone) this.#opening.resolve({ kind: "gone" });
    else this.#failHandshake(error);
    if (this.#end === "open") this.#end = error ?? "ended";
    this.#deliver();
  }

  /**
   * Tells the peer why (RFC 8446, section 6.2), because the module for TLS (2.9.6) does not. After the first bytes from
   * us, an alert would have to be encrypted. The deadline of the handshake holds.
   */
  async #failHandshake(error: Error): Promise<void> {
    try {
      if (this.#wire?.hasWritten === false && !this.#isClosed) await writeAll(this.#raw, alertFor(error));
    } catch {
      // The peer is gone, so that no alert can tell it anything.
    }
    this.#opening.resolve({ kind: "failed", reason: explainHandshake(error) });
  }

  /** Receives decrypted bytes. They are copied once, into the buffer of the reader. */
  #take(chunk: Uint8Array | null): boolean {
    if (chunk === null) {
      this.#opening.resolve({ kind: "gone" }); // Has no effect after the handshake.
      if (this.#end === "open") this.#end = "ended";
    } else if (chunk.length > 0) this.#held.push(chunk);
    this.#deliver();
    return this.#held.length === 0;
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

  read(into: Uint8Array): Promise<number | null> {
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("closed"));
    if (this.#tls === null && this.#held.length === 0) return this.#raw.read(into);
    return new Promise((resolve, reject) => {
      this.#read = { into, resolve, reject };
      this.#deliver();
      if (this.#read !== null) this.#tls?._read(into.length);
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    const tls = this.#tls;
    if (tls === null) return this.#raw.write(bytes);
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("closed"));
    const count = Math.min(bytes.length, WRITE_BYTES_MAX);
    const slice = Buffer.from(bytes.buffer, bytes.byteOffset, count);
    return new Promise((resolve, reject) => {
      tls.write(slice, (error) => {
        if (error) return reject(brokenBy(error));
        const wire = this.#wire!;
        if (wire.isFlushed) return resolve(count);
        wire.flushed().then(() => wire.destroyed ? reject(new Deno.errors.Interrupted("closed")) : resolve(count));
      });
    });
  }

  /** Sends close_notify (RFC 8446, section 6.1), and closes our side. */
  closeWrite(): Promise<void> {
    const tls = this.#tls;
    if (tls === null) return this.#raw.closeWrite();
    if (this.#isClosed || tls.destroyed) return Promise.reject(new Deno.errors.NotConnected("closed"));
    return new Promise((resolve, reject) => {
      tls.end(() => resolve());
      tls.once("close", () => reject(new Deno.errors.NotConnected("closed")));
    });
  }

  setNoDelay(noDelay: boolean): void {
    this.#raw.setNoDelay(noDelay);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#raw.close();
    this.#opening.resolve({ kind: "gone" });
    this.#end = new Deno.errors.Interrupted("closed");
    this.#held = [];
    this.#deliver();
    this.#tls?.destroy();
    this.#wire?.destroy();
  }
}

function serverNameOf(tls: TLSSocket): string | null {
  const { servername } = tls as TLSSocket & { readonly servername?: string | false | null };
  return servername ? servername.toLowerCase() : null;
}

/** The error of a read or write. Everything that breaks TLS in the middle is the peer's doing. */
function brokenBy(error: Error): Error {
  return isPeerGone(error) ? error : new Deno.errors.ConnectionReset(error.message);
}
