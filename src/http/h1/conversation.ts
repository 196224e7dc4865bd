/**
 * HTTP/1.1 as a protocol: parse, handle, write, consume, persist (RFC 9112, section 9).
 * Only this file of http/ and the outbox use a connection; the rules are in the other files.
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { Connection } from "../../net/connection.ts";
import type { Conversation, Protocol, Turn } from "../../net/conversation.ts";
import { withDefaults } from "../../net/options.ts";
import { type Framing, refuseContent, requestBody } from "./framing.ts";
import { Coverage } from "../coverage.ts";
import type { Handler } from "../handler.ts";
import { HeadPool, parseHead, type RequestHead } from "./head.ts";
import { BufferPool, Outbox, OUTBOX_BYTES, SourceError } from "./outbox.ts";
import { connectionOption, type Next, wantsToPersist } from "./persistence.ts";
import { headLengthOf, planResponse } from "./plan.ts";
import type { Client, Request } from "../request.ts";
import { expectsContinue, type ParsedRequest, parseRequest, TargetCache } from "./requests.ts";
import { codingOf, errorPage, errorResponse, type Response } from "../response.ts";
import { hasContent, HeadWriter } from "./head_writer.ts";
import { HTTP_DEFAULTS, type HttpOptions, type HttpSettings } from "./settings.ts";
import { isRefusal, type Refusal, refuse } from "../status.ts";
import { latin1Bytes, printable } from "../syntax.ts";

/** HTTP/1.0 and 1.1 for `serve`. Handler and options can change. */
export interface HttpProtocol extends Protocol {
  /** Changes them for requests whose head completes from now on. Requests that have begun keep the old ones. */
  configure(handler: Handler, options?: HttpOptions): void;
}

/** HTTP/1.0 and 1.1 for `serve`. `handler` answers each request. */
export function http(handler: Handler, options: HttpOptions = {}): HttpProtocol {
  const current = { shared: makeShared(handler, options, null) };
  const protocol = (connection: Connection) => new HttpConversation(connection, current);
  return Object.assign(protocol, {
    configure: (handler: Handler, options: HttpOptions = {}) => {
      current.shared = makeShared(handler, options, current.shared);
    },
  });
}

/** Takes from `before` what does not depend on handler and options. */
function makeShared(handler: Handler, options: HttpOptions, before: Shared | null): Shared {
  const settings = withDefaults(HTTP_DEFAULTS, options);
  const { clock, serverName, idleMs, targetsCached } = settings;
  const isSameWriter = before?.clock === clock && before.serverName === serverName && before.idleMs === idleMs;
  return {
    ...settings,
    handler,
    pool: before?.pool ?? new BufferPool(),
    spareHeads: before?.spareHeads ?? new HeadPool(),
    heads: isSameWriter ? before.heads : new HeadWriter(clock, serverName, idleMs),
    targetCache: new TargetCache(targetsCached), // The old one refers to what the old handler found, also to files in memory.
    turnMs: -Infinity,
  };
}

/** The state of all conversations with the same handler and options. */
interface Shared extends HttpSettings {
  readonly handler: Handler;
  readonly pool: BufferPool;
  readonly spareHeads: HeadPool;
  readonly heads: HeadWriter;
  readonly targetCache: TargetCache;
  turnMs: number; // When a conversation last continued after others had their turns.
}

/** A response that is being sent. It begins at `position` in the stream to the peer, and its content at `headEnd`. */
interface Sent {
  readonly response: Response;
  readonly startMs: number;
  readonly position: number;
  readonly headEnd: number;
  /** Why the request was refused, if it was. */
  readonly problem: string | null;
}

class HttpConversation implements Conversation {
  readonly #connection: Connection;
  /** `#current` has the settings for the next request, `#shared` those of the current one. */
  readonly #current: { readonly shared: Shared };
  #shared: Shared;
  readonly outgoing: Outbox;
  readonly #coverage: Coverage | null;
  #head: RequestHead = HeadPool.NONE;
  /** The current request, as far as it was parsed. */
  #request: Request | null = null;
  /** The address that the current request comes from, if its fields say so. */
  #forwardedPeer: Deno.NetAddr | null = null;

  constructor(connection: Connection, current: { readonly shared: Shared }) {
    this.#connection = connection;
    this.#coverage = Coverage.of(connection.security);
    this.#current = current;
    this.#shared = current.shared;
    this.outgoing = new Outbox(connection, current.shared.pool);
  }

  get underWay(): string | null {
    return this.#request === null ? null : printable(this.#head.requestLine);
  }

  /** Answers the next request if its head is complete. */
  turn(): Turn | Promise<Turn> {
    const parsed = this.#parse();
    return parsed === "partial" ? "read" : this.#answer(parsed);
  }

  /** A peer that ends in the middle of a request may still be reading, so it gets an answer. */
  ended(): Turn | Promise<Turn> {
    const isBegun = this.#head.isBegun(this.#connection.input.length);
    return isBegun ? this.#answer(refuse(400, "the request ends early")) : "close";
  }

  resumed(): void {
    this.#shared.tally.counts.turnsGiven++;
    this.#shared.turnMs = this.#shared.clock.now();
  }

  #answer(parsed: "complete" | Refusal): Turn | Promise<Turn> {
    this.#shared = this.#current.shared;
    const startMs = this.#connection.markMs; // When its last byte arrived.
    if (this.outgoing.length > 0) this.#shared.tally.counts.pipelined++;
    const next = parsed === "complete" ? this.#exchange(startMs) : this.#refuse(parsed, startMs);
    return typeof next === "string" ? this.#endRequest(next) : next.then((next) => this.#endRequest(next));
  }

  #parse(): "complete" | "partial" | Refusal {
    const { input } = this.#connection;
    if (input.length === 0) return "partial";
    if (this.#head === HeadPool.NONE) this.#head = this.#shared.spareHeads.take();
    return parseHead(input, this.#head);
  }

  /** Returns the head to the pool unless the next request has begun to arrive. */
  #endRequest(next: Next): Turn {
    this.#request = null;
    this.#forwardedPeer = null;
    this.#head.reset();
    if (this.#connection.input.length === 0) {
      this.#shared.spareHeads.give(this.#head);
      this.#head = HeadPool.NONE;
    }
    return next === "persist" ? "again" : next === "gone" ? "close" : next;
  }

  /** Answers a complete head. Returns no promise if it need not wait. */
  #exchange(startMs: number): Next | Promise<Next> {
    const { clientOf, turnMs, targetCache } = this.#shared;
    const nowMs = Math.max(startMs, turnMs);
    let from: Client = { peer: this.#connection.peer, isSecure: this.#coverage !== null };
    if (clientOf !== null) this.#forwardedPeer = (from = clientOf(this.#head, from)).peer;
    const request = parseRequest(this.#head, from, nowMs, targetCache);
    if (isRefusal(request)) return this.#refuse(request, startMs);
    const misdirected = this.#coverage?.refusalFor(request.host) ?? null;
    if (misdirected !== null && this.#shared.isForEveryHost?.(request) !== true) {
      return this.#refuse(misdirected, startMs);
    }
    this.#request = request;
    const response = this.#handle(request);
    return response instanceof Promise
      ? response.then((later) => this.#conclude(request, later, startMs, this.#shared.clock.now()))
      : this.#conclude(request, response, startMs, request.nowMs);
  }

  /** Skips the content of the request, and answers. */
  #conclude({ framing }: ParsedRequest, response: Response, startMs: number, nowMs: number): Next | Promise<Next> {
    const head = this.#head;
    const next = wantsToPersist(head) ? "persist" : "close";
    // The client has not been told to continue, so it may or may not send the content (10.1.1).
    const isContentDeclined = framing.kind !== "none" && expectsContinue(head) && response.status >= 300;
    if (framing.kind !== "none" && !isContentDeclined) return this.#concludeContent(framing, response, startMs, next);
    this.#connection.input.consume(head.length);
    this.#connection.endMessage();
    return this.#respond(response, isContentDeclined ? "linger" : next, startMs, nowMs);
  }

  async #concludeContent(framing: Framing, response: Response, startMs: number, next: Next): Promise<Next> {
    let skipped: "complete" | "gone" | Refusal = "gone";
    let isSent = false;
    try {
      skipped = await this.#skipContent(framing);
      // 405 wins over 413, because it says more. 400 for malformed content wins over both.
      isSent = skipped === "complete" || isRefusal(skipped) && response.status >= 400 && skipped.status !== 400;
    } finally {
      if (!isSent) response.content.close(); // This response will not be sent.
    }
    if (skipped === "gone") return "gone";
    const nowMs = this.#shared.clock.now();
    if (skipped === "complete") return await this.#respond(response, next, startMs, nowMs);
    if (isSent) return await this.#respond(response, "linger", startMs, nowMs, skipped.reason);
    return await this.#refuse(skipped, startMs);
  }

  #handle(request: Request): Response | Promise<Response> {
    try {
      const response = this.#shared.handler(request);
      return response instanceof Promise ? response.catch((error) => this.#fail(error)) : response;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): Response {
    this.#shared.report(`cannot answer ${printable(this.#head.requestLine)}`, error);
    return errorResponse(500);
  }

  /** Skips the request's content, so that it is not mistaken for the next request. */
  async #skipContent(framing: Framing): Promise<"complete" | "gone" | Refusal> {
    const { input } = this.#connection;
    this.#head.detach(); // The content overwrites its bytes.
    input.consume(this.#head.length);
    const body = requestBody(framing);
    let isContinueSent = !expectsContinue(this.#head);
    for (;;) {
      const skipped = body.advance(input);
      if (skipped === "complete") this.#connection.endMessage();
      if (skipped !== "partial") return skipped === "complete" ? skipped : refuseContent(skipped);
      if (!isContinueSent) await this.outgoing.putText("HTTP/1.1 100 Continue\r\n\r\n");
      isContinueSent = true;
      await this.outgoing.flush();
      const filled = await this.#connection.fill();
      if (filled === "gone") return "gone";
      if (filled === "ended") return refuse(400, "the content ends early");
    }
  }

  #refuse({ status, reason }: Refusal, startMs: number): Next | Promise<Next> {
    return this.#respond(errorResponse(status), "linger", startMs, this.#shared.clock.now(), reason);
  }

  /** Sends head and content, closes the content, logs, and returns how to go on. */
  #respond(
    response: Response,
    wanted: Next,
    startMs: number,
    nowMs: number,
    problem: string | null = null,
  ): Next | Promise<Next> {
    const { heads } = this.#shared;
    const next = this.#nextFor(wanted, response);
    const option = connectionOption(this.#head, next);
    const sendsContent = hasContent(this.#head, response);
    const plan = planResponse(response, heads, { sendsContent, option, readsChunks: this.#readsChunks, nowMs });
    const { position } = this.outgoing;
    const sent = { response, startMs, position, headEnd: position + headLengthOf(plan), problem };
    let sending: Promise<void> | null;
    try {
      sending = this.outgoing.send(plan, heads.date.bytesAt(nowMs));
    } catch (error) {
      return this.#failSending(error, sent);
    }
    if (sending !== null) {
      return sending.then(() => this.#finish(next, sent), (error) => this.#failSending(error, sent));
    }
    return this.#finish(next, sent);
  }

  #finish(next: Next, { response, startMs, headEnd, problem }: Sent): Next {
    response.content.close();
    this.#log(response, this.outgoing.position - headEnd, startMs, problem);
    return next;
  }

  /** Chunked is a part of HTTP/1.1 (RFC 9112, section 6.1). */
  get #readsChunks(): boolean {
    return this.#head.minorVersion === 1;
  }

  /**
   * A draining connection ends after the last request that has arrived. It lingers, because another one may be on its
   * way.
   *
   * A client that wants to end must not send more (RFC 9112, section 9.6). If all its bytes are read and its answer was
   * one write, lingering is not necessary. If it has sent more, or has more to receive, the connection lingers.
   */
  #nextFor(wanted: Next, { content }: Response): Next {
    const { input, draining } = this.#connection;
    const isEndTold = content.kind === "known" || this.#readsChunks;
    if (wanted === "persist") return !isEndTold || draining && input.length === 0 ? "linger" : "persist";
    const isOver = input.length === 0 && content.kind === "known" && content.length <= OUTBOX_BYTES;
    return wanted === "close" && !isOver ? "linger" : wanted;
  }

  /**
   * If sending fails in mid-response, only the end of the connection can tell the peer (RFC 9112, section 8). The
   * connection lingers, because a reset could destroy the answers before this one.
   */
  async #failSending(error: unknown, { response, startMs, position, headEnd }: Sent): Promise<"linger"> {
    const problem = error instanceof SourceError ? error.message : "the connection ended early";
    response.content.close();
    try {
      if (!(error instanceof SourceError)) {
        this.outgoing.takeBack(position); // A part of it may be wrong.
        throw error;
      }
      if (error.cause !== undefined) this.#shared.report(`cannot send ${this.#head.requestLine}`, error.cause);
      await this.outgoing.flush();
      return "linger";
    } finally {
      this.#log(response, Math.max(0, this.#connection.traffic.sent - headEnd), startMs, problem);
    }
  }

  /** The answer when the sweep ends the connection in the middle of a request (RFC 9110, section 15.5.9). */
  farewell(): Uint8Array {
    const response = errorResponse(408);
    this.#shared = this.#current.shared;
    const head = latin1Bytes(this.#shared.heads.write(response, "close", this.#shared.clock.now()));
    const page = hasContent(this.#head, response) ? errorPage(408) : new Uint8Array(0);
    this.#log(response, page.length, this.#connection.messageMs, "the request did not arrive in time");
    return concat([head, page]);
  }

  #log(response: Response, contentBytes: number, startMs: number, problem: string | null): void {
    const { log, clock } = this.#shared;
    if (log === null) return;
    const { status } = response;
    const coding = codingOf(response);
    const peer = this.#forwardedPeer ?? this.#connection.peer;
    const user = this.#request?.user ?? null;
    const servedBy = this.#request?.route.servedBy ?? null;
    const durationMs = clock.now() - startMs;
    const isSecure = this.#coverage !== null;
    log({ peer, isSecure, head: this.#head, servedBy, user, status, coding, contentBytes, durationMs, problem });
  }
}
