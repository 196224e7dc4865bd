/**
 * The outbox over a connection in memory: combined writes, the order of bytes, and sources that end early.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BufferPool, Outbox, OUTBOX_BYTES, SourceError } from "../../src/http/outbox.ts";
import type { Piece, Source } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import { MemorySocket, type PeerOptions } from "../memory_socket.ts";
import { StoppedClock, TRANSPORT } from "./conversation.ts";

interface Sending {
  readonly socket: MemorySocket;
  readonly pool: BufferPool;
  readonly outbox: Outbox;
}

function sendingTo(options: PeerOptions = {}): Sending {
  const socket = new MemorySocket([], options);
  const pool = new BufferPool();
  const connection = new Connection(1, socket, { ...TRANSPORT, clock: new StoppedClock() });
  return { socket, pool, outbox: new Outbox(connection, pool) };
}

const DATE = latin1Bytes("Sun, 06 Nov 1994 08:49:37 GMT");

/** Sends content without a head. */
async function put(outbox: Outbox, piece: Piece): Promise<void> {
  await outbox.send({ kind: "pieces", head: "", pieces: [piece], length: piece.length }, DATE);
}

/** Bytes whose values show their position. */
function patternOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => 33 + at % 89);
}

/** A source of bytes. Each read returns at most `readMax` bytes, and is recorded. */
class BytesSource implements Source {
  readonly asked: (readonly [position: number, length: number])[] = [];
  readonly #bytes: Uint8Array;
  readonly #readMax: number;

  constructor(bytes: Uint8Array, readMax = Infinity) {
    this.#bytes = bytes;
    this.#readMax = readMax;
  }

  readAt(position: number, into: Uint8Array): number {
    this.asked.push([position, into.length]);
    const part = this.#bytes.subarray(position, position + Math.min(into.length, this.#readMax));
    into.set(part);
    return part.length;
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

Deno.test("Outbox combines text, bytes and a source into one write", async () => {
  const { socket, outbox } = sendingTo();
  await outbox.putText("head ");
  await put(outbox, latin1Bytes("bytes "));
  await put(outbox, { source: new BytesSource(latin1Bytes("source")), position: 0, length: 6 });
  assertEquals(socket.transcript, []);
  await outbox.flush();
  assertEquals([socket.written, socket.transcript], ["head bytes source", ["write 17"]]);
});

Deno.test("Outbox.flush() writes nothing if the outbox is empty", async () => {
  const { socket, outbox } = sendingTo();
  await outbox.flush();
  await outbox.putText("a");
  await outbox.flush();
  await outbox.flush();
  assertEquals(socket.transcript, ["write 1"]);
});

Deno.test("Outbox.flush() sends every byte to a peer that accepts few at a time", async () => {
  const { socket, outbox } = sendingTo({ writeMax: 3 });
  await put(outbox, latin1Bytes("0123456789"));
  await outbox.flush();
  assertEquals([socket.written, socket.writes.length], ["0123456789", 4]);
});

Deno.test("Outbox copies bytes, so that the caller may change them later", async () => {
  const { socket, outbox } = sendingTo();
  const bytes = latin1Bytes("before");
  await put(outbox, bytes);
  bytes.set(latin1Bytes("behind"));
  await outbox.flush();
  assertEquals(socket.written, "before");
});

Deno.test("Outbox.send() fills the outbox to its last byte before it sends", async () => {
  const { socket, outbox } = sendingTo();
  await put(outbox, patternOf(OUTBOX_BYTES - 1));
  await put(outbox, latin1Bytes("!"));
  assertEquals(socket.transcript, []);
  await put(outbox, latin1Bytes("?"));
  assertEquals(socket.transcript, [`write ${OUTBOX_BYTES}`]);
});

Deno.test("Outbox.send() sends a full outbox if bytes do not fit, holds their small rest, and keeps the order", async () => {
  const { socket, outbox } = sendingTo();
  const pattern = patternOf(OUTBOX_BYTES - 2);
  await outbox.putText("abc");
  await put(outbox, pattern);
  assertEquals(socket.written, ("abc" + textOf(pattern)).slice(0, OUTBOX_BYTES));
  await outbox.flush();
  assertEquals(socket.written, "abc" + textOf(pattern));
});

Deno.test("Outbox.send() sends bytes that are larger than the outbox after the held ones", async () => {
  const { socket, outbox } = sendingTo();
  const pattern = patternOf(3 * OUTBOX_BYTES + 7);
  await outbox.putText("before ");
  await put(outbox, pattern);
  await outbox.putText(" behind");
  await outbox.flush();
  assertEquals(socket.written, `before ${textOf(pattern)} behind`);
});

Deno.test("Outbox.putText() sends the held bytes before a head that does not fit", async () => {
  const { socket, outbox } = sendingTo();
  await put(outbox, patternOf(OUTBOX_BYTES - 3));
  await outbox.putText("head");
  assertEquals(socket.transcript, [`write ${OUTBOX_BYTES - 3}`]);
  await outbox.flush();
  assert(socket.written.endsWith("head"));
});

Deno.test("Outbox.putText() throws on a head that is larger than the outbox", async () => {
  const { outbox } = sendingTo();
  await outbox.putText("x".repeat(OUTBOX_BYTES));
  await assertRejects(() => outbox.putText("x".repeat(OUTBOX_BYTES + 1)), RangeError);
});

Deno.test("Outbox.send() reads a source from the position on, up to the length", async () => {
  const { socket, outbox } = sendingTo();
  const source = new BytesSource(latin1Bytes("0123456789"));
  await put(outbox, { source, position: 3, length: 4 });
  await outbox.flush();
  assertEquals([socket.written, source.asked], ["3456", [[3, 4]]]);
});

Deno.test("Outbox.send() reads again if a source returns fewer bytes than requested", async () => {
  const { socket, outbox } = sendingTo();
  const source = new BytesSource(latin1Bytes("0123456789"), 3);
  await put(outbox, { source, position: 1, length: 8 });
  await outbox.flush();
  assertEquals([socket.written, source.asked], ["12345678", [[1, 8], [4, 5], [7, 2]]]);
});

Deno.test("Outbox.send() sends a large source in full slices", async () => {
  const { socket, outbox } = sendingTo();
  const pattern = patternOf(2 * OUTBOX_BYTES + 5);
  await outbox.putText("head");
  await put(outbox, { source: new BytesSource(pattern), position: 0, length: pattern.length });
  await outbox.flush();
  assertEquals(socket.transcript, [`write ${OUTBOX_BYTES}`, `write ${OUTBOX_BYTES}`, "write 9"]);
  assertEquals(socket.written, "head" + textOf(pattern));
});

Deno.test("Outbox.send() does not read a source for zero bytes", async () => {
  const { socket, outbox } = sendingTo();
  const source = new BytesSource(new Uint8Array(0));
  await put(outbox, { source, position: 0, length: 0 });
  await outbox.flush();
  assertEquals([source.asked, socket.written], [[], ""]);
});

Deno.test("Outbox.send() throws SourceError if a source ends early, and keeps its bytes", async () => {
  const { socket, outbox } = sendingTo();
  await outbox.putText("head ");
  const source = new BytesSource(latin1Bytes("short"));
  await assertRejects(() => put(outbox, { source, position: 0, length: 6 }), SourceError);
  await outbox.flush();
  assertEquals(socket.written, "head short");
});

Deno.test("Outbox.send() throws a source's error as the cause of a SourceError", async () => {
  const { outbox } = sendingTo();
  const source: Source = {
    readAt: () => {
      throw new Deno.errors.PermissionDenied("not any more");
    },
  };
  const error = await assertRejects(() => put(outbox, { source, position: 0, length: 1 }), SourceError);
  assert(error.cause instanceof Deno.errors.PermissionDenied);
});

Deno.test("Outbox.position counts all bytes, sent or held", async () => {
  const { outbox } = sendingTo();
  assertEquals(outbox.position, 0);
  await outbox.putText("head");
  await put(outbox, patternOf(OUTBOX_BYTES + 1));
  await put(outbox, { source: new BytesSource(patternOf(10)), position: 0, length: 10 });
  assertEquals(outbox.position, 4 + OUTBOX_BYTES + 1 + 10);
  await outbox.flush();
  assertEquals(outbox.position, 4 + OUTBOX_BYTES + 1 + 10);
});

Deno.test("Outbox.flush() throws if the peer is gone", async () => {
  const { outbox } = sendingTo({ takesBytes: 2 });
  await outbox.putText("head");
  await assertRejects(() => outbox.flush(), Deno.errors.BrokenPipe);
});

Deno.test("Outbox holds a buffer only while it holds bytes", async () => {
  const { pool, outbox } = sendingTo();
  const spare = pool.take();
  pool.give(spare);
  await outbox.putText("a");
  assert(pool.take() !== spare, "the outbox has none while it holds bytes");
  await outbox.flush();
  assert(pool.take() === spare, "the outbox keeps its buffer after a flush");
});

Deno.test("BufferPool reuses returned buffers, and otherwise creates buffers of the outbox's size", () => {
  const pool = new BufferPool();
  const first = pool.take();
  const second = pool.take();
  assert(first !== second && first.bytes.length === OUTBOX_BYTES);
  pool.give(first);
  assert(pool.take() === first);
  assert(pool.take() !== first, "a buffer is out twice");
});

Deno.test("BufferPool keeps a limited number of buffers", () => {
  const pool = new BufferPool();
  const given = Array.from({ length: 300 }, () => ({ bytes: new Uint8Array(0), held: new Uint8Array(0) }));
  for (const buffer of given) pool.give(buffer);
  const taken = given.map(() => pool.take());
  const kept = taken.filter(({ bytes }) => bytes.length === 0).length;
  assert(kept > 0 && kept < given.length, `${kept} of ${given.length} were kept`);
});
