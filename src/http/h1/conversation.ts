/**
 * HTTP/1.1 as a protocol: parse, handle, write, consume, persist (RFC 9112, section 9).
 * The only file of http/, with the outbox, that touches a connection; what the rules are stands in the others.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { type Clock, systemClock } from "../../net/clock.ts";
import type { Connection } from "../../net/connection.ts";
import { reportToConsole } from "../../net/defaults.ts";
import type { Conversation, Protocol, Turn } from "../../net/conversation.ts";
import { withDefaults } from "../../net/options.ts";
import { type Framing, refuseContent, requestBody } from "./framing.ts";
import type { Exchange, Handler } from "../handler.ts";
import { HeadPool, parseHead, type RequestHead } from "./head.ts";
import { BufferPool, Outbox, OUTBOX_BYTES, SourceError } from "./outbox.ts";
import { connectionOption, type Next, wantsToPersist } from "./persistence.ts";
import { headLengthOf, planResponse } from "./plan.ts";
import type { Request } from "../request.ts";
import { expectsContinue, interpret, type Interpreted, RequestMemo } from "./requests.ts";
import { errorPage, errorResponse, type Response } from "../response.ts";
import { hasContent, HeadWriter } from "./head_writer.ts";
import { isRefusal, type Refusal, refuse, type Status } from "../status.ts";
import { latin1Bytes, printable } from "../syntax.ts";

/** What the protocol goes by. `HttpOptions` may leave out all of it. */
export interface HttpSettings {
  /** What the Date field and durations come from. */
  readonly clock: Clock;
  /** Value of the Server field. */
  readonly serverName: string;
  /**
   * How long the transport keeps a connection that waits for the next request: `sweep.idleMs` of `serve`. Clients are told a
   * second less (Keep-Alive). `Infinity`: they are told nothing.
   */
  readonly idleMs: number;
  /** Told of each exchange; `null` spares the work. */
  readonly log: ((exchange: Exchange) => void) | null;
  /** Told when a handler or a source of content fails: not a peer's doing. */
  readonly report: (problem: string, error: unknown) => void;
  /** How many targets, each with its host, are remembered as they were read; a power of two. Each takes 1.2 KB at most. */
  readonly targetsRemembered: number;
}

/** What is to be other than in `HTTP_DEFAULTS`. */
export type HttpOptions = Partial<HttpSettings>;

/** The system's clock, the product's name, no log, and problems to standard error. */
export const HTTP_DEFAULTS: HttpSettings = {
  clock: systemClock,
  serverName: "sweepd",
  idleMs: Infinity,
  log: null,
  report: reportToConsole,
  targetsRemembered: 32_768,
};

/** HTTP/1.0 and 1.1 for `serve`, and a way to have it answer differently from now on. */
export interface HttpProtocol extends Protocol {
  /** Requests whose head completes from now on are answered so; those under way end as they began. */
  configure(handler: Handler, options?: HttpOptions): void;
}

/** HTTP/1.0 and 1.1 for `serve`: each request is answered with what `handler` gives. */
export function http(handler: Handler, options: HttpOptions = {}): HttpProtocol {
  const current = { shared: makeShared(handler, options, null) };
  const protocol = (connection: Connection) => new HttpConversation(connection, current);
  return Object.assign(protocol, {
    configure: (handler: Handler, options: HttpOptions = {}) => {
      current.shared = makeShared(handler, options, current.shared);
    },
  });
}

/** What does not depend on handler and options is taken over from `before`. */
function makeShared(handler: Handler, options: HttpOptions, before: Shared | null): Shared {
  const settings = withDefaults(HTTP_DEFAULTS, options);
  const { clock, serverName, idleMs, targetsRemembered } = settings;
  const isSameWriter = before?.clock === clock && before.serverName === serverName && before.idleMs === idleMs;
  return {
    ...settings,
    handler,
    pool: before?.pool ?? new BufferPool(),
    spareHeads: before?.spareHeads ?? new HeadPool(),
    heads: isSameWriter ? before.heads : new HeadWriter(clock, serverName, idleMs),
    memo: new RequestMemo(targetsRemembered), // The old one holds what the old handler found, files in memory among it.
    turnMs: -Infinity,
  };
}

/** What all conversations use that answer in the same way. */
interface Shared extends HttpSettings {
  readonly handler: Handler;
  readonly pool: BufferPool;
  readonly spareHeads: HeadPool;
  readonly heads: HeadWriter;
  readonly memo: RequestMemo;
  turnMs: number; // When a conversation last had its turn after others.
}

/** A response that is being sent, from `position` of the stream to the peer on; `headEnd` is where its content begins. */
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
  /** What answers the requests that begin now, and what answers the one under way. */
  readonly #current: { readonly shared: Shared };
  #shared: Shared;
  readonly outgoing: Outbox;
  #head: RequestHead = HeadPool.NONE;
  /** The one that is being answered, as far as it was understood. */
  #request: Request | null = null;

  constructor(connection: Connection, current: { readonly shared: Shared }) {
    this.#connection = connection;
    this.#current = current;
    this.#shared = current.shared;
    this.outgoing = new Outbox(connection, current.shared.pool);
  }

  /** Answers the next request, if all of its head is there. */
  turn(): Turn | Promise<Turn> {
    const parsed = this.#parse();
    return parsed === "partial" ? "read" : this.#answer(parsed);
  }

  /** A peer that ends in the middle of a request may still be listening. */
  ended(): Turn | Promise<Turn> {
    const isBegun = this.#head.isBegun(this.#connection.input.length);
    return isBegun ? this.#answer(refuse(400, "the request ends early")) : "close";
  }

  resumed(): void {
    this.#shared.turnMs = this.#shared.clock.now();
  }

  #answer(parsed: "complete" | Refusal): Turn | Promise<Turn> {
    this.#shared = this.#current.shared;
    const startMs = this.#connection.markMs; // When its last byte came.
    const next = parsed === "complete" ? this.#exchange(startMs) : this.#refuse(parsed, startMs);
    return typeof next === "string" ? this.#endRequest(next) : next.then((next) => this.#endRequest(next));
  }

  #parse(): "complete" | "partial" | Refusal {
    const { input } = this.#connection;
    if (input.length === 0) return "partial";
    if (this.#head === HeadPool.NONE) this.#head = this.#shared.spareHeads.take();
    return parseHead(input, this.#head);
  }

  /** Gives the head back, unless the next request has begun to arrive: an idle connection has none. */
  #endRequest(next: Next): Turn {
    this.#request = null;
    this.#head.reset();
    if (this.#connection.input.length === 0) {
      this.#shared.spareHeads.give(this.#head);
      this.#head = HeadPool.NONE;
    }
    return next === "persist" ? "again" : next === "gone" ? "close" : next;
  }

  /** Answers a complete head; at once where nothing has to be waited for. */
  #exchange(startMs: number): Next | Promise<Next> {
    const { peer } = this.#connection;
    const askedMs = Math.max(startMs, this.#shared.turnMs);
    const request = interpret(this.#head, { peer, isSecure: false, askedMs }, this.#shared.memo);
    if (isRefusal(request)) return this.#refuse(request, startMs);
    this.#request = request;
    const response = this.#handle(request);
    return response instanceof Promise
      ? response.then((later) => this.#conclude(request, later, startMs, this.#shared.clock.now()))
      : this.#conclude(request, response, startMs, request.askedMs);
  }

  /** Reads past what belongs to the request, and answers. */
  #conclude({ framing }: Interpreted, response: Response, startMs: number, nowMs: number): Next | Promise<Next> {
    const head = this.#head;
    const next = wantsToPersist(head) ? "persist" : "close";
    // Whether the content follows is up to the client now (10.1.1).
    const isUninvited = framing.kind !== "none" && expectsContinue(head) && response.status >= 400;
    if (framing.kind !== "none" && !isUninvited) return this.#concludeContent(framing, response, startMs, next);
    this.#connection.input.consume(head.length);
    this.#connection.endMessage();
    return this.#respond(response, isUninvited ? "linger" : next, startMs, nowMs);
  }

  async #concludeContent(framing: Framing, response: Response, startMs: number, next: Next): Promise<Next> {
    let skipped: "complete" | "gone" | Refusal = "gone";
    let isSent = false;
    try {
      skipped = await this.#skipContent(framing);
      // That the method is not allowed says more than that the content is too long, and less than that it is malformed.
      isSent = skipped === "complete" || isRefusal(skipped) && response.status >= 400 && skipped.status !== 400;
    } finally {
      if (!isSent) response.content.close(); // It will not be sent.
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
      if (!isInvited) await this.outgoing.putText("HTTP/1.1 100 Continue\r\n\r\n");
      isInvited = true;
      await this.outgoing.flush();
      const filled = await this.#connection.fill();
      if (filled === "gone") return "gone";
      if (filled === "ended") return refuse(400, "the content ends early");
    }
  }

  #refuse({ status, reason }: Refusal, startMs: number): Next | Promise<Next> {
    return this.#respond(errorResponse(status), "linger", startMs, this.#shared.clock.now(), reason);
  }

  /** Sends head and content as far as the outbox goes, closes the content, logs, and says how to go on. */
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
      return this.#giveUp(error, sent);
    }
    if (sending !== null) return sending.then(() => this.#finish(next, sent), (error) => this.#giveUp(error, sent));
    return this.#finish(next, sent);
  }

  #finish(next: Next, { response, startMs, headEnd, problem }: Sent): Next {
    response.content.close();
    this.#log(response.status, this.outgoing.position - headEnd, startMs, problem);
    return next;
  }

  /** Chunks came with HTTP/1.1 (RFC 9112, section 6.1). */
  get #readsChunks(): boolean {
    return this.#head.minorVersion === 1;
  }

  /**
   * A connection that is drained ends with the last request that is there, and lingers: the next may be on its way.
   *
   * A client that wants to end must not send more (RFC 9112, section 9.6): when what it has sent is read, and its answer was
   * one write, there is nothing to linger for. Where it has sent more, or has more to take, it gets the time to do so.
   */
  #nextFor(wanted: Next, { content }: Response): Next {
    const { input, draining } = this.#connection;
    const isEndTold = content.kind === "known" || this.#readsChunks;
    if (wanted === "persist") return !isEndTold || draining && input.length === 0 ? "linger" : "persist";
    const isOver = input.length === 0 && content.kind === "known" && content.length <= OUTBOX_BYTES;
    return wanted === "close" && !isOver ? "linger" : wanted;
  }

  /**
   * After a failure in mid-response only the end of the connection can tell the peer (RFC 9112, section 8). It ends in
   * stages all the same: a reset could destroy the answers before this one.
   */
  async #giveUp(error: unknown, { response, startMs, position, headEnd }: Sent): Promise<"linger"> {
    const problem = error instanceof SourceError ? error.message : "the peer went away";
    response.content.close();
    try {
      if (!(error instanceof SourceError)) {
        this.outgoing.takeBack(position); // What is wrong with it is not known.
        throw error;
      }
      if (error.cause !== undefined) this.#shared.report(`cannot send ${this.#head.requestLine}`, error.cause);
      await this.outgoing.flush();
      return "linger";
    } finally {
      this.#log(response.status, Math.max(0, this.#connection.traffic.sent - headEnd), startMs, problem);
    }
  }

  /** The sweep ends the connection in the middle of a request: what to tell the peer (RFC 9110, section 15.5.9). */
  farewell(): Uint8Array {
    const response = errorResponse(408);
    this.#shared = this.#current.shared;
    const head = latin1Bytes(this.#shared.heads.write(response, "close", this.#shared.clock.now()));
    const page = hasContent(this.#head, response) ? errorPage(408) : new Uint8Array(0);
    this.#log(408, page.length, this.#connection.messageMs, "the request did not arrive in time");
    return concat([head, page]);
  }

  #log(status: Status, contentBytes: number, startMs: number, problem: string | null): void {
    const { log, clock } = this.#shared;
    const { peer } = this.#connection;
    const user = this.#request?.user ?? null;
    log?.({ peer, head: this.#head, user, status, contentBytes, durationMs: clock.now() - startMs, problem });
  }
}
