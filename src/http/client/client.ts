/**
 * The client side of HTTP/1.1: one connection over which requests are pipelined, and their answers checked.
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
  /** The request target as it is to be sent, `/` for the root. */
  readonly target: string;
  /** `GET` unless said; never `CONNECT`, which would make something else of the connection. */
  readonly method?: string | undefined;
  /** Field lines besides Host, which is sent for you. */
  readonly fields?: readonly Field[] | undefined;
}

/** How a client goes about it. */
export interface ClientOptions {
  /** Value of the Host field; the other end's address unless said. */
  readonly host?: string | undefined;
  /** An answer with more content than this many bytes is refused. 16 MiB unless said. */
  readonly contentBytesMax?: number | undefined;
  /** Whether answers hold their content, or only its length. They do unless said. */
  readonly keepsContent?: boolean | undefined;
  /** Milliseconds without a byte in either direction while an answer is due, after which nothing more is expected. 10 s unless said. */
  readonly silenceMs?: number | undefined;
  /** The system's clock unless said. */
  readonly clock?: Clock | undefined;
  /** Told what happens on the connection. */
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
}

/**
 * Why a request has no answer. `malformed`, `too long`, `short`: what a `Flaw` says. `closed`: the server ended the
 * connection between two answers, as it may; a request that changes nothing can be sent again. `reset`: the connection
 * broke. `silent`: nothing came in time. `unasked`: the server sent more than was asked for. `given up`: by `close()`.
 */
export type AnswerFailure = Flaw["flaw"] | "closed" | "reset" | "silent" | "unasked" | "given up";

/** A request that has no answer. The message is for a person. */
export class AnswerError extends Error {
  /** The class of the error. */
  override name = "AnswerError";
  /** Which of the ways to fail it was, for a program. */
  readonly failure: AnswerFailure;

  /** `message` is to be a line for a person. */
  constructor(failure: AnswerFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Requests under way on one connection. More would be a queue in our memory, not a pipeline. */
export const PIPELINE_MAX = 256;

const CONTENT_BYTES_MAX = 16 * 1024 * 1024;
const SILENCE_MS = 10_000;

/** Must hold a whole head: see `HEAD_BYTES_MAX`. */
const ACCUMULATOR = { minBytes: 16 * 1024, maxBytes: 64 * 1024 };

interface Waiting {
  readonly isHead: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AnswerError) => void;
}

let clients = 0;

/** One connection to one server. Requests are sent at once, whatever is under way; answers come in their order. */
export class HttpClient {
  readonly #connection: Connection;
  readonly #reading: Omit<AnswerReaderOptions, "isToHead">;
  readonly #clock: Clock;
  readonly #silenceMs: number;
  readonly #host: string;
  readonly #waiting: Waiting[] = [];
  /** Requests that no write has taken yet. */
  #outgoing = "";
  #isWriting = false;
  #isReading = false;
  /** Why no further request is taken. */
  #ending: AnswerError | null = null;

  /** Speaks over `socket`, and closes it. `HttpClient.connect` makes both. */
  constructor(socket: Socket, options: ClientOptions = {}) {
    const { host, contentBytesMax = CONTENT_BYTES_MAX, keepsContent = true } = options;
    const { silenceMs = SILENCE_MS, clock = systemClock, observe } = options;
    this.#reading = { contentBytesMax, keepsContent };
    this.#clock = clock;
    this.#silenceMs = silenceMs;
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

  /** Connects; resolves to a client. The client is the caller's to close. Throws `ConnectError`, see `connect`. */
  static async connect(address: ConnectAddress, options: ClientOptions & ConnectOptions = {}): Promise<HttpClient> {
    const host = options.host ?? hostAndPort(address.hostname, address.port);
    return new HttpClient(await connect(address, options), { ...options, host });
  }

  /** Requests whose answers are due. */
  get underWay(): number {
    return this.#waiting.length;
  }

  /** Whether another request can be sent: neither side has ended the connection, as far as we know. */
  get isOpen(): boolean {
    return this.#ending === null;
  }

  /** The address of the other end. */
  get peer(): Deno.NetAddr {
    return this.#connection.peer;
  }

  /**
   * Sends a request, behind those under way without waiting for their answers, and resolves to its own when that has come in
   * full. Interim answers (1xx) are passed over.
   *
   * Throws `AnswerError`, with the `failure` that it was; after one the connection is closed, and all other requests under
   * way fail. Throws `RangeError` for a request that cannot be written, or one too many (`PIPELINE_MAX`).
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

  /** Closes now. Requests under way fail as `given up`. Closing again does nothing. */
  close(): void {
    this.#end(new AnswerError("given up", "given up from here before the answer had come"));
  }

  /** Closes at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What a loop throws is why the connection ends. */
  #run(loop: () => Promise<void>): void {
    loop().catch((error) => {
      this.#end(error instanceof AnswerError ? error : new AnswerError("reset", String(error), { cause: error }));
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      await Promise.resolve(); // Requests that are made in one go leave in one write.
      while (this.#outgoing !== "") {
        const bytes = latin1Bytes(this.#outgoing);
        this.#outgoing = "";
        await this.#connection.write(bytes);
      }
    } catch (error) {
      // A server that ends early may have said why: whoever reads finds out.
      if (!isPeerGone(error)) throw error;
    } finally {
      this.#isWriting = false;
    }
  }

  /** Reads answer after answer while any is due. */
  async #readAll(): Promise<void> {
    this.#isReading = true;
    const stopWatching = this.#watch();
    try {
      while (this.#waiting.length > 0) {
        const answer = await this.#readAnswer(this.#waiting[0]!);
        if (this.#ending !== null) return; // Closed meanwhile.
        this.#waiting.shift()!.resolve(answer);
        this.#checkFollowing(answer);
      }
    } finally {
      stopWatching();
      this.#isReading = false;
    }
  }

  async #readAnswer({ isHead }: Waiting): Promise<Answer> {
    const { input } = this.#connection;
    const reader = new AnswerReader({ ...this.#reading, isToHead: isHead });
    for (;;) {
      const outcome = reader.advance(input);
      if (isFlaw(outcome)) throw new AnswerError(outcome.flaw, outcome.words);
      if (outcome !== "partial") return outcome;
      const filled = await this.#connection.fill();
      if (filled === "ended") return this.#conclude(reader.end(input.length));
      if (filled !== "bytes") throw new AnswerError("reset", "the connection was reset before the answer had come");
    }
  }

  /** The stream has ended: that completes an answer, cuts it off, or means that there is none. */
  #conclude(outcome: Answer | Flaw | null): Answer {
    if (outcome === null) {
      throw new AnswerError("closed", `the server closed the connection with ${this.#unanswered} unanswered`);
    }
    if (isFlaw(outcome)) throw new AnswerError(outcome.flaw, outcome.words);
    return outcome;
  }

  /** After an answer: the server may have ended the connection with it, and may not have said more than was asked. */
  #checkFollowing(answer: Answer): void {
    if (!answer.persists) {
      throw new AnswerError(
        "closed",
        `the server ended the connection after an answer, with ${this.#unanswered} unanswered`,
      );
    }
    const { length } = this.#connection.input;
    if (this.#waiting.length === 0 && length > 0) {
      throw new AnswerError("unasked", `the server sent ${length} bytes more than it was asked for`);
    }
  }

  get #unanswered(): string {
    return this.#waiting.length === 1 ? "1 request" : `${this.#waiting.length} requests`;
  }

  /** Mark and sweep with one connection: closes it when it has been silent for too long. Gives what ends the watch. */
  #watch(): () => void {
    const clock = this.#clock;
    const startMs = clock.now();
    return clock.every(SWEEP_PERIOD_MS, () => {
      const silentMs = clock.now() - Math.max(this.#connection.markMs, startMs);
      if (silentMs <= this.#silenceMs) return;
      this.#end(new AnswerError("silent", `the server said nothing for ${this.#silenceMs} ms`));
    });
  }

  #end(ending: AnswerError): void {
    this.#ending ??= ending;
    this.#connection.close("done");
    for (const { reject } of this.#waiting.splice(0)) reject(ending);
  }
}

/** Behind these the server would wait for content, or take the next request for it. */
const FRAMING_FIELDS = ["content-length", "transfer-encoding"];

/** The request as it is sent. Nothing in it may make two requests of it. */
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

/** The server accepts octets that no URI holds, from clients that send them. This one does not. */
function isUri(bytes: Uint8Array, first: number, end: number): boolean {
  return isTarget(bytes, first, end) && bytes.every((octet) => octet < 0x80);
}

function check(isValid: (bytes: Uint8Array, first: number, end: number) => boolean, text: string, what: string): void {
  if (!isValid(latin1Bytes(text), 0, text.length)) throw new RangeError(`Not ${what}: ${JSON.stringify(text)}`);
}
