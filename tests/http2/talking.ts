/**
 * Talks HTTP/2 with the server in memory, and reads what it answers as a strict client would.
 */

import { concat } from "@std/bytes/concat";
import type { Exchange, Handler } from "../../src/http/handler.ts";
import { http2 } from "../../src/http/h2/negotiation.ts";
import { HpackDecoder } from "../../src/http/h2/hpack_decoder.ts";
import { bytesContent, errorResponse, NO_CONTENT, type Response } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import { isPeerGone } from "../../src/net/peer.ts";
import { StoppedClock, TRANSPORT } from "../http/conversation.ts";
import { MemorySocket, type PeerOptions, type Step } from "../memory_socket.ts";
import { toText } from "./octets.ts";
import { CODES, numberAt, parseFrames, PREFACE, type ReceivedFrame, settings, TYPES } from "./wire.ts";

/** An answer as far as it was received. */
export interface Answer {
  readonly status: number;
  /** `name: value` lines, without `:status`. */
  readonly fields: readonly string[];
  content: string;
  isEnded: boolean;
}

/** What the server has sent. */
export interface Received {
  readonly frames: readonly ReceivedFrame[];
  readonly answers: ReadonlyMap<number, Answer>;
  /** Error codes by stream, of RST_STREAM. */
  readonly resets: ReadonlyMap<number, string>;
  /** The last GOAWAY. */
  readonly goAway: { readonly last: number; readonly code: string; readonly reason: string } | null;
}

/** A conversation that is over. */
export interface Talked extends Received {
  readonly socket: MemorySocket;
  readonly thrown: unknown;
  readonly logged: readonly Logged[];
  readonly reported: readonly string[];
}

export interface Logged {
  readonly request: string;
  readonly status: number;
  readonly contentBytes: number;
  readonly problem: string | null;
}

export interface TalkOptions {
  readonly handler?: Handler;
  readonly peer?: PeerOptions;
  readonly clock?: StoppedClock;
  readonly serverName?: string;
  /** Called with the connection before the conversation begins. */
  readonly prepare?: (connection: Connection) => void;
}

/** Bytes of `/large`. */
export const LARGE = 100_000;

/** Answers paths by fixed responses: `/`, `/large`, `/empty`, `/stream`, `/later`, `/fails`, `/echo`. */
export const site: Handler = ({ method, target, host, fields }) => {
  const path = target.kind === "path" ? `/${target.segments.join("/")}` : target.kind;
  if (method === "POST") return errorResponse(405);
  switch (path) {
    case "/large":
      return answer(new Uint8Array(LARGE).fill(0x6c));
    case "/empty":
      return { status: 204, fields: [], content: NO_CONTENT };
    case "/unchanged":
      return { status: 304, fields: [["ETag", '"a"']], content: NO_CONTENT };
    case "/stream":
      return { status: 200, fields: [], content: { kind: "streamed", chunks: chunks(), close: () => {} } };
    case "/later":
      return Promise.resolve(answer(latin1Bytes("later")));
    case "/fails":
      throw new Error("It fails");
    case "/echo":
      return answer(
        latin1Bytes(`${method} ${host} ${fields.value("range") ?? "-"} ${fields.value("user-agent") ?? "-"}`),
      );
    default:
      return answer(latin1Bytes("hello"));
  }
};

async function* chunks(): AsyncIterable<Uint8Array> {
  yield latin1Bytes("one ");
  await Promise.resolve();
  yield new Uint8Array(0);
  yield latin1Bytes("two");
}

export function answer(content: Uint8Array): Response {
  return { status: 200, fields: [["Content-Type", "text/plain"]], content: bytesContent(content) };
}

/** Sends the preface, SETTINGS and the steps, then ends. */
export function talk(steps: readonly Step[], options: TalkOptions = {}): Promise<Talked> {
  return talkRaw([concat([PREFACE, settings()]), ...steps], options);
}

/** Sends the steps alone, then ends. */
export async function talkRaw(steps: readonly Step[], options: TalkOptions = {}): Promise<Talked> {
  const { handler = site, clock = new StoppedClock(), serverName = "test", peer } = options;
  const logged: Logged[] = [];
  const reported: string[] = [];
  const log = ({ head, status, contentBytes, problem }: Exchange) => {
    logged.push({ request: head.hasRequestLine ? head.requestLine : "-", status, contentBytes, problem });
  };
  const report = (problem: string) => void reported.push(problem);
  const protocol = http2(handler, { clock, serverName, targetsCached: 16, log, report });
  const socket = new MemorySocket(steps, peer);
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
  return { socket, thrown, logged, reported, ...read(concat(socket.writes)) };
}

/** Reads what a server has sent. Throws if a client would have to refuse it. */
export function read(bytes: Uint8Array): Received {
  const frames = parseFrames(bytes);
  const answers = new Map<number, Answer>();
  const resets = new Map<number, string>();
  const decoder = new HpackDecoder(4096);
  let goAway: Received["goAway"] = null;
  for (const { type, flags, stream, payload } of frames) {
    const isEnd = (flags & 1) !== 0;
    if (payload.length > 16_384) throw new Error("A frame is larger than the client accepts");
    if (type === TYPES.HEADERS) {
      if (answers.has(stream)) throw new Error("Two answers in one stream");
      answers.set(stream, { ...readBlock(decoder, payload), content: "", isEnded: isEnd });
    } else if (type === TYPES.DATA) {
      const known = answers.get(stream);
      if (known === undefined || known.isEnded) throw new Error("DATA outside of an answer");
      known.content += toText(payload);
      known.isEnded = isEnd;
    } else if (type === TYPES.RST_STREAM) resets.set(stream, CODES[numberAt(payload, 0)]!);
    else if (type === TYPES.GOAWAY) {
      const code = CODES[numberAt(payload, 4)]!;
      goAway = { last: numberAt(payload, 0), code, reason: toText(payload.subarray(8)) };
    }
  }
  return { frames, answers, resets, goAway };
}

function readBlock(decoder: HpackDecoder, payload: Uint8Array): Pick<Answer, "status" | "fields"> {
  const fields: string[] = [];
  const field = (name: Uint8Array, value: Uint8Array) => void fields.push(`${toText(name)}: ${toText(value)}`);
  const problem = decoder.decode(payload, 0, payload.length, { field });
  if (problem !== null) throw new Error(problem);
  const [status = "", ...others] = fields;
  return { status: Number(/^:status: (\d{3})$/.exec(status)?.[1]), fields: others };
}
