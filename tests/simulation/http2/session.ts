/**
 * The client's side of a connection of HTTP/2 (RFC 9113): the frames that it writes, and what those of the server mean for
 * its streams and windows. Knows frames; not when they are sent, or which answers are right.
 */

import { ACK, END_STREAM, frame, numberAt, ping, PREFACE, reset, settings, windowUpdate } from "../../http2/wire.ts";
import type { Random } from "../random.ts";
import { Violation } from "../trace.ts";
import { FrameReader, type ServerFrame } from "./frame_reader.ts";
import { BlockReader, BlockWriter } from "./hpack.ts";
import type { Http2Message } from "./messages.ts";
import { framesOfData, framesOfHeaders } from "./request_frames.ts";
import { Http2Stream } from "./streams.ts";
import { Window, WINDOW_MAX } from "./windows.ts";

/** The settings of a client that matter to a server. */
export interface ClientSettings {
  readonly initialWindow: number;
  readonly frameBytes: number;
  readonly tableBytes: number;
}

const DEFAULTS: ClientSettings = { initialWindow: 65_535, frameBytes: 16_384, tableBytes: 4096 };

/** The numbers of the settings (section 6.5.2). */
const [TABLE_SIZE, ENABLE_PUSH, MAX_STREAMS, INITIAL_WINDOW, FRAME_SIZE] = [1, 2, 3, 4, 5];

const WINDOW_UPDATE_BYTES = 13;

/** The surroundings of a session. */
export interface SessionOptions {
  readonly random: Random;
  readonly now: () => number;
  /** Takes bytes to be sent, in order. */
  readonly put: (bytes: Uint8Array) => void;
  /** A stream has ended with its answer, or by the server's reset. */
  readonly ended: (stream: Http2Stream) => void;
}

/** One connection, as a client sees it. */
export class Session {
  readonly streams = new Map<number, Http2Stream>();
  readonly window = new Window(DEFAULTS.initialWindow);
  /** Bytes that the client has written. */
  offset = 0;
  /** Of the last GOAWAY: the last stream that is answered, and its code; `Infinity` and `null`: there was none. */
  lastId = Infinity;
  goAwayCode: number | null = null;
  /** The codes with which the server may end the connection, because the client has made a mistake; `null`: it has not. */
  mistake: readonly number[] | null = null;
  /** The largest number of streams at the same time, as far as the client knows. */
  streamsMax = Infinity;
  readonly #options: SessionOptions;
  readonly #frames = new FrameReader();
  readonly #blocks = new BlockReader();
  readonly #writer: BlockWriter;
  #settings = DEFAULTS;
  readonly #unacknowledged: ClientSettings[] = [];
  readonly #pings: { readonly text: string; readonly offset: number }[] = [];
  /** The server has read at least so many of the client's bytes, because it has answered a PING there. */
  #knownOffset = 0;
  /** Windows that will be open when the bytes up to an offset are sent. */
  readonly #plans: { readonly window: Window; readonly by: number; readonly offset: number }[] = [];
  #sendWindow = 65_535;
  #initialSendWindow = 65_535;
  #nextId = 1;
  #hasSettings = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#writer = new BlockWriter(options.random.fork());
  }

  /** The settings with which the client begins, or which it sends last. */
  get settings(): ClientSettings {
    return this.#unacknowledged.at(-1) ?? this.#settings;
  }

  get open(): readonly Http2Stream[] {
    return [...this.streams.values()].filter(({ isOver }) => !isOver);
  }

  /** The streams whose answers have not come. */
  get unanswered(): readonly Http2Stream[] {
    return [...this.streams.values()].filter(({ end }) => end === null);
  }

  /** Whether the server has said which streams are its last. */
  get isLeft(): boolean {
    return this.lastId < WINDOW_MAX;
  }

  /** Whether the server has acknowledged everything. */
  get isAcknowledged(): boolean {
    return this.#hasSettings && this.#unacknowledged.length === 0 && this.#pings.length === 0;
  }

  get isAmid(): boolean {
    return this.#frames.isAmid;
  }

  begin(first: ClientSettings): void {
    this.put(PREFACE);
    this.changeSettings(first);
  }

  put(bytes: Uint8Array): void {
    this.offset += bytes.length;
    this.#options.put(bytes);
  }

  changeSettings(changed: ClientSettings): void {
    const pairs: [number, number][] = [[ENABLE_PUSH!, 0], [TABLE_SIZE!, changed.tableBytes]];
    pairs.push([INITIAL_WINDOW!, changed.initialWindow], [FRAME_SIZE!, changed.frameBytes]);
    this.#unacknowledged.push(changed);
    this.#frames.bytesMax = Math.max(this.#frames.bytesMax, changed.frameBytes);
    this.put(settings(...this.#options.random.shuffle(pairs)));
  }

  ping(): void {
    const text = String(this.#pings.length).padStart(8, "p");
    this.put(ping(text));
    this.#pings.push({ text, offset: this.offset });
  }

  /** Opens a stream. Its content, if it has any, is sent by `sendContent`. */
  request(message: Http2Message): Http2Stream {
    const isTooMany = this.open.length >= Math.min(this.streamsMax, 100);
    const windows = { receive: this.#settings.initialWindow, send: this.#initialSendWindow, isTooMany };
    const stream = new Http2Stream(this.#nextId, message, this.offset, windows);
    this.#nextId += 2;
    this.streams.set(stream.id, stream);
    const isLast = message.contentBytes === null;
    const block = this.#writer.write(message.fields);
    this.put(framesOfHeaders(stream.id, block, isLast, this.#options.random));
    if (isLast) stream.endOffset = this.offset;
    this.noteWindows();
    return stream;
  }

  /** Whether the windows permit content. */
  maySend({ sendWindow, contentLeft }: Http2Stream): boolean {
    return contentLeft === 0 || Math.min(sendWindow, this.#sendWindow) > 0;
  }

  /** Sends one more piece of a request, if the windows permit it; `false`: nothing was sent. */
  sendContent(stream: Http2Stream): boolean {
    if (stream.isLocalOver || stream.end === "reset by server" || stream.resetCode !== null) return false;
    const { random } = this.#options;
    if (!this.maySend(stream)) return false;
    const room = Math.min(stream.sendWindow, this.#sendWindow, 16_384);
    const bytes = Math.min(stream.contentLeft, random.pick([1, 100, 5000, 16_384]), Math.max(0, room));
    stream.contentLeft -= bytes;
    const isEnd = stream.contentLeft === 0;
    const isLast = isEnd && !stream.message.hasTrailers;
    const { frames, flowBytes } = framesOfData(stream.id, bytes, isLast, room - bytes, random);
    stream.sendWindow -= flowBytes;
    this.#sendWindow -= flowBytes;
    this.put(frames);
    if (isEnd && !isLast) {
      this.put(framesOfHeaders(stream.id, this.#writer.write([["x-trailer", "1"]]), true, random));
    }
    if (isEnd) stream.endOffset = this.offset;
    return true;
  }

  reset(stream: Http2Stream): void {
    this.put(reset(stream.id, this.#options.random.pick([0, 8, 5, 0xdead])));
    stream.cancel(this.offset);
  }

  /** Opens a window by as much as it may be opened. */
  widen(stream: Http2Stream | null, by: number): void {
    const window = stream?.window ?? this.window;
    const changes = [this.#settings, ...this.#unacknowledged].map(({ initialWindow }) => initialWindow);
    const shift = stream === null ? 0 : Math.max(...changes) - this.#settings.initialWindow;
    const most = Math.min(by, WINDOW_MAX - window.promised - shift);
    if (most <= 0 || stream?.isOver) return;
    window.plan(most);
    this.#plans.push({ window, by: most, offset: this.offset + WINDOW_UPDATE_BYTES });
    this.put(windowUpdate(stream?.id ?? 0, most));
  }

  /** Notes that so many bytes have been sent. */
  noteSent(bytes: number): void {
    const nowMs = this.#options.now();
    for (let plan = this.#plans[0]; plan !== undefined && plan.offset <= bytes; plan = this.#plans[0]) {
      plan.window.carryOut(plan.by);
      this.#plans.shift();
    }
    for (const stream of this.streams.values()) {
      if (stream.startOffset < bytes) stream.firstMs = Math.min(stream.firstMs, nowMs);
      if (stream.endOffset <= bytes) stream.lastMs = Math.min(stream.lastMs, nowMs);
    }
    this.noteWindows();
  }

  /** Notes for each stream whether the server may send. */
  noteWindows(): void {
    const nowMs = this.#options.now();
    for (const { window, closed, end, firstMs } of this.streams.values()) {
      if (end === null && firstMs <= nowMs) closed.note(window.left <= 0 || this.window.left <= 0, nowMs);
    }
  }

  /** Reads what the server has sent. Throws a `Violation` if a client would have to refuse it. */
  receive(bytes: Uint8Array): void {
    for (const each of this.#frames.read(bytes)) this.#take(each);
    this.noteWindows();
  }

  #take(received: ServerFrame): void {
    const { type, flags, stream: id, payload } = received;
    const isFirst = type === "SETTINGS" && flags === 0;
    if (isFirst === this.#hasSettings) fail(isFirst ? "SETTINGS twice" : `${type} before SETTINGS`);
    switch (type) {
      case "SETTINGS":
        return isFirst ? this.#takeSettings(payload) : this.#takeAcknowledgement();
      case "PING":
        return this.#takePing(flags, payload);
      case "GOAWAY":
        return this.#takeGoAway(payload);
      case "WINDOW_UPDATE":
        return this.#takeWindow(id, numberAt(payload, 0));
      case "HEADERS":
        return this.#takeHeaders(received);
      case "DATA":
        return this.#takeData(received);
      case "RST_STREAM":
        return this.#takeReset(received);
    }
  }

  #takeReset(received: ServerFrame): void {
    const stream = this.#known(received);
    if (stream === null) return;
    const isNew = stream.end === null;
    stream.takeReset(numberAt(received.payload, 0), this.#knownOffset);
    if (isNew) this.#options.ended(stream);
  }

  #takeSettings(payload: Uint8Array): void {
    this.#hasSettings = true;
    for (let at = 0; at < payload.length; at += 6) {
      const [setting, value] = [payload[at]! << 8 | payload[at + 1]!, numberAt(payload, at + 2)];
      if (setting === MAX_STREAMS) this.streamsMax = value;
      if (setting === INITIAL_WINDOW) this.#initialSendWindow = value;
    }
    this.put(frame("SETTINGS", ACK, 0));
  }

  #takeAcknowledgement(): void {
    const changed = this.#unacknowledged.shift();
    if (changed === undefined) return this.mistake === null ? fail("an acknowledgement of no SETTINGS") : undefined;
    const difference = changed.initialWindow - this.#settings.initialWindow;
    for (const { window } of this.streams.values()) window.widen(difference);
    this.#settings = changed;
    this.#frames.bytesMax = Math.max(changed.frameBytes, ...this.#unacknowledged.map(({ frameBytes }) => frameBytes));
    this.#blocks.limitTable(changed.tableBytes);
  }

  #takePing(flags: number, payload: Uint8Array): void {
    if (this.mistake !== null) return; // It may be a flood.
    if ((flags & ACK) === 0) return this.put(frame("PING", ACK, 0, payload));
    const expected = this.#pings.shift();
    const text = String.fromCharCode(...payload);
    if (text !== expected?.text) fail(`the answer to PING ${expected?.text} is ${text}`);
    this.#knownOffset = expected.offset;
  }

  #takeGoAway(payload: Uint8Array): void {
    const [last, code] = [numberAt(payload, 0), numberAt(payload, 4)];
    if (last > this.lastId) {
      throw new Violation("GOAWAY says which requests are answered", `${last} after ${this.lastId}`);
    }
    this.lastId = last;
    this.goAwayCode = code;
    if (code === 0 || this.mistake?.includes(code)) return;
    const reason = String.fromCharCode(...payload.subarray(8));
    throw new Violation("a connection ends with an error only for a mistake", `GOAWAY ${code} ${reason}`);
  }

  #takeWindow(id: number, by: number): void {
    if (by === 0 || by > WINDOW_MAX) fail(`WINDOW_UPDATE by ${by}`);
    if (id === 0) this.#sendWindow += by;
    else if (!this.streams.has(id)) fail(`WINDOW_UPDATE on stream ${id}`);
    else this.streams.get(id)!.sendWindow += by;
    if (this.#sendWindow > WINDOW_MAX || (this.streams.get(id)?.sendWindow ?? 0) > WINDOW_MAX) {
      fail("a window overflows");
    }
  }

  #takeHeaders(received: ServerFrame): void {
    const fields = this.#blocks.read(received.payload);
    const stream = this.#known(received);
    if (stream === null) return;
    stream.takeHead(fields, (received.flags & END_STREAM) !== 0, this.#knownOffset);
    if (stream.end === "answered") this.#options.ended(stream);
  }

  #takeData(received: ServerFrame): void {
    const { flags, payload } = received;
    const stream = this.#known(received);
    if (stream === null) return;
    if (this.mistake === null) { // A flood may have opened windows.
      this.window.take(payload.length, "the connection");
      stream.window.take(payload.length, `stream ${stream.id}`);
    }
    stream.takeData(payload, (flags & END_STREAM) !== 0, this.#knownOffset);
    if (stream.end === "answered") this.#options.ended(stream);
  }

  /** The stream of a frame; `null`: a flood has opened it. */
  #known({ type, stream: id }: ServerFrame): Http2Stream | null {
    const stream = this.streams.get(id);
    if (stream !== undefined || this.mistake !== null) return stream ?? null;
    return fail(`${type} on stream ${id}, which is idle`);
  }
}

function fail(detail: string): never {
  throw new Violation("frames follow RFC 9113", detail);
}
