/**
 * One connection: its socket, its accumulator, and the marks that the sweep judges it by.
 * Knows bytes and time; not what is said over it.
 * @module
 */

import { SendingAccount, type SendingRate } from "./account.ts";
import { Accumulator, type AccumulatorSizes, type SpareBuffers } from "./accumulator.ts";
import type { Activity, CloseReason, ConnectionEvent } from "./events.ts";
import type { Clock } from "./clock.ts";
import { Linger, type Lingering } from "./lingering.ts";
import { isPeerGone } from "./peer.ts";
import type { Socket } from "./socket.ts";
import { writeAll } from "./write_all.ts";

/**
 * Outcome of one read. `ended`: the peer will send no more, and may still be listening. `gone`: it reset the connection, or
 * we closed it; nothing can be sent any more. `full`: the accumulator may not grow further.
 */
export type Filled = "bytes" | "ended" | "gone" | "full";

/** What a connection is made with. */
export interface ConnectionOptions {
  /** What the marks are taken from. */
  readonly clock: Clock;
  /** Sizes of `input`. */
  readonly accumulator: AccumulatorSizes;
  /** Where `input` has its buffer from, see `giveUp()`. */
  readonly spareBuffers?: SpareBuffers | undefined;
  /** How slowly the peer may take what is sent to it. */
  readonly sendingRate: SendingRate;
  /**
   * How long a peer that owes nothing may take to notice that we end: for the message that it sent before, and for closing its
   * side.
   */
  readonly graceMs: number;
  /** How long a connection may go on reading after our end, and how fast, see `linger()`. Those of a server share one. */
  readonly lingering: Lingering;
  /** Told what happens, as it happens. */
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
}

const NO_BYTES = new Uint8Array(0);

const NO_MESSAGE = -1;

/** Begun, but not yet waited for: the time that we take to answer the message before does not count. */
const BEGUN = -2;

/** A conversation's end of a socket. Not for two concurrent fills or two concurrent writes. */
export class Connection {
  /** Counts the connections of this process from 1, for logs. */
  readonly id: number;
  /** Address of the other end. */
  readonly peer: Deno.NetAddr;
  /** Bytes received and not yet consumed. */
  readonly input: Accumulator;
  /** Where its owner has it. */
  place = 0;
  /** Gives what is written, best effort, before the sweep closes a connection in the middle of a message. */
  farewell: (() => Uint8Array) | null = null;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  #activity: Activity = "working";
  #drainedMs = Infinity;
  #markMs: number;
  #messageMs = NO_MESSAGE;
  readonly #account: SendingAccount;
  #linger: Linger | null = null;
  /** Why the sweep is ending it, if it is. */
  #dismissedFor: CloseReason | null = null;
  #farewellSaid: Promise<void> | null = null;
  /** The read that is pending. */
  #reading: Promise<number | null> | null = null;
  #received = 0;
  #sent = 0;

  /** Takes the socket over: closing the connection closes it. */
  constructor(id: number, socket: Socket, options: ConnectionOptions) {
    this.id = id;
    this.peer = socket.remoteAddr;
    this.input = new Accumulator(options.accumulator, options.spareBuffers);
    this.#socket = socket;
    this.#options = options;
    this.#account = new SendingAccount(options.sendingRate);
    this.#markMs = options.clock.now();
  }

  /** What the connection is at now. */
  get activity(): Activity {
    return this.#activity;
  }

  /** When bytes last moved in either direction. */
  get markMs(): number {
    return this.#markMs;
  }

  /** When the first byte of the message now being received came; `Infinity` between messages. */
  get messageMs(): number {
    return this.#messageMs < 0 ? Infinity : this.#messageMs;
  }

  /** Until when it may wait for a message; `Infinity` until it is drained. */
  get graceUntilMs(): number {
    return Math.max(this.#drainedMs, this.#markMs) + this.#options.graceMs;
  }

  /** When the connection began to linger; `Infinity` before. */
  get lingerSinceMs(): number {
    return this.#linger?.sinceMs ?? Infinity;
  }

  /** Until when a lingering connection may go on reading. */
  get lingerUntilMs(): number {
    return this.#linger?.untilMs ?? Infinity;
  }

  /** Whether the server wants to end: a protocol should answer the messages that are there, and return. */
  get draining(): boolean {
    return this.#drainedMs < Infinity;
  }

  /** Bytes read from and written to the peer so far. */
  get traffic(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sent };
  }

  /** One read, appended to `input`. Errors of the operating system that do not mean "gone" are thrown. */
  async fill(): Promise<Filled> {
    const reading = this.beginFill();
    if (typeof reading === "string") return reading;
    try {
      return this.endFill(await reading);
    } catch (error) {
      return this.failFill(error);
    }
  }

  /**
   * The parts of `fill()`, for a loop in which the promise of an async function more would show: what the socket reads, or
   * why there is nothing to wait for. Then one of the other two.
   */
  beginFill(): Promise<number | null> | Filled {
    const { input } = this;
    if (input.length === 0) input.release();
    if (this.#messageMs === BEGUN) this.#messageMs = this.#markMs;
    const space = input.space();
    if (space.length === 0) return "full";
    this.#enter(this.#messageMs === NO_MESSAGE ? "waiting" : "receiving");
    return this.#reading = this.#socket.read(space);
  }

  /** What came of the read. */
  endFill(read: number | null): Filled {
    const count = this.#endRead(read);
    if (typeof count === "string") return this.#noteEnd(count);
    const { input } = this;
    input.commit(count);
    if (this.#messageMs === NO_MESSAGE) this.#messageMs = this.#markMs;
    if (this.#options.observe !== undefined) {
      const chunk = input.bytes.subarray(input.end - count, input.end);
      this.#observe({ kind: "read", count, accumulated: input.length, chunk });
    }
    return "bytes";
  }

  /** The read failed. Throws what does not mean "gone". */
  failFill(error: unknown): Filled {
    return this.#noteEnd(this.#failRead(error));
  }

  /** Says that a message was received in full, and consumed: the deadline for the next starts with its first byte. */
  endMessage(): void {
    // What is there already begins the next one, even if the protocol consumes some of it before it reads on.
    this.#messageMs = this.input.length > 0 ? BEGUN : NO_MESSAGE;
  }

  /** Sends every byte. Throws when the peer is gone (`isPeerGone`). `bytes` must not change until this resolves. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) await this.endWrite(bytes, await this.beginWrite(bytes));
  }

  /** The parts of `write()`, for the same loop: how many of the bytes, which are some, the system took; then `endWrite`. */
  beginWrite(bytes: Uint8Array): Promise<number> {
    this.#enter("sending");
    this.#account.begin();
    return this.#socket.write(bytes);
  }

  /** Sends what the system did not take; `null`: there is nothing left. */
  endWrite(bytes: Uint8Array, count: number): Promise<void> | null {
    this.#pay(count);
    if (count < bytes.length) return this.#writeRest(bytes, count);
    this.#endSending(bytes);
    return null;
  }

  /**
   * For the sweep: whether the peer that we are sending to has used up our patience. A connection that we are sending to is
   * not idle, so this marks it.
   */
  isTooSlow(nowMs: number): boolean {
    this.#markMs = nowMs;
    return this.#account.isOverdrawn(nowMs);
  }

  /**
   * Ends our side, then reads and forgets what the peer still sends, within limits. Closing with unread bytes would make
   * the system send a reset, which can destroy the last response before the peer has read it (RFC 9112, section 9.6).
   */
  async linger(): Promise<void> {
    if (this.#isOver) return;
    const linger = this.#beginLingering(this.#options.lingering.limits.quietMs);
    this.input.consume(this.input.length);
    this.input.release();
    try {
      await this.#socket.closeWrite();
      await this.#runOut(linger);
      this.close("done");
    } catch (error) {
      if (!isPeerGone(error)) throw error;
      this.close("peer gone");
    }
  }

  /**
   * Asks the protocol to end with its next message, which the peer may have sent before it could know. Where none comes in
   * `graceMs`, the sweep ends the connection.
   */
  drain(): void {
    this.#drainedMs = this.#options.clock.now();
  }

  /** Closes now. A pending fill resolves to `"gone"`, a pending write throws. Closing again does nothing. */
  close(reason: CloseReason): void {
    if (this.#activity === "closed") return;
    this.#activity = "closed";
    this.#linger?.close();
    this.#socket.close();
    this.#observe({ kind: "close", reason, received: this.#received, sent: this.#sent });
  }

  /** Gives its buffer back: for its owner, when it is closed and the conversation is over. */
  giveUp(): void {
    if (this.#reading === null) this.input.giveUp();
  }

  /**
   * Closes for the sweep. A peer that we wait for is told the end first, with the farewell where it owes the rest of a
   * message: a close would reset what it may be sending, and a reset could be taken for a failure. The conversation is over at
   * once; the peer has some time to take it.
   */
  expire(reason: CloseReason): void {
    this.#observe({ kind: "sweep", activity: this.#activity, reason });
    const { farewell } = this;
    const { graceMs, lingering } = this.#options;
    if (this.#activity === "waiting") return this.#dismiss(reason, NO_BYTES, graceMs);
    const isOwed = this.#activity === "receiving" && farewell !== null;
    if (isOwed) return this.#dismiss(reason, farewell(), lingering.limits.quietMs);
    this.close(this.#dismissedFor ?? reason);
  }

  /** Closes as `linger()` does, for another reason: what was sent before still arrives. */
  breakOff(reason: CloseReason): void {
    if (!this.#isOver) this.#dismiss(reason, NO_BYTES, this.#options.lingering.limits.quietMs);
  }

  #dismiss(reason: CloseReason, farewell: Uint8Array, quietMs: number): void {
    const linger = this.#beginLingering(quietMs);
    this.#dismissedFor = reason;
    const said = this.#sayFarewell(farewell, this.#reading, linger).catch(() => {}); // Best effort.
    this.#farewellSaid = said.then(() => this.close(reason));
  }

  /** Writes, ends our side, and lets the peer run out, as `linger()` does and for the same reason. */
  async #sayFarewell(bytes: Uint8Array, reading: Promise<number | null> | null, linger: Linger): Promise<void> {
    await this.#writeAll(bytes);
    if (bytes.length > 0) this.#observe({ kind: "write", count: bytes.length, chunk: bytes });
    await this.#socket.closeWrite();
    if (reading === null || await reading !== null) await this.#runOut(linger);
  }

  /** From now on nothing can be said. The sweep holds the connection to its times. */
  #beginLingering(quietMs: number): Linger {
    this.#activity = "lingering";
    return this.#linger = new Linger(this.#options.lingering, this.#options.clock, quietMs);
  }

  #runOut(linger: Linger): Promise<void> {
    return linger.runOut(this.#socket, (count) => this.#received += count);
  }

  /** Resolves when no farewell is under way any more. The end of the conversation, which is over by then, must wait for it. */
  get farewellSaid(): Promise<void> | null {
    return this.#farewellSaid;
  }

  #endRead(count: number | null): number | "ended" | "gone" {
    this.#reading = null;
    this.#leave();
    this.#markMs = this.#options.clock.now();
    this.#account.forgive(this.#markMs);
    this.#received += count ?? 0;
    return this.#activity === "lingering" ? "gone" : count ?? "ended";
  }

  #failRead(error: unknown): "gone" {
    this.#reading = null;
    this.#leave();
    if (isPeerGone(error)) return "gone";
    throw error;
  }

  #noteEnd(how: "ended" | "gone"): "ended" | "gone" {
    if (this.#activity !== "closed") this.#observe({ kind: "end", accumulated: this.input.length });
    return how;
  }

  async #writeRest(bytes: Uint8Array, count: number): Promise<void> {
    await this.#writeAll(bytes.subarray(count));
    this.#endSending(bytes);
  }

  #endSending(bytes: Uint8Array): void {
    if (this.#options.observe !== undefined) this.#observe({ kind: "write", count: bytes.length, chunk: bytes });
    this.#leave();
    this.#markMs = this.#options.clock.now();
  }

  #writeAll(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#socket, bytes, { onProgress: (count) => this.#pay(count) });
  }

  #pay(count: number): void {
    this.#sent += count;
    this.#account.pay(count);
  }

  /** Whether nothing can be said over it any more. */
  get #isOver(): boolean {
    return this.#activity === "closed" || this.#activity === "lingering";
  }

  #enter(activity: Activity): void {
    if (this.#isOver) {
      throw new Deno.errors.Interrupted("The connection is closed");
    }
    this.#activity = activity;
  }

  #leave(): void {
    if (!this.#isOver) this.#activity = "working";
  }

  #observe(event: ConnectionEvent): void {
    this.#options.observe?.(this, event);
  }
}
