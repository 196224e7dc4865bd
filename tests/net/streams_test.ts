/** Reading and writing streams: `chunks()`, `readData()`, `writeAll()`, `writeEach()`. */

import { assertEquals, assertRejects } from "@std/assert";
import { chunks } from "../../src/net/chunks.ts";
import { readData } from "../../src/net/data_reader.ts";
import { explainError } from "../../src/net/explain_error.ts";
import { writeAll } from "../../src/net/write_all.ts";
import { writeEach } from "../../src/net/write_each.ts";
import { MemorySocket, RESET } from "../memory_socket.ts";
import { FakeSocket } from "./fake_socket.ts";
import { turn } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function textsOf(source: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of source) texts.push(decode(chunk));
  return texts;
}

Deno.test("chunks() yields the bytes of each read, and ends at the end of the stream", async () => {
  assertEquals(await textsOf(chunks(new MemorySocket(["one", "three", "x"]))), ["one", "three", "x"]);
  assertEquals(await textsOf(chunks(new MemorySocket([]))), []);
});

Deno.test("chunks() yields at most maxBytes bytes at a time", async () => {
  const socket = new FakeSocket();
  socket.receive("0123456789");
  socket.end();
  assertEquals(await textsOf(chunks(socket, 4)), ["0123", "4567", "89"]);
});

Deno.test("chunks() yields chunks that later reads do not change", async () => {
  const kept: Uint8Array[] = [];
  for await (const chunk of chunks(new MemorySocket(["one", "two"]))) kept.push(chunk);
  assertEquals(kept.map(decode), ["one", "two"]);
});

Deno.test("chunks() yields nothing for an empty read", async () => {
  assertEquals(await textsOf(chunks(new MemorySocket(["one", "", "two"]))), ["one", "two"]);
});

Deno.test("chunks() throws the reason of a reset, after all earlier bytes", async () => {
  const texts: string[] = [];
  const error = await assertRejects(async () => {
    for await (const chunk of chunks(new MemorySocket(["half", RESET]))) texts.push(decode(chunk));
  }, Deno.errors.ConnectionReset);
  assertEquals(texts, ["half"]);
  assertEquals(explainError(error), "the other end reset the connection; its log may say why");
});

Deno.test("chunks() leaves the stream open and reads no more if the loop ends early", async () => {
  const socket = new MemorySocket(["one", "two"]);
  for await (const _ of chunks(socket)) break;
  assertEquals([socket.isClosed, await textsOf(chunks(socket))], [false, ["two"]]);
});

Deno.test("chunks() refuses a size of 0", async () => {
  for (const size of [0, -1, 1.5, NaN]) {
    await assertRejects(() => textsOf(chunks(new MemorySocket(["one"]), size)), RangeError, "Not a size");
  }
});

Deno.test("readData() calls back with each non-empty chunk, and closes at the end of the stream", async () => {
  const socket = new MemorySocket(["one", "", "two"]);
  const texts: string[] = [];
  await readData(socket, (chunk) => void texts.push(decode(chunk)));
  assertEquals([texts, socket.isClosed], [["one", "two"], true]);
});

Deno.test("readData() does not read while the promise of its callback is pending", async () => {
  const socket = new FakeSocket();
  const { promise, resolve } = Promise.withResolvers<void>();
  const ended = readData(socket, () => promise);
  socket.receive("one");
  await turn();
  assertEquals(socket.isReading, false);
  resolve();
  await turn();
  assertEquals(socket.isReading, true);
  socket.end();
  await ended;
});

Deno.test("readData() closes and throws the reason if the stream breaks or its callback throws", async () => {
  const broken = new MemorySocket(["one", RESET]);
  await assertRejects(() => readData(broken, () => {}), Deno.errors.ConnectionReset);
  const whole = new MemorySocket(["one"]);
  const fail = () => {
    throw new TypeError("not mine");
  };
  await assertRejects(() => readData(whole, fail), TypeError, "not mine");
  assertEquals([broken.isClosed, whole.isClosed], [true, true]);
});

Deno.test("writeAll() sends every byte, even if the socket accepts few at a time", async () => {
  for (const writeMax of [1, 3, 5, 100]) {
    const socket = new MemorySocket([], { writeMax });
    const counts: number[] = [];
    await writeAll(socket, encode("hello, world"), { onProgress: (count) => counts.push(count) });
    assertEquals(socket.written, "hello, world");
    assertEquals(counts.reduce((sum, count) => sum + count), 12);
  }
});

Deno.test("writeAll() throws if a write accepts no bytes, and throws the system's error if the peer is gone", async () => {
  const stuck = { write: () => Promise.resolve(0) };
  await assertRejects(() => writeAll(stuck, encode("x")), Deno.errors.WriteZero);
  await assertRejects(() => writeAll(new MemorySocket([], { takesBytes: 2 }), encode("xyz")), Deno.errors.BrokenPipe);
});

/** The calls of `writeEach` for each item, in order. */
async function toldOf(
  items: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  socket: MemorySocket,
): Promise<string[]> {
  const told: string[] = [];
  const count = await writeEach(socket, items, {
    before: ({ index }) => told.push(`before ${index}, ${socket.written.length} written`),
    begun: ({ index }, count) => told.push(`begun ${index} with ${count}, ${socket.written.length} written`),
    done: ({ index, bytes }) => told.push(`done ${index} of ${bytes.length}, ${socket.written.length} written`),
  });
  return [...told, `${count} items`];
}

Deno.test("writeEach() calls back before the first byte, after the first write and after the last byte of each item", async () => {
  const socket = new MemorySocket([], { writeMax: 2 });
  assertEquals(await toldOf([encode("abc"), encode("de")], socket), [
    "before 0, 0 written",
    "begun 0 with 2, 2 written",
    "done 0 of 3, 3 written",
    "before 1, 3 written",
    "begun 1 with 2, 5 written",
    "done 1 of 2, 5 written",
    "2 items",
  ]);
  assertEquals(socket.written, "abcde");
});

Deno.test("writeEach() accepts an async iterable, and requests an item only after the previous one is sent", async () => {
  const socket = new MemorySocket([]);
  async function* items(): AsyncGenerator<Uint8Array> {
    for (const text of ["one", "two"]) {
      await Promise.resolve();
      yield encode(`${text} after ${socket.written.length}; `);
    }
  }
  await writeEach(socket, items());
  assertEquals(socket.written, "one after 0; two after 13; ");
});

Deno.test("writeEach() does not call begun for an empty item", async () => {
  assertEquals(await toldOf([new Uint8Array(0)], new MemorySocket([])), [
    "before 0, 0 written",
    "done 0 of 0, 0 written",
    "1 items",
  ]);
});

Deno.test("writeEach() of no items resolves to 0", async () => {
  assertEquals(await toldOf([], new MemorySocket([])), ["0 items"]);
});

Deno.test("writeEach() sends nothing more and ends the iterable after an error", async () => {
  let isEnded = false;
  function* items(): Generator<Uint8Array> {
    try {
      for (;;) yield encode("abc");
    } finally {
      isEnded = true;
    }
  }
  const socket = new MemorySocket([], { takesBytes: 7 });
  await assertRejects(() => writeEach(socket, items()), Deno.errors.BrokenPipe);
  assertEquals([socket.written, isEnded], ["abcabca", true]);
});
