/**
 * The client side of HTTP/1.1: pipelines requests over one connection, and checks the answers.
 * Knows connections and requests without content; not what the answers are for.
 * @module
 */

import { type Clock, systemClock } from "../../net/clock.ts";
import { connect, type ConnectAddress, type ConnectOptions } from "../../net/connect.ts";
import { Connection } from "../../net/connection.ts";
import { Lingering } from "../../net/lingering.ts";
import type { Socket } from "../../net/socket.ts";
import type { ConnectionEvent } from "../../net/events.ts";
import { SERVE_DEFAULTS } from "../../net/defaults.ts";
import { SWEEP_PERIOD_MS } from "../../net/listener.ts";
import { hostAndPort, isPeerGone } from "../../net/peer.ts";
import { type Answer, type Flaw, isFlaw } from "./answer.ts";
import { AnswerReader, type AnswerReaderOptions } from "./answer_reader.ts";
import type { Field } from "../response.ts";
import { isFieldValue, isTarget, isToken, latin1Bytes } from "../syntax.ts";

/** A request without content. */
export interface ClientRequest {
  /** The request target as it is sent; `/` for the root. */
  readonly target: string;
  /** `GET` by default. Never `CONNECT`, because it would make a tunnel of the connection. */
  readonly method?: string | undefined;
  /** Field lines besides Host, which the client adds. */
  readonly fields?: readonly Field[] | undefined;
}

/** Options of a client. */
export interface ClientOptions {
  /** Value of the Host field. The other end's address by default. */
  readonly host?: string | undefined;
  /** An answer with more bytes of content is refused. 16 MiB by default. */
  readonly contentBytesMax?: number | undefined;
  /** Whether answers contain their content, or only its length. `true` by default. */
  readonly keepsContent?: boolean | undefined;
  /** Milliseconds without a byte, while an answer is due, after which the client closes. 10 s by default. */
  readonly idleTimeoutMs?: number | undefined;
  /** The system's clock by default. */
  readonly clock?: Clock | undefined;
  /** Called at each event of the connection. */
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
}

/**
 * Why a request has no answer. `malformed`, `too long`, `short`: see `Flaw`. `closed`: the server ended the connection
 * between two answers, which it may do; a request that changes nothing can be repeated. `reset`: the connection broke.
 * `timed out`: nothing arrived in time. `unexpected`: the server sent more than was requested. `aborted`: `close()` was
 * called.
 */
export type AnswerFailure = Flaw["flaw"] | "closed" | "reset" | "timed out" | "unexpected" | "aborted";

/** A request that has no answer. The message is for a person. */
export class AnswerError extends Error {
  /** The class of the error. */
  override name = "AnswerError";
  /** The kind of failure, for a program. */
  readonly failure: AnswerFailure;

  /** `message` should be one line for a person. */
  constructor(failure: AnswerFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Maximum of unanswered requests on one connection. More would only wait in our memory. */
export const PIPELINE_MAX = 256;

const CONTENT_BYTES_MAX = 16 * 1024 * 1024;
const IDLE_TIMEOUT_MS = 10_000;

/** Must be able to contain a whole head, see `HEAD_BYTES_MAX`. */
const ACCUMULATOR = { minBytes: 16 * 1024, maxBytes: 64 * 1024 };

interface Pending {
  readonly isHead: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AnswerError) => void;
}

let clients = 0;

/** One connection to one server. Requests are sent at once, and the answers arrive in their order. */
export class HttpClient {
  readonly #connection: Connection;
  readonly #reading: Omit<AnswerReaderOptions, "isHeadRequest">;
  readonly #clock: Clock;
  readonly #idleTimeoutMs: number;
  readonly #host: string;
  readonly #waiting: Pending[] = [];
  /** Requests that are not written yet. */
  #outgoing = "";
  #isWriting = false;
  #isReading = false;
  /** Why no more requests are accepted. */
  #ending: AnswerError | null = null;

  /** Uses `socket`, and closes it. `HttpClient.connect` makes both. */
  constructor(socket: Socket, options: ClientOptions = {}) {
    const { host, contentBytesMax = CONTENT_BYTES_MAX, keepsContent = true } = options;
    const { idleTimeoutMs = IDLE_TIMEOUT_MS, clock = systemClock, observe } = options;
    this.#reading = { contentBytesMax, keepsContent };
    this.#clock = clock;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#host = host ?? hostAndPort(socket.remoteAddr.hostname, socket.remoteAddr.port);
    const { graceMs, linger, sendingRate } = SERVE_DEFAULTS;
    this.#connection = new Connection(++clients, socket, {
      clock,
      accumulator: ACCUMULATOR,
      sendingRate,
      graceMs,
      lingering: new Lingering(linger),
      observe,
    });
  }

  /** Connects. The caller must close the client. Throws `ConnectError`, see `connect`. */
  static async connect(address: ConnectAddress, options: ClientOptions & ConnectOptions = {}): Promise<HttpClient> {
    const host = options.host ?? hostAndPort(address.hostname, address.port);
    return new HttpClient(await connect(address, options), { ...options, host });
  }

  /** The number of unanswered requests. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** Whether another request can be sent: as far as is known, neither side has ended the connection. */
  get isOpen(): boolean {
    return this.#ending === null;
  }

  /** The address of the other end. */
  get peer(): Deno.NetAddr {
    return this.#connection.peer;
  }

  /**
   * Sends a request without waiting for earlier answers. Resolves to its answer when that has arrived in full. Interim
   * answers (1xx) are skipped.
   *
   * Throws `AnswerError`, whose `failure` is the reason. Afterwards the connection is closed, and all other unanswered
   * requests fail. Throws `RangeError` if the request cannot be written, or if there are too many (`PIPELINE_MAX`).
   */
  async request(request: ClientRequest): Promise<Answer> {
    const text = encode(request, this.#host);
    if (this.#ending !== null) throw new AnswerError("closed", "the connection is over; make a new client");
    if (this.#waiting.length >= PIPELINE_MAX) throw new RangeError(`More than ${PIPELINE_MAX} requests under way`);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push({ isHead: request.method === "HEAD", resolve, reject });
    this.#outgoing += text;
    if (!this.#isWriting) this.#run(() => this.#writeAll());
    if (!this.#isReading) this.#run(() => this.#readAll());
    return await promise;
  }

  /** Closes now. Unanswered requests fail with `aborted`. Does nothing if already closed. */
  close(): void {
    this.#end(new AnswerError("aborted", "the client was closed before the answer arrived"));
  }

  /** Closes at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Runs a loop. If it throws, the connection ends with its error. */
  #run(loop: () => Promise<void>): void {
    loop().catch((error) => {
      this.#end(error instanceof AnswerError ? error : new AnswerError("reset", String(error), { cause: error }));
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      await Promise.resolve(); // Requests that are made in one turn are sent in one write.
      while (this.#outgoing !== "") {
        const bytes = latin1Bytes(this.#outgoing);
        this.#outgoing = "";
        await this.#connection.write(bytes);
      }
    } catch (error) {
      // A server that ends early may have sent the reason, so the reading loop reports the end.
      if (!isPeerGone(error)) throw error;
    } finally {
      this.#isWriting = false;
    }
  }

  /** Reads answers as long as any is due. */
  async #readAll(): Promise<void> {
    this.#isReading = true;
    const stopWatching = this.#watch();
    try {
      while (this.#waiting.length > 0) {
        const answer = await this.#readAnswer(this.#waiting[0]!);
        if (this.#ending !== null) return; // It was closed in the meantime.
        this.#waiting.shift()!.resolve(answer);
        this.#checkFollowing(answer);
      }
    } finally {
      stopWatching();
      this.#isReading = false;
    }
  }

  async #readAnswer({ isHead }: Pending): Promise<Answer> {
    const { input } = this.#connection;
    const reader = new AnswerReader({ ...this.#reading, isHeadRequest: isHead });
    for (;;) {
      const outcome = reader.advance(input);
      if (isFlaw(outcome)) throw new AnswerError(outcome.flaw, outcome.words);
      if (outcome !== "partial") return outcome;
      const filled = await this.#connection.fill();
      if (filled === "ended") return this.#conclude(reader.end(input.length));
      if (filled !== "bytes") throw new AnswerError("reset", "the connection was reset before the answer arrived");
    }
  }

  /** Called at the end of the stream: it completes an answer, cuts it off, or there is none. */
  #conclude(outcome: Answer | Flaw | null): Answer {
    if (outcome === null) {
      throw new AnswerError("closed", `the server closed the connection with ${this.#unanswered} unanswered`);
    }
    if (isFlaw(outcome)) throw new AnswerError(outcome.flaw, outcome.words);
    return outcome;
  }

  /** Checks after an answer whether the server has ended the connection, or has sent more than was requested. */
  #checkFollowing(answer: Answer): void {
    if (!answer.persists) {
      throw new AnswerError(
        "closed",
        `the server ended the connection after an answer, with ${this.#unanswered} unanswered`,
      );
    }
    const { length } = this.#connection.input;
    if (this.#waiting.length === 0 && length > 0) {
      throw new AnswerError("unexpected", `the server sent ${length} bytes after the last answer`);
    }
  }

  get #unanswered(): string {
    return this.#waiting.length === 1 ? "1 request" : `${this.#waiting.length} requests`;
  }

  /** Closes the connection when nothing arrives for too long. Returns a function that ends the watch. */
  #watch(): () => void {
    const clock = this.#clock;
    const startMs = clock.now();
    return clock.every(SWEEP_PERIOD_MS, () => {
      const idleMs = clock.now() - Math.max(this.#connection.markMs, startMs);
      if (idleMs <= this.#idleTimeoutMs) return;
      this.#end(new AnswerError("timed out", `the server sent nothing for ${this.#idleTimeoutMs} ms`));
    });
  }

  #end(ending: AnswerError): void {
    this.#ending ??= ending;
    this.#connection.close("done");
    for (const { reject } of this.#waiting.splice(0)) reject(ending);
  }
}

/** With these fields the server would wait for content, or mistake the next request for it. */
const FRAMING_FIELDS = ["content-length", "transfer-encoding"];

/** Encodes a request. Throws if a value could turn it into two requests. */
function encode({ target, method = "GET", fields = [] }: ClientRequest, host: string): string {
  check(isToken, method, "a method");
  if (method === "CONNECT") throw new RangeError("CONNECT is not for this client");
  check(isUri, target, "a request target");
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (const [name, value] of [["Host", host] as const, ...fields]) {
    check(isToken, name, "a field name");
    if (FRAMING_FIELDS.includes(name.toLowerCase())) {
      throw new RangeError(`${name} is not for requests without content`);
    }
    check(isFieldValue, value, "a field value");
    text += `${name}: ${value}\r\n`;
  }
  return text + "\r\n";
}

/** Servers accept octets that a URI must not contain, because clients send them. This client does not send them. */
function isUri(bytes: Uint8Array, first: number, end: number): boolean {
  return isTarget(bytes, first, end) && bytes.every((octet) => octet < 0x80);
}

function check(isValid: (bytes: Uint8Array, first: number, end: number) => boolean, text: string, what: string): void {
  if (!isValid(latin1Bytes(text), 0, text.length)) throw new RangeError(`Not ${what}: ${JSON.stringify(text)}`);
}
