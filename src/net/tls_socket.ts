/**
 * A socket that is secured by TLS, over a socket of our own, so that every limit of a connection holds: closing it
 * closes the TCP socket at once, and a write waits until the system has accepted the bytes.
 *
 * The listener for TLS of the runtime (2.9.6) keeps the descriptor of a closed connection until the peer closes it, if
 * a handshake or a write was in progress. It can choose no certificate by server name either.
 * @module
 */

import { nextTick } from "node:process";
import { type SecureContext, TLSSocket } from "node:tls";
import { isPeerGone } from "./peer.ts";
import type { Opened, SecuredStream } from "./security.ts";
import type { Socket } from "./socket.ts";
import type { Handshakes } from "./handshakes.ts";
import { alertFor, explainHandshake } from "./tls_errors.ts";
import { recordsOf } from "./tls_records.ts";
import { TlsStream } from "./tls_stream.ts";
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

/** A TLS connection, seen from the server. `open` must be called first, and once. */
export class TlsSocket implements Socket {
  readonly #raw: Socket;
  readonly #settings: TlsSettings;
  readonly #handshakes: Handshakes;
  #wire: TlsWire | null = null;
  #tls: TLSSocket | null = null;
  /** The stream after the handshake; `null`: before, and for a plain connection. */
  #stream: SecuredStream | null = null;
  /** The bytes that came first, of a plain connection. */
  #first: Uint8Array | null = null;
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
        this.#first = first;
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
      const parts = { tls, wire, socket: this.#raw, onBytes };
      this.#stream = recordsOf(parts) ?? new TlsStream(tls, wire);
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
    tls.on("end", () => this.#opening.resolve({ kind: "gone" }));
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
    this.#stream?.fail(error);
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

  read(into: Uint8Array): Promise<number | null> {
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("closed"));
    if (this.#stream !== null) return this.#stream.read(into);
    return this.#first === null ? this.#raw.read(into) : Promise.resolve(this.#takeFirst(this.#first, into));
  }

  #takeFirst(first: Uint8Array, into: Uint8Array): number {
    const count = Math.min(first.length, into.length);
    into.set(first.subarray(0, count));
    this.#first = count < first.length ? first.subarray(count) : null;
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("closed"));
    return this.#stream === null ? this.#raw.write(bytes) : this.#stream.write(bytes);
  }

  /** Sends close_notify (RFC 8446, section 6.1), and closes our side. */
  closeWrite(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Deno.errors.NotConnected("closed"));
    return this.#stream === null ? this.#raw.closeWrite() : this.#stream.closeWrite();
  }

  setNoDelay(noDelay: boolean): void {
    this.#raw.setNoDelay(noDelay);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#raw.close();
    this.#opening.resolve({ kind: "gone" });
    this.#stream?.close();
    this.#tls?.destroy();
    this.#wire?.destroy();
  }
}

function serverNameOf(tls: TLSSocket): string | null {
  const { servername } = tls as TLSSocket & { readonly servername?: string | false | null };
  return servername ? servername.toLowerCase() : null;
}
