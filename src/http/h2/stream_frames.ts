/**
 * The frames of streams (RFC 9113, sections 5.1, 6.1 to 6.4 and 6.10): DATA, HEADERS, CONTINUATION, PRIORITY, RST_STREAM.
 * Knows streams and their states; not settings, or what a request means.
 * @module
 */

import { BlockCollector } from "./block_collector.ts";
import type { Budgets } from "./budget.ts";
import { ConnectionError, ErrorCode, StreamError } from "./errors.ts";
import type { FrameBuffer } from "./frame_buffer.ts";
import { Flag, type Frame, readUint31, removePadding, windowFrame } from "./frames.ts";
import { HpackDecoder } from "./hpack_decoder.ts";
import { STREAMS_MAX, TABLE_BYTES_MAX } from "./limits.ts";
import { CONTENT_BYTES_MAX } from "../limits.ts";
import { parsePriority } from "./priority.ts";
import { ReceiveWindow } from "./receive_window.ts";
import type { RequestFields } from "./request_fields.ts";
import { Stream } from "./stream.ts";
import type { StreamTable } from "./stream_table.ts";

/** What the state tells of the streams. */
export interface StreamEvents {
  /** The field section of a request is complete, and is in `RequestFields` during the call. */
  opened(stream: Stream, isLast: boolean): void;
  /** A request whose content follows has passed the checks of its fields. */
  begun(stream: Stream): void;
  /** Content has arrived, and the stream has counted it. */
  received(stream: Stream): void;
  /** The peer has ended its side: the request is complete. */
  completed(stream: Stream): void;
  /** The stream has ended before its answer was complete. */
  aborted(stream: Stream, reason: string): void;
}

/** A mistake of the peer, or none. */
export type Problem = ConnectionError | StreamError | null;

/** What the frames of streams need of their connection. */
export interface StreamSetting {
  readonly out: FrameBuffer;
  readonly fields: RequestFields;
  readonly events: StreamEvents;
  readonly budgets: Budgets;
  readonly streams: StreamTable;
  /** Makes a stream with the window that the peer's settings give it. */
  readonly newStream: (id: number) => Stream;
  /** Whether a new stream with this number is ignored, because the connection ends (6.8). */
  readonly isIgnored: (id: number) => boolean;
}

/** A stream number and a weight: what priorities were before RFC 9113. They are checked and ignored. */
const PRIORITY_BYTES = 5;

/** Handles the frames of one connection's streams. */
export class StreamFrames {
  /** Bytes of field blocks so far. Decoding them is most of the work that a peer can cause. */
  decodedBytes = 0;
  readonly #out: FrameBuffer;
  readonly #fields: RequestFields;
  readonly #events: StreamEvents;
  readonly #budgets: Budgets;
  readonly #streams: StreamTable;
  readonly #setting: StreamSetting;
  readonly #decoder = new HpackDecoder(TABLE_BYTES_MAX);
  readonly #block = new BlockCollector();
  readonly #window = new ReceiveWindow();
  /** Whether the block that is being received ends the stream, and the problem of its HEADERS frame. */
  #isBlockLast = false;
  #blockProblem: Problem = null;

  constructor(setting: StreamSetting) {
    this.#setting = setting;
    this.#out = setting.out;
    this.#fields = setting.fields;
    this.#events = setting.events;
    this.#budgets = setting.budgets;
    this.#streams = setting.streams;
  }

  /** The stream whose field block is incomplete; 0: none. */
  get blockStream(): number {
    return this.#block.stream;
  }

  // DATA (6.1)

  onData(frame: Frame): Problem {
    if (frame.stream === 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "DATA on stream 0");
    const { length } = frame;
    if (length === 0 && !frame.has(Flag.END_STREAM)) {
      const tooMany = this.#budgets.charge("empty");
      if (tooMany !== null) return tooMany;
    }
    if (!removePadding(frame)) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "more padding than payload");
    if (!this.#window.take(length)) {
      return new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the connection's window");
    }
    const increment = this.#window.increment();
    if (increment > 0) this.#out.put(windowFrame(0, increment));
    const stream = this.#streams.get(frame.stream);
    if (stream === undefined) return this.onAbsent(frame.stream, "DATA");
    if (stream.isRemoteClosed) return new StreamError(stream.id, ErrorCode.STREAM_CLOSED, "DATA after its end");
    return this.#takeContent(stream, frame, length);
  }

  #takeContent(stream: Stream, frame: Frame, length: number): Problem {
    if (!stream.window.take(length)) {
      return new StreamError(stream.id, ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the stream's window");
    }
    stream.contentBytes += frame.length;
    const isLast = frame.has(Flag.END_STREAM);
    const { declaredBytes, contentBytes } = stream;
    const isWrong = declaredBytes >= 0 && (contentBytes > declaredBytes || isLast && contentBytes < declaredBytes);
    if (isWrong) return malformed(stream.id, "DATA and Content-Length differ"); // 8.1.1
    if (isLast) {
      this.#endRemote(stream);
      return null;
    }
    const isWanted = stream.contentBytes <= CONTENT_BYTES_MAX;
    const increment = isWanted ? stream.window.increment() : 0;
    if (increment > 0) this.#out.put(windowFrame(stream.id, increment));
    this.#events.received(stream);
    return null;
  }

  #endRemote(stream: Stream): void {
    stream.isRemoteClosed = true;
    this.#events.completed(stream);
  }

  /** A frame for a stream that is not open (5.1). */
  onAbsent(id: number, what: string): Problem {
    switch (this.#streams.absence(id)) {
      case "idle":
        return new ConnectionError(ErrorCode.PROTOCOL_ERROR, `${what} on an idle stream`);
      case "reset by us": // It may have crossed our RST_STREAM.
        return null;
      case "reset by peer":
        return new StreamError(id, ErrorCode.STREAM_CLOSED, `${what} after RST_STREAM`);
      case "ended":
      case "forgotten":
        return new ConnectionError(ErrorCode.STREAM_CLOSED, `${what} on a closed stream`);
    }
  }

  // HEADERS and CONTINUATION (6.2, 6.10)

  onHeaders(frame: Frame): Problem {
    const { stream: id } = frame;
    if (id % 2 === 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "HEADERS on a stream of no client"); // 5.1.1
    if (!removePadding(frame)) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "more padding than payload");
    this.#blockProblem = null;
    if (frame.has(Flag.PRIORITY)) {
      if (frame.length < PRIORITY_BYTES) {
        return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "HEADERS are too short");
      }
      const isOnItself = readUint31(frame.bytes, frame.first) === id;
      if (isOnItself) {
        this.#blockProblem = new StreamError(id, ErrorCode.PROTOCOL_ERROR, "a stream that depends on itself");
      }
      frame.first += PRIORITY_BYTES;
    }
    if (id < this.#streams.lastId && this.#streams.get(id) === undefined && this.#streams.absence(id) === "forgotten") {
      return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a smaller stream number than before"); // 5.1.1
    }
    this.#isBlockLast = frame.has(Flag.END_STREAM);
    return this.#block.begin(frame) === "complete" ? this.#onBlock(id) : null;
  }

  onContinuation(frame: Frame): Problem {
    if (this.#block.stream === 0) {
      return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "CONTINUATION without HEADERS");
    }
    if (frame.length === 0) {
      const tooMany = this.#budgets.charge("empty");
      if (tooMany !== null) return tooMany;
    }
    const outcome = this.#block.continue(frame);
    if (outcome instanceof ConnectionError) return outcome;
    return outcome === "complete" ? this.#onBlock(frame.stream) : null;
  }

  /** A field block is decoded in any case, because it changes the table (4.3). */
  #onBlock(id: number): Problem {
    const stream = this.#streams.get(id);
    this.#fields.begin(stream !== undefined);
    const { bytes, first, end } = this.#block;
    this.decodedBytes += end - first;
    const problem = this.#decoder.decode(bytes, first, end, this.#fields);
    if (problem !== null) return new ConnectionError(ErrorCode.COMPRESSION_ERROR, problem);
    if (this.#fields.isBomb) return new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "fields far beyond the limit");
    if (stream !== undefined) return this.#blockProblem ?? this.#onTrailers(stream);
    if (this.#streams.absence(id) !== "idle") return this.onAbsent(id, "HEADERS");
    if (this.#setting.isIgnored(id)) return null; // The client will repeat it on another connection (6.8).
    this.#streams.use(id);
    return this.#blockProblem ?? this.#open(id);
  }

  #onTrailers(stream: Stream): Problem {
    if (stream.isRemoteClosed) return new StreamError(stream.id, ErrorCode.STREAM_CLOSED, "HEADERS after its end");
    if (!this.#isBlockLast) return malformed(stream.id, "HEADERS within the content"); // 8.1
    if (this.#fields.isTooLarge) return malformed(stream.id, "the trailers are too long");
    if (this.#fields.problem !== null) return malformed(stream.id, this.#fields.problem);
    if (stream.declaredBytes > stream.contentBytes) return malformed(stream.id, "DATA and Content-Length differ");
    this.#endRemote(stream);
    return null;
  }

  #open(id: number): Problem {
    if (this.#streams.size >= STREAMS_MAX) return new StreamError(id, ErrorCode.REFUSED_STREAM, "too many streams"); // 5.1.2
    const stream = this.#setting.newStream(id);
    this.#streams.add(stream);
    if (!this.#fields.isTooLarge) this.#fields.finish();
    if (this.#fields.problem !== null) return malformed(id, this.#fields.problem);
    if (this.#fields.priority !== null) stream.priority = this.#fields.priority;
    this.#events.opened(stream, this.#isBlockLast);
    if (this.#isBlockLast && stream.declaredBytes > 0) return malformed(id, "DATA and Content-Length differ");
    if (this.#isBlockLast) this.#endRemote(stream);
    else this.#events.begun(stream);
    return null;
  }

  // PRIORITY (6.3) and PRIORITY_UPDATE (RFC 9218, 7.1)

  onPriority({ stream: id, bytes, first, length }: Frame): Problem {
    if (id === 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "PRIORITY on stream 0");
    const tooMany = this.#budgets.charge("priorities");
    if (tooMany !== null) return tooMany;
    if (length !== PRIORITY_BYTES) return this.#mistakeOn(id, ErrorCode.FRAME_SIZE_ERROR, "PRIORITY of a wrong length");
    const isOnItself = readUint31(bytes, first) === id;
    return isOnItself ? this.#mistakeOn(id, ErrorCode.PROTOCOL_ERROR, "a stream that depends on itself") : null;
  }

  /** A stream's mistake. A stream that is idle cannot be reset, so it is the connection's. */
  #mistakeOn(id: number, code: number, reason: string): Problem {
    const isIdle = this.#streams.get(id) === undefined && this.#streams.absence(id) === "idle";
    return isIdle ? new ConnectionError(code, reason) : new StreamError(id, code, reason);
  }

  onPriorityUpdate({ stream, bytes, first, end, length }: Frame): Problem {
    if (stream !== 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "PRIORITY_UPDATE on a stream");
    if (length < 4) return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "PRIORITY_UPDATE is too short");
    const id = readUint31(bytes, first);
    if (id === 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "PRIORITY_UPDATE for stream 0");
    const prioritized = this.#streams.get(id);
    if (prioritized !== undefined) prioritized.priority = parsePriority(bytes, first + 4, end);
    return this.#budgets.charge("priorities");
  }

  // RST_STREAM (6.4)

  onReset({ stream: id, length }: Frame): Problem {
    if (id === 0) return new ConnectionError(ErrorCode.PROTOCOL_ERROR, "RST_STREAM on stream 0");
    if (length !== 4) return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "RST_STREAM of a wrong length");
    const stream = this.#streams.get(id);
    if (stream === undefined && this.#streams.absence(id) === "idle") return this.onAbsent(id, "RST_STREAM");
    if (stream !== undefined) this.#abort(stream, "reset by peer", "the client has reset the stream");
    return this.#budgets.charge("resets");
  }

  #abort(stream: Stream, how: "reset by peer" | "reset by us", reason: string): void {
    this.#streams.end(stream.id, how);
    this.#events.aborted(stream, reason);
  }
}

/** A request that breaks a rule of HTTP (8.1.1). */
function malformed(id: number, reason: string): StreamError {
  return new StreamError(id, ErrorCode.PROTOCOL_ERROR, reason);
}
