/**
 * The state of one HTTP/2 connection at the server (RFC 9113): frames in, events and frames out.
 * Knows no sockets, timers or handlers. Time comes with each frame.
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { Accumulator } from "../../net/accumulator.ts";
import type { SendingRate } from "../../net/send_deadline.ts";
import { latin1Bytes } from "../syntax.ts";
import { Budgets } from "./budget.ts";
import { ConnectionError, ErrorCode, StreamError } from "./errors.ts";
import type { FrameBuffer } from "./frame_buffer.ts";
import {
  Flag,
  Frame,
  FRAME_HEADER_BYTES,
  FrameType,
  goAwayFrame,
  pingFrame,
  PREFACE,
  readFrame,
  readUint31,
  resetFrame,
  Setting,
  SETTINGS_ACK,
  settingsFrame,
} from "./frames.ts";
import { FIELD_SECTION_BYTES_MAX, SMALL_WINDOW_BYTES, STREAMS_MAX } from "./limits.ts";
import { PeerSettings, WINDOW_MAX } from "./peer_settings.ts";
import type { RequestFields } from "./request_fields.ts";
import { Stream } from "./stream.ts";
import { type Problem, type StreamEvents, StreamFrames } from "./stream_frames.ts";
import { StreamTable } from "./stream_table.ts";

/** The frames with which a server begins (3.4). */
const FIRST_FRAMES = settingsFrame([
  [Setting.MAX_CONCURRENT_STREAMS, STREAMS_MAX],
  [Setting.MAX_HEADER_LIST_SIZE, FIELD_SECTION_BYTES_MAX],
  [Setting.NO_RFC7540_PRIORITIES, 1],
]);

/** Bytes that must be free in the buffer before a frame is handled: more than all frames that it causes. */
export const REACTION_BYTES_MAX = 512;

/** The last number that a GOAWAY can name, while the peer may still open streams (6.8). */
const ANY_STREAM = 2 ** 31 - 1;

/** Identifies the PING whose answer says that the peer has read the first GOAWAY. */
const GOING_AWAY = latin1Bytes("leaving!");

/** What a connection's state needs. */
export interface StateOptions {
  readonly out: FrameBuffer;
  readonly fields: RequestFields;
  readonly events: StreamEvents;
  /** How slowly the peer may open the window of a stream. */
  readonly sendingRate: SendingRate;
}

/** One connection. */
export class ConnectionState {
  readonly streams = new StreamTable();
  /** Content that we may send in all streams together. */
  sendWindow = 65_535;
  /** The mistake of the peer that ended the connection; `null`: none. */
  problem: ConnectionError | null = null;
  /** What the peer has told us. */
  readonly settings = new PeerSettings();
  readonly #out: FrameBuffer;
  readonly #events: StreamEvents;
  readonly #budgets = new Budgets();
  readonly #streamFrames: StreamFrames;
  readonly #frame = new Frame();
  #stage: "beginning" | "preface" | "settings" | "frames" = "beginning";
  /** `leaving`: the peer has been told to open no more streams. `last`: those above `#lastId` are ignored. */
  #going: "on" | "leaving" | "last" = "on";
  #lastId = 0;

  constructor({ out, fields, events, sendingRate }: StateOptions) {
    this.#out = out;
    this.#events = events;
    this.#streamFrames = new StreamFrames({
      out,
      fields,
      events,
      budgets: this.#budgets,
      streams: this.streams,
      newStream: (id) => new Stream(id, this.settings.initialWindow, sendingRate),
      isIgnored: (id) => this.#going === "last" && id > this.#lastId,
    });
  }

  /** Whether the peer owes the rest of a field block, or of a request's content. */
  get isReceiving(): boolean {
    if (this.#streamFrames.blockStream !== 0) return true;
    for (const stream of this.streams.open) if (!stream.isRemoteClosed) return true;
    return false;
  }

  /** Whether the peer has been told to open no more streams. */
  get isLeaving(): boolean {
    return this.#going !== "on";
  }

  /** Bytes of field blocks that were decoded so far. */
  get decodedBytes(): number {
    return this.#streamFrames.decodedBytes;
  }

  /** Whether nothing is to be done any more: the last frame is in the buffer. */
  get isOver(): boolean {
    return this.problem !== null || this.#going === "last" && this.streams.size === 0;
  }

  /** Handles the next frame, and puts the frames that it causes into the buffer. */
  step(input: Accumulator, nowMs: number): "handled" | "partial" {
    this.#budgets.nowMs = nowMs;
    if (this.#stage === "beginning" || this.#stage === "preface") return this.#readPreface(input);
    const { bytes, start, end } = input;
    const read = readFrame(this.#frame, bytes, start, end);
    if (read === "partial") return read;
    if (read !== "complete") return this.#settle(read);
    const frameBytes = FRAME_HEADER_BYTES + this.#frame.length; // Padding will be removed from the frame.
    const problem = this.#receive(this.#frame);
    input.consume(frameBytes);
    return this.#settle(problem);
  }

  #readPreface(input: Accumulator): "handled" | "partial" {
    this.#begin();
    const count = Math.min(input.length, PREFACE.length);
    for (let at = 0; at < count; at++) {
      if (input.bytes[input.start + at] === PREFACE[at]) continue;
      return this.#settle(new ConnectionError(ErrorCode.PROTOCOL_ERROR, "this is not the preface of HTTP/2"));
    }
    if (count < PREFACE.length) return "partial";
    input.consume(PREFACE.length);
    this.#stage = "settings";
    return "handled";
  }

  /** SETTINGS are the first frame in any case (3.4). */
  #begin(): void {
    if (this.#stage !== "beginning") return;
    this.#out.put(FIRST_FRAMES);
    this.#stage = "preface";
  }

  #settle(problem: Problem): "handled" {
    if (problem instanceof StreamError) this.reset(problem);
    else if (problem !== null) this.fail(problem);
    return "handled";
  }

  #receive(frame: Frame): Problem {
    if (this.#stage === "settings") {
      const isFirst = frame.type === FrameType.SETTINGS && !frame.has(Flag.ACK);
      if (!isFirst) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "the first frame is not SETTINGS"); // 3.4
      this.#stage = "frames";
    }
    const { blockStream } = this.#streamFrames;
    if (blockStream !== 0 && (frame.type !== FrameType.CONTINUATION || frame.stream !== blockStream)) {
      return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "another frame within a field block"); // 6.10
    }
    switch (frame.type) {
      case FrameType.DATA:
        return this.#streamFrames.onData(frame);
      case FrameType.HEADERS:
        return this.#streamFrames.onHeaders(frame);
      case FrameType.PRIORITY:
        return this.#streamFrames.onPriority(frame);
      case FrameType.RST_STREAM:
        return this.#streamFrames.onReset(frame);
      case FrameType.SETTINGS:
        return this.#onSettings(frame);
      case FrameType.PUSH_PROMISE:
        return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE from a client"); // 8.4
      case FrameType.PING:
        return this.#onPing(frame);
      case FrameType.GOAWAY:
        return this.#onGoAway(frame);
      case FrameType.WINDOW_UPDATE:
        return this.#onWindowUpdate(frame);
      case FrameType.CONTINUATION:
        return this.#streamFrames.onContinuation(frame);
      case FrameType.PRIORITY_UPDATE:
        return this.#streamFrames.onPriorityUpdate(frame);
      default: // Extensions are ignored (5.5).
        return this.#budgets.charge("empty");
    }
  }

  // SETTINGS (6.5)

  #onSettings(frame: Frame): Problem {
    if (frame.stream !== 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "SETTINGS on a stream");
    const tooMany = this.#budgets.charge("settings");
    if (tooMany !== null) return tooMany;
    if (frame.has(Flag.ACK)) {
      return frame.length === 0
        ? null
        : new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS with ACK and payload");
    }
    const before = this.settings.initialWindow;
    const problem = this.settings.apply(frame) ?? this.#shiftWindows(this.settings.initialWindow - before);
    if (problem === null) this.#out.put(SETTINGS_ACK);
    return problem;
  }

  /** A new initial window also changes the windows of open streams (6.9.2). */
  #shiftWindows(difference: number): ConnectionError | null {
    if (difference === 0) return null;
    for (const stream of this.streams.open) {
      stream.sendWindow += difference;
      if (stream.sendWindow > WINDOW_MAX) {
        return new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a window overflows");
      }
    }
    return null;
  }

  // PING (6.7) and GOAWAY (6.8)

  #onPing({ stream, flags, bytes, first, end, length }: Frame): Problem {
    if (stream !== 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "PING on a stream");
    if (length !== 8) return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "PING of a wrong length");
    const tooMany = this.#budgets.charge("pings");
    if (tooMany !== null) return tooMany;
    const payload = bytes.subarray(first, end);
    if ((flags & Flag.ACK) === 0) this.#out.put(pingFrame(payload, true));
    else if (this.#going === "leaving" && payload.every((octet, at) => octet === GOING_AWAY[at])) this.leaveNow();
    return null;
  }

  /** The client will open no more streams. It closes the connection itself when it has its answers. */
  #onGoAway({ stream, length }: Frame): Problem {
    if (stream !== 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "GOAWAY on a stream");
    if (length < 8) return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "GOAWAY is too short");
    return this.#budgets.charge("empty");
  }

  // WINDOW_UPDATE (6.9)

  #onWindowUpdate({ stream: id, bytes, first, length }: Frame): Problem {
    if (length !== 4) return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "WINDOW_UPDATE of a wrong length");
    const increment = readUint31(bytes, first);
    const stream = this.streams.get(id);
    if (id !== 0 && stream === undefined && this.streams.absence(id) === "idle") {
      return this.#streamFrames.onAbsent(id, "WINDOW_UPDATE");
    }
    const tooMany = this.#budgets.charge(increment < SMALL_WINDOW_BYTES ? "small windows" : "windows");
    if (tooMany !== null) return tooMany;
    if (increment === 0) {
      const reason = "WINDOW_UPDATE by nothing";
      return id === 0
        ? new ConnectionError(ErrorCode.PROTOCOL_ERROR, reason)
        : new StreamError(id, ErrorCode.PROTOCOL_ERROR, reason);
    }
    if (id === 0) return this.#widen(increment);
    if (stream === undefined) return null; // It is closed, and the peer may not know yet.
    if (stream.sendWindow + increment > WINDOW_MAX) {
      return new StreamError(id, ErrorCode.FLOW_CONTROL_ERROR, "a window overflows");
    }
    stream.sendWindow += increment;
    return null;
  }

  #widen(increment: number): ConnectionError | null {
    if (this.sendWindow + increment > WINDOW_MAX) {
      return new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window overflows");
    }
    this.sendWindow += increment;
    return null;
  }

  // Ends (5.4, 6.8)

  /** Ends a stream for a mistake of the peer. Each costs us a frame and the work so far (CVE-2019-9514, 2025-8671). */
  reset({ stream: id, code, reason }: StreamError): void {
    const tooMany = this.#budgets.charge("resets");
    this.endStream(id, code, reason);
    if (tooMany !== null) this.fail(tooMany);
  }

  /** Ends a stream for another reason. If it is open, its answer is aborted. */
  endStream(id: number, code: number, reason: string): void {
    const stream = this.streams.get(id);
    this.#out.put(resetFrame(id, code));
    this.streams.end(id, "reset by us");
    if (stream !== undefined) this.#events.aborted(stream, reason);
  }

  /** Notes that the answer is complete. A client that still sends content is told that nobody reads it (8.1). */
  finish(stream: Stream): void {
    if (!stream.isRemoteClosed) this.#out.put(resetFrame(stream.id, ErrorCode.NO_ERROR));
    this.streams.end(stream.id, stream.isRemoteClosed ? "ended" : "reset by us");
  }

  /** Ends the connection for a mistake of the peer. */
  fail(error: ConnectionError): void {
    if (this.problem !== null) return;
    this.problem = error;
    this.#out.put(goAwayFrame(this.streams.lastId, error.code, error.reason));
    this.abortAll(error.reason);
  }

  /** Ends all streams without a frame. */
  abortAll(reason: string): void {
    for (const stream of [...this.streams.open]) {
      this.streams.end(stream.id, "reset by us");
      this.#events.aborted(stream, reason);
    }
  }

  /**
   * Tells the peer to open no more streams. Requests may be on their way, so they are still answered until the peer has
   * answered a PING, and therefore knows.
   */
  leave(): void {
    if (this.#going !== "on") return this.leaveNow();
    this.#begin();
    this.#going = "leaving";
    this.#out.put(goAwayFrame(ANY_STREAM, ErrorCode.NO_ERROR));
    this.#out.put(pingFrame(GOING_AWAY, false));
  }

  /** Tells the peer which streams are answered. It may repeat all others on another connection. */
  leaveNow(): void {
    if (this.#going !== "last") this.#out.put(goAwayFrame(this.streams.lastId, ErrorCode.NO_ERROR));
    this.#going = "last";
    this.#lastId = this.streams.lastId;
  }

  /** The last GOAWAY of a connection without a mistake, behind our SETTINGS if nothing was sent yet. */
  lastFrames(): Uint8Array {
    const last = goAwayFrame(this.streams.lastId, ErrorCode.NO_ERROR);
    return this.#stage === "beginning" ? concat([FIRST_FRAMES, last]) : last;
  }
}
