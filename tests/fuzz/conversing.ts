/**
 * Runs conversations of the whole protocol with a scripted peer in memory, and reads the answers like a strict client.
 */

import { http } from "../../src/http/h1/conversation.ts";
import type { Exchange, Handler } from "../../src/http/handler.ts";
import type { FieldName } from "../../src/http/field_names.ts";
import { Connection } from "../../src/net/connection.ts";
import { setImmediate } from "node:timers";
import { parsedHead, SERVER_NAME, StoppedClock, TRANSPORT } from "../http/conversation.ts";
import { MemorySocket } from "../memory_socket.ts";
import { agree, insist } from "./agree.ts";

/** An exchange that the protocol has logged. */
export interface Logged {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly contentBytes: number;
  readonly problem: string | null;
  /** Values of request fields at the time of logging. */
  readonly fields: Readonly<Partial<Record<FieldName, string>>>;
}

/** A final answer, and the number of 100s before it. */
export interface Answer {
  readonly status: number;
  readonly interims: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly content: string;
}

export interface Held {
  /** Request lines of the handled requests. */
  readonly handled: readonly string[];
  readonly logged: readonly Logged[];
  readonly answers: readonly Answer[];
  /** All written bytes, except 100s. */
  readonly written: string;
}

const LOGGED_FIELDS: readonly FieldName[] = [
  "accept-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "range",
];

/** Runs a conversation. The peer sends `chunks` and closes its side. Each write accepts at most `writeMax` bytes. */
export async function hold(chunks: readonly Uint8Array[], handler: Handler, writeMax: number): Promise<Held> {
  const clock = new StoppedClock();
  const socket = new MemorySocket(chunks, { writeMax });
  const connection = new Connection(1, socket, { ...TRANSPORT, clock });
  const handled: string[] = [];
  const logged: Logged[] = [];
  const reported: string[] = [];
  const handle: Handler = (request) => {
    handled.push(parsedHead(request.fields).requestLine);
    return handler(request);
  };
  const protocol = http(handle, {
    clock,
    serverName: SERVER_NAME,
    targetsCached: 16,
    log: (exchange) => logged.push(keep(exchange)),
    report: (problem, error) => reported.push(`${problem}: ${error}`),
  });
  let hasEnded = false;
  const ended = connection.run(protocol).finally(() => hasEnded = true);
  ended.catch(() => {}); // The promise is awaited below.
  // All sockets and files are in memory, so a conversation ends within a few turns of the event loop.
  for (let turns = 0; turns < 3 && !hasEnded; turns++) {
    await new Promise((resolve) => setImmediate(() => resolve(null)));
  }
  insist(hasEnded, "the conversation does not end");
  await ended;
  connection.close("done");
  agree(reported, [], "reported");
  const answers = readAnswers(socket.written, logged);
  return { handled, logged, answers, written: socket.written.replaceAll(CONTINUE, "") };
}

function keep({ head, status, contentBytes, problem }: Exchange): Logged {
  const fields = LOGGED_FIELDS.flatMap((name) => {
    const value = head.value(name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    method: head.method,
    target: head.target,
    status,
    contentBytes,
    problem,
    fields: Object.fromEntries(fields),
  };
}

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** Reads one final answer for each logged exchange. Throws if anything else was written. */
function readAnswers(written: string, logged: readonly Logged[]): Answer[] {
  let at = 0;
  const answers = logged.map(({ method, status, contentBytes }) => {
    let interims = 0;
    for (; written.startsWith(CONTINUE, at); at += CONTINUE.length) interims++;
    const headEnd = written.indexOf("\r\n\r\n", at);
    insist(headEnd >= 0, "an answer without an end of its head");
    const [statusLine = "", ...lines] = written.slice(at, headEnd).split("\r\n");
    insist(
      new RegExp(`^HTTP/1\\.1 ${status} [A-Za-z -]+$`).test(statusLine),
      `not the answer that was logged: ${statusLine}`,
    );
    const fields = readFields(lines);
    const hasContent = method !== "HEAD" && status !== 304;
    const length = hasContent ? Number(fields.get("content-length")) : 0;
    const content = written.slice(headEnd + 4, headEnd + 4 + length);
    agree(content.length, length, "bytes of content");
    agree(contentBytes, length, "bytes of content in the log");
    at = headEnd + 4 + length;
    return { status, interims, fields, content };
  });
  agree(written.slice(at), "", "written behind the last answer");
  return answers;
}

function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([A-Za-z-]+): ([ -~]*)$/.exec(line) ?? [];
    insist(
      name !== "" && !fields.has(name.toLowerCase()),
      `not a field line, or one too many: ${JSON.stringify(line)}`,
    );
    fields.set(name.toLowerCase(), value);
  }
  insist(fields.has("date") && fields.has("server"), "an answer without Date and Server");
  return fields;
}
