/**
 * The requests of one connection and the answers to them: each stream's way from its fields to its last frame.
 * Knows streams, handlers and responses; not when frames are read and written.
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import type { Connection } from "../../net/connection.ts";
import { framing } from "../h1/framing.ts";
import { HeadPool, parseHead, type RequestHead } from "../h1/head.ts";
import { hasContent } from "../h1/head_writer.ts";
import { SourceError } from "../h1/outbox.ts";
import { expectsContinue, parseRequest } from "../h1/requests.ts";
import { Coverage } from "../coverage.ts";
import { CONTENT_BYTES_MAX } from "../limits.ts";
import type { Client, Request } from "../request.ts";
import { codingOf, errorResponse, type Response } from "../response.ts";
import { isRefusal, type Refusal, refuse } from "../status.ts";
import { printable } from "../syntax.ts";
import { AnswerSender } from "./answer_sender.ts";
import { ErrorCode } from "./errors.ts";
import { FrameBuffer } from "./frame_buffer.ts";
import type { Shared } from "./shared.ts";
import { ConnectionState } from "./state.ts";
import type { Stream } from "./stream.ts";
import type { StreamEvents } from "./stream_frames.ts";

/** A stream's answer and what the log needs. */
interface Answer {
  readonly stream: Stream;
  readonly response: Response;
  /** Why the request was refused, if it was. */
  readonly problem: string | null;
}

/** The exchanges of one connection. */
export class Exchanges implements StreamEvents {
  readonly out: FrameBuffer;
  readonly state: ConnectionState;
  readonly sender: AnswerSender;
  /** The number of requests that were passed on. */
  answered = 0;
  readonly #connection: Connection;
  readonly #current: { readonly shared: Shared };
  readonly #wake: () => void;
  readonly #coverage: Coverage | null;
  /** Answers whose HEADERS did not fit into the buffer. */
  readonly #waiting: Answer[] = [];
  /** What handlers and sources have delivered since the last turn. */
  #delivered: (() => void)[] = [];
  /** Handlers and sources that have not delivered yet. */
  #pending = 0;
  /** When a turn began after others had theirs. */
  #turnMs = -Infinity;

  /** `wake` is called when a handler or a source has delivered something. */
  constructor(connection: Connection, current: { readonly shared: Shared }, wake: () => void) {
    const { shared } = current;
    this.#connection = connection;
    this.#wake = wake;
    this.#coverage = Coverage.of(connection.security);
    this.#current = current;
    this.out = new FrameBuffer(shared.pool);
    const { sendingRate } = connection.options;
    this.state = new ConnectionState({ out: this.out, fields: shared.fields, events: this, sendingRate });
    this.sender = new AnswerSender(this.out, this.state);
  }

  get #shared(): Shared {
    return this.#current.shared;
  }

  get clock(): Clock {
    return this.#shared.clock;
  }

  /** When the current turn began, on the monotonic clock. */
  get nowMs(): number {
    return Math.max(this.#connection.markMs, this.#turnMs);
  }

  /** Notes that others had their turns. */
  resumed(): void {
    this.#shared.tally.counts.turnsGiven++;
    this.#turnMs = this.#shared.clock.now();
  }

  /** Whether answers wait for handlers or sources. */
  get isPending(): boolean {
    return this.#pending > 0;
  }

  /** The request lines of the open streams, for people who look; `null`: there are none. */
  get underWay(): string | null {
    const lines = [...this.state.streams.open].map(({ id, head }) => `${id}: ${printable(head?.requestLine ?? "-")}`);
    return lines.length === 0 ? null : lines.join(", ");
  }

  /** Whether answers wait for room in the buffer. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  // Events of the state

  opened(stream: Stream, isLast: boolean): void {
    const { fields, headText, spareHeads } = this.#shared;
    stream.startMs = this.#connection.markMs;
    if (fields.isTooLarge) {
      stream.refusal = refuse(431, "the fields are too long");
      return;
    }
    const head = stream.head = spareHeads.take();
    head.majorVersion = 2;
    fields.write(headText);
    const parsed = parseHead(headText, head);
    headText.consume(headText.length); // The octets stay until the next head is written.
    if (parsed === "complete") this.#expectContent(stream, head, isLast);
    else {
      stream.refusal = isRefusal(parsed) ? parsed : refuse(400, "a malformed request");
      head.length = head.searched; // The access log needs what was parsed.
    }
    if (!isLast) this.#keepHead(stream);
  }

  /** Finds out how much content follows. An answer that does not depend on it is sent without waiting for it. */
  #expectContent(stream: Stream, head: RequestHead, isLast: boolean): void {
    const framed = framing(head);
    if (isRefusal(framed)) return void (stream.refusal = framed);
    if (framed.kind === "length") stream.declaredBytes = framed.length;
    else if (head.has("content-length")) stream.declaredBytes = 0;
    stream.isContentDeclined = !isLast && (expectsContinue(head) || stream.declaredBytes > CONTENT_BYTES_MAX);
  }

  /** The octets of a head are overwritten by the next request. */
  #keepHead({ head }: Stream): void {
    if (head !== null && head.bytes === this.#shared.headText.bytes) head.detach();
  }

  begun(stream: Stream): void {
    if (stream.isContentDeclined) this.#answer(stream);
  }

  received(stream: Stream): void {
    if (stream.contentBytes > CONTENT_BYTES_MAX && !stream.isAnswering) this.#answer(stream);
  }

  completed(stream: Stream): void {
    stream.startMs = this.#connection.markMs;
    if (!stream.isAnswering) this.#answer(stream);
  }

  /** The peer has reset the stream, or has made a mistake, or the connection ends. */
  aborted(stream: Stream, reason: string): void {
    const response = stream.sending?.response ?? stream.response;
    this.sender.delete(stream);
    stream.cancel?.();
    response?.content.close();
    this.#log(stream, response ?? errorResponse(400), reason);
    this.#releaseHead(stream);
  }

  // Answers

  #answer(stream: Stream): void {
    stream.isAnswering = true;
    this.answered++;
    this.#shared.tally.counts.http2++;
    const { head, refusal } = stream;
    if (refusal !== null) return this.#refuse(stream, refusal);
    const { clientOf, targetCache } = this.#shared;
    const from: Client = { peer: this.#connection.peer, isSecure: this.#coverage !== null };
    const request = parseRequest(head!, clientOf?.(head!, from) ?? from, this.nowMs, targetCache);
    if (isRefusal(request)) return this.#refuse(stream, request);
    const misdirected = this.#coverage?.refusalFor(request.host) ?? null;
    if (misdirected !== null && this.#shared.isForEveryHost?.(request) !== true) {
      return this.#refuse(stream, misdirected);
    }
    stream.request = request;
    const response = this.#handle(stream, request);
    if (!(response instanceof Promise)) return this.#conclude(stream, response);
    this.#keepHead(stream);
    this.#await(response, (later) => {
      if (stream.isOver) later.content.close();
      else this.#conclude(stream, later);
    });
  }

  #refuse(stream: Stream, { status, reason }: Refusal): void {
    this.#respond({ stream, response: errorResponse(status), problem: reason });
  }

  #handle(stream: Stream, request: Request): Response | Promise<Response> {
    try {
      const response = this.#shared.handler(request);
      return response instanceof Promise ? response.catch((error) => this.#failHandling(stream, error)) : response;
    } catch (error) {
      return this.#failHandling(stream, error);
    }
  }

  #failHandling({ head }: Stream, error: unknown): Response {
    this.#shared.report(`cannot answer ${printable(head?.requestLine ?? "a request")}`, error);
    return errorResponse(500);
  }

  /** Calls `then` in a turn after `promise` has resolved. It never rejects. */
  #await<Value>(promise: Promise<Value>, then: (value: Value) => void): void {
    this.#pending++;
    promise.then((value) => {
      this.#pending--;
      this.#delivered.push(() => then(value));
      this.#wake();
    });
  }

  /** Ends all streams, because the connection is over. */
  abortAll(): void {
    this.state.abortAll("the connection ended early");
  }

  /** Goes on with what handlers and sources have delivered. */
  takeDelivered(): void {
    if (this.#delivered.length === 0) return;
    const delivered = this.#delivered;
    this.#delivered = [];
    for (const take of delivered) take();
  }

  /** 413 for more content than is skipped, unless the answer is another error anyway, because that says more. */
  #conclude(stream: Stream, response: Response): void {
    const isTooMuch = stream.contentBytes > CONTENT_BYTES_MAX || stream.declaredBytes > CONTENT_BYTES_MAX;
    if (!isTooMuch || response.status >= 400) return this.#respond({ stream, response, problem: null });
    response.content.close();
    this.#respond({ stream, response: errorResponse(413), problem: "more content than is permitted" });
  }

  #respond(answer: Answer): void {
    answer.stream.response = answer.response;
    if (this.#waiting.length === 0 && this.#begin(answer)) return;
    this.#keepHead(answer.stream);
    this.#waiting.push(answer);
  }

  /** Begins the answers that have waited for room; `false`: there is still too little of it. */
  putWaiting(): boolean {
    for (let answer = this.#waiting[0]; answer !== undefined; answer = this.#waiting[0]) {
      if (!answer.stream.isOver && !this.#begin(answer)) {
        if (this.out.length === 0) throw new RangeError("A response head does not fit the buffer");
        return false;
      }
      this.#waiting.shift();
    }
    return true;
  }

  /** Puts HEADERS, and a small content, into the buffer; `false`: there is no room, and nothing was done. */
  #begin(answer: Answer): boolean {
    const { stream, response } = answer;
    const { content } = response;
    const { blocks, date } = this.#shared;
    const nowMs = this.nowMs;
    const isEmpty = !hasContent(stream.head ?? HeadPool.NONE, response) ||
      content.kind === "known" && content.length === 0;
    if (!this.sender.putHeaders(stream, blocks.blockOf(response, nowMs), date.bytesAt(nowMs), isEmpty)) return false;
    if (isEmpty) this.#finish(answer);
    else if (content.kind === "streamed") this.#beginStream(stream, response, content.chunks);
    else {
      this.sender.begin(stream, response, content);
      stream.problem = answer.problem;
      if (content.length <= this.state.settings.frameBytesMax && this.sender.maySend(stream)) this.sendFrame(stream);
      if (!stream.isOver) this.#keepHead(stream);
    }
    return true;
  }

  #beginStream(stream: Stream, response: Response, chunks: AsyncIterable<Uint8Array>): void {
    this.#keepHead(stream);
    this.sender.beginStreamed(stream, response);
    const source = chunks[Symbol.asyncIterator]();
    stream.cancel = () => void Promise.resolve(source.return?.()).catch(() => {}); // The stream is over.
    stream.requestChunk = () => {
      const next = source.next().catch((cause) => new SourceError("the content could not be made", { cause }));
      this.#await(next, (result) => this.#takeChunk(stream, result));
    };
    stream.requestChunk();
  }

  #takeChunk(stream: Stream, result: IteratorResult<Uint8Array> | SourceError): void {
    if (stream.isOver) return;
    if (result instanceof SourceError) return this.#failSending(stream, result);
    if (result.done === true) return this.sender.addChunk(stream, null);
    if (result.value.length === 0) stream.requestChunk?.();
    else this.sender.addChunk(stream, result.value);
  }

  /** The last byte is in the buffer. */
  #finish({ stream, response, problem }: Answer): void {
    stream.cancel?.();
    this.state.finish(stream);
    response.content.close();
    this.#log(stream, response, problem ?? stream.problem);
    this.#releaseHead(stream);
  }

  /** Only the end of the stream can tell the client that the content is incomplete. The other streams go on. */
  #failSending(stream: Stream, error: unknown): void {
    if (!(error instanceof SourceError)) throw error;
    if (error.cause !== undefined) this.#shared.report(`cannot send ${stream.head?.requestLine}`, error.cause);
    this.state.endStream(stream.id, ErrorCode.INTERNAL_ERROR, error.message);
  }

  #releaseHead(stream: Stream): void {
    if (stream.head === null) return;
    stream.head.reset();
    this.#shared.spareHeads.give(stream.head);
    stream.head = null;
  }

  /** Puts the next frame of a stream into the buffer; `no room`: it does not fit. */
  sendFrame(stream: Stream): "no room" | "done" {
    try {
      const sent = this.sender.send(stream);
      if (sent === "no room") return sent;
      if (sent === "all") this.#endPieces(stream);
    } catch (error) {
      this.#failSending(stream, error);
    }
    return "done";
  }

  #endPieces(stream: Stream): void {
    const { isLast, response } = stream.sending!;
    if (isLast) this.#finish({ stream, response, problem: null });
    else if (response.content.kind === "streamed") stream.requestChunk?.();
  }

  #log(stream: Stream, response: Response, problem: string | null): void {
    const { log, clock } = this.#shared;
    if (log === null) return;
    const { head: known, request, startMs, sentBytes: contentBytes } = stream;
    const peer = request?.peer ?? this.#connection.peer;
    const { status } = response;
    const coding = codingOf(response);
    const head = known ?? HeadPool.NONE;
    const user = request?.user ?? null;
    const servedBy = request?.route.servedBy ?? null;
    const durationMs = clock.now() - startMs;
    const isSecure = this.#coverage !== null;
    log({ peer, isSecure, head, servedBy, user, status, coding, contentBytes, durationMs, problem });
  }
}
