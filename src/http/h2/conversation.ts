/**
 * HTTP/2 as a conversation: reads frames, lets requests be answered, and sends what the windows permit (RFC 9113).
 * The rules are in the other files.
 * @module
 */

import type { Connection } from "../../net/connection.ts";
import type { Conversation, Duplex, Turn } from "../../net/conversation.ts";
import { Arrival } from "./arrival.ts";
import { ErrorCode } from "./errors.ts";
import { Exchanges } from "./exchanges.ts";
import type { FrameBuffer } from "./frame_buffer.ts";
import { AGE_MS_MAX, STREAMS_IN_ALL_MAX } from "./limits.ts";
import type { Shared } from "./shared.ts";
import { REACTION_BYTES_MAX } from "./state.ts";

/** Frames that are handled in one turn, so that other connections have theirs. Nearly all requests are one frame. */
const FRAMES_A_TURN = 2;

/**
 * Bytes of field blocks after which other connections have their turns, also before `TURNS_MAX`: a part of a
 * millisecond. Blocks of browsers take some 50 bytes, and hostile ones, which cost as much as 500 of them, 32 KiB.
 */
const BLOCK_BYTES_A_SLICE = 8 * 1024;

/** How a turn goes on: `flush`: send, and then more. `wait`: send, and then wait for the peer or for our handlers. */
type Step = "again" | "flush" | "wait" | "linger" | "close";

/**
 * One connection of HTTP/2. While streams are open, a read is pending nearly always, so that a client can stop an answer
 * that is being sent. Without open streams, the loop of the connection sends and reads, because that costs less.
 */
export class Http2Conversation implements Conversation, Duplex {
  readonly outgoing: FrameBuffer;
  readonly #connection: Connection;
  readonly #exchanges: Exchanges;
  readonly #arrival: Arrival;
  readonly #bornMs: number;
  #hasPeerEnded = false;
  #sliceEnd = BLOCK_BYTES_A_SLICE;
  /** Whether the loop of the connection sends what is in the buffer, and then reads. */
  #isAtRest = false;
  /** The frames that are sent while the loop reads, because the server ends. */
  #parting: Promise<void> | null = null;
  /** Whether a frame was handled since the last message ended. */
  #hasHandled = false;

  constructor(connection: Connection, current: { readonly shared: Shared }) {
    this.#connection = connection;
    this.#arrival = new Arrival(connection);
    this.#exchanges = new Exchanges(connection, current, () => this.#arrival.wake());
    this.outgoing = this.#exchanges.out;
    this.#bornMs = connection.markMs;
    connection.duplex = this;
  }

  get underWay(): string | null {
    return this.#exchanges.underWay;
  }

  get streams(): number {
    return this.#exchanges.state.streams.size;
  }

  turn(): Turn | Promise<Turn> {
    this.#isAtRest = false;
    if (this.#parting !== null) return this.#parting.then(() => this.turn());
    if (this.#isSliceOver) return this.#rest();
    const step = this.#step();
    this.#isAtRest = step === "wait" && this.#isQuiet;
    if (this.#isAtRest) return "read";
    if (step === "flush" || step === "wait") return this.#wait(step);
    if (step !== "again") this.#exchanges.abortAll();
    return step;
  }

  /** The peer sends no more, and can open no window, but may still be reading. */
  ended(): Turn | Promise<Turn> {
    this.#hasPeerEnded = true;
    return this.turn();
  }

  resumed(): void {
    this.#exchanges.resumed();
  }

  get #isSliceOver(): boolean {
    return this.#exchanges.state.decodedBytes > this.#sliceEnd;
  }

  /** Lets other connections have their turns. */
  async #rest(): Promise<Turn> {
    await this.#exchanges.clock.sleep(0);
    this.resumed();
    this.#sliceEnd = this.#exchanges.state.decodedBytes + BLOCK_BYTES_A_SLICE;
    return "again";
  }

  /** Sends what is in the buffer, then waits for bytes, or for handlers and sources. */
  async #wait(step: "flush" | "wait"): Promise<Turn> {
    try {
      if (this.outgoing.length > 0) await this.#connection.send(this.outgoing);
      if (!this.#hasPeerEnded) this.#arrival.read();
      if (step === "flush") this.#arrival.wake();
      this.#connection.await(this.#standing);
      const came = await this.#arrival.next();
      if (came === "ended") this.#hasPeerEnded = true;
      if (came !== "gone") return "again";
      this.#exchanges.abortAll();
      return "close";
    } catch (error) {
      this.#exchanges.abortAll();
      throw error;
    }
  }

  /** Whether nothing but bytes of the peer can give us anything to do. */
  get #isQuiet(): boolean {
    const { state, isPending } = this.#exchanges;
    return state.streams.size === 0 && !isPending && !this.#arrival.isReading && !this.#hasPeerEnded;
  }

  /** What is waited for when all was sent that can be. */
  get #standing(): "waiting" | "blocked" | "working" {
    if (this.#exchanges.sender.isBlocked) return "blocked";
    return this.#exchanges.isPending ? "working" : "waiting";
  }

  /** Handles some frames, or else sends what it can. */
  #step(): Step {
    const { state } = this.#exchanges;
    this.#exchanges.takeDelivered();
    if (!this.#exchanges.putWaiting()) return "flush";
    this.#leaveIfTime();
    const { input } = this.#connection;
    const { nowMs } = this.#exchanges;
    for (let frames = 1; state.step(input, nowMs) === "handled"; frames++) {
      this.#hasHandled = true;
      if (state.problem !== null) return "linger";
      if (this.outgoing.free < REACTION_BYTES_MAX || this.#exchanges.isWaiting) return "flush";
      if (frames === FRAMES_A_TURN || this.#isSliceOver) return "again";
    }
    return this.#sendContent();
  }

  /** Before the server ends, and after a long life, the client is asked to go. */
  #leaveIfTime(): void {
    const { state, nowMs } = this.#exchanges;
    if (state.isLeaving) return;
    const isOld = nowMs - this.#bornMs > AGE_MS_MAX || this.#exchanges.answered > STREAMS_IN_ALL_MAX;
    if (this.#connection.draining || isOld) state.leave();
  }

  /** Puts content into the buffer until it is full, or windows are closed, or nothing is left. */
  #sendContent(): Step {
    const { sender, state, nowMs } = this.#exchanges;
    for (let stream = sender.next(); stream !== null; stream = sender.next()) {
      if (this.#exchanges.sendFrame(stream) === "no room" || this.outgoing.free < REACTION_BYTES_MAX) return "flush";
    }
    for (const stream of sender.streams) stream.block(nowMs);
    if (state.isOver) return "linger";
    const { streams, isReceiving } = state;
    if (this.#hasPeerEnded && (streams.size === 0 || isReceiving || sender.isBlocked)) return "close";
    if (!isReceiving) this.#endMessage();
    return "wait";
  }

  /** A part of a frame goes on with the message that it began: bytes that drip in must not extend its deadline. */
  #endMessage(): void {
    if (this.#hasHandled || this.#connection.input.length === 0) this.#connection.endMessage();
    this.#hasHandled = false;
  }

  // The sweep, and the end

  /**
   * Resets the streams whose windows the peer keeps closed for too long. Returns whether the connection should end,
   * because its own window is closed.
   */
  isTooSlow(nowMs: number): boolean {
    const { sender, state } = this.#exchanges;
    const late = sender.streams.filter((stream) => stream.isBlocked && stream.isTooSlow(nowMs));
    if (late.length > 0 && state.sendWindow <= 0) return true;
    for (const { id } of late) state.endStream(id, ErrorCode.CANCEL, "the client keeps its window closed");
    if (late.length > 0) this.#arrival.wake();
    return false;
  }

  drained(): void {
    if (!this.#isAtRest) return this.#arrival.wake();
    this.#leaveIfTime();
    const { activity } = this.#connection;
    if (activity === "waiting" || activity === "receiving") this.#parting = this.#sendBeside();
  }

  /** Sends while the loop reads. If the loop is sending, it sends these frames as well before it reads. */
  async #sendBeside(): Promise<void> {
    try {
      await this.#connection.send(this.outgoing);
      if (this.#isAtRest) this.#connection.await("waiting");
    } catch {
      // The peer is gone, or the connection was closed meanwhile. The read of the loop tells that.
    }
    this.#parting = null;
  }

  farewell(): Uint8Array {
    return this.#exchanges.state.lastFrames();
  }

  goodbye(): Uint8Array {
    return this.#exchanges.state.lastFrames();
  }
}
