/**
 * One connection in memory: a `Socket` for the server, methods for the client, a bounded buffer in each direction, and the
 * faults of a network. Knows bytes and time; not what the bytes mean, nor what the server must do.
 */

import type { Socket } from "../../src/net/socket.ts";
import { ByteQueue } from "./byte_queue.ts";
import { closedError, systemError } from "./errors.ts";
import type { Random } from "./random.ts";
import type { Stalls } from "./stalls.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { Violation } from "./trace.ts";

/** How one connection's network behaves. */
export interface Weather {
  /** Sizes of the system's buffers on the server's side: bytes that the server, or the client, has not read. */
  readonly receiveBytes: number;
  readonly sendBytes: number;
  /** Probabilities that a read or write moves fewer bytes than it could. */
  readonly shortReads: number;
  readonly shortWrites: number;
  /** Probability that an operation that could complete at once takes up to `delayMaxMs`. */
  readonly delays: number;
  readonly delayMaxMs: number;
  /** A fault at operation number `at` of the server: the client resets the connection, or the operation fails oddly. */
  readonly trouble:
    | { readonly at: number; readonly kind: "reset before" | "reset during" | "reset after" | "odd" }
    | null;
}

export type OperationKind = "read" | "write" | "closeWrite";

/** Receives the events of the server's end. */
export interface LinkWatcher {
  accepted(): void;
  started(kind: OperationKind, bytes: number): void;
  completed(kind: OperationKind, count: number): void;
  /** The server calls close. Its pending operations have not been interrupted yet. */
  closing(): void;
  closed(): void;
  /** An operation fails with a simulated error that the server may report. A reset by the peer is no such error. */
  failed(error: Error): void;
  violated(violation: Violation): void;
}

/** What a link is in the middle of. */
export interface LinkSurroundings {
  readonly timeline: VirtualClock;
  readonly stalls: Stalls;
  readonly random: Random;
  readonly watcher: LinkWatcher;
}

interface Operation {
  readonly kind: OperationKind;
  readonly bytes: Uint8Array;
  readonly resolve: (count: number | null) => void;
  readonly reject: (error: Error) => void;
  readonly isOdd: boolean;
  stage: "waiting" | "completing" | "settled";
}

/** The state of the connection for the client after it has read all bytes. */
export type Arrival = "open" | "ended" | "reset";

const NOTHING = new Uint8Array(0);

/** The longest time in which the runtime tells of what has arrived, unless it stands still: `delayMaxMs` of all weathers. */
const TELLING_MS = 10;

export class Link {
  readonly port: number;
  /** The server's end. */
  readonly socket: Socket;
  /** Called when there are bytes to read, or when the stream has ended. */
  onArrival: () => void = () => {};
  /** Called when the server has closed its end. */
  onClose: () => void = () => {};
  readonly #weather: Weather;
  readonly #timeline: VirtualClock;
  readonly #random: Random;
  readonly #watcher: LinkWatcher;
  readonly #stalls: Stalls;
  readonly #pending = new Map<OperationKind, Operation>();
  /** Bytes sent by the client: in the server's buffer, and waiting for space in it. */
  readonly #inbound = new ByteQueue();
  /** When how many bytes in all had come into the server's buffer. */
  readonly #arrivals: { readonly atMs: number; readonly total: number }[] = [];
  /** When the server ended its side first; `Infinity` if it has not. */
  #endedMs = Infinity;
  readonly #outgoing = new ByteQueue();
  /** Bytes written by the server and not yet read by the client. */
  readonly #outbound = new ByteQueue();
  #operations = 0;
  #isSendingOver = false;
  #isClientClosed = false;
  #isReset = false;
  #isResetSeen = false;
  #isWritingOver = false;
  #isClosed = false;
  #isCutOff = false;

  constructor(port: number, weather: Weather, { timeline, stalls, random, watcher }: LinkSurroundings) {
    this.port = port;
    this.#stalls = stalls;
    this.#weather = weather;
    this.#timeline = timeline;
    this.#random = random;
    this.#watcher = watcher;
    this.socket = {
      remoteAddr: { transport: "tcp", hostname: "192.0.2.7", port },
      read: (into) => this.#start("read", into),
      write: async (bytes) => (await this.#start("write", bytes)) ?? 0,
      closeWrite: async () => void await this.#start("closeWrite", NOTHING),
      setNoDelay: () => {},
      close: () => this.#closeByServer(),
    };
  }

  /** Whether an operation of this kind is pending. */
  isPending(kind: OperationKind): boolean {
    return this.#pending.has(kind);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the connection broke for a reason other than the server. */
  get isBroken(): boolean {
    return this.#isReset;
  }

  /** Whether the client has closed its side. */
  get isSendingOver(): boolean {
    return this.#isSendingOver;
  }

  /**
   * How many bytes had arrived in the server's system so long before the server ended its side that the runtime must have told
   * of them: all of them, if it has not.
   */
  get arrivedInTime(): number {
    return this.#arrivals.findLast(({ atMs }) => atMs <= this.#endedMs - TELLING_MS)?.total ?? 0;
  }

  /** Number of bytes that the client can read. */
  get waiting(): number {
    return this.#outbound.length;
  }

  get arrival(): Arrival {
    if (this.#isCutOff) return "reset";
    return this.#isWritingOver && this.#outbound.length === 0 ? "ended" : "open";
  }

  /** The client sends. */
  send(bytes: Uint8Array): void {
    if (this.#isSendingOver || this.#isReset) return;
    if (this.#isClosed) return this.#cutOff(); // The system answers bytes for a closed socket with a reset.
    this.#outgoing.push(bytes);
    this.#transmit();
  }

  /** The client closes its side and continues to read. */
  endSending(): void {
    this.#isSendingOver = true;
    this.#advance();
  }

  /** The client closes the connection. If bytes are unread, this resets it. */
  close(): void {
    if (this.#outbound.length > 0) return this.reset();
    this.#isClientClosed = true;
    this.endSending();
  }

  /** The client resets the connection. Bytes that it has sent may be lost. */
  reset(): void {
    if (this.#isReset || this.#isClosed) return;
    this.#isReset = this.#isCutOff = true;
    if (this.#random.chance(0.5)) this.#inbound.clear();
    this.#outgoing.clear();
    this.#outbound.clear();
    this.#advance();
  }

  /** The client reads at most `max` bytes. */
  take(max: number): Uint8Array {
    const taken = this.#outbound.take(max);
    this.#advance();
    return taken;
  }

  #start(kind: OperationKind, bytes: Uint8Array): Promise<number | null> {
    if (this.#isClosed) return Promise.reject(closedError("before"));
    if (kind === "read" && bytes.length === 0) {
      this.#watcher.violated(new Violation("every read has a buffer", "a read into an empty buffer"));
    }
    if (this.#pending.has(kind)) {
      this.#watcher.violated(new Violation("operations of a kind are not concurrent", `two concurrent ${kind}s`));
    }
    if (kind === "closeWrite") this.#endedMs = Math.min(this.#endedMs, this.#timeline.now());
    this.#watcher.started(kind, bytes.length);
    return new Promise((resolve, reject) => {
      const isOdd = this.#isTroubled("odd");
      const operation: Operation = { kind, bytes, resolve, reject, isOdd, stage: "waiting" };
      this.#operations++;
      this.#pending.set(kind, operation);
      if (this.#isTroubled("reset before")) this.reset();
      if (this.#isTroubled("reset during")) this.#timeline.after(this.#random.integer(0, 5), () => this.reset());
      this.#advance();
    });
  }

  /** Whether the fault of this link happens at the operation that starts, or has just started. */
  #isTroubled(kind: NonNullable<Weather["trouble"]>["kind"]): boolean {
    const { trouble } = this.#weather;
    const number = kind === "odd" ? this.#operations + 1 : this.#operations;
    return trouble !== null && trouble.kind === kind && trouble.at === number;
  }

  /** Completes all operations that can complete. */
  #advance(): void {
    for (const operation of [...this.#pending.values()]) {
      if (operation.stage !== "waiting" || !this.#canComplete(operation)) continue;
      operation.stage = "completing";
      const delayMs = this.#random.chance(this.#weather.delays)
        ? this.#random.integer(0, this.#weather.delayMaxMs)
        : -1;
      this.#completeIn(operation, this.#stalls.leftMs > 0 ? Math.max(delayMs, 0) : delayMs);
    }
  }

  /** Completes an operation when the process runs; `delayMs` below 0: now, if it does. */
  #completeIn(operation: Operation, delayMs: number): void {
    const { leftMs } = this.#stalls;
    // Behind the timers that were due meanwhile.
    if (leftMs > 0) this.#timeline.after(leftMs, () => this.#completeIn(operation, Math.max(delayMs, 1)));
    else if (delayMs < 0) this.#complete(operation);
    else this.#timeline.after(delayMs, () => this.#completeIn(operation, -1));
  }

  #canComplete({ kind, bytes, isOdd }: Operation): boolean {
    if (this.#isReset || isOdd || kind === "closeWrite") return true;
    if (kind === "read") return this.#inbound.length > 0 || this.#isInputOver();
    return bytes.length === 0 || this.#isWritingOver || this.#isClientClosed || this.#room() > 0;
  }

  #complete(operation: Operation): void {
    if (operation.stage === "settled") return;
    operation.stage = "settled";
    this.#pending.delete(operation.kind);
    const outcome = this.#perform(operation);
    this.#watcher.completed(operation.kind, typeof outcome === "number" ? outcome : 0);
    if (outcome instanceof Error) operation.reject(outcome);
    else operation.resolve(outcome);
    if (this.#isTroubled("reset after")) this.reset();
    this.#transmit();
    if (operation.kind !== "read") this.onArrival();
  }

  #perform({ kind, bytes, isOdd }: Operation): number | null | Error {
    if (isOdd) return this.#oddError();
    if (kind === "read") return this.#read(bytes);
    if (kind === "write") return this.#write(bytes);
    this.#isWritingOver = true;
    return this.#isReset ? systemError("ENOTCONN") : null;
  }

  #read(into: Uint8Array): number | null | Error {
    if (this.#inbound.length > 0) {
      return this.#inbound.takeInto(into.subarray(0, this.#some(into.length, this.#weather.shortReads)));
    }
    if (!this.#isReset || this.#isResetSeen) return null; // After one error, a reset connection reads like an ended one.
    this.#isResetSeen = true;
    return systemError("ECONNRESET");
  }

  /** Copies the bytes when the write completes, because the real system may read the buffer until then. */
  #write(bytes: Uint8Array): number | Error {
    if (this.#isReset && !this.#isResetSeen && this.#random.chance(0.3)) {
      this.#isResetSeen = true;
      return systemError("ECONNRESET");
    }
    if (this.#isReset || this.#isWritingOver) return systemError("EPIPE");
    if (this.#isClientClosed) {
      this.reset(); // The system accepts the bytes. Then it receives the reset of the closed client.
      return bytes.length;
    }
    const count = Math.min(this.#some(bytes.length, this.#weather.shortWrites), this.#room());
    this.#outbound.push(bytes.slice(0, count));
    return count;
  }

  /** `all`, or with `probability` a smaller number of at least 1. */
  #some(all: number, probability: number): number {
    return all > 1 && this.#random.chance(probability) ? this.#random.integer(1, all - 1) : all;
  }

  /** An error other than a reset: the network fails, or an unusual system reports an I/O error. */
  #oddError(): Error {
    const error = systemError(this.#random.pick(["EHOSTUNREACH", "ETIMEDOUT", "EIO"]));
    this.#isReset = this.#isCutOff = this.#isResetSeen = true;
    this.#watcher.failed(error);
    return error;
  }

  #closeByServer(): void {
    if (this.#isClosed) {
      this.#watcher.violated(new Violation("a socket is closed once", "closed twice"));
      throw closedError("before");
    }
    this.#watcher.closing();
    this.#endedMs = Math.min(this.#endedMs, this.#timeline.now());
    for (const operation of [...this.#pending.values()]) {
      // The system may have completed this operation already. Then the caller gets its result after the close.
      if (operation.stage === "completing" && !operation.isOdd && this.#random.chance(0.5)) this.#complete(operation);
      else this.#interrupt(operation);
    }
    this.#isClosed = this.#isWritingOver = true;
    this.#watcher.closed();
    this.onClose();
    // If bytes are unread, the system sends a reset, and bytes that the client has not read are lost (RFC 9112, 9.6).
    if (this.#inbound.length + this.#outgoing.length > 0) this.#cutOff();
    else this.onArrival();
  }

  #interrupt(operation: Operation): void {
    operation.stage = "settled";
    this.#pending.delete(operation.kind);
    operation.reject(closedError("meanwhile"));
  }

  #cutOff(): void {
    this.#isCutOff = true;
    this.#outbound.clear();
    this.onArrival();
  }

  #transmit(): void {
    const room = this.#weather.receiveBytes - this.#inbound.length;
    if (room > 0) this.#arrive(this.#outgoing.take(room));
    this.#advance();
  }

  #arrive(bytes: Uint8Array): void {
    this.#inbound.push(bytes);
    this.#arrivals.push({ atMs: this.#timeline.now(), total: (this.#arrivals.at(-1)?.total ?? 0) + bytes.length });
  }

  #isInputOver(): boolean {
    return this.#isSendingOver && this.#outgoing.length === 0;
  }

  #room(): number {
    return this.#weather.sendBytes - this.#outbound.length;
  }
}
