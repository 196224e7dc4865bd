/**
 * Content of requests: the server skips it and never treats it as a request. Also Expect: 100-continue (RFC 9110,
 * section 10.1.1).
 */

import { assert, assertEquals } from "@std/assert";
import type { Handler } from "../../src/http/handler.ts";
import { CONTENT_BYTES_MAX } from "../../src/http/limits.ts";
import { errorResponse } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { splitEvery } from "../feed.ts";
import { RESET } from "../memory_socket.ts";
import { converse, type Conversed, CountedContent, request, statuses } from "./conversation.ts";

/** Content that looks like a request. */
const SMUGGLED = request("GET /smuggled");
const NEXT = request("GET /next");
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

const refusing: Handler = () => errorResponse(405, [["Allow", "GET"]]);

function counted(content: string, ...fieldLines: string[]): string {
  return request("POST /", `Content-Length: ${content.length}`, ...fieldLines);
}

function chunked(content: string, ...fieldLines: string[]): [head: string, content: string] {
  const head = request("POST /", "Transfer-Encoding: chunked", ...fieldLines);
  return [head, `${content.length.toString(16)};a="b"\r\n${content}\r\n0\r\nX: y\r\n\r\n`];
}

/** The transcript without sizes. */
function steps({ socket }: Conversed): string {
  return socket.transcript.map((entry) => entry.replace(/ [0-9]+$/, "")).join(", ");
}

Deno.test("http() skips content with Content-Length and answers the request after it", async () => {
  const { handled } = await converse([counted(SMUGGLED) + SMUGGLED + NEXT]);
  assertEquals(handled, ["POST / HTTP/1.1", "GET /next HTTP/1.1"]);
});

Deno.test("http() skips chunked content, including extensions and trailers", async () => {
  const { handled } = await converse([chunked(SMUGGLED).join("") + NEXT]);
  assertEquals(handled, ["POST / HTTP/1.1", "GET /next HTTP/1.1"]);
});

Deno.test("http() skips the content of GET and HEAD, with errors and in HTTP/1.0", async () => {
  for (const line of ["GET / HTTP/1.1", "HEAD / HTTP/1.1", "GET / HTTP/1.0"]) {
    const first = request(line, `Content-Length: ${SMUGGLED.length}`, "Connection: keep-alive") + SMUGGLED;
    assertEquals((await converse([first + NEXT], { methods: [line.slice(0, 4)] })).handled.length, 2, line);
  }
  assertEquals((await converse([counted(SMUGGLED) + SMUGGLED + NEXT], { handler: refusing })).handled.length, 2);
});

Deno.test("http() finds the end of content however it is split", async () => {
  for (const message of [counted(SMUGGLED) + SMUGGLED, chunked(SMUGGLED).join("")]) {
    const { answers, handled } = await converse(splitEvery(latin1Bytes(message + NEXT), 1));
    assertEquals(handled, ["POST / HTTP/1.1", "GET /next HTTP/1.1"]);
    assertEquals(answers.map(({ content }) => content), ["POST /", "GET /next"]);
  }
});

Deno.test("http() answers a request only when all its content has arrived", async () => {
  const conversed = await converse([counted("hello") + "hel", "lo"]);
  assertEquals(steps(conversed), "read, read, write, end, close");
});

Deno.test("http() sends the answers to earlier requests while it waits for content", async () => {
  const conversed = await converse([NEXT + counted("hello"), "hello"]);
  assertEquals(steps(conversed), "read, write, read, write, end, close");
  assertEquals(conversed.answers.map(({ content }) => content), ["GET /next", "POST /"]);
});

Deno.test("http() refuses incomplete content with 400, and closes the answer's content", async () => {
  const content = new CountedContent(latin1Bytes("a"));
  const handler: Handler = () => ({ status: 200, fields: [], content });
  for (const script of [[counted("hello") + "hel"], [chunked("hello")[0] + "5\r\nhel"]]) {
    content.closed = 0;
    const conversed = await converse(script, { handler });
    const { socket, thrown } = conversed;
    assertEquals([statuses(conversed), thrown, socket.isClosed, content.closed], [[400], null, true, 1]);
  }
});

Deno.test("http() closes without an answer if a peer resets within its content, and closes the answer's content", async () => {
  const content = new CountedContent(latin1Bytes("a"));
  const handler: Handler = () => ({ status: 200, fields: [], content });
  const { socket, thrown } = await converse([counted("hello") + "hel", RESET], { handler });
  assertEquals([socket.written, thrown, socket.isClosed, content.closed], ["", null, true, 1]);
});

Deno.test("http() closes after content if the request has close", async () => {
  const { answers, handled } = await converse([counted("hello", "Connection: close") + "hello" + NEXT]);
  assertEquals([handled.length, answers[0]?.field("connection")], [1, "close"]);
});

Deno.test("http() refuses malformed chunks with 400 and closes, because their end is unknown", async () => {
  const content = new CountedContent(latin1Bytes("a"));
  const handler: Handler = () => ({ status: 200, fields: [], content });
  const conversed = await converse([chunked("")[0] + "x\r\n" + NEXT, NEXT], { handler });
  assertEquals([statuses(conversed), conversed.answers[0]?.field("connection")], [[400], "close"]);
  assertEquals([conversed.handled.length, content.closed], [1, 1]);
  assertEquals(steps(conversed), "read, write, close write, read, end, close");
});

Deno.test("http() refuses content beyond its limit with 413 and closes", async () => {
  const long = request("GET /", `Content-Length: ${CONTENT_BYTES_MAX + 1}`);
  const conversed = await converse([long, NEXT]);
  assertEquals([statuses(conversed), conversed.answers[0]?.field("connection")], [[413], "close"]);
  assertEquals([conversed.handled.length, steps(conversed)], [1, "read, write, close write, read, end, close"]);
});

Deno.test("http() skips content up to its limit, although the accumulator is smaller", async () => {
  const content = "x".repeat(CONTENT_BYTES_MAX);
  const { handled } = await converse([counted(content), content, NEXT]);
  assertEquals(handled.length, 2);
});

Deno.test("http() sends the handler's error instead of 413", async () => {
  const conversed = await converse([request("POST /", "Content-Length: 99999999")], { handler: refusing });
  assertEquals([statuses(conversed), conversed.answers[0]?.field("connection")], [[405], "close"]);
});

Deno.test("http() keeps the values of the head while content overwrites its bytes", async () => {
  const content = "x".repeat(40_000);
  const { logged } = await converse([request("POST /kept", "Content-Length: 40000"), content]);
  assertEquals(logged.map(({ method, target, host }) => [method, target, host]), [["POST", "/kept", "a.example"]]);
});

Deno.test("http() sends 100 for Expect: 100-continue before it waits for the content, then the answer", async () => {
  for (
    const [head, content] of [
      [counted("hello", "Expect: 100-continue"), "hello"],
      chunked("hello", "Expect: 100-continue"),
    ]
  ) {
    const conversed = await converse([head!, content!, NEXT]);
    assertEquals([statuses(conversed), conversed.handled.length], [[100, 200, 200], 2]);
    assertEquals(steps(conversed), "read, write, read, write, read, write, end, close");
    assertEquals(conversed.socket.transcript[1], `write ${CONTINUE.length}`);
  }
});

Deno.test("http() sends a 100 that consists of its status line only", async () => {
  const { socket } = await converse([counted("hello", "Expect: 100-continue"), "hello"]);
  assert(socket.written.startsWith(`${CONTINUE}HTTP/1.1 200 OK\r\n`));
});

Deno.test("http() compares the expectation without case (RFC 9110, 10.1.1)", async () => {
  const conversed = await converse([counted("hello", "expect: 100-Continue"), "hello"]);
  assertEquals(statuses(conversed), [100, 200]);
});

Deno.test("http() sends no 100 if there is no content (RFC 9110, 10.1.1)", async () => {
  for (const head of [request("GET /", "Expect: 100-continue"), counted("", "Expect: 100-continue")]) {
    assertEquals(statuses(await converse([head + NEXT])), [200, 200]);
  }
});

Deno.test("http() sends no 100 to HTTP/1.0, even with Expect (RFC 9110, 10.1.1)", async () => {
  for (const value of ["100-continue", "wonders"]) {
    const head = request("POST / HTTP/1.0", "Content-Length: 5", `Expect: ${value}`);
    assertEquals(statuses(await converse([head, "hello"])), [200], value);
  }
});

Deno.test("http() sends an error at once instead of 100, and closes, because the content may follow or not", async () => {
  const conversed = await converse([counted(SMUGGLED, "Expect: 100-continue"), SMUGGLED], { handler: refusing });
  assertEquals([statuses(conversed), conversed.handled.length], [[405], 1]);
  assertEquals([conversed.answers[0]?.field("connection"), conversed.answers[0]?.field("allow")], ["close", "GET"]);
  assertEquals(steps(conversed), "read, write, close write, read, end, close");
});

Deno.test("http() sends a redirect at once instead of 100, because the content belongs to the request at another address", async () => {
  const redirecting: Handler = () => errorResponse(308, [["Location", "https://a/"]]);
  const conversed = await converse([counted(SMUGGLED, "Expect: 100-continue"), SMUGGLED], { handler: redirecting });
  assertEquals([statuses(conversed), conversed.handled.length], [[308], 1]);
  assertEquals(conversed.answers[0]?.field("connection"), "close");
});

Deno.test("http() answers once, whether the content has arrived with the expectation or not", async () => {
  const conversed = await converse([counted("hello", "Expect: 100-continue") + "hello" + NEXT]);
  assertEquals([statuses(conversed).filter((status) => status !== 100), conversed.handled.length], [[200, 200], 2]);
});

Deno.test("http() sends 100 after the answers to earlier requests", async () => {
  const conversed = await converse([NEXT + counted("hello", "Expect: 100-continue"), "hello"]);
  assertEquals(statuses(conversed), [200, 100, 200]);
});

Deno.test("http() refuses an unknown expectation with 417 and closes", async () => {
  for (const value of ["wonders", "100-continue, wonders", "100-continued"]) {
    const conversed = await converse([counted("hello", `Expect: ${value}`), NEXT]);
    assertEquals([statuses(conversed), conversed.handled.length], [[417], 0], value);
    assertEquals(conversed.answers[0]?.field("connection"), "close");
  }
});

Deno.test("http() closes without a final answer if a peer resets after its 100", async () => {
  const conversed = await converse([counted("hello", "Expect: 100-continue"), RESET]);
  assertEquals([statuses(conversed), conversed.thrown], [[100], null]);
});
