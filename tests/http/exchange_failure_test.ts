/**
 * Failures in conversations: refused requests, failing handlers and sources, peers that reset, a server that ends.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { http } from "../../src/http/h1/conversation.ts";
import type { Exchange, Handler } from "../../src/http/handler.ts";
import { OUTBOX_BYTES } from "../../src/http/h1/outbox.ts";
import type { Response } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import { MemorySocket, RESET, SILENCE } from "../memory_socket.ts";
import {
  converse,
  type Conversed,
  CountedContent,
  parsedHead,
  readAnswers,
  request,
  statuses,
  StoppedClock,
  text,
  TRANSPORT,
} from "./conversation.ts";

const NEXT = request("GET /next");

function steps({ socket }: Conversed): string {
  return socket.transcript.map((entry) => entry.replace(/ [0-9]+$/, "")).join(", ");
}

/** A handler that answers with this content. */
function sending(content: CountedContent): Handler {
  return () => ({ status: 200, fields: [], content });
}

const failing: Handler = () => {
  throw new Error("secret detail");
};

const failingLater: Handler = async () => {
  await Promise.resolve();
  throw new Error("secret detail");
};

Deno.test("http() refuses a request by the rules for each of its parts", async () => {
  const cases: [message: string, status: number][] = [
    ["nonsense\r\n\r\n", 400],
    ["\x16\x03\x01", 400],
    ["GET / HTTP/1.1\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
    [request("GET /", "Broken line"), 400],
    [request("GET /%zz"), 400],
    [request("GET *"), 400],
    [request("GET /", "Transfer-Encoding: chunked", "Content-Length: 5"), 400],
    [request("GET /", "Content-Length: five"), 400],
    [request(`GET /${"a".repeat(9000)}`), 414],
    [request("GET /", `X: ${"a".repeat(9000)}`), 431],
    [request("GET /", "Transfer-Encoding: gzip, chunked"), 501],
    [request("GET / HTTP/2.0"), 505],
  ];
  for (const [message, status] of cases) {
    const conversed = await converse([message]);
    assertEquals([statuses(conversed), conversed.handled], [[status], []], JSON.stringify(message.slice(0, 60)));
  }
});

Deno.test("http() closes after a refusal, sends close, and reads the rest", async () => {
  const conversed = await converse(["nonsense\r\n\r\n" + NEXT, NEXT, NEXT]);
  assertEquals(conversed.answers.map(({ status, field }) => [status, field("connection")]), [[400, "close"]]);
  assertEquals(conversed.handled, []);
  assertEquals(steps(conversed), "read, write, close write, read, read, end, close");
});

Deno.test("http() sends a page with a refusal, but not for HEAD", async () => {
  const get = await converse([request("GET /", "Broken line")]);
  assertEquals(get.answers[0]?.field("content-type"), "text/html; charset=utf-8");
  assert(get.answers[0]!.content.includes("<h1>400 Bad Request</h1>"));
  const head = await converse([request("HEAD /", "Broken line")], { methods: ["HEAD"] });
  assert(head.socket.written.endsWith("\r\n\r\n"));
});

Deno.test("http() sends the page of a refusal for a malformed request after a HEAD", async () => {
  const { answers } = await converse([request("HEAD /") + "nonsense\r\n"], { methods: ["HEAD", "GET"] });
  assert(answers[1]!.content.includes("<h1>400 Bad Request</h1>"));
});

Deno.test("http() answers the requests before a refused one", async () => {
  const conversed = await converse([request("GET /1") + request("GET /2") + "nonsense\r\n\r\n"]);
  assertEquals(statuses(conversed), [200, 200, 400]);
  assertEquals(conversed.socket.writes.length, 1);
});

Deno.test("http() answers 500 if the handler throws, at once or later, and reports it", async () => {
  for (const handler of [failing, failingLater]) {
    const { answers, reported } = await converse([request("GET /a")], { handler });
    assertEquals(answers.map(({ status }) => status), [500]);
    assertEquals(reported.map(({ error }) => error instanceof Error ? error.message : null), ["secret detail"]);
    assert(reported[0]!.problem.includes("GET /a HTTP/1.1"), reported[0]!.problem);
  }
});

Deno.test("http() does not tell the peer why the handler threw", async () => {
  const { socket } = await converse([request("GET /")], { handler: failing });
  assert(!socket.written.includes("secret"));
});

Deno.test("http() continues after a handler has thrown", async () => {
  const handler: Handler = (request) => parsedHead(request.fields).target === "/fail" ? failing(request) : text("fine");
  const conversed = await converse([request("GET /fail") + NEXT], { handler });
  assertEquals(statuses(conversed), [500, 200]);
});

Deno.test("http() skips the content of a request whose handler has thrown", async () => {
  const conversed = await converse([request("POST /", `Content-Length: ${NEXT.length}`) + NEXT], { handler: failing });
  assertEquals([statuses(conversed), conversed.handled.length], [[500], 1]);
});

Deno.test("http() sends all content of a source, even if it is larger than the outbox, and closes it once", async () => {
  for (const length of [0, 1, OUTBOX_BYTES, 2 * OUTBOX_BYTES + 99]) {
    const content = new CountedContent(Uint8Array.from({ length }, (_, at) => at % 251));
    const { answers } = await converse([request("GET /")], { handler: sending(content) });
    assertEquals([answers[0]?.field("content-length"), answers[0]?.content.length, content.closed], [
      `${length}`,
      length,
      1,
    ]);
  }
});

Deno.test("http() closes content that it does not send", async () => {
  const content = new CountedContent(latin1Bytes("content"));
  const head = await converse([request("HEAD /")], { handler: sending(content), methods: ["HEAD"] });
  assertEquals([head.answers[0]?.field("content-length"), content.closed], ["7", 1]);
  await converse([request("GET /")], { handler: () => ({ status: 304, fields: [], content }) });
  assertEquals(content.closed, 2);
});

Deno.test("http() closes after a source that ends early, without padding and without another answer", async () => {
  for (const sent of [0, 5, OUTBOX_BYTES + 5]) {
    const content = new CountedContent(new Uint8Array(sent).fill(0x61), sent + 10);
    const conversed = await converse([request("GET /"), NEXT], { handler: sending(content) });
    const { answers, thrown, socket } = conversed;
    assertEquals([answers[0]?.field("content-length"), answers[0]?.content], [`${sent + 10}`, "a".repeat(sent)]);
    assertEquals([answers.length, conversed.handled.length, thrown, content.closed], [1, 1, null, 1]);
    assert(socket.written.endsWith("\r\n\r\n" + "a".repeat(sent)) && socket.isClosed);
  }
});

Deno.test("http() answers no request after a source that ends early", async () => {
  const content = new CountedContent(latin1Bytes("short"), 10);
  const { handled, socket } = await converse([request("GET /") + NEXT], { handler: sending(content) });
  assertEquals(handled.length, 1);
  assert(socket.written.endsWith("\r\n\r\nshort"));
});

Deno.test("http() does not report a source that ends early, because a file may change", async () => {
  const { reported } = await converse([request("GET /")], {
    handler: sending(new CountedContent(latin1Bytes("a"), 2)),
  });
  assertEquals(reported, []);
});

Deno.test("http() closes after a source that fails, and reports it", async () => {
  const failure = new Error("bad sector");
  const content = new CountedContent(new Uint8Array(0), 10, {
    readAt: () => {
      throw failure;
    },
  });
  const { reported, handled, socket, thrown } = await converse([request("GET /a") + NEXT], {
    handler: sending(content),
  });
  assertEquals([reported.length, handled.length, socket.isClosed, thrown, content.closed], [1, 1, true, null, 1]);
  assert(reported[0]!.error === failure && reported[0]!.problem.includes("GET /a"));
});

Deno.test("http() ends if the peer resets during an answer, closes the content, and reports nothing", async () => {
  const content = new CountedContent(new Uint8Array(3 * OUTBOX_BYTES));
  const peer = { takesBytes: OUTBOX_BYTES + 10 };
  const { thrown, reported, handled } = await converse([request("GET /") + NEXT], { handler: sending(content), peer });
  assert(thrown instanceof Deno.errors.BrokenPipe);
  assertEquals([reported, handled.length, content.closed], [[], 1, 1]);
});

Deno.test("http() ends if the peer resets before its answer", async () => {
  const { thrown, reported } = await converse([request("GET /")], { peer: { takesBytes: 0 } });
  assert(thrown instanceof Deno.errors.BrokenPipe);
  assertEquals(reported, []);
});

Deno.test("http() treats a reset between or within requests as the end", async () => {
  for (const script of [[RESET], ["GET / HT", RESET], [request("GET /"), RESET]]) {
    const { thrown, socket, reported } = await converse(script);
    assertEquals([thrown, socket.isClosed, reported], [null, true, []]);
  }
});

Deno.test("http() handles a reset while it lingers", async () => {
  const { thrown, socket } = await converse(["nonsense\r\n", RESET]);
  assertEquals([thrown, socket.isClosed], [null, true]);
});

Deno.test("http() sends the answers before an error that ends the conversation", async () => {
  const failure = new Error("the log is full");
  const log = ({ head }: Exchange) => {
    if (head.target === "/3") throw failure;
  };
  const socket = new MemorySocket([["/1", "/2", "/3", "/4"].map((target) => request(`GET ${target}`)).join("")]);
  const clock = new StoppedClock();
  const protocol = http(({ fields }) => text(parsedHead(fields).target), { clock, log });
  const error = await assertRejects(() => new Connection(1, socket, { ...TRANSPORT, clock }).run(protocol));
  assertEquals(error, failure);
  assertEquals(readAnswers(concat(socket.writes)).map(({ content }) => content), ["/1", "/2", "/3"]);
});

Deno.test("http() sends the answers before a response whose length is wrong, and nothing of it", async () => {
  const wrong = (): Response => ({ ...text("four"), content: { ...text("four").content, length: 5 } });
  const handler: Handler = ({ fields }) => parsedHead(fields).target === "/wrong" ? wrong() : text("fine");
  const { socket, thrown } = await converse([request("GET /") + request("GET /wrong") + NEXT], { handler });
  assert(thrown instanceof RangeError);
  assertEquals(socket.written.match(/HTTP|fine|four/g), ["HTTP", "fine"]);
});

/** Starts to drain the connection when the handler is called. */
async function converseDraining(script: string[]): Promise<Conversed> {
  let connection: Connection | null = null;
  const handler: Handler = ({ fields }) => {
    connection?.drain();
    return text(parsedHead(fields).target);
  };
  return await converse(script, { handler, prepare: (prepared) => connection = prepared });
}

Deno.test("http() answers all requests that are there when the server ends, and sends close with the last", async () => {
  const conversed = await converseDraining([request("GET /1") + request("GET /2"), NEXT]);
  assertEquals(conversed.answers.map(({ content, field }) => [content, field("connection")]), [
    ["/1", null],
    ["/2", "close"],
  ]);
  assertEquals([conversed.handled.length, steps(conversed)], [2, "read, write, close write, read, end, close"]);
});

Deno.test("http() still receives a request that has begun when the server ends", async () => {
  const [beginning, rest] = [request("GET /2").slice(0, 10), request("GET /2").slice(10)];
  const conversed = await converseDraining([request("GET /1") + beginning, rest, NEXT]);
  assertEquals(conversed.answers.map(({ content, field }) => [content, field("connection")]), [
    ["/1", null],
    ["/2", "close"],
  ]);
});

/** Expires the connection while it waits for more bytes after `sent`. */
async function converseExpiring(sent: string[]): Promise<Conversed> {
  let connection: Connection | null = null;
  const expire = () => queueMicrotask(() => connection?.expire("message overdue"));
  return await converse([...sent, expire, SILENCE], { prepare: (prepared) => connection = prepared });
}

Deno.test("http() sends 408 if the sweep expires the connection within a request", async () => {
  const { answers, thrown } = await converseExpiring([NEXT, "GET / HTTP/1.1\r\n"]);
  assertEquals(answers.map(({ status, field }) => [status, field("connection")]), [[200, null], [408, "close"]]);
  assertEquals(answers[1]?.field("content-length"), `${answers[1]?.content.length}`);
  assertEquals([answers[1]?.field("date"), thrown], ["Sun, 06 Nov 1994 08:49:37 GMT", null]);
});

Deno.test("http() sends nothing if the sweep expires the connection between requests, with content or without", async () => {
  for (const message of [NEXT, request("POST /", "Content-Length: 5") + "hello"]) {
    assertEquals(statuses(await converseExpiring([message])), [200]);
  }
});
