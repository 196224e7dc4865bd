/**
 * Runs conversations for tests of the HTTP protocol, with a scripted peer and a small handler, and returns the result.
 * @module
 */

import { http } from "../../src/http/h1/conversation.ts";
import type { Fields } from "../../src/http/fields.ts";
import type { Handler } from "../../src/http/handler.ts";
import { RequestHead } from "../../src/http/h1/head.ts";
import type { Request } from "../../src/http/request.ts";
import {
  bytesContent,
  type KnownContent,
  type KnownResponse,
  type Response,
  type Source,
} from "../../src/http/response.ts";
import { latin1, latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import type { ConnectionOptions } from "../../src/net/connection_options.ts";
import type { Protocol } from "../../src/net/conversation.ts";
import { Lingering } from "../../src/net/lingering.ts";
import { isPeerGone } from "../../src/net/peer.ts";
import { concat } from "@std/bytes/concat";
import { MemorySocket, type PeerOptions, type Step } from "../memory_socket.ts";
import { type Head, readContent, readHead, valuesOf } from "../response_reader.ts";
import { VirtualClock } from "../virtual_clock.ts";

export const SERVER_NAME = "test/1.0";

/** The example of RFC 9110: Sun, 06 Nov 1994 08:49:37 GMT. */
export const WALL_MS = 784_111_777_000;

/** Options of a connection, except its clock. */
export const TRANSPORT: Omit<ConnectionOptions, "clock"> = {
  accumulator: { minBytes: 1024, maxBytes: 64 * 1024 },
  sendingRate: { bytesPerMs: 1, graceMs: 30_000, aheadMaxMs: 120_000 },
  graceMs: 250,
  lingering: new Lingering({ quietMs: 2000, totalMs: 30_000, bytesPerMs: Infinity }),
};

/** A clock that only the test advances. HTTP sets no timers, and there are no other conversations to wait for. */
export class StoppedClock extends VirtualClock {
  constructor() {
    super(WALL_MS);
  }

  override every(): never {
    throw new Error("HTTP has no timers");
  }

  override sleep(delayMs: number): Promise<void> {
    if (delayMs !== 0) throw new Error("HTTP has no timers");
    return Promise.resolve();
  }
}

/** The parsed head of a request, for handlers in tests that need the request line. */
export function parsedHead(fields: Fields): RequestHead {
  if (fields instanceof RequestHead) return fields;
  throw new TypeError("These fields are of no head of HTTP/1.1");
}

/** The logged values of an exchange, copied during the call. */
export interface Logged {
  readonly method: string;
  readonly target: string;
  readonly host: string | null;
  readonly peer: Deno.NetAddr;
  readonly isSecure: boolean;
  readonly user: string | null;
  readonly status: number;
  readonly contentBytes: number;
  readonly servedBy: string | null;
  readonly coding: string | null;
  readonly durationMs: number;
  readonly problem: string | null;
}

/** What a peer has of a conversation. */
export interface Talked {
  readonly socket: MemorySocket;
  /** The error that the protocol threw, or `null`. */
  readonly thrown: unknown;
  readonly answers: readonly Answer[];
}

export interface Conversed extends Talked {
  /** Request lines of the handled requests. */
  readonly handled: readonly string[];
  readonly logged: readonly Logged[];
  readonly reported: readonly { readonly problem: string; readonly error: unknown }[];
}

export interface ConversationOptions {
  readonly handler?: Handler;
  readonly peer?: PeerOptions;
  readonly clock?: StoppedClock;
  readonly serverName?: string;
  /** Methods of the requests in order, for reading the answers. Missing ones are GET. */
  readonly methods?: readonly string[];
  /** Called with the connection before the conversation begins. */
  readonly prepare?: (connection: Connection) => void;
}

/** Runs a conversation with the script to its end, and closes the connection like the listener. */
export async function converse(script: readonly Step[], options: ConversationOptions = {}): Promise<Conversed> {
  const { handler = echo, clock = new StoppedClock(), serverName = SERVER_NAME } = options;
  const handled: string[] = [];
  const logged: Logged[] = [];
  const reported: { problem: string; error: unknown }[] = [];
  const handle: Handler = (request) => {
    handled.push(parsedHead(request.fields).requestLine);
    return handler(request);
  };
  const protocol = http(handle, {
    clock,
    serverName,
    targetsCached: 16,
    log: ({ head, ...rest }) => {
      logged.push({ method: head.method, target: head.target, host: head.value("host"), ...rest });
    },
    report: (problem, error) => reported.push({ problem, error }),
  });
  return { handled, logged, reported, ...await talk(protocol, script, { ...options, clock }) };
}

/** Runs a conversation over `protocol`, which may hold others before and after it. */
export async function talk(
  protocol: Protocol,
  script: readonly Step[],
  { clock = new StoppedClock(), ...options }: Omit<ConversationOptions, "handler" | "serverName"> = {},
): Promise<Talked> {
  const socket = new MemorySocket(script, options.peer);
  const connection = new Connection(1, socket, { ...TRANSPORT, clock });
  options.prepare?.(connection);
  let thrown: unknown = null;
  try {
    await connection.run(protocol);
    connection.close("done");
  } catch (error) {
    thrown = error;
    connection.close(isPeerGone(error) ? "peer gone" : "failed");
  }
  return { socket, thrown, answers: readAnswers(concat(socket.writes), options.methods) };
}

/** A handler that answers with the request line. */
export function echo({ fields }: Request): Response {
  return text(`${parsedHead(fields).method} ${parsedHead(fields).target}`);
}

export function text(content: string): KnownResponse {
  return { status: 200, fields: [["Content-Type", "text/plain"]], content: bytesContent(latin1Bytes(content)) };
}

/** Content from a source with a claimed length. It counts how often it is closed. */
export class CountedContent implements KnownContent {
  readonly kind = "known";
  readonly length: number;
  readonly pieces: KnownContent["pieces"];
  closed = 0;

  constructor(bytes: Uint8Array, length = bytes.length, source: Source = sourceOf(bytes)) {
    this.length = length;
    this.pieces = [{ source, position: 0, length }];
  }

  close(): void {
    this.closed++;
  }
}

function sourceOf(bytes: Uint8Array): Source {
  return {
    readAt(position, into) {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    },
  };
}

/** One answer as a strict client reads it. */
export interface Answer {
  readonly statusLine: string;
  readonly status: number;
  readonly fieldLines: readonly string[];
  readonly content: string;
  /** Value of a field by its lower-case name; several are joined by ` + `. */
  field(name: string): string | null;
}

/** Parses the written bytes as answers. The last one may be incomplete, after a reset or a source that ended early. */
export function readAnswers(written: Uint8Array, methods: readonly string[] = []): Answer[] {
  const answers: Answer[] = [];
  let finals = 0;
  for (let rest = written; rest.length > 0;) {
    const head = readHead(rest, methods[finals] === "HEAD");
    if (head === null) break;
    const behind = rest.subarray(head.length);
    const { content, length } = readContent(head.framing, behind, true) ?? { content: behind, length: behind.length };
    answers.push(answerOf(head, content));
    if (head.status >= 200) finals++;
    rest = behind.subarray(length);
  }
  return answers;
}

function answerOf({ statusLine, status, fieldLines, fields }: Head, content: Uint8Array): Answer {
  const field = (name: string) => {
    const values = valuesOf(fields, name);
    return values.length === 0 ? null : values.join(" + ");
  };
  return { statusLine, status, fieldLines, content: latin1(content, 0, content.length), field };
}

/** A request with a Host field and these field lines. */
export function request(requestLine: string, ...fieldLines: string[]): string {
  return [
    requestLine.includes(" HTTP/") ? requestLine : `${requestLine} HTTP/1.1`,
    "Host: a.example",
    ...fieldLines,
    "",
    "",
  ]
    .join("\r\n");
}

/** The statuses of all answers, in order. */
export function statuses({ answers }: Conversed): number[] {
  return answers.map(({ status }) => status);
}
