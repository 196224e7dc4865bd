/**
 * A client in memory, for commands that send requests to the server without a network.
 * @module
 */

import type { Listener } from "../net/listener.ts";
import type { Opened } from "../net/security.ts";
import type { Socket } from "../net/socket.ts";

/** A peer that sends given bytes, and accepts everything at once. */
export class ScriptedPeer implements Socket {
  readonly remoteAddr: Deno.NetAddr;
  readonly open: Socket["open"];
  /** The bytes from the server, one character per byte. */
  sent = "";
  isClosed = false;
  #waiting = "";
  #ended = false;
  #wake: (() => void) | null = null;

  /** `opened`: how a connection to a listener for TLS is opened; `null`: the listener is a plain one. */
  constructor(hostname: string, opened: Opened | null = null) {
    this.remoteAddr = { transport: "tcp", hostname, port: 0 };
    this.open = opened === null ? undefined : () => Promise.resolve(opened);
  }

  receive(bytes: string): void {
    this.#waiting += bytes;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#waiting === "" && !this.#ended && !this.isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.isClosed) throw new Deno.errors.Interrupted("closed");
    if (this.#waiting === "") return null;
    const chunk = this.#waiting.slice(0, into.length);
    this.#waiting = this.#waiting.slice(chunk.length);
    for (let at = 0; at < chunk.length; at++) into[at] = chunk.charCodeAt(at);
    return chunk.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    for (const octet of bytes) this.sent += String.fromCharCode(octet);
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  setNoDelay(): void {}

  close(): void {
    this.isClosed = true;
    this.#wake?.();
  }
}

/** A listener that accepts one connection and then no more. */
export class OneConnection implements Listener {
  #socket: Socket | null;
  readonly #closed = Promise.withResolvers<Socket>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  accept(): Promise<Socket> {
    const socket = this.#socket;
    this.#socket = null;
    return socket === null ? this.#closed.promise : Promise.resolve(socket);
  }

  close(): void {
    this.#closed.reject(new Deno.errors.BadResource("closed"));
  }
}
