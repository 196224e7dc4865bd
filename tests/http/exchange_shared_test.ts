/** Shared responses: every request gets the same answer as with an unshared one. */

import { assertEquals } from "@std/assert";
import type { KnownContent, Response } from "../../src/http/response.ts";
import { OUTBOX_BYTES } from "../../src/http/h1/outbox.ts";
import { dateValue } from "../../src/http/date.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { bytesContent, NO_CONTENT, share } from "../../src/http/response.ts";
import { http } from "../../src/http/h1/conversation.ts";
import { Connection } from "../../src/net/connection.ts";
import type { Protocol } from "../../src/net/conversation.ts";
import type { Step } from "../memory_socket.ts";
import { FakeSocket } from "../net/fake_socket.ts";
import { turn } from "../virtual_clock.ts";
import { converse, CountedContent, request, StoppedClock, TRANSPORT } from "./conversation.ts";
import { headSpaceOf } from "./head_space.ts";

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

/** Bytes before the free space, which must not change. */
const MARGIN_BYTES = 100;

/** Content with this much free space for a head in front of it, in one buffer. */
function contentWithHeadSpace(count: number, headSpaceBytes: number): KnownContent & { readonly memory: Uint8Array } {
  const memory = new Uint8Array(MARGIN_BYTES + headSpaceBytes + count).fill(0xff);
  const piece = memory.subarray(MARGIN_BYTES + headSpaceBytes);
  piece.set(bytes(count));
  const headSpace = headSpaceOf(memory.subarray(MARGIN_BYTES), headSpaceBytes);
  return { kind: "known", memory, length: count, pieces: [piece], headSpace, close: () => {} };
}

const CONTENTS: readonly (readonly [what: string, make: () => KnownContent])[] = [
  ["no content", () => NO_CONTENT],
  ["a few bytes", () => bytesContent(latin1Bytes("content"))],
  ["two pieces", () => ({ kind: "known", length: 3, pieces: [latin1Bytes("a"), latin1Bytes("bc")], close: () => {} })],
  ["more than is copied into a block", () => bytesContent(bytes(20_000))],
  ["more than the outbox holds", () => bytesContent(bytes(OUTBOX_BYTES + 1))],
  ["a few bytes with head space", () => contentWithHeadSpace(7, 512)],
  ["many bytes with head space", () => contentWithHeadSpace(100_000, 512)],
  ["a few bytes with too little head space", () => contentWithHeadSpace(7, 10)],
  ["many bytes with too little head space", () => contentWithHeadSpace(100_000, 10)],
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

for (const count of [7, 100_000]) {
  Deno.test(`http() writes only into the free space in front of ${count} bytes of content`, async () => {
    const content = contentWithHeadSpace(count, 512);
    await written(share({ status: 200, fields: [], content }));
    assertEquals(content.memory.subarray(0, MARGIN_BYTES).every((octet) => octet === 0xff), true);
    assertEquals(content.pieces[0], bytes(count));
  });

  Deno.test(`http() sends a shared content of ${count} bytes correctly from two servers`, async () => {
    const content = contentWithHeadSpace(count, 512);
    const [one, other] = [share({ status: 200, fields: [], content }), share({ status: 206, fields: [], content })];
    for (const [serverName, response] of [["one", one], ["other", one], ["one", other], ["one", one]] as const) {
      const { answers } = await converse([request("GET /")], { handler: () => response, serverName });
      const [answer] = answers;
      assertEquals([answer?.field("server"), answer?.status], [serverName, response.status]);
      assertEquals(answer?.content === new TextDecoder().decode(bytes(count)), true);
    }
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

for (const [what, make] of CONTENTS) {
  Deno.test(`http() never sends a Last-Modified later than Date with a shared response of ${what}`, async () => {
    const clock = new StoppedClock();
    const lastModified = dateValue(clock.wall() + 3000)!;
    const response = share({ status: 200, fields: [], content: make(), lastModified });
    const script: Step[] = [];
    for (let second = 0; second < 6; second++) {
      // After the third second the time is in the past, until the clock is set back.
      script.push(...REQUESTS.slice(0, -1), () => clock.advance(1000));
      if (second === 4) script.push(() => clock.setWallBy(-10_000));
    }
    const methods = script.filter((step) => typeof step === "string").map((line) => line.split(" ", 1)[0]!);
    const { answers } = await converse(script, { clock, handler: () => response, methods });
    assertEquals(answers.length, methods.length);
    const isOwn = answers.map(({ field }) => {
      const [modified, date] = [field("last-modified"), field("date")];
      assertEquals(modified, [date, lastModified.text].toSorted()[0]); // Both are of the same day, so the earlier one sorts first.
      return modified === lastModified.text;
    });
    assertEquals(new Set(isOwn).size, 2);
  });
}

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

/** A connection to a server with a simulated clock. */
function connectTo(protocol: Protocol, clock: StoppedClock): FakeSocket {
  const socket = new FakeSocket();
  const connection = new Connection(1, socket, { ...TRANSPORT, clock });
  connection.run(protocol).finally(() => connection.close("done"));
  return socket;
}

for (const count of [7, 100_000]) {
  Deno.test(`http() does not change the date in ${count} bytes that a slow peer has accepted in part`, async () => {
    const clock = new StoppedClock();
    const response = share({ status: 200, fields: [], content: contentWithHeadSpace(count, 512) });
    const protocol = http(() => response, { clock, serverName: "test" });
    const [slow, quick] = [connectTo(protocol, clock), connectTo(protocol, clock)];
    slow.takesBytes = 0;
    slow.receive(request("GET /"));
    await turn();
    slow.take("HTTP/1.1 200 OK\r\nDate: Sun".length);
    await turn();
    clock.advance(24 * 3600 * 1000);
    quick.receive(request("GET /"));
    await turn();
    slow.takesBytes = Infinity;
    slow.take(Infinity);
    await turn();
    const dates = [slow, quick].map(({ sent }) => /\r\nDate: (.*)\r\n/.exec(sent)?.[1]);
    assertEquals(dates, ["Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT"]);
    const content = new TextDecoder().decode(bytes(count));
    assertEquals([slow, quick].map(({ sent }) => sent.endsWith(`\r\n\r\n${content}`)), [true, true]);
    for (const socket of [slow, quick]) socket.end();
    await turn();
  });
}
