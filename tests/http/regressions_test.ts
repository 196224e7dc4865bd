/**
 * Regressions: each test failed before its mistake was corrected. The comment above it names the file of related tests.
 */

import { assert, assertEquals } from "@std/assert";
import { rangeApplies } from "../../src/http/semantics/conditional.ts";
import { parseDate } from "../../src/http/date.ts";
import { requestBody } from "../../src/http/h1/framing.ts";
import { isMalformed } from "../../src/http/h1/line_reader.ts";
import type { Handler } from "../../src/http/handler.ts";
import { parseHead, RequestHead } from "../../src/http/h1/head.ts";
import { FIELD_LINE_BYTES_MAX, REQUEST_LINE_BYTES_MAX } from "../../src/http/limits.ts";
import { errorResponse } from "../../src/http/response.ts";
import { isRefusal } from "../../src/http/status.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { parseHost, parseTarget, requestHost } from "../../src/http/target.ts";
import { Accumulator } from "../../src/net/accumulator.ts";
import type { Connection } from "../../src/net/connection.ts";
import { feed, type Reader, receive } from "../feed.ts";
import { RESET } from "../memory_socket.ts";
import { converse, CountedContent, request } from "./conversation.ts";
import { headOf } from "./heads.ts";

function sending(content: CountedContent): Handler {
  return () => ({ status: 200, fields: [], content });
}

// exchange_content_test.ts

Deno.test("http() closes the answer's content if the peer resets while 100 Continue is sent", async () => {
  const content = new CountedContent(latin1Bytes("a"));
  const head = request("GET /", "Content-Length: 5", "Expect: 100-continue");
  await converse([head, RESET], { handler: sending(content), peer: { takesBytes: 0 } });
  assertEquals(content.closed, 1);
});

Deno.test("http() closes the answer's content when the peer goes away while answers before it are sent", async () => {
  const content = new CountedContent(latin1Bytes("a"));
  const head = request("GET /", "Content-Length: 5");
  await converse([request("HEAD /") + head], { handler: sending(content), peer: { takesBytes: 0 } });
  assertEquals(content.closed, 2); // The content of HEAD and the content of GET.
});

Deno.test("http() keeps the handler's Allow in a 405 whose content is refused (RFC 9110, 15.5.6)", async () => {
  const handler: Handler = () => errorResponse(405, [["Allow", "GET, HEAD"]]);
  for (
    const message of [
      request("POST /", "Content-Length: 99999999"),
      request("POST /", "Transfer-Encoding: chunked") + "fffffff\r\n",
    ]
  ) {
    const { answers } = await converse([message], { handler });
    assertEquals(answers.map(({ status, field }) => [status, field("allow")]), [[405, "GET, HEAD"]]);
  }
});

Deno.test("http() sends 400 for malformed content instead of the handler's error, because its end is unknown (RFC 9112, 2.2)", async () => {
  const handler: Handler = () => errorResponse(405, [["Allow", "GET, HEAD"]]);
  for (
    const content of ["x\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\r\nhello!\r\n", "0\r\nbad trailer\r\n\r\n", "5;\r\n"]
  ) {
    const { answers } = await converse([request("POST /", "Transfer-Encoding: chunked") + content], { handler });
    assertEquals(answers.map(({ status, field }) => [status, field("connection")]), [[400, "close"]], content);
  }
});

Deno.test("http() sends no 100 Continue for content that it refuses at once (RFC 9110, 15.2.1)", async () => {
  const { answers } = await converse([request("GET /", "Content-Length: 99999999", "Expect: 100-continue")]);
  assertEquals(answers.map(({ status }) => status), [413]);
});

// exchange_failure_test.ts

Deno.test("http() answers a request whose content is still arriving when the server ends", async () => {
  let connection: Connection | null = null;
  const { answers } = await converse(
    [request("POST /", "Content-Length: 10") + "hello", () => connection?.drain(), "wor", "ld"],
    { prepare: (prepared) => connection = prepared },
  );
  assertEquals(answers.map(({ status, field }) => [status, field("connection")]), [[200, "close"]]);
});

Deno.test("http() reports a source whose error looks like a reset of the peer", async () => {
  const content = new CountedContent(new Uint8Array(0), 10, {
    readAt: () => {
      throw new Deno.errors.BadResource("the file is closed");
    },
  });
  const { reported, thrown } = await converse([request("GET /")], { handler: sending(content) });
  assertEquals([reported.length, thrown], [1, null]);
});

// exchange_log_test.ts

Deno.test("http() logs the number of sent bytes of a source that ended early", async () => {
  const { logged, answers } = await converse([request("GET /")], {
    handler: sending(new CountedContent(latin1Bytes("short"), 10)),
  });
  assertEquals([answers[0]?.content, logged[0]?.contentBytes], ["short", 5]);
});

// head_limits_test.ts

function lengthReader(): Reader<"complete" | number> {
  const head = new RequestHead();
  return (input) => {
    const outcome = parseHead(input, head);
    if (outcome === "complete") input.consume(head.length);
    return isRefusal(outcome) ? outcome.status : outcome;
  };
}

Deno.test("parseHead() accepts a request line of exactly its limit however it is split", () => {
  const line = `GET /${"a".repeat(REQUEST_LINE_BYTES_MAX - "GET / HTTP/1.1".length)} HTTP/1.1`;
  assertEquals(feed(lengthReader, `${line}\r\n\r\n`).outcome, "complete");
});

Deno.test("parseHead() accepts a field line of exactly its limit however it is split", () => {
  const line = `X: ${"a".repeat(FIELD_LINE_BYTES_MAX - "X: ".length)}`;
  assertEquals(feed(lengthReader, `GET / HTTP/1.1\r\n${line}\r\n\r\n`).outcome, "complete");
});

// head_test.ts

Deno.test("RequestHead.reset() removes the target, so that a refused request has none", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 4096 });
  const head = new RequestHead();
  receive(input, latin1Bytes("GET /secret HTTP/1.0\r\n\r\nbad\r\n"));
  parseHead(input, head);
  input.consume(head.length);
  head.reset();
  assert(isRefusal(parseHead(input, head)));
  assertEquals(head.target, "");
});

// date_test.ts

Deno.test("parseDate() counts 50 years to the day, not to the year (RFC 9110, 5.6.7)", () => {
  const now = Date.UTC(2026, 0, 15);
  assertEquals(parseDate("Wednesday, 15-Jan-76 00:00:00 GMT", now), Date.UTC(2076, 0, 15));
  assertEquals(parseDate("Thursday, 31-Dec-76 00:00:00 GMT", now), Date.UTC(1976, 11, 31));
});

// conditional_test.ts

Deno.test("rangeApplies() treats a date of the current second as weak, because the file may change again (RFC 9110, 8.8.2.2)", () => {
  const head = headOf(["If-Range: Sun, 06 Nov 1994 08:49:37 GMT"]);
  const validator = { etag: '"a"', modifiedMs: 784_111_777_000 };
  assertEquals(rangeApplies(head, validator, validator.modifiedMs + 500), false);
});

// host_test.ts, target_test.ts

function hostOf(fieldLine: string, target: string, method: string): string | number {
  const parsed = parseTarget(target, method);
  if (isRefusal(parsed)) return parsed.status;
  const host = requestHost(headOf([fieldLine], `${method} ${target} HTTP/1.1`), parsed);
  return isRefusal(host) ? host.status : host;
}

Deno.test("requestHost() prefers the authority of OPTIONS http://host to Host (RFC 9112, 3.2.2)", () => {
  assertEquals(hostOf("Host: b.example", "http://a.example", "OPTIONS"), "a.example");
});

Deno.test("requestHost() refuses OPTIONS http://host with an invalid authority", () => {
  assertEquals(hostOf("Host: b.example", "http://user@a.example:x", "OPTIONS"), 400);
});

Deno.test("parseTarget() refuses https, for which this connection is not secured (RFC 9110, 7.4)", () => {
  assert(isRefusal(parseTarget("https://example.org/", "GET")));
});

Deno.test("parseHost() refuses brackets without an IPv6 address in them (RFC 9112, 3.2)", () => {
  for (const value of ["[:]", "[.]", "[1]", "[:::]", "[1:2:3]"]) assert(isRefusal(parseHost(value)), value);
});

// body.ts

Deno.test("BodyReader refuses a chunk line that equals one of its internal results", () => {
  for (const word of ["partial", "complete"]) {
    const input = new Accumulator({ minBytes: 64, maxBytes: 64 });
    input.commit(new TextEncoder().encodeInto(`${word}\r\n0\r\n\r\n`, input.space()).written);
    const outcome = requestBody({ kind: "chunked" }).advance(input);
    assertEquals(isMalformed(outcome) && outcome.what, "syntax", word);
  }
});
