/** Blocks: head and content in one piece of memory, and what is being sent does not change. */

import { assertEquals } from "@std/assert";
import { Block } from "../../src/http/block.ts";
import type { Response } from "../../src/http/response.ts";
import { latin1, latin1Bytes } from "../../src/http/syntax.ts";

const [MONDAY, TUESDAY] = ["Mon, 07 Nov 1994 08:49:37 GMT", "Tue, 08 Nov 1994 08:49:37 GMT"];
const HEAD = `HTTP/1.1 200 OK\r\nDate: ${MONDAY}\r\n\r\n`;

/** A response whose content has room in front of it. */
function response(text: string, room: number): { response: Response; memory: Uint8Array } {
  const memory = new Uint8Array(room + text.length).fill(0xff);
  memory.set(latin1Bytes(text), room);
  const content = { length: text.length, pieces: [memory.subarray(room)], room, close: () => {} };
  return { memory, response: { status: 200, fields: [], content, isShared: true } };
}

function text(bytes: Uint8Array): string {
  return latin1(bytes, 0, bytes.length);
}

Deno.test("Block writes the head in front of the content where there is room, and copies nothing", () => {
  const { response: large, memory } = response("x".repeat(100_000), 512);
  const block = new Block(large, HEAD);
  assertEquals([block.hasContent, block.headLength], [true, HEAD.length]);
  assertEquals(text(block.bytes), HEAD + "x".repeat(100_000));
  assertEquals([block.bytes.buffer === memory.buffer, memory[511 - HEAD.length]], [true, 0xff]);
});

Deno.test("Block copies small content where there is no room for the head, and leaves large content out", () => {
  const small = new Block(response("content", 10).response, HEAD);
  assertEquals([text(small.bytes), small.hasContent], [HEAD + "content", true]);
  const large = new Block(response("x".repeat(100_000), 10).response, HEAD);
  assertEquals([text(large.bytes), large.hasContent], [HEAD, false]);
});

Deno.test("Block has no content where it is not in memory, or not wanted", () => {
  const source = { readAt: () => 0 };
  const content = { length: 7, pieces: [{ source, position: 0, length: 7 }], close: () => {} };
  const open = new Block({ status: 200, fields: [], content, isShared: true }, HEAD);
  const { response: shared, memory } = response("content", 512);
  const head = new Block(shared, HEAD, false);
  assertEquals([text(open.bytes), open.hasContent, text(head.bytes), head.hasContent], [HEAD, false, HEAD, false]);
  assertEquals(memory[511], 0xff);
});

Deno.test("Block leaves the room to the first head, because another server may answer with the same content", () => {
  const { response: shared } = response("content", 512);
  const one = new Block(shared, HEAD);
  const two = new Block(shared, HEAD.replace("OK", "Okay then"));
  assertEquals([text(one.bytes), text(two.bytes)], [HEAD + "content", HEAD.replace("OK", "Okay then") + "content"]);
});

Deno.test("Block.send() sets the date, but not while it is being sent with another", async () => {
  const block = new Block(response("x".repeat(100_000), 512).response, HEAD);
  const sent: string[] = [];
  const pending = Promise.withResolvers<void>();
  const write = (bytes: Uint8Array) => {
    sent.push(text(bytes).slice(23, 26));
    return pending.promise;
  };
  const [monday, tuesday] = [latin1Bytes(MONDAY), latin1Bytes(TUESDAY)];
  const one = block.send(monday, write);
  const two = block.send(monday, write);
  assertEquals(block.send(tuesday, write), null);
  assertEquals(text(block.bytes).slice(0, HEAD.length), HEAD);
  pending.resolve();
  await Promise.all([one, two]);
  await block.send(tuesday, write);
  assertEquals(sent, ["Mon", "Mon", "Tue"]);
});

Deno.test("Block.send() is over for a writer that failed, too", async () => {
  const block = new Block(response("x".repeat(100_000), 512).response, HEAD);
  const failed = block.send(latin1Bytes(MONDAY), () => Promise.reject(new Error("gone")));
  const message = await failed?.catch((error) => error.message);
  assertEquals([message, block.send(latin1Bytes(TUESDAY), () => Promise.resolve()) === null], ["gone", false]);
});
