/**
 * HTTP/1.1 as a protocol: parse, handle, write, consume, persist (RFC 9112, section 9).
 * The only file of http/, with the outbox, that touches a connection; what the rules are stands in the others.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Connection } from "../net/connection.ts";
import type { Protocol } from "../net/listener.ts";
import { Blocks, DATE_BYTES } from "./block.ts";
import { ContentSkipper } from "./content.ts";
import { formatDate } from "./date.ts";
import { type Framing, framing } from "./framing.ts";
import { parseHead, RequestHead } from "./head.ts";
import { REQUESTS_A_TURN } from "./limits.ts";
import { BufferPool, Outbox, SourceError } from "./outbox.ts";
import { errorPage, errorResponse, type Response } from "./response.ts";
import { isRefusal, reasonPhrase, type Refusal, refuse, type Status } from "./status.ts";
import { latin1Bytes, listMembers } from "./syntax.ts";
import { requestHost, type Target, TargetMemo } from "./target.ts";

/** A request as a handler sees it. */
export interface Request {
  /** Method and fields. */
  readonly head: RequestHead;
  /** What is asked for. */
  readonly target: Target;
  /** In lower case, without its port. */
  readonly host: string;
  /** When it was received, on the monotonic clock: good enough for whatever asks what time it is. */
  readonly receivedMs: number;
}

/** Answers a request. May throw: that is a 500, and reported. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** One request and its answer, for the access log. Valid during the call only. */
export interface Exchange {
  /** Who asked. */
  readonly peer: Deno.NetAddr;
  /** The request, as far as it was understood. */
  readonly head: RequestHead;
  /** Of the answer. */
  readonly status: Status;
  /** Bytes of content that were put into the outbox; where the answer ends early, that the system took. */
  readonly contentBytes: number;
  /** From the complete head to the last byte in the outbox or, past its size, taken by the system. */
  readonly durationMs: number;
  /** Why a request was refused, or why the answer ends early. */
  readonly problem: string | null;
}

/** What the protocol is made with. */
export interface HttpOptions {
  /** Answers the requests. */
  readonly handler: Handler;
  /** What the Date field and durations come from. */
  readonly clock: Clock;
  /** Value of the Server field. */
  readonly serverName: string;
  /** Told of each exchange; `null` spares the work. */
  readonly log: ((exchange: Exchange) => void) | null;
  /** Told when a handler or a source of content fails: not a peer's doing. */
  readonly report: (problem: string, error: unknown) => void;
}

/** HTTP/1.0 and 1.1 for `serve`. */
export function http(options: HttpOptions): Protocol {
  const shared = {
    ...options,
    pool: new BufferPool(),
    date: new DateField(options.clock),
    blocks: new Blocks(),
    targets: new TargetMemo(),
  };
  return (connection) => new Conversation(connection, shared).run();
}

interface Shared extends HttpOptions {
  readonly pool: BufferPool;
  readonly date: DateField;
  readonly blocks: Blocks;
  readonly targets: TargetMemo;
}

/** What becomes of the connection after an exchange. `linger` ends it in stages; `gone`: there is nobody to end it for. */
type Next = "persist" | "linger" | "gone";

class Conversation {
  readonly #connection: Connection;
  readonly #shared: Shared;
  readonly #outbox: Outbox;
  readonly #head = new RequestHead();
  readonly #encodeShared = (response: Response) => this.#encode(response, null);

  constructor(connection: Connection, shared: Shared) {
    this.#connection = connection;
    this.#shared = shared;
    this.#outbox = new Outbox(connection, shared.pool);
    connection.farewell = () => this.#timeOut();
  }

  /** Answers request after request until either side wants to end. Sends what is due before it waits for more. */
  async run(): Promise<void> {
    for (let requests = 0;; requests++) {
      const parsed = parseHead(this.#connection.input, this.#head);
      const received = parsed === "partial" ? await this.#receive() : parsed;
      if (received === "bytes") continue;
      if (received === "gone") return;
      if (requests % REQUESTS_A_TURN === REQUESTS_A_TURN - 1) await this.#shared.clock.sleep(0);
      const startMs = this.#connection.markMs; // When its last byte came.
      const exchanged = received === "complete" ? this.#exchange(startMs) : this.#refuse(received, startMs);
      const next = typeof exchanged === "string" ? exchanged : await exchanged;
      this.#head.reset();
      if (next === "persist") continue;
      await this.#outbox.flush();
      if (next === "linger") await this.#connection.linger();
      return;
    }
  }

  /** Waits for more of a head. A peer that ends in the middle of one may still be listening. */
  async #receive(): Promise<"bytes" | "gone" | Refusal> {
    await this.#outbox.flush();
    const { input } = this.#connection;
    const filled = await this.#connection.fill();
    if (filled === "bytes") return "bytes"; // Never "full": the parser refuses earlier.
    return filled === "ended" && this.#head.isBegun(input.length) ? refuse(400, "the request ends early") : "gone";
  }

  /** Answers a complete head; at once where nothing has to be waited for. */
  #exchange(startMs: number): Next | Promise<Next> {
    const request = interpret(this.#head, startMs, this.#shared.targets);
    if (isRefusal(request)) return this.#refuse(request, startMs);
    const response = this.#handle(request);
    if (response instanceof Promise) return response.then((later) => this.#conclude(request, later, startMs));
    return this.#answerNow(request, response, startMs) ?? this.#conclude(request, response, startMs);
  }

  /** The short way for what is in memory and shared: one copy into the outbox. `null`: not to be had. */
  #answerNow({ framing }: Interpreted, response: Response, startMs: number): Next | null {
    const head = this.#head;
    const isShort = response.isShared === true && framing.kind === "none" && head.minorVersion === 1 &&
      !head.has("connection") && !this.#connection.draining;
    if (!isShort) return null;
    const block = this.#shared.blocks.of(response, this.#encodeShared);
    const sendsContent = hasContent(head, response);
    if (sendsContent && !block.hasContent) return null;
    const length = sendsContent ? block.bytes.length : block.headLength;
    if (!this.#outbox.tryPut(block.bytes, length, this.#shared.date.bytes, block.dateAt)) return null;
    this.#connection.input.consume(head.length);
    this.#connection.endMessage();
    this.#log(response.status, length - block.headLength, startMs, null);
    return "persist";
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
    const next = wantsToPersist(head) ? "persist" : "linger";
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
    // That the method is not allowed says more than that its content is too long.
    const isRefused = response.status >= 400;
    return isRefused
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
    this.#shared.report(`cannot answer ${request.head.requestLine}`, error);
    return errorResponse(500);
  }

  /** Reads past the request's content, so that it cannot be taken for the next request. */
  async #skipContent(framing: Framing): Promise<"complete" | "gone" | Refusal> {
    const { input } = this.#connection;
    this.#head.detach(); // Its bytes make room for the content.
    input.consume(this.#head.length);
    const skipper = new ContentSkipper(framing);
    let isInvited = !expectsContinue(this.#head);
    for (;;) {
      const skipped = skipper.advance(input);
      if (skipped === "complete") this.#connection.endMessage();
      if (skipped !== "partial") return skipped;
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
    const next = this.#connection.draining ? "linger" : wanted;
    const outbox = this.#outbox;
    let headEnd = Infinity;
    try {
      await outbox.putText(this.#encode(response, connectionOption(this.#head, next)));
      headEnd = outbox.position;
      if (hasContent(this.#head, response)) {
        for (const piece of response.content.pieces) await outbox.put(piece);
      }
      this.#log(response.status, outbox.position - headEnd, startMs, problem);
      return next;
    } catch (error) {
      return await this.#giveUp(error, response, headEnd, startMs);
    }
  }

  /**
   * After a failure in mid-response only the end of the connection can tell the peer (RFC 9112, section 8). It ends in
   * stages all the same: a reset could destroy the answers before this one.
   */
  async #giveUp(error: unknown, { status }: Response, headEnd: number, startMs: number): Promise<"linger"> {
    const problem = error instanceof SourceError ? error.message : "the peer went away";
    try {
      if (!(error instanceof SourceError)) throw error;
      if (error.cause !== undefined) this.#shared.report(`cannot send ${this.#head.requestLine}`, error.cause);
      await this.#outbox.flush();
      return "linger";
    } finally {
      this.#log(status, Math.max(0, this.#connection.traffic.sent - headEnd), startMs, problem);
    }
  }

  /** The sweep ends the connection in the middle of a request: what to tell the peer (RFC 9110, section 15.5.9). */
  #timeOut(): Uint8Array {
    const response = errorResponse(408);
    const head = latin1Bytes(this.#encode(response, "close"));
    const page = hasContent(this.#head, response) ? errorPage(408) : [];
    this.#log(408, page.length, this.#connection.messageMs, "the request did not arrive in time");
    return Uint8Array.from([...head, ...page]);
  }

  #log(status: Status, contentBytes: number, startMs: number, problem: string | null): void {
    const { log, clock } = this.#shared;
    if (log === null) return;
    const durationMs = clock.now() - startMs;
    log({ peer: this.#connection.peer, head: this.#head, status, contentBytes, durationMs, problem });
  }

  #encode({ status, fields, content }: Response, connection: string | null): string {
    let text = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: ${this.#shared.date.value}\r\n` +
      `Server: ${this.#shared.serverName}\r\n`;
    for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
    if (status !== 304) text += `Content-Length: ${content.length}\r\n`;
    if (connection !== null) text += `Connection: ${connection}\r\n`;
    return text + "\r\n";
  }
}

type Interpreted = Request & { readonly framing: Framing };

/** What a complete head asks for, by the rules of the other files. */
function interpret(head: RequestHead, receivedMs: number, targets: TargetMemo): Interpreted | Refusal {
  const framed = framing(head);
  if (isRefusal(framed)) return framed;
  const target = targets.parse(head.target, head.method);
  if (isRefusal(target)) return target;
  const host = requestHost(head, target);
  if (isRefusal(host)) return host;
  const expectation = head.minorVersion === 1 ? head.value("expect") : null; // 10.1.1: ignored in HTTP/1.0
  const isKnown = expectation === null ||
    listMembers(expectation).every((member) => member.toLowerCase() === "100-continue");
  return isKnown ? { head, target, host, receivedMs, framing: framed } : refuse(417, "an unknown expectation");
}

function expectsContinue(head: RequestHead): boolean {
  return head.minorVersion === 1 && listMembers(head.value("expect") ?? "").length > 0; // Unknown ones were refused.
}

/** RFC 9112, section 9.3. */
function wantsToPersist(head: RequestHead): boolean {
  if (!head.has("connection")) return head.minorVersion === 1;
  const options = listMembers(head.value("connection")?.toLowerCase() ?? "");
  if (options.includes("close")) return false;
  return head.minorVersion === 1 || options.includes("keep-alive");
}

/** The Connection field to send: HTTP/1.0 clients must be told that we persist, HTTP/1.1 clients that we do not. */
function connectionOption(head: RequestHead, next: Next): string | null {
  if (next !== "persist") return "close";
  return head.minorVersion === 0 ? "keep-alive" : null;
}

/** RFC 9112, section 6.3. */
function hasContent(head: RequestHead, response: Response): boolean {
  return head.method !== "HEAD" && response.status !== 304;
}

/** The Date field's value, made once a second. */
class DateField {
  readonly #clock: Clock;
  #second = NaN;
  #value = "";
  #bytes = new Uint8Array(DATE_BYTES);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get value(): string {
    this.#refresh();
    return this.#value;
  }

  /** The value as it stands in a block. */
  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  #refresh(): void {
    const nowMs = this.#clock.wall();
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#value = formatDate(nowMs);
    this.#bytes = latin1Bytes(this.#value);
  }
}
