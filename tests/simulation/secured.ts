/**
 * A double of TLS: a socket whose handshake takes a moment, and that is ended by its own close. Knows no bytes of TLS;
 * the socket below carries those of HTTP.
 */

import type { Opened, Security } from "../../src/net/security.ts";
import type { Socket } from "../../src/net/socket.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import type { Random } from "./random.ts";

/** Every host is covered, because the oracle knows no certificates. */
const SECURITY: Security = { version: "TLSv1.3", alpn: "http/1.1", serverName: null, covers: () => true };

/** The longest time that a handshake takes. A quarter of the shortest timeout of a setting. */
const HANDSHAKE_MAX_MS = 100;

/** `socket`, as if it were secured. */
export class SecuredDouble implements Socket {
  readonly #socket: Socket;
  readonly #timeline: VirtualClock;
  readonly #delayMs: number;
  readonly #alpn: string;
  #reads = 0;
  #isEndDue = false;
  readonly #opening = Promise.withResolvers<Opened>();

  /** `alpn`: the protocol that the client has chosen. */
  constructor(socket: Socket, timeline: VirtualClock, random: Random, alpn: string) {
    this.#alpn = alpn;
    this.#socket = socket;
    this.#timeline = timeline;
    this.#delayMs = random.weigh([[2, 0], [1, random.integer(1, HANDSHAKE_MAX_MS)]]);
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#socket.remoteAddr;
  }

  readonly open = (onBytes: () => void): Promise<Opened> => {
    const finish = () => {
      onBytes();
      this.#opening.resolve({ kind: "secure", security: { ...SECURITY, alpn: this.#alpn } });
    };
    if (this.#delayMs === 0) finish();
    else this.#timeline.after(this.#delayMs, finish);
    return this.#opening.promise;
  };

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#isEndDue) await this.#socket.closeWrite();
    this.#isEndDue = false;
    this.#reads++;
    try {
      return await this.#socket.read(into);
    } finally {
      this.#reads--;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#socket.write(bytes);
  }

  /**
   * Sends close_notify, which is no event of the socket below. Our side of that closes with it, but for the oracle only
   * if the server reads on: otherwise both sides close now.
   */
  closeWrite(): Promise<void> {
    if (this.#reads > 0) return this.#socket.closeWrite();
    this.#isEndDue = true;
    return Promise.resolve();
  }

  setNoDelay(noDelay: boolean): void {
    this.#socket.setNoDelay(noDelay);
  }

  close(): void {
    this.#opening.resolve({ kind: "gone" });
    this.#socket.close();
  }
}
