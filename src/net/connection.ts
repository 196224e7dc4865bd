/**
 * One connection: its socket, its accumulator, and the times and counts by which the sweep judges it.
 * Knows bytes and time; not what is said over it.
 * @module
 */

import { Accumulator } from "./accumulator.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { type Conversation, type Duplex, type Outgoing, type Protocol, type Turn, TURNS_MAX } from "./conversation.ts";
import { Draining } from "./draining.ts";
import { Ending } from "./ending.ts";
import { type Activity, type CloseReason, type Filled, readEvent } from "./events.ts";
import { MessageMark } from "./message_mark.ts";
import { openSocket } from "./opening.ts";
import { isPeerGone } from "./peer.ts";
import type { Security } from "./security.ts";
import { Sender } from "./sender.ts";
import type { Socket } from "./socket.ts";

/** Our end of a connection. Only one fill and one write may be pending at a time. */
export class Connection {
  /** When it was accepted. */
  readonly sinceMs: number;
  /** Bytes received and not yet consumed. */
  readonly input: Accumulator;
  /** How it is secured; `missing`: it came in plain to a listener for TLS; `null`: to one for plain connections. */
  security: Security | "missing" | null = null;
  /** Index in the roster, for the roster only. */
  rosterIndex = 0;
  /** Set by an async function, in place of the `farewell` of a conversation. */
  farewell: (() => Uint8Array) | null = null;
  /** Set by a conversation that sends while a read is pending. */
  duplex: Duplex | null = null;
  readonly #socket: Socket;
  #activity: Activity = "working";
  readonly #drain = new Draining();
  #markMs: number;
  readonly #message = new MessageMark();
  readonly #sender: Sender;
  #conversation: Conversation | null = null;
  #ending: Ending | null = null;
  #reading: Promise<number | null> | null = null; // The pending read.
  #steps = 0; // The number of reads and writes of an async function.
  #closed: PromiseWithResolvers<void> | null = null;
  #received = 0;

  /** Takes over the socket and closes it with the connection. `id` counts the connections of a worker, for logs. */
  constructor(readonly id: number, socket: Socket, readonly options: ConnectionOptions) {
    this.input = new Accumulator(options.accumulator, options.spareBuffers);
    this.#socket = socket;
    this.#sender = new Sender(socket, options.sendingRate);
    this.#markMs = this.sinceMs = options.clock.now();
  }

  /** Address of the other end. Behind a proxy, it changes to that of the client with the first bytes. */
  get peer(): Deno.NetAddr {
    return this.#socket.remoteAddr;
  }

  get activity(): Activity {
    return this.#activity;
  }

  /** What is being answered, in one line, for people who look; `null`: nothing. */
  get underWay(): string | null {
    return this.#conversation?.underWay ?? null;
  }

  /** When bytes last moved in either direction. */
  get markMs(): number {
    return this.#markMs;
  }

  /** When the first byte of the current message arrived; `Infinity` between messages. */
  get messageMs(): number {
    return this.#message.beganMs;
  }

  /** Until when a drained connection may wait for a message; `Infinity` before it is drained. */
  get graceUntilMs(): number {
    return this.#drain.untilMs(this.#markMs);
  }

  /** When the connection began to linger; `Infinity` before. */
  get lingerSinceMs(): number {
    return this.#ending?.linger.sinceMs ?? Infinity;
  }

  /** Until when a lingering connection may read on. */
  get lingerUntilMs(): number {
    return this.#ending?.linger.untilMs ?? Infinity;
  }

  /** Whether the server is ending: a protocol should answer the messages that have arrived, and return. */
  get draining(): boolean {
    return this.#drain.isBegun;
  }

  /** Bytes read from and written to the peer so far. */
  get traffic(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sender.sent };
  }

  /**
   * Runs the conversation of `protocol` to its end. If it fails, sends the answers before the failure, then throws.
   *
   * The only loop that reads for a server. It sends pending bytes before it reads, and lets other connections have
   * their turns. It awaits promises of the socket directly, because an async function costs 0.1 microseconds.
   */
  async run(protocol: Protocol): Promise<void> {
    if (this.#socket.open !== undefined && !await this.#open()) return;
    const conversation = protocol(this);
    if (conversation instanceof Promise) return await conversation;
    this.#conversation = conversation; // Closures that the connection keeps would outlive it in the young generation.
    const { outgoing } = conversation;
    try {
      for (let turns = 1;; turns++) {
        let turn = conversation.turn();
        if (typeof turn !== "string") turn = await turn;
        while (turn !== "again") {
          while (outgoing.length > 0) {
            const rest = this.#endSend(outgoing, await this.#beginWrite(outgoing.held()));
            if (rest !== null) await rest;
          }
          if (turn !== "read") return void await this.#finish(turn);
          let filled = this.#beginFill();
          if (typeof filled !== "string") {
            try {
              filled = this.#endFill(await filled);
            } catch (error) {
              filled = this.#failFill(error);
            }
          }
          if (filled === "gone") return;
          const next: Turn | Promise<Turn> = filled === "bytes" ? conversation.turn() : conversation.ended();
          turn = typeof next === "string" ? next : await next;
        }
        if (turns % TURNS_MAX === 0) {
          await this.options.clock.sleep(0);
          conversation.resumed();
        }
      }
    } catch (error) {
      if (!isPeerGone(error)) await this.send(outgoing).catch(() => {}); // The first error says more.
      throw error;
    }
  }

  /** Secures the socket, with the deadline of a message. Returns whether the conversation can begin. */
  async #open(): Promise<boolean> {
    this.#message.receive(this.#markMs);
    this.#enter("receiving");
    const opening = await openSocket(this.#socket, () => void (this.#markMs = this.options.clock.now()));
    if (this.#isOver) return false;
    this.#leave();
    this.#message.end(false);
    this.options.observe?.(this, { kind: "open", opened: opening.opened });
    if ("reason" in opening) this.close(opening.reason);
    this.security = "reason" in opening ? null : opening.security;
    return this.security !== null;
  }

  #finish(turn: "linger" | "close"): Promise<void> | null {
    if (turn === "linger") return this.linger();
    return this.security === null || this.#isOver ? null : this.#beginEnding().closeWrite();
  }

  /** Sends all collected bytes. Throws if the peer is gone (`isPeerGone`). */
  async send(outgoing: Outgoing): Promise<void> {
    if (outgoing.length > 0) await this.#endSend(outgoing, await this.#beginWrite(outgoing.held()));
  }

  #endSend(outgoing: Outgoing, count: number): Promise<void> | null {
    const rest = this.#endWrite(outgoing.held(), count);
    if (rest !== null) return rest.then(() => outgoing.sent());
    outgoing.sent();
    return null;
  }

  /** Reads once into `input`, for an async function, or at once for a duplex, which has turns. Throws no peer's error. */
  async fill(): Promise<Filled> {
    if (this.duplex === null && ++this.#steps % TURNS_MAX === 0) await this.options.clock.sleep(0);
    const reading = this.#beginFill();
    try {
      return typeof reading === "string" ? reading : this.#endFill(await reading);
    } catch (error) {
      return this.#failFill(error);
    }
  }

  /** Starts a read. Returns the result at once if there is nothing to wait for. */
  #beginFill(): Promise<number | null> | Filled {
    const { input } = this;
    if (input.length === 0) input.shrink();
    this.#message.wait(this.#markMs);
    const space = input.space();
    if (space.length === 0) return "full";
    this.#enter(this.#message.isBegun ? "receiving" : "waiting");
    return this.#reading = this.#socket.read(space);
  }

  #endFill(count: number | null): Filled {
    this.#reading = null;
    this.#markMs = this.options.clock.now();
    if (this.#activity !== "sending") this.#sender.deadline.moveUpTo(this.#markMs); // A peer that only sends is slow.
    if (this.#activity !== "sending") this.#leave();
    this.#received += count ?? 0;
    if (count === null || this.#activity === "lingering") return this.#noteEnd(this.#isOver ? "gone" : "ended");
    this.input.commit(count);
    this.#message.receive(this.#markMs);
    this.options.observe?.(this, readEvent(this.input, count));
    return "bytes";
  }

  #failFill(error: unknown): Filled {
    this.#reading = null;
    this.#leave();
    if (!isPeerGone(error)) throw error;
    return this.#noteEnd("gone");
  }

  /** Notes what a duplex conversation waits for, with a read pending. `working`: not for the peer. */
  await(standing: "waiting" | "blocked" | "working"): void {
    this.#message.wait(this.#markMs);
    this.#enter(standing !== "blocked" && this.#message.isBegun ? "receiving" : standing);
  }

  /** Notes that a message was received in full and consumed. The next deadline starts with the next byte. */
  endMessage(): void {
    this.#message.end(this.input.length > 0);
  }

  /** Sends every byte. Throws if the peer is gone (`isPeerGone`). `bytes` must not change until this resolves. */
  async write(bytes: Uint8Array): Promise<void> {
    if (++this.#steps % TURNS_MAX === 0) await this.options.clock.sleep(0);
    if (bytes.length > 0) await this.#endWrite(bytes, await this.#beginWrite(bytes));
  }

  #beginWrite(bytes: Uint8Array): Promise<number> {
    this.#enter("sending");
    return this.#sender.begin(bytes);
  }

  /** Sends the bytes that the system did not accept; `null`: it accepted all. */
  #endWrite(bytes: Uint8Array, count: number): Promise<void> | null {
    const rest = this.#sender.end(bytes, count);
    if (rest !== null) return rest.then(() => this.#endSending(bytes));
    this.#endSending(bytes);
    return null;
  }

  /** Whether the peer accepts bytes too slowly. Marks the connection, because one that sends is not idle. */
  isTooSlow(nowMs: number): boolean {
    if (this.#activity === "blocked") return this.duplex?.isTooSlow(this.#markMs = nowMs) ?? false;
    return this.#sender.deadline.isMissed(this.#markMs = nowMs);
  }

  /** Closes our side and reads on, because a close with unread bytes could destroy the last answer (9112 9.6). */
  async linger(): Promise<void> {
    if (this.#isOver) return;
    this.input.consume(this.input.length);
    this.input.shrink();
    await this.#beginEnding().readOn(this.#reading);
  }

  /** Asks the protocol to end after the next message. If none arrives within `lastMessageMs`, the sweep closes. */
  drain(lastMessageMs: number = this.options.graceMs): void {
    this.#drain.begin(this.options.clock.now(), lastMessageMs);
    this.duplex?.drained();
  }

  /** Resolves when the connection closes. */
  get closed(): Promise<void> {
    const closed = this.#closed ??= Promise.withResolvers<void>();
    if (this.#activity === "closed") closed.resolve();
    return closed.promise;
  }

  /** Closes now. A pending fill resolves to `"gone"`, and a pending write throws. Does nothing if already closed. */
  close(reason: CloseReason): void {
    if (this.#activity === "closed") return;
    this.#activity = "closed";
    this.#ending?.linger.close();
    this.#socket.close();
    this.#closed?.resolve();
    this.options.tally?.close(this, reason);
    this.options.observe?.(this, { kind: "close", reason, received: this.#received, sent: this.#sender.sent });
  }

  /** Returns the buffer for reuse. For the owner, when the connection is closed and the conversation is over. */
  releaseBuffer(): void {
    if (this.#reading === null) this.input.releaseBuffer();
  }

  /**
   * Closes for the sweep. If we wait for the peer, our side closes first, because a full close could destroy what is on
   * its way. If part of a message is missing, the farewell is written before. This ends the conversation.
   */
  expire(reason: CloseReason): void {
    this.options.observe?.(this, { kind: "sweep", activity: this.#activity, reason });
    const quietMs = this.duplex === null ? this.options.graceMs : undefined; // HTTP/2 sends while it reads.
    if (this.#activity === "waiting") return this.#startClosing(reason, quietMs, this.duplex?.goodbye());
    const isAmidMessage = this.#activity === "receiving" || this.#activity === "blocked";
    const farewell = isAmidMessage ? this.#conversation?.farewell() ?? this.farewell?.() : undefined;
    if (farewell !== undefined) return this.#startClosing(reason, undefined, farewell);
    this.close(this.#ending?.linger.closeReason ?? reason);
  }

  /** Lingers and closes as `linger()` does, but for another reason. */
  closeLingering(reason: CloseReason): void {
    if (!this.#isOver) this.#startClosing(reason);
  }

  #startClosing(reason: CloseReason, quietMs?: number, farewell?: Uint8Array): void {
    const onFarewell = () => this.#noteSent(farewell);
    this.#beginEnding(quietMs).closeFor({ reason, reading: this.#reading, farewell, onFarewell });
  }

  #beginEnding(quietMs?: number): Ending {
    this.#activity = "lingering";
    const onRead = (count: number) => void (this.#received += count);
    const [socket, sender, options] = [this.#socket, this.#sender, this.options];
    return this.#ending = new Ending({ connection: this, socket, sender, options, onRead }, quietMs);
  }

  /** Resolves when the farewell has been written or has failed; `null`: there is none. */
  get farewellDone(): Promise<void> | null {
    return this.#ending?.linger.closing ?? null;
  }

  #noteEnd(how: "ended" | "gone"): "ended" | "gone" {
    if (this.#activity !== "closed") this.options.observe?.(this, { kind: "end", accumulated: this.input.length });
    return how;
  }

  #endSending(bytes: Uint8Array): void {
    this.#noteSent(bytes);
    this.#leave();
    this.#markMs = this.options.clock.now();
  }

  #noteSent(bytes?: Uint8Array): void {
    if (bytes !== undefined) this.options.observe?.(this, { kind: "write", count: bytes.length, chunk: bytes });
  }

  get #isOver(): boolean {
    return this.#activity === "closed" || this.#activity === "lingering";
  }

  #enter(activity: Activity): void {
    if (this.#isOver) throw new Deno.errors.Interrupted("The connection is closed");
    this.#activity = activity;
  }

  #leave(): void {
    if (!this.#isOver) this.#activity = "working";
  }
}
