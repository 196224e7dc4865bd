/**
 * HTTP/1.1 as a protocol: parse, handle, write, consume, persist (RFC 9112, section 9).
 * The only file of http/, with the outbox, that touches a connection; what the rules are stands in the others.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { type Clock, systemClock } from "../net/clock.ts";
import type { Connection, Filled } from "../net/connection.ts";
import { reportToConsole } from "../net/defaults.ts";
import type { Protocol } from "../net/listener.ts";
import { withDefaults } from "../net/options.ts";
import { STEPS_A_TURN } from "../net/turns.ts";
import { type Block, Blocks, COPIED_BLOCK_BYTES_MAX } from "./block.ts";
import { type Framing, refuseContent, requestBody } from "./framing.ts";
import type { Exchange, Handler } from "./handler.ts";
import { HeadPool, parseHead, type RequestHead } from "./head.ts";
import { BufferPool, Outbox, OUTBOX_BYTES, SourceError } from "./outbox.ts";
import { type ConnectionOption, connectionOption, type Next, wantsToPersist } from "./persistence.ts";
import { expectsContinue, interpret, type Interpreted, type Request, RequestMemo } from "./request.ts";
import { errorPage, errorResponse, NO_CONTENT, type Response } from "./response.ts";
import { hasContent, HeadWriter } from "./response_head.ts";
import { isRefusal, type Refusal, refuse, type Status } from "./status.ts";
import { latin1Bytes, printable } from "./syntax.ts";

/** What the protocol goes by. `HttpOptions` may leave out all of it. */
export interface HttpSettings {
  /** What the Date field and durations come from. */
  readonly clock: Clock;
  /** Value of the Server field. */
  readonly serverName: string;
  /** Told of each exchange; `null` spares the work. */
  readonly log: ((exchange: Exchange) => void) | null;
  /** Told when a handler or a source of content fails: not a peer's doing. */
  readonly report: (problem: string, error: unknown) => void;
}

/** What is to be other than in `HTTP_DEFAULTS`. */
export type HttpOptions = Partial<HttpSettings>;

/** The system's clock, the product's name, no log, and problems to standard error. */
export const HTTP_DEFAULTS: HttpSettings = {
  clock: systemClock,
  serverName: "sweepd",
  log: null,
  report: reportToConsole,
};

/** HTTP/1.0 and 1.1 for `serve`: each request is answered with what `handler` gives. */
export function http(handler: Handler, options: HttpOptions = {}): Protocol {
  const settings = withDefaults(HTTP_DEFAULTS, options);
  const shared = {
    ...settings,
    handler,
    pool: new BufferPool(),
    spareHeads: new HeadPool(),
    heads: new HeadWriter(settings.clock, settings.serverName),
    blocks: new Blocks(),
    memo: new RequestMemo(),
    turnMs: -Infinity,
  };
  return (connection) => new Conversation(connection, shared).run();
}

interface Shared extends HttpSettings {
  readonly handler: Handler;
  readonly pool: BufferPool;
  readonly spareHeads: HeadPool;
  readonly heads: HeadWriter;
  readonly blocks: Blocks;
  readonly memo: RequestMemo;
  turnMs: number; // When a conversation last had its turn after others.
}

class Conversation {
  readonly #connection: Connection;
  readonly #shared: Shared;
  readonly #outbox: Outbox;
  #head: RequestHead = HeadPool.NONE;

  constructor(connection: Connection, shared: Shared) {
    this.#connection = connection;
    this.#shared = shared;
    this.#outbox = new Outbox(connection, shared.pool);
    connection.farewell = () => this.#timeOut();
  }

  /**
   * Answers request after request until either side wants to end. Sends what is due before it waits for more. Waits for the
   * socket itself: each async function in between would cost a tenth of a microsecond.
   */
  async run(): Promise<void> {
    const connection = this.#connection;
    const outbox = this.#outbox;
    for (let requests = 0;; requests++) {
      let parsed = this.#parse();
      while (parsed === "partial") {
        if (outbox.length > 0) {
          const rest = outbox.endFlush(await outbox.beginFlush());
          if (rest !== null) await rest;
        }
        const reading = connection.beginFill(); // Never "full": the parser refuses earlier.
        let filled: Filled;
        if (typeof reading === "string") filled = reading;
        else {
          try {
            filled = connection.endFill(await reading);
          } catch (error) {
            filled = connection.failFill(error);
          }
        }
        if (filled === "gone") return;
        if (filled === "bytes") parsed = this.#parse();
        else if (this.#head.isBegun(connection.input.length)) parsed = refuse(400, "the request ends early");
        else return; // A peer that ends in the middle of a request may still be listening.
      }
      if (requests % STEPS_A_TURN === STEPS_A_TURN - 1) await this.#giveWay();
      const startMs = connection.markMs; // When its last byte came.
      const exchanged = parsed === "complete" ? this.#exchange(startMs) : this.#refuse(parsed, startMs);
      const next = typeof exchanged === "string" ? exchanged : await exchanged;
      this.#endRequest();
      if (next === "persist") continue;
      await this.#outbox.flush();
      if (next === "linger") await connection.linger();
      return;
    }
  }

  async #giveWay(): Promise<void> {
    await this.#shared.clock.sleep(0);
    this.#shared.turnMs = this.#shared.clock.now();
  }

  #parse(): "complete" | "partial" | Refusal {
    const { input } = this.#connection;
    if (input.length === 0) return "partial";
    if (this.#head === HeadPool.NONE) this.#head = this.#shared.spareHeads.take();
    return parseHead(input, this.#head);
  }

  /** An idle connection has no head. */
  #endRequest(): void {
    this.#head.reset();
    if (this.#connection.input.length > 0) return;
    this.#shared.spareHeads.give(this.#head);
    this.#head = HeadPool.NONE;
  }

  /** Answers a complete head; at once where nothing has to be waited for. */
  #exchange(startMs: number): Next | Promise<Next> {
    const request = interpret(this.#head, Math.max(startMs, this.#shared.turnMs), this.#shared.memo);
    if (isRefusal(request)) return this.#refuse(request, startMs);
    const response = this.#handle(request);
    if (response instanceof Promise) return response.then((later) => this.#conclude(request, later, startMs));
    return this.#answerNow(request, response, startMs) ?? this.#conclude(request, response, startMs);
  }

  /** The short way: what fits into the outbox now. `null`: it does not, or there is more to be done for this request. */
  #answerNow({ framing, askedMs }: Interpreted, response: Response, startMs: number): Next | null {
    if (framing.kind !== "none" || this.#connection.draining) return null;
    const head = this.#head;
    const wanted = wantsToPersist(head) ? "persist" : "close";
    const option = connectionOption(head, wanted);
    const before = this.#outbox.length;
    const headLength = response.isShared === true && option === null
      ? this.#putBlock(response, askedMs)
      : this.#putSmall(response, option, askedMs);
    if (headLength === null) return null;
    this.#connection.input.consume(head.length);
    this.#connection.endMessage();
    this.#log(response.status, this.#outbox.length - before - headLength, startMs, null);
    return this.#nextFor(wanted, response);
  }

  /** What is shared and small takes one copy. Gives the length of its head, or `null` where it cannot be had so. */
  #putBlock(response: Response, nowMs: number): number | null {
    const block = this.#blockOf(response, null, nowMs);
    const sendsContent = hasContent(this.#head, response);
    if (sendsContent && !block.hasContent) return this.#putSmall(response, null, nowMs);
    const length = sendsContent ? block.bytes.length : block.headLength;
    if (length > COPIED_BLOCK_BYTES_MAX || !this.#tryPut(block, length, nowMs)) return null;
    response.content.close();
    return block.headLength;
  }

  #tryPut(block: Block, length: number, nowMs: number): boolean {
    return this.#outbox.tryPut(block.bytes, length, this.#shared.heads.date.bytesAt(nowMs), block.dateAt);
  }

  /** What is shared and too large to be copied, but has its head in front of it. */
  #largeBlockOf(response: Response, nowMs: number): Block | null {
    const isLarge = response.isShared === true && response.content.length > COPIED_BLOCK_BYTES_MAX;
    const block = isLarge && hasContent(this.#head, response) ? this.#blockOf(response, null, nowMs) : null;
    return block?.hasContent === true ? block : null;
  }

  #blockOf(response: Response, option: ConnectionOption, nowMs: number): Block {
    const { blocks, heads } = this.#shared;
    return blocks.of(response, option) ?? blocks.add(response, option, heads.write(response, option, nowMs));
  }

  /** What is small is put piece by piece, and read where it comes from a file. Gives the length of its head, or `null`. */
  #putSmall(response: Response, option: ConnectionOption, nowMs: number): number | null {
    const { pieces, length } = hasContent(this.#head, response) ? response.content : NO_CONTENT;
    const before = this.#outbox.length;
    const headLength = length > OUTBOX_BYTES ? null : this.#putHead(response, option, nowMs);
    if (headLength === null) return null;
    if (this.#outbox.tryPutPieces(pieces, length)) {
      response.content.close();
      return headLength;
    }
    this.#outbox.cut(before);
    return null;
  }

  #putHead(response: Response, option: ConnectionOption, nowMs: number): number | null {
    if (response.isShared !== true) return this.#outbox.tryPutText(this.#shared.heads.write(response, option, nowMs));
    const block = this.#blockOf(response, option, nowMs);
    return this.#tryPut(block, block.headLength, nowMs) ? block.headLength : null;
  }

  async #conclude(request: Interpreted, response: Response, startMs: number): Promise<Next> {
    try {
      return await this.#finish(request, response, startMs);
    } finally {
      response.content.close();
    }
  }

  /** Reads past what belongs to the request, and answers. */
  async #finish({ framing }: Interpreted, response: Response, startMs: number): Promise<Next> {
    const head = this.#head;
    const next = wantsToPersist(head) ? "persist" : "close";
    if (framing.kind === "none") {
      this.#connection.input.consume(head.length);
      this.#connection.endMessage();
      return await this.#respond(response, startMs, next);
    }
    // Whether the content follows is up to the client now (10.1.1).
    if (expectsContinue(head) && response.status >= 400) return await this.#respond(response, startMs, "linger");
    const skipped = await this.#skipContent(framing);
    if (skipped === "complete") return await this.#respond(response, startMs, next);
    if (skipped === "gone") return "gone";
    // That the method is not allowed says more than that its content is too long, and less than that it is malformed.
    const saysMore = response.status >= 400 && skipped.status !== 400;
    return saysMore
      ? await this.#respond(response, startMs, "linger", skipped.reason)
      : await this.#refuse(skipped, startMs);
  }

  #handle(request: Request): Response | Promise<Response> {
    try {
      const response = this.#shared.handler(request);
      return response instanceof Promise ? response.catch((error) => this.#fail(request, error)) : response;
    } catch (error) {
      return this.#fail(request, error);
    }
  }

  #fail(request: Request, error: unknown): Response {
    this.#shared.report(`cannot answer ${printable(request.head.requestLine)}`, error);
    return errorResponse(500);
  }

  /** Reads past the request's content, so that it cannot be taken for the next request. */
  async #skipContent(framing: Framing): Promise<"complete" | "gone" | Refusal> {
    const { input } = this.#connection;
    this.#head.detach(); // Its bytes make room for the content.
    input.consume(this.#head.length);
    const body = requestBody(framing);
    let isInvited = !expectsContinue(this.#head);
    for (;;) {
      const skipped = body.advance(input);
      if (skipped === "complete") this.#connection.endMessage();
      if (skipped !== "partial") return skipped === "complete" ? skipped : refuseContent(skipped);
      if (!isInvited) await this.#outbox.putText("HTTP/1.1 100 Continue\r\n\r\n");
      isInvited = true;
      await this.#outbox.flush();
      const filled = await this.#connection.fill();
      if (filled === "gone") return "gone";
      if (filled === "ended") return refuse(400, "the content ends early");
    }
  }

  async #refuse(refusal: Refusal, startMs: number): Promise<Next> {
    return await this.#respond(errorResponse(refusal.status), startMs, "linger", refusal.reason);
  }

  /** Writes head and content as far as the outbox goes, logs, and says how to go on. */
  async #respond(response: Response, startMs: number, wanted: Next, problem: string | null = null): Promise<Next> {
    const next = this.#nextFor(wanted, response);
    const option = connectionOption(this.#head, next);
    const sendsContent = hasContent(this.#head, response);
    const outbox = this.#outbox;
    let headEnd = Infinity;
    try {
      const nowMs = this.#shared.clock.now(); // It may be long since the request was received.
      const block = option === null ? this.#largeBlockOf(response, nowMs) : null;
      const sending = block?.send(this.#shared.heads.date.bytesAt(nowMs), (bytes) => outbox.send(bytes)) ?? null;
      if (block !== null && sending !== null) {
        headEnd = outbox.position + block.headLength;
        await sending;
      } else {
        await outbox.putText(this.#shared.heads.write(response, option, nowMs));
        headEnd = outbox.position;
        for (const piece of sendsContent ? response.content.pieces : []) await outbox.put(piece);
      }
      this.#log(response.status, outbox.position - headEnd, startMs, problem);
      return next;
    } catch (error) {
      return await this.#giveUp(error, response, headEnd, startMs);
    }
  }

  /**
   * A client that wants to end must not send more (RFC 9112, section 9.6): when what it has sent is read, and its answer was
   * one write, there is nothing to linger for. Where it has sent more, or has more to take, it gets the time to do so.
   */
  #nextFor(wanted: Next, { content }: Response): Next {
    if (wanted === "persist" && this.#connection.draining) return "linger"; // The next request may be on its way.
    const isOver = this.#connection.input.length === 0 && content.length <= OUTBOX_BYTES;
    return wanted === "close" && !isOver ? "linger" : wanted;
  }

  /**
   * After a failure in mid-response only the end of the connection can tell the peer (RFC 9112, section 8). It ends in
   * stages all the same: a reset could destroy the answers before this one.
   */
  async #giveUp(error: unknown, { status }: Response, headEnd: number, startMs: number): Promise<"linger"> {
    const problem = error instanceof SourceError ? error.message : "the peer went away";
    try {
      if (!(error instanceof SourceError)) throw error;
      if (error.cause !== undefined) {
        this.#shared.report(`cannot send ${printable(this.#head.requestLine)}`, error.cause);
      }
      await this.#outbox.flush();
      return "linger";
    } finally {
      this.#log(status, Math.max(0, this.#connection.traffic.sent - headEnd), startMs, problem);
    }
  }

  /** The sweep ends the connection in the middle of a request: what to tell the peer (RFC 9110, section 15.5.9). */
  #timeOut(): Uint8Array {
    const response = errorResponse(408);
    const head = latin1Bytes(this.#shared.heads.write(response, "close", this.#shared.clock.now()));
    const page = hasContent(this.#head, response) ? errorPage(408) : new Uint8Array(0);
    this.#log(408, page.length, this.#connection.messageMs, "the request did not arrive in time");
    return concat([head, page]);
  }

  #log(status: Status, contentBytes: number, startMs: number, problem: string | null): void {
    const { log, clock } = this.#shared;
    const { peer } = this.#connection;
    log?.({ peer, head: this.#head, status, contentBytes, durationMs: clock.now() - startMs, problem });
  }
}
