/** How a response is sent: a table of plans, and a block that several connections send at the same time. */

import { assert, assertEquals } from "@std/assert";
import { Block, COPIED_BLOCK_BYTES_MAX } from "../../src/http/h1/block.ts";
import { dateValue } from "../../src/http/date.ts";
import { BufferPool, Outbox } from "../../src/http/h1/outbox.ts";
import type { ConnectionOption } from "../../src/http/h1/persistence.ts";
import { headLengthOf, type Plan, planResponse } from "../../src/http/h1/plan.ts";
import {
  bytesContent,
  type KnownContent,
  type KnownResponse,
  NO_CONTENT,
  partOf,
  type Response,
  share,
} from "../../src/http/response.ts";
import { HeadWriter } from "../../src/http/h1/head_writer.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import { MemorySocket } from "../memory_socket.ts";
import { SERVER_NAME, StoppedClock, TRANSPORT } from "./conversation.ts";
import { headSpaceOf } from "./head_space.ts";

const CLOCK = new StoppedClock();
const HEADS = new HeadWriter(CLOCK, SERVER_NAME);
const LARGE = COPIED_BLOCK_BYTES_MAX + 1;
const HEAD_SPACE_BYTES = 512;

function inRoom(length: number): KnownContent {
  const memory = new Uint8Array(HEAD_SPACE_BYTES + length).fill(65);
  const piece = memory.subarray(HEAD_SPACE_BYTES);
  return {
    kind: "known",
    length,
    pieces: [piece],
    headSpace: headSpaceOf(memory, HEAD_SPACE_BYTES),
    close: () => {},
  };
}

function onDisk(length: number): KnownContent {
  const source = { readAt: (_: number, into: Uint8Array) => into.fill(65).length };
  return { kind: "known", length, pieces: [{ source, position: 0, length }], close: () => {} };
}

function ok(content: KnownContent): KnownResponse {
  return { status: 200, fields: [["Content-Type", "text/plain"]], content };
}

/** What parts have in common. */
const PART: KnownResponse = { status: 206, fields: [["Content-Type", "text/plain"]], content: NO_CONTENT };
const FUTURE = dateValue(CLOCK.wall() + 60_000);

function part(template: KnownResponse): KnownResponse {
  return partOf(template, { first: 8, last: 10, completeLength: 1000 }, onDisk(3));
}

function plan(response: Response, option: ConnectionOption = null, sendsContent = true, readsChunks = true): Plan {
  return planResponse(response, HEADS, { sendsContent, option, readsChunks, nowMs: CLOCK.now() });
}

/** A plan as a text: its kind, where its head comes from, and the length of the content. */
function inWords(planned: Plan): string {
  if (planned.kind === "copy") return `copy ${planned.length - planned.block.headLength}`;
  if (planned.kind === "in place") return `in place ${planned.block.bytes.length - planned.block.headLength}`;
  if (planned.kind === "stream") return planned.isChunked ? "stream, chunked" : "stream, until close";
  if (typeof planned.head === "string") return `pieces ${planned.length}, a head of its own`;
  return `pieces ${planned.length}, ${planned.head instanceof Block ? "a shared head" : "a numbered head"}`;
}

for (
  const [what, response, option, sendsContent, words] of [
    ["a response given once", ok(bytesContent(latin1Bytes("abc"))), null, true, "pieces 3, a head of its own"],
    [
      "a response given once, to HEAD",
      ok(bytesContent(latin1Bytes("abc"))),
      null,
      false,
      "pieces 0, a head of its own",
    ],
    ["a small shared one in memory", share(ok(inRoom(3))), null, true, "copy 3"],
    ["a small shared one without space for a head", share(ok(bytesContent(latin1Bytes("abc")))), null, true, "copy 3"],
    ["a shared one to HEAD", share(ok(inRoom(3))), null, false, "copy 0"],
    ["a large shared one to HEAD", share(ok(inRoom(LARGE))), null, false, "copy 0"],
    ["a shared one without content", share(ok(NO_CONTENT)), null, true, "copy 0"],
    ["a large shared one in memory", share(ok(inRoom(LARGE))), null, true, `in place ${LARGE}`],
    [
      "a large shared one without head space",
      share(ok(bytesContent(new Uint8Array(LARGE)))),
      null,
      true,
      `pieces ${LARGE}, a shared head`,
    ],
    [
      "a large shared one behind which the connection closes",
      share(ok(inRoom(LARGE))),
      "close",
      true,
      `pieces ${LARGE}, a shared head`,
    ],
    [
      "a small shared one behind which the connection closes",
      share(ok(inRoom(3))),
      "close",
      true,
      "pieces 3, a shared head",
    ],
    ["a small shared one to HTTP/1.0", share(ok(inRoom(3))), "keep-alive", true, "pieces 3, a shared head"],
    ["a shared one in a file", share(ok(onDisk(3))), null, true, "pieces 3, a shared head"],
    ["a part", part(PART), null, true, "pieces 3, a head of its own"],
    ["a part of which others are sent", part(share(PART)), null, true, "pieces 3, a numbered head"],
    ["such a part behind which the connection closes", part(share(PART)), "close", true, "pieces 3, a numbered head"],
    ["such a part to HTTP/1.0", part(share(PART)), "keep-alive", true, "pieces 3, a numbered head"],
    ["such a part to HEAD", part(share(PART)), null, false, "pieces 0, a numbered head"],
    [
      "such a part, modified in the future",
      part(share({ ...PART, lastModified: FUTURE })),
      null,
      true,
      "pieces 3, a head of its own",
    ],
    [
      "a shared one that was modified in the future",
      share({ ...ok(inRoom(3)), lastModified: FUTURE }),
      null,
      true,
      "pieces 3, a head of its own",
    ],
    ["a shared 304", share({ status: 304, fields: [], content: NO_CONTENT }), null, false, "copy 0"],
  ] as const
) {
  Deno.test(`planResponse() sends ${what} by: ${words}`, () => {
    const planned = plan(response, option, sendsContent);
    assertEquals(inWords(planned), words);
    assertEquals(headLengthOf(planned), HEADS.write(response, option, CLOCK.now()).length);
  });
}

Deno.test("planResponse() returns the same block for the same shared response", () => {
  const response = share(ok(inRoom(3)));
  const [first, second] = [plan(response), plan(response)];
  assert(first.kind === "copy" && second.kind === "copy");
  assertEquals(first.block === second.block, true);
});

Deno.test("planResponse() writes only one head into the free space in front of content, because another response has another", () => {
  const content = inRoom(LARGE);
  assertEquals(inWords(plan(share(ok(content)))), `in place ${LARGE}`);
  assertEquals(inWords(plan(share(ok(content)))), `pieces ${LARGE}, a shared head`);
});

Deno.test("planResponse() writes another head for another server that shares the response", () => {
  const response = share(ok(inRoom(3)));
  plan(response);
  const other = new HeadWriter(CLOCK, "other/1.0");
  const planned = planResponse(response, other, {
    sendsContent: true,
    option: null,
    readsChunks: true,
    nowMs: CLOCK.now(),
  });
  assert(planned.kind === "copy");
  const text = new TextDecoder().decode(planned.block.bytes.subarray(0, planned.block.headLength));
  assertEquals(text.includes("Server: other/1.0\r\n"), true);
});

Deno.test("Outbox.send() sends each peer the date of its own answer, even if two peers receive the same block", async () => {
  const response = share(ok(inRoom(LARGE)));
  const dates = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"];
  const sockets = dates.map(() => new MemorySocket([], {}));
  const sends = dates.map(async (date, index) => {
    const connection = new Connection(index, sockets[index]!, { ...TRANSPORT, clock: CLOCK });
    const outbox = new Outbox(connection, new BufferPool());
    await outbox.send(plan(response), latin1Bytes(date));
    await outbox.flush();
  });
  await Promise.all(sends);
  for (const [index, date] of dates.entries()) {
    assertEquals(sockets[index]!.written.includes(`Date: ${date}\r\n`), true, date);
    assertEquals(sockets[index]!.written.length, headLengthOf(plan(response)) + LARGE);
  }
});
