/**
 * Connections in memory, for a process that may not listen on a free port.
 * @module
 */

import type { Listener } from "../net/listener.ts";
import type { Socket } from "../net/socket.ts";

/** A listener, and the way to connect to it. */
export interface Network {
  readonly listener: Listener;
  connect(): Promise<Socket>;
}

/** A network with one listener. */
export function memoryNetwork(): Network {
  const queue: Socket[] = [];
  let wake: (() => void) | null = null;
  let isClosed = false;
  const change = () => {
    wake?.();
    wake = null;
  };
  return {
    listener: {
      async accept() {
        while (queue.length === 0 && !isClosed) await new Promise<void>((resolve) => wake = resolve);
        if (isClosed) throw new Deno.errors.BadResource("closed");
        return queue.shift()!;
      },
      close() {
        isClosed = true;
        change();
      },
    },
    connect() {
      if (isClosed) return Promise.reject(new Deno.errors.ConnectionRefused("closed"));
      const [there, back] = [new Pipe(), new Pipe()];
      queue.push(new MemorySocket(there, back));
      change();
      return Promise.resolve(new MemorySocket(back, there));
    },
  };
}

/** Bytes in one direction. It accepts everything at once. */
class Pipe {
  #chunks: Uint8Array[] = [];
  #wake: (() => void) | null = null;
  #isEnded = false;
  /** Whether the reader has closed. */
  isBroken = false;

  put(bytes: Uint8Array): void {
    this.#chunks.push(bytes.slice());
    this.change();
  }

  end(): void {
    this.#isEnded = true;
    this.change();
  }

  change(): void {
    this.#wake?.();
    this.#wake = null;
  }

  async take(into: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0 && !this.#isEnded && !this.isBroken) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.isBroken) throw new Deno.errors.Interrupted("closed");
    const first = this.#chunks[0];
    if (first === undefined) return null;
    const part = first.subarray(0, into.length);
    into.set(part);
    if (part.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(part.length);
    return part.length;
  }
}

class MemorySocket implements Socket {
  readonly remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  #isClosed = false;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#incoming.take(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#isClosed || this.#outgoing.isBroken) return Promise.reject(new Deno.errors.BrokenPipe("closed"));
    this.#outgoing.put(bytes);
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    this.#outgoing.end();
    return Promise.resolve();
  }

  setNoDelay(): void {}

  close(): void {
    this.#isClosed = true;
    this.#incoming.isBroken = true;
    this.#incoming.change();
    this.#outgoing.end();
  }
}
