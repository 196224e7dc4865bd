/**
 * The HTTP protocol over a connection in memory: persistence (RFC 9112, section 9.3), pipelining, the order of answers, and
 * their parts. Content of requests, failures and the log are tested in other files.
 */

import { assert, assertEquals } from "@std/assert";
import type { Handler } from "../../src/http/handler.ts";
import { bytesContent, errorResponse, NO_CONTENT } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { splitEvery } from "../feed.ts";
import {
  converse,
  type Conversed,
  parsedHead,
  request,
  SERVER_NAME,
  statuses,
  StoppedClock,
  text,
} from "./conversation.ts";

const NEXT = request("GET /next");

/** Sends the request and another one after it. Returns whether the second one is answered. */
async function isAnsweredNext(first: string): Promise<boolean> {
  const { handled } = await converse([first, NEXT]);
  return handled.length === 2;
}

function contentsOf({ answers }: Conversed): string[] {
  return answers.map(({ content }) => content);
}

Deno.test("http() answers a request with the handler's response", async () => {
  const { socket, answers, thrown } = await converse([request("GET /a?b")]);
  assertEquals(answers.map(({ statusLine, content }) => [statusLine, content]), [["HTTP/1.1 200 OK", "GET /a?b"]]);
  assertEquals([thrown, socket.transcript.at(-1)], [null, "close"]);
});

Deno.test("http() passes the parsed host and target to the handler", async () => {
  const handler: Handler = ({ host, target }) => text(JSON.stringify([host, target]));
  const conversed = await converse(["GET http://B.example:80/a%20b/?c HTTP/1.1\r\nHost: a\r\n\r\n"], { handler });
  const target = { kind: "path", segments: ["a b"], directory: true, query: "?c", authority: "B.example:80" };
  assertEquals(JSON.parse(contentsOf(conversed)[0]!), ["b.example", target]);
});

Deno.test("http() answers a request that arrives byte by byte like any other", async () => {
  const whole = await converse([request("GET /a", "User-Agent: b")]);
  const slow = await converse(splitEvery(latin1Bytes(request("GET /a", "User-Agent: b")), 1));
  assertEquals(slow.socket.written, whole.socket.written);
});

Deno.test("http() keeps an HTTP/1.1 connection open by default, without a Connection field", async () => {
  const { answers, socket } = await converse([request("GET /1"), request("GET /2"), request("GET /3")]);
  assertEquals(answers.map(({ content, field }) => [content, field("connection")]), [
    ["GET /1", null],
    ["GET /2", null],
    ["GET /3", null],
  ]);
  assertEquals(socket.transcript.slice(-2), ["end", "close"]);
});

Deno.test("http() closes after Connection: close without lingering, and sends close (RFC 9112, 9.6)", async () => {
  for (const asked of [request("GET /", "Connection: close"), request("GET /").replace("HTTP/1.1", "HTTP/1.0")]) {
    const { socket, answers } = await converse([asked, NEXT]);
    assertEquals(answers.map(({ field }) => field("connection")), ["close"]);
    assertEquals(socket.transcript.map((entry) => entry.split(" ")[0]), ["read", "write", "close"]);
  }
});

Deno.test("http() does not answer requests after Connection: close, but reads them", async () => {
  const { socket, handled } = await converse([request("GET /", "Connection: close") + NEXT, NEXT]);
  assertEquals(handled, ["GET / HTTP/1.1"]);
  // Closing with unread bytes would reset the connection and with it the answer (RFC 9112, 9.6).
  assertEquals(socket.transcript.slice(2), ["close write", `read ${NEXT.length}`, "end", "close"]);
});

Deno.test("http() finds close among other options, in any case, in any line (RFC 9110, 7.6.1)", async () => {
  for (
    const lines of [["Connection: Close"], ["Connection: a, close ,b"], ["Connection: keep-alive, close"], [
      "Connection: a",
      "Connection: close",
    ]]
  ) {
    assertEquals(await isAnsweredNext(request("GET /", ...lines)), false, lines.join());
  }
});

Deno.test("http() does not treat other options as close", async () => {
  for (
    const lines of [["Connection: closed"], ["Connection: not-close"], ["Connection:"], ["Connection: keep-alive"], [
      "X-Connection: close",
    ]]
  ) {
    assertEquals(await isAnsweredNext(request("GET /", ...lines)), true, lines.join());
  }
});

Deno.test("http() closes an HTTP/1.0 connection, and sends close", async () => {
  const { answers, handled } = await converse([request("GET / HTTP/1.0"), NEXT]);
  assertEquals([handled.length, answers[0]?.field("connection")], [1, "close"]);
});

Deno.test("http() keeps an HTTP/1.0 connection open for keep-alive, and sends keep-alive", async () => {
  const { answers, handled } = await converse([request("GET / HTTP/1.0", "Connection: Keep-Alive"), NEXT]);
  assertEquals([handled.length, answers[0]?.field("connection")], [2, "keep-alive"]);
});

Deno.test("http() closes an HTTP/1.0 connection with both options", async () => {
  assertEquals(await isAnsweredNext(request("GET / HTTP/1.0", "Connection: keep-alive, close")), false);
});

Deno.test("http() decides on persistence by each request's own version and fields", async () => {
  const first = request("GET /1 HTTP/1.0", "Connection: keep-alive");
  const { handled, answers } = await converse([first + request("GET /2") + request("GET /3 HTTP/1.0") + NEXT]);
  assertEquals(handled.length, 3);
  assertEquals(answers.map(({ field }) => field("connection")), ["keep-alive", null, "close"]);
});

Deno.test("http() answers HTTP/1.0 with its own version (RFC 9110, 2.5)", async () => {
  const { answers } = await converse([request("GET / HTTP/1.0")]);
  assertEquals(answers[0]?.statusLine, "HTTP/1.1 200 OK");
});

Deno.test("http() answers pipelined requests with one write", async () => {
  const { socket, answers } = await converse([request("GET /1") + request("GET /2") + request("GET /3")]);
  assertEquals(answers.length, 3);
  assertEquals(socket.writes.length, 1);
});

Deno.test("http() sends pending answers before it waits for the rest of a request", async () => {
  const { socket, handled } = await converse([request("GET /1") + NEXT.slice(0, 5), NEXT.slice(5)]);
  assertEquals(handled.length, 2);
  assertEquals(socket.transcript.map((entry) => entry.split(" ")[0]), [
    "read",
    "write",
    "read",
    "write",
    "end",
    "close",
  ]);
});

Deno.test("http() answers in the order of the requests, even if the handlers finish in another order", async () => {
  let turns = 5;
  const handler: Handler = async ({ fields }) => {
    const { target } = parsedHead(fields);
    for (let turn = --turns; turn > 0; turn--) await Promise.resolve();
    return text(target);
  };
  const targets = ["/1", "/2", "/3", "/4"];
  const conversed = await converse([targets.map((target) => request(`GET ${target}`)).join("")], { handler });
  assertEquals(contentsOf(conversed), targets);
});

Deno.test("http() answers more pipelined requests than the outbox holds, in order", async () => {
  const targets = Array.from({ length: 30 }, (_, at) => `/${at}`);
  const handler: Handler = ({ fields }) => text(parsedHead(fields).target.padEnd(9999, "."));
  const conversed = await converse([targets.map((target) => request(`GET ${target}`)).join("")], { handler });
  assertEquals(
    contentsOf(conversed).map((content) => [content.length, content.replaceAll(".", "")]),
    targets.map((target) => [9999, target]),
  );
});

Deno.test("http() reads the clock again after other conversations have run between pipelined requests", async () => {
  class PassingClock extends StoppedClock {
    override sleep(delayMs: number): Promise<void> {
      this.advance(1000);
      return super.sleep(delayMs);
    }
  }
  const asked: number[] = [];
  const handler: Handler = ({ nowMs }) => {
    asked.push(nowMs);
    return text("");
  };
  const clock = new PassingClock();
  const startMs = clock.now();
  await converse([request("GET /").repeat(70)], { handler, clock });
  const turns = [...new Array(32).fill(0), ...new Array(32).fill(1000), ...new Array(6).fill(2000)];
  assertEquals(asked.map((nowMs) => nowMs - startMs), turns);
});

Deno.test("http() answers a request after which the peer has closed its side", async () => {
  const { answers } = await converse([request("GET /")]);
  assertEquals(answers.length, 1);
});

Deno.test("http() refuses an incomplete request with 400", async () => {
  for (const script of [["GET / HT"], ["GET / HTTP/1.1\r\nHost: a\r\n"]]) {
    const conversed = await converse(script);
    assertEquals([statuses(conversed), conversed.handled, conversed.thrown], [[400], [], null]);
  }
});

Deno.test("http() closes without an answer if the peer closes its side between requests", async () => {
  for (const script of [[], ["\r\n"]]) {
    const { socket, handled, thrown } = await converse(script);
    assertEquals([socket.written, handled, thrown, socket.isClosed], ["", [], null, true]);
  }
});

Deno.test("http() ignores empty lines before and between requests", async () => {
  const { answers } = await converse([`\r\n${request("GET /1")}\r\n\r\n${request("GET /2")}`]);
  assertEquals(answers.map(({ status }) => status), [200, 200]);
});

Deno.test("http() answers HEAD with the fields of GET and no content (RFC 9110, 9.3.2)", async () => {
  const handler: Handler = () => text("content");
  const get = await converse([request("GET /")], { handler });
  const head = await converse([request("HEAD /")], { handler, methods: ["HEAD"] });
  assertEquals(head.socket.written, get.socket.written.slice(0, -"content".length));
  assertEquals(head.answers[0]?.field("content-length"), "7");
});

Deno.test("http() answers HEAD without content for errors, too", async () => {
  const { socket } = await converse([request("HEAD /")], { handler: () => errorResponse(404), methods: ["HEAD"] });
  assert(socket.written.startsWith("HTTP/1.1 404 ") && socket.written.endsWith("\r\n\r\n"));
});

Deno.test("http() treats only the exact name HEAD as HEAD", async () => {
  assertEquals(contentsOf(await converse([request("head /")])), ["head /"]);
});

Deno.test("http() sends 304 without content and Content-Length", async () => {
  const handler: Handler = () => ({
    status: 304,
    fields: [["ETag", '"a"']],
    content: bytesContent(latin1Bytes("content")),
  });
  const { socket, answers } = await converse([request("GET /")], { handler });
  assert(socket.written.endsWith("\r\n\r\n"), "content after a 304");
  assertEquals([answers[0]?.field("content-length"), answers[0]?.field("etag")], [null, '"a"']);
});

Deno.test("http() begins the next answer directly after one without content", async () => {
  const handler: Handler = ({ fields }) => parsedHead(fields).method === "HEAD" ? text("left out") : text("sent");
  const { socket, answers } = await converse([request("HEAD /") + request("GET /")], {
    handler,
    methods: ["HEAD", "GET"],
  });
  assertEquals(answers.map(({ status, content }) => [status, content]), [[200, ""], [200, "sent"]]);
  assert(!socket.written.includes("left out"));
});

Deno.test("http() sends Content-Length with every answer, also for zero", async () => {
  const handler: Handler = ({ fields }) =>
    parsedHead(fields).target === "/empty" ? { status: 200, fields: [], content: NO_CONTENT } : text("four");
  const { answers } = await converse([request("GET /empty") + request("GET /")], { handler });
  assertEquals(answers.map(({ field }) => field("content-length")), ["0", "4"]);
});

Deno.test("http() writes the handler's fields unchanged and in order", async () => {
  const handler: Handler = () => ({
    status: 206,
    fields: [["X-b", "1"], ["x-A", "2"], ["X-b", "3"]],
    content: NO_CONTENT,
  });
  const { answers } = await converse([request("GET /")], { handler });
  assertEquals(answers[0]?.statusLine, "HTTP/1.1 206 Partial Content");
  assertEquals(answers[0]?.fieldLines.filter((line) => /^x-/i.test(line)), ["X-b: 1", "x-A: 2", "X-b: 3"]);
});

Deno.test("http() sends Date and Server once with every answer (RFC 9110, 6.6.1)", async () => {
  const handler: Handler = ({ fields }) => parsedHead(fields).target === "/404" ? errorResponse(404) : text("");
  const { answers } = await converse([request("GET /") + request("GET /404") + "nonsense\r\n"], { handler });
  assertEquals(answers.map(({ status, field }) => [status, field("date"), field("server")]), [
    [200, "Sun, 06 Nov 1994 08:49:37 GMT", SERVER_NAME],
    [404, "Sun, 06 Nov 1994 08:49:37 GMT", SERVER_NAME],
    [400, "Sun, 06 Nov 1994 08:49:37 GMT", SERVER_NAME],
  ]);
});

Deno.test("http() ends every message head with CR LF and nothing else", async () => {
  const { socket } = await converse([request("GET /") + "nonsense\r\n"]);
  assert(!/[^\r]\n|\r[^\n]/.test(socket.written.slice(0, socket.written.indexOf("<!doctype"))));
});

Deno.test("http() sends the whole answer to a peer that accepts few bytes at a time", async () => {
  const whole = await converse([request("GET /1") + request("GET /2")]);
  const slow = await converse([request("GET /1") + request("GET /2")], { peer: { writeMax: 7 } });
  assertEquals(slow.socket.written, whole.socket.written);
});
