/**
 * Sockets and listeners in memory, which throw the same errors as the runtime. A test controls the peer.
 */

import { concat } from "@std/bytes/concat";
import { Connection } from "../../src/net/connection.ts";
import type { ConnectionOptions } from "../../src/net/connection_options.ts";
import type { Socket } from "../../src/net/socket.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { Lingering, type LingerLimits } from "../../src/net/lingering.ts";
import type { Listener } from "../../src/net/listener.ts";
import { latin1 } from "../../src/http/syntax.ts";
import { VirtualClock } from "../virtual_clock.ts";

const PEER: Deno.NetAddr = { transport: "tcp", hostname: "192.0.2.7", port: 50_000 };

/** The functions that settle a pending promise. */
interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

type Read = Waiting<number | null> & { readonly into: Uint8Array };
type Write = Waiting<number> & { readonly bytes: Uint8Array };

/** The server's end of a connection. The test acts as the peer. */
export class FakeSocket implements Socket {
  readonly remoteAddr: Deno.NetAddr;
  /** Maximum number of bytes that one write accepts. 0: a write waits until `take()`. */
  takesBytes = Infinity;
  /** Whether writes complete at once, even short ones. */
  sendsAtOnce = false;
  /** The error of the next operation. */
  failure: Error | null = null;
  #incoming: Uint8Array = new Uint8Array(0);
  #isEnded = false;
  #isClosed = false;
  #isWriteClosed = false;
  #read: Read | null = null;
  #write: Write | null = null;
  #sent = "";

  constructor(remoteAddr: Deno.NetAddr = PEER) {
    this.remoteAddr = remoteAddr;
  }

  /** All written bytes, one character per byte. */
  get sent(): string {
    return this.#sent;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether our side of the connection was closed. */
  get isWriteClosed(): boolean {
    return this.#isWriteClosed;
  }

  get isReading(): boolean {
    return this.#read !== null;
  }

  get isWriting(): boolean {
    return this.#write !== null;
  }

  /** The peer sends. */
  receive(sent: string | Uint8Array): void {
    const bytes = typeof sent === "string" ? new TextEncoder().encode(sent) : sent;
    this.#incoming = concat([this.#incoming, bytes]);
    this.#answerRead();
  }

  /** The peer closes its side. */
  end(): void {
    this.#isEnded = true;
    this.#answerRead();
  }

  /** Makes the pending operation fail, or the next one. */
  fail(error: Error): void {
    const waiting = this.#read ?? this.#write;
    this.#read = this.#write = null;
    if (waiting === null) this.failure = error;
    else waiting.reject(error);
  }

  /** The peer accepts at most `count` bytes of the pending write. */
  take(count: number): void {
    const write = this.#write;
    if (write === null) throw new Error("No write waits");
    this.#write = null;
    write.resolve(this.#accept(write.bytes, count));
  }

  read(into: Uint8Array): Promise<number | null> {
    if (into.length === 0) throw new Error("A read into an empty buffer would look like the end of the stream");
    if (this.#read !== null) throw new Error("A read is already pending");
    return this.#start((waiting) => {
      this.#read = { ...waiting, into };
      this.#answerRead();
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#write !== null) throw new Error("A write is already pending");
    if (this.#isWriteClosed) return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe"));
    return this.#start((waiting) => {
      if (this.takesBytes > 0) waiting.resolve(this.#accept(bytes, this.takesBytes));
      else this.#write = { ...waiting, bytes };
    });
  }

  closeWrite(): Promise<void> {
    return this.#start<void>((waiting) => {
      this.#isWriteClosed = true;
      waiting.resolve();
    });
  }

  setNoDelay(noDelay: boolean): void {
    if (this.failure !== null) throw this.failure;
    this.sendsAtOnce = noDelay;
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("Bad resource ID");
    this.#isClosed = true;
    const interrupted = new Deno.errors.Interrupted("operation canceled");
    this.#read?.reject(interrupted);
    this.#write?.reject(interrupted);
    this.#read = this.#write = null;
  }

  #start<T>(begin: (waiting: Waiting<T>) => void): Promise<T> {
    const { failure } = this;
    this.failure = null;
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("Bad resource ID"));
    if (failure !== null) return Promise.reject(failure);
    return new Promise((resolve, reject) => begin({ resolve, reject }));
  }

  #answerRead(): void {
    const read = this.#read;
    if (read === null || (this.#incoming.length === 0 && !this.#isEnded)) return;
    this.#read = null;
    const bytes = this.#incoming.subarray(0, read.into.length);
    this.#incoming = this.#incoming.subarray(bytes.length);
    read.into.set(bytes);
    read.resolve(bytes.length === 0 ? null : bytes.length);
  }

  #accept(bytes: Uint8Array, count: number): number {
    const taken = bytes.subarray(0, count);
    this.#sent += latin1(taken, 0, taken.length); // The "latin1" of TextDecoder is another code above 0x80.
    return taken.length;
  }
}

/** A listening socket whose backlog the test fills. */
export class FakeListener implements Listener {
  /** Number of calls of `accept`. */
  accepts = 0;
  readonly #backlog: (Socket | Error)[] = [];
  #accept: Waiting<Socket> | null = null;
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A peer connects. */
  connect(socket: FakeSocket = new FakeSocket()): FakeSocket {
    this.#offer(socket);
    return socket;
  }

  /** Makes the pending accept fail, or the next one. */
  fail(error: Error): void {
    this.#offer(error);
  }

  accept(): Promise<Socket> {
    this.accepts++;
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("Listener has been closed"));
    return new Promise((resolve, reject) => {
      this.#accept = { resolve, reject };
      this.#serve();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#accept?.reject(new Deno.errors.BadResource("Listener has been closed"));
    this.#accept = null;
  }

  #offer(offered: Socket | Error): void {
    this.#backlog.push(offered);
    this.#serve();
  }

  #serve(): void {
    const waiting = this.#accept;
    if (waiting === null) return;
    const offered = this.#backlog.shift();
    if (offered === undefined) return;
    this.#accept = null;
    if (offered instanceof Error) waiting.reject(offered);
    else waiting.resolve(offered);
  }
}

/** An error of the system with its code, as the runtime throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code} (os error)`), { code });
}

/** A connection with its clock, its socket and its events. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly socket: FakeSocket;
  readonly connection: Connection;
  readonly events: ConnectionEvent[];
}

/** Round numbers, too: 1000 bytes per ms from all together. */
export const LINGER: LingerLimits = { quietMs: 2000, totalMs: 10_000, bytesPerMs: 1000 };

/** Options with round numbers: 1 byte per ms, 1 s of grace, at most 3 s of credit. */
export function connectionOptions(clock: VirtualClock): Omit<ConnectionOptions, "tally"> {
  return {
    clock,
    accumulator: { minBytes: 16, maxBytes: 64 },
    sendingRate: { bytesPerMs: 1, graceMs: 1000, aheadMaxMs: 3000 },
    graceMs: 250,
    lingering: new Lingering(LINGER),
  };
}

export function makeBench(options: Partial<ConnectionOptions> = {}): Bench {
  const clock = new VirtualClock();
  const socket = new FakeSocket();
  const events: ConnectionEvent[] = [];
  const observe = (_: Connection, event: ConnectionEvent) => void events.push(event);
  const connection = new Connection(7, socket, { ...connectionOptions(clock), observe, ...options });
  return { clock, socket, connection, events };
}
