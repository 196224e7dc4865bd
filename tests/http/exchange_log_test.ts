/**
 * Logging of exchanges: each is logged once, in order, whatever its outcome.
 */

import { assert, assertEquals } from "@std/assert";
import type { Handler } from "../../src/http/handler.ts";
import { OUTBOX_BYTES } from "../../src/http/h1/outbox.ts";
import type { Connection } from "../../src/net/connection.ts";
import { SILENCE } from "../memory_socket.ts";
import { errorResponse } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { converse, CountedContent, parsedHead, request, StoppedClock, text } from "./conversation.ts";

function sending(content: CountedContent): Handler {
  return () => ({ status: 200, fields: [], content });
}

Deno.test("http() logs each exchange with the request and the answer", async () => {
  const { logged } = await converse([request("GET /a?b")], { handler: () => text("12345") });
  assertEquals(logged, [{
    method: "GET",
    target: "/a?b",
    host: "a.example",
    peer: { transport: "tcp", hostname: "192.0.2.7", port: 40_007 },
    user: null,
    status: 200,
    contentBytes: 5,
    isSecure: false,
    servedBy: null,
    coding: null,
    durationMs: 0,
    problem: null,
  }]);
});

Deno.test("http() logs pipelined exchanges in order, each with its own bytes", async () => {
  const handler: Handler = ({ fields }) => text(parsedHead(fields).target);
  const { logged } = await converse([request("GET /") + request("GET /22") + request("GET /4444")], { handler });
  assertEquals(logged.map(({ target, contentBytes }) => [target, contentBytes]), [["/", 1], ["/22", 3], ["/4444", 5]]);
});

Deno.test("http() logs errors of the handler like other answers", async () => {
  const { logged, answers } = await converse([request("GET /")], { handler: () => errorResponse(404) });
  assertEquals(logged.map(({ status, problem, contentBytes }) => [status, problem, contentBytes]), [
    [404, null, answers[0]!.content.length],
  ]);
});

Deno.test("http() logs no bytes for HEAD and 304", async () => {
  const handler: Handler = ({ fields }) =>
    parsedHead(fields).method === "HEAD" ? text("content") : { ...text("content"), status: 304 };
  const { logged } = await converse([request("HEAD /") + request("GET /")], { handler, methods: ["HEAD"] });
  assertEquals(logged.map(({ status, contentBytes }) => [status, contentBytes]), [[200, 0], [304, 0]]);
});

Deno.test("http() logs all bytes of content that needs several writes", async () => {
  const content = new CountedContent(new Uint8Array(3 * OUTBOX_BYTES + 1));
  const { logged } = await converse([request("GET /")], { handler: sending(content) });
  assertEquals(logged[0]?.contentBytes, 3 * OUTBOX_BYTES + 1);
});

Deno.test("http() does not count 100 Continue as content", async () => {
  const head = request("POST /", "Content-Length: 5", "Expect: 100-continue");
  const { logged } = await converse([head, "hello"], { handler: () => text("123") });
  assertEquals(logged.map(({ status, contentBytes }) => [status, contentBytes]), [[200, 3]]);
});

Deno.test("http() logs a refusal with its status and its reason", async () => {
  const { logged, answers } = await converse([request("GET /1", "Transfer-Encoding: gzip")]);
  assertEquals(logged.map(({ target, status, contentBytes }) => [target, status, contentBytes]), [
    ["/1", 400, answers[0]!.content.length],
  ]);
  assert(logged[0]!.problem!.includes("Transfer-Encoding"));
});

Deno.test("http() logs a request with an unreadable request line without a method", async () => {
  const { logged } = await converse(["nonsense\r\n\r\n"]);
  assertEquals(logged.map(({ method, status }) => [method, status]), [["", 400]]);
  assert(logged[0]!.problem !== null);
});

Deno.test("http() logs why content was refused, even if the status is the handler's", async () => {
  const message = request("POST /", "Content-Length: 99999999");
  for (const [handler, status] of [[() => text(""), 413], [() => errorResponse(405), 405]] as const) {
    const { logged } = await converse([message], { handler });
    assertEquals(logged.map((entry) => [entry.status, entry.problem === null]), [[status, false]]);
  }
});

Deno.test("http() logs 500 if the handler has thrown", async () => {
  const handler: Handler = () => {
    throw new Error("detail");
  };
  const { logged } = await converse([request("GET /")], { handler });
  assertEquals(logged.map(({ status }) => status), [500]);
});

Deno.test("http() logs once that a source ended early", async () => {
  const { logged } = await converse([request("GET /")], { handler: sending(new CountedContent(latin1Bytes("a"), 2)) });
  assertEquals(logged.map(({ status, problem }) => [status, problem === null]), [[200, false]]);
});

Deno.test("http() logs a failed source differently from one that ended early", async () => {
  const problems: (string | null | undefined)[] = [];
  for (const failure of [null, new Error("bad sector")]) {
    const readAt = () => {
      if (failure !== null) throw failure;
      return 0;
    };
    const { logged } = await converse([request("GET /")], {
      handler: sending(new CountedContent(new Uint8Array(0), 2, { readAt })),
    });
    problems.push(logged[0]?.problem);
  }
  assertEquals([problems.every((problem) => typeof problem === "string"), new Set(problems).size], [true, 2]);
});

Deno.test("http() logs the bytes that a peer accepted before its reset", async () => {
  const content = new CountedContent(new Uint8Array(3 * OUTBOX_BYTES));
  const whole = await converse([request("GET /")], { handler: sending(content) });
  const headBytes = whole.socket.written.indexOf("\r\n\r\n") + 4;
  const { logged } = await converse([request("GET /")], {
    handler: sending(content),
    peer: { takesBytes: headBytes + OUTBOX_BYTES },
  });
  assertEquals(logged.map(({ contentBytes, problem }) => [contentBytes, problem === null]), [[OUTBOX_BYTES, false]]);
});

Deno.test("http() logs an incomplete request as refused, and nothing if no request began", async () => {
  const early = await converse(["GET / HTTP/1.1\r\nHost: a\r\n"]);
  assertEquals(early.logged.map(({ status, problem }) => [status, problem]), [[400, "the request ends early"]]);
  assertEquals((await converse(["\r\n"])).logged, []);
});

Deno.test("http() logs a request that did not arrive in time with 408", async () => {
  let connection: Connection | null = null;
  const expire = () => queueMicrotask(() => connection?.expire("message overdue"));
  const { logged } = await converse(["GET /slow HTTP/1.1\r\n", expire, SILENCE], {
    prepare: (prepared) => connection = prepared,
  });
  assertEquals(logged.map(({ status, target }) => [status, target]), [[408, "/slow"]]);
});

Deno.test("http() measures from the complete head to the last byte in the outbox", async () => {
  const clock = new StoppedClock();
  const handler: Handler = () => {
    clock.advance(7);
    return text("");
  };
  const { logged } = await converse([
    () => clock.advance(1000),
    request("GET /1"),
    () => clock.advance(1000),
    request("GET /2"),
  ], {
    handler,
    clock,
  });
  assertEquals(logged.map(({ durationMs }) => durationMs), [7, 7]);
});

Deno.test("http() reports a failure without control characters of the target", async () => {
  const handler: Handler = () => {
    throw new Error("made up");
  };
  const { reported } = await converse([request("GET /\x9b2J\xe9")], { handler });
  assertEquals(reported.map(({ problem }) => problem), ["cannot answer GET /\\x9b2J\\xe9 HTTP/1.1"]);
});
