/** Shared responses: every request gets the same answer as with an unshared one. */

import { assertEquals } from "@std/assert";
import type { Content, Response } from "../../src/http/response.ts";
import { OUTBOX_BYTES } from "../../src/http/outbox.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { bytesContent, NO_CONTENT, share } from "../../src/http/response.ts";
import { converse, CountedContent, request, StoppedClock } from "./conversation.ts";

const REQUESTS = [
  request("GET /"),
  request("HEAD /"),
  request("GET / HTTP/1.0", "Connection: keep-alive"),
  request("HEAD / HTTP/1.0", "Connection: keep-alive"),
  request("GET /", "Connection: keep-alive"),
  request("GET /", "Connection: close"),
];

/** Each kind of request twice. The last request closes. */
const SCRIPT = [...REQUESTS.slice(0, -1), ...REQUESTS];
const METHODS = SCRIPT.map((line) => line.split(" ", 1)[0]!);

function bytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => 32 + index % 90);
}

async function written(response: Response): Promise<string> {
  const { socket } = await converse(SCRIPT, { handler: () => response, methods: METHODS });
  return socket.written;
}

const CONTENTS: readonly (readonly [what: string, make: () => Content])[] = [
  ["no content", () => NO_CONTENT],
  ["a few bytes", () => bytesContent(latin1Bytes("content"))],
  ["two pieces", () => ({ length: 3, pieces: [latin1Bytes("a"), latin1Bytes("bc")], close: () => {} })],
  ["more than is copied into a block", () => bytesContent(bytes(20_000))],
  ["more than the outbox holds", () => bytesContent(bytes(OUTBOX_BYTES + 1))],
  ["a small open file", () => new CountedContent(bytes(2000))],
  ["a large open file", () => new CountedContent(bytes(OUTBOX_BYTES + 1))],
];

for (const [what, make] of CONTENTS) {
  Deno.test(`http() sends a shared response of ${what} like an unshared one`, async () => {
    const fields = [["Content-Type", "text/plain"]] as const;
    const unshared = await written({ status: 200, fields, content: make() });
    assertEquals(await written(share({ status: 200, fields, content: make() })), unshared);
    const notModified = await written({ status: 304, fields, content: NO_CONTENT });
    assertEquals(await written(share({ status: 304, fields, content: NO_CONTENT })), notModified);
  });
}

Deno.test("http() closes the content of a shared response once for each use", async () => {
  for (const size of [0, 2000, OUTBOX_BYTES + 1]) {
    const content = new CountedContent(bytes(size));
    const response = share({ status: 200, fields: [], content });
    const { logged } = await converse(SCRIPT, { handler: () => response, methods: METHODS });
    assertEquals([logged.length, content.closed], [SCRIPT.length, SCRIPT.length]);
  }
});

Deno.test("http() ends the connection if the file of a shared response cannot be read, and closes it once", async () => {
  const failing = {
    readAt: () => {
      throw new Error("EIO");
    },
  };
  const content = new CountedContent(new Uint8Array(0), 100, failing);
  const failed = share({ status: 200, fields: [], content });
  const { answers, reported, socket } = await converse([request("GET /"), request("GET /")], {
    handler: () => failed,
  });
  assertEquals([answers.length, reported.length, content.closed, socket.transcript.at(-1)], [1, 1, 1, "close"]);
});

for (const option of ["Connection: keep-alive", "Connection: close"]) {
  Deno.test(`http() updates the date of a shared response for ${option}`, async () => {
    const clock = new StoppedClock();
    const response = share({ status: 200, fields: [], content: NO_CONTENT });
    const pass = () => clock.advance(5000);
    const script = [request("GET / HTTP/1.0", "Connection: keep-alive"), pass, request("GET / HTTP/1.0", option)];
    const { answers } = await converse(script, { clock, handler: () => response });
    const dates = answers.map(({ field }) => field("date"));
    assertEquals(dates, ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:42 GMT"]);
  });
}
