/**
 * One connection in both directions: reads, messages and their marks, writes and their deadline, events.
 * The end of a connection is tested in connection_end_test.ts.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Connection } from "../../src/net/connection.ts";
import { isPeerGone } from "../../src/net/peer.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { connectionOptions, FakeSocket, makeBench, systemError } from "./fake_socket.ts";

Deno.test.sanitizer({ ops: true, resources: true });

function inputText({ input }: Connection): string {
  return new TextDecoder().decode(input.bytes.subarray(input.start, input.end));
}

Deno.test("Connection has the address of its peer", () => {
  const { connection, socket } = makeBench();
  assertEquals([connection.id, connection.peer], [7, socket.remoteAddr]);
});

Deno.test("fill() appends the bytes of one read", async () => {
  const { connection, socket } = makeBench();
  socket.receive("abc");
  assertEquals(await connection.fill(), "bytes");
  socket.receive("def");
  assertEquals([await connection.fill(), inputText(connection)], ["bytes", "abcdef"]);
});

Deno.test("fill() reads once, and bytes that do not fit wait for the next read", async () => {
  const { connection, socket } = makeBench();
  socket.receive("x".repeat(16) + "y");
  await connection.fill();
  assertEquals([connection.input.length, socket.isReading], [16, false]);
  await connection.fill();
  assertEquals(inputText(connection), "x".repeat(16) + "y");
});

Deno.test("fill() resolves to ended when the peer closes its side, and keeps earlier bytes", async () => {
  const { connection, socket } = makeBench();
  socket.receive("abc");
  socket.end();
  assertEquals([await connection.fill(), await connection.fill()], ["bytes", "ended"]);
  assertEquals([inputText(connection), socket.isClosed], ["abc", false]);
});

for (const name of ["ConnectionReset", "ConnectionAborted", "TimedOut", "NotConnected"] as const) {
  Deno.test(`fill() resolves to gone at ${name}, and later writes fail`, async () => {
    const { connection, socket } = makeBench();
    const filled = connection.fill();
    socket.fail(new Deno.errors[name]("text"));
    assertEquals(await filled, "gone");
  });
}

Deno.test("fill() throws errors that the peer did not cause", async () => {
  const { connection, socket } = makeBench();
  socket.fail(systemError("EIO"));
  await assertRejects(() => connection.fill(), Error, "EIO");
});

Deno.test("fill() reads until the accumulator is full, then resolves to full without a read", async () => {
  const { connection, socket } = makeBench();
  socket.receive("x".repeat(64) + "y");
  while (connection.input.length < 64) assertEquals(await connection.fill(), "bytes");
  assertEquals([await connection.fill(), socket.isReading, connection.input.length], ["full", false, 64]);
});

Deno.test("fill() releases the memory of an empty accumulator", async () => {
  const { connection, socket } = makeBench();
  socket.receive("x".repeat(64));
  while (connection.input.length < 64) await connection.fill();
  connection.input.consume(64);
  socket.receive("y");
  await connection.fill();
  assertEquals([connection.input.capacity, inputText(connection)], [16, "y"]);
});

Deno.test("activity is waiting while fill() reads between messages, and working after it", async () => {
  const { connection, socket } = makeBench();
  assertEquals(connection.activity, "working");
  const filled = connection.fill();
  assertEquals(connection.activity, "waiting");
  socket.receive("abc");
  await filled;
  assertEquals(connection.activity, "working");
});

Deno.test("activity is receiving while fill() reads within a message", async () => {
  const { connection, socket } = makeBench();
  socket.receive("abc");
  await connection.fill();
  const filled = connection.fill();
  assertEquals(connection.activity, "receiving");
  socket.receive("def");
  await filled;
});

Deno.test("activity is receiving while fill() reads within a message whose first bytes are consumed", async () => {
  const { connection, socket } = makeBench();
  socket.receive("head");
  await connection.fill();
  connection.input.consume(4);
  const filled = connection.fill();
  assertEquals(connection.activity, "receiving");
  socket.receive("content");
  await filled;
});

Deno.test("activity is waiting again after endMessage()", async () => {
  const { connection, socket } = makeBench();
  socket.receive("abc");
  await connection.fill();
  connection.input.consume(3);
  connection.endMessage();
  const filled = connection.fill();
  assertEquals([connection.activity, connection.messageMs], ["waiting", Infinity]);
  socket.end();
  await filled;
});

Deno.test("messageMs is the time of the first byte of a message, and later bytes do not change it", async () => {
  const { connection, socket, clock } = makeBench();
  assertEquals(connection.messageMs, Infinity);
  const filled = connection.fill();
  clock.advance(400);
  socket.receive("a");
  await filled;
  const firstMs = clock.now();
  clock.advance(400);
  socket.receive("b");
  await connection.fill();
  assertEquals(connection.messageMs, firstMs);
});

Deno.test("messageMs of a message that arrived together with the previous one is the time of that read", async () => {
  const { connection, socket, clock } = makeBench();
  socket.receive("whole, half");
  await connection.fill();
  const readMs = clock.now();
  connection.input.consume(6);
  connection.endMessage();
  clock.advance(700);
  const filled = connection.fill();
  assertEquals([connection.messageMs, connection.activity], [readMs, "receiving"]);
  socket.receive(" other half");
  await filled;
});

Deno.test("markMs moves with every read", async () => {
  const { connection, socket, clock } = makeBench();
  const startMs = clock.now();
  assertEquals(connection.markMs, startMs);
  const filled = connection.fill();
  clock.advance(300);
  assertEquals(connection.markMs, startMs);
  socket.receive("a");
  await filled;
  assertEquals(connection.markMs, startMs + 300);
});

Deno.test("write() sends every byte, even if the socket accepts few at a time", async () => {
  for (const takesBytes of [1, 2, 3, 5, 100]) {
    const { connection, socket } = makeBench();
    socket.takesBytes = takesBytes;
    await connection.write(new TextEncoder().encode("hello, world"));
    assertEquals([socket.sent, connection.traffic.sent], ["hello, world", 12], `${takesBytes} at a time`);
  }
});

Deno.test("write() throws if the socket accepts no bytes, instead of trying for ever", async () => {
  const { connection, socket } = makeBench();
  let writes = 0;
  socket.write = () => ++writes < 100 ? Promise.resolve(0) : Promise.reject(new Error("it still tries"));
  await assertRejects(() => connection.write(new Uint8Array(10)), Deno.errors.WriteZero, "accepted nothing");
});

Deno.test("write() of no bytes does not use the socket", async () => {
  const { connection, socket } = makeBench();
  socket.takesBytes = 0;
  await connection.write(new Uint8Array(0));
  assertEquals(socket.isWriting, false);
});

Deno.test("activity is sending until the last byte is accepted, and working after it", async () => {
  const { connection, socket } = makeBench();
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(10));
  assertEquals(connection.activity, "sending");
  socket.take(4);
  await turn();
  assertEquals(connection.activity, "sending");
  socket.take(6);
  await written;
  assertEquals(connection.activity, "working");
});

Deno.test("isTooSlow() starts the grace period at the first sweep during the write", async () => {
  const { connection, socket, clock } = makeBench();
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(10));
  clock.advance(400);
  const outcomes = [0, 1000, 1].map((passedMs) => {
    clock.advance(passedMs);
    return connection.isTooSlow(clock.now());
  });
  assertEquals(outcomes, [false, false, true]);
  socket.take(10);
  await written;
});

Deno.test("isTooSlow() extends the deadline by the time that the accepted bytes take at the minimum rate", async () => {
  const { connection, socket, clock } = makeBench();
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(1000));
  assertEquals(connection.isTooSlow(clock.now()), false);
  socket.take(500);
  await turn();
  clock.advance(1500);
  assertEquals(connection.isTooSlow(clock.now()), false);
  clock.advance(1);
  assertEquals(connection.isTooSlow(clock.now()), true);
  socket.take(500);
  await written;
});

Deno.test("isTooSlow() limits how far the deadline can be extended", async () => {
  const { connection, socket, clock } = makeBench();
  socket.receive("request");
  await connection.fill();
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(1_000_001));
  socket.take(1_000_000);
  await turn();
  assertEquals(connection.isTooSlow(clock.now()), false);
  clock.advance(3000);
  assertEquals(connection.isTooSlow(clock.now()), false);
  clock.advance(1);
  assertEquals(connection.isTooSlow(clock.now()), true);
  socket.take(1);
  await written;
});

Deno.test("isTooSlow() keeps the extended deadline for the next write", async () => {
  const { connection, socket, clock } = makeBench();
  socket.receive("request");
  await connection.fill();
  await connection.write(new Uint8Array(2500));
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(1));
  assertEquals(connection.isTooSlow(clock.now()), false);
  clock.advance(2500);
  assertEquals(connection.isTooSlow(clock.now()), false);
  clock.advance(1);
  assertEquals(connection.isTooSlow(clock.now()), true);
  socket.take(1);
  await written;
});

Deno.test("isTooSlow() marks the connection, so that it is not idle at the end of the write", async () => {
  const { connection, socket, clock } = makeBench();
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(10));
  clock.advance(200);
  connection.isTooSlow(clock.now());
  assertEquals(connection.markMs, clock.now());
  socket.take(10);
  await written;
});

Deno.test("write() throws an error of isPeerGone() if the peer is gone", async () => {
  const { connection, socket } = makeBench();
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(10));
  socket.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  await assertRejects(() => written, Deno.errors.BrokenPipe);
});

Deno.test("write() and fill() of a closed connection throw as if the peer were gone, and do not use the socket", async () => {
  const { connection } = makeBench();
  connection.close("done");
  assertEquals(isPeerGone(await assertRejects(() => connection.write(new Uint8Array(1)))), true);
  assertEquals(isPeerGone(await assertRejects(() => connection.fill())), true);
});

Deno.test("traffic counts all received and sent bytes", async () => {
  const { connection, socket } = makeBench();
  socket.receive("abcde");
  await connection.fill();
  connection.input.consume(2);
  await connection.write(new Uint8Array(3));
  assertEquals(connection.traffic, { received: 5, sent: 3 });
});

Deno.test("observe is called with each read, write, end and close in order, with their sizes", async () => {
  const { connection, socket, events } = makeBench();
  socket.receive("abc");
  await connection.fill();
  const read = events.at(-1);
  assertEquals(read?.kind === "read" && new TextDecoder().decode(read.chunk), "abc");
  socket.takesBytes = 2;
  await connection.write(new Uint8Array(5));
  socket.end();
  await connection.fill();
  connection.close("done");
  assertEquals(events.slice(1), [
    { kind: "write", count: 5, chunk: new Uint8Array(5) },
    { kind: "end", accumulated: 3 },
    { kind: "close", reason: "done", received: 3, sent: 5 },
  ]);
});

Deno.test("Connection works without an observer", async () => {
  const socket = new FakeSocket();
  const connection = new Connection(1, socket, connectionOptions(new VirtualClock()));
  socket.receive("abc");
  assertEquals(await connection.fill(), "bytes");
  connection.close("done");
});
