/** The end of a connection: closing, draining, lingering, and the sweep with its farewell. */

import { assertEquals, assertRejects } from "@std/assert";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { isPeerGone } from "../../src/net/peer.ts";
import { turn } from "../virtual_clock.ts";
import { makeBench, systemError } from "./fake_socket.ts";

Deno.test.sanitizer({ ops: true, resources: true });

function closeReasons(events: readonly ConnectionEvent[]): string[] {
  return events.flatMap((event) => event.kind === "close" ? [event.reason] : []);
}

Deno.test("close() closes the socket once, for the first reason", () => {
  const { connection, socket, events } = makeBench();
  connection.close("idle");
  connection.close("done");
  assertEquals([socket.isClosed, connection.activity, closeReasons(events)], [true, "closed", ["idle"]]);
});

Deno.test("close() resolves a pending fill() to gone", async () => {
  const { connection } = makeBench();
  const filled = connection.fill();
  connection.close("idle");
  assertEquals([await filled, connection.activity], ["gone", "closed"]);
});

Deno.test("close() rejects a pending write() as if the peer were gone", async () => {
  const { connection, socket } = makeBench();
  socket.takesBytes = 0;
  const written = connection.write(new Uint8Array(10));
  connection.close("too slow");
  assertEquals(isPeerGone(await assertRejects(() => written)), true);
  assertEquals(connection.activity, "closed");
});

Deno.test("drain() gives a waiting connection its grace from then on", async () => {
  const { connection, socket, clock } = makeBench();
  const filled = connection.fill();
  assertEquals([connection.draining, connection.graceUntilMs], [false, Infinity]);
  clock.advance(10_000);
  connection.drain();
  assertEquals([connection.draining, connection.graceUntilMs - clock.now()], [true, 250]);
  socket.receive("one more message");
  assertEquals([await filled, socket.isClosed], ["bytes", false]);
});

Deno.test("drain() still receives a message that has begun", async () => {
  const { connection, socket } = makeBench();
  socket.receive("half");
  await connection.fill();
  const filled = connection.fill();
  connection.drain();
  socket.receive("other half");
  assertEquals([await filled, socket.isClosed], ["bytes", false]);
});

Deno.test("drain() still receives a message whose first bytes are consumed", async () => {
  const { connection, socket } = makeBench();
  socket.receive("head");
  await connection.fill();
  connection.input.consume(4);
  connection.drain();
  socket.receive("content");
  assertEquals(await connection.fill(), "bytes");
});

Deno.test("drain() lets a pending write finish", async () => {
  const { connection, socket } = makeBench();
  socket.takesBytes = 0;
  const written = connection.write(new TextEncoder().encode("abc"));
  connection.drain();
  socket.take(3);
  await written;
  assertEquals([socket.sent, socket.isClosed], ["abc", false]);
});

Deno.test("linger() closes our side, reads until the peer closes its own, then closes", async () => {
  const { connection, socket, events } = makeBench();
  const lingered = connection.linger();
  await turn();
  assertEquals([socket.isWriteClosed, connection.activity], [true, "lingering"]);
  socket.receive("still talking");
  await turn();
  assertEquals(socket.isClosed, false);
  socket.end();
  await lingered;
  assertEquals([socket.isClosed, closeReasons(events)], [true, ["done"]]);
});

Deno.test("linger() discards all bytes that it reads or that were unread", async () => {
  const { connection, socket } = makeBench();
  socket.receive("x".repeat(16));
  await connection.fill();
  const lingered = connection.linger();
  socket.receive("y".repeat(50));
  await turn();
  assertEquals([connection.input.capacity, connection.input.length <= 16], [16, true]);
  socket.end();
  await lingered;
});

Deno.test("linger() continues while the peer continues to send, within a limit", async () => {
  const { connection, socket, clock } = makeBench();
  const startMs = clock.now();
  const lingered = connection.linger();
  for (let second = 1; second <= 9; second++) {
    await turn();
    clock.advance(1000);
    socket.receive("still talking");
    await turn();
    assertEquals(connection.lingerUntilMs - startMs, Math.min(10_000, 1000 * second + 2000));
  }
  socket.end();
  await lingered;
});

Deno.test("linger() stops waiting for its rate when the connection is closed", async () => {
  const { connection, socket, clock, events } = makeBench();
  const lingered = connection.linger();
  await turn();
  socket.receive("x".repeat(50_000)); // 50 ms at this rate.
  await turn();
  assertEquals([socket.isReading, clock.pending], [false, 1]);
  connection.expire("lingered");
  await lingered;
  assertEquals([closeReasons(events), clock.pending], [["lingered"], 0]);
});

Deno.test("linger() sets a deadline for the sweep", async () => {
  const { connection, clock, events } = makeBench();
  assertEquals(connection.lingerUntilMs, Infinity);
  const lingered = connection.linger();
  assertEquals(connection.lingerUntilMs, clock.now() + 2000);
  await turn();
  connection.expire("lingered");
  await lingered;
  assertEquals(closeReasons(events), ["lingered"]);
});

Deno.test("linger() closes when the peer resets the connection", async () => {
  const { connection, socket, events } = makeBench();
  const lingered = connection.linger();
  await turn();
  socket.fail(new Deno.errors.ConnectionReset("Connection reset by peer"));
  await lingered;
  assertEquals(closeReasons(events), ["peer gone"]);
});

Deno.test("linger() closes if our side cannot be closed because the peer is gone", async () => {
  const { connection, socket, events } = makeBench();
  socket.fail(new Deno.errors.NotConnected("Transport endpoint is not connected"));
  await connection.linger();
  assertEquals(closeReasons(events), ["peer gone"]);
});

Deno.test("linger() throws errors that the peer did not cause", async () => {
  const { connection, socket } = makeBench();
  socket.fail(systemError("EIO"));
  await assertRejects(() => connection.linger(), Error, "EIO");
});

Deno.test("linger() of a closed connection does nothing", async () => {
  const { connection, socket, events } = makeBench();
  connection.close("idle");
  await connection.linger();
  assertEquals([socket.isWriteClosed, closeReasons(events)], [false, ["idle"]]);
});

Deno.test("expire() ends our side of a connection that waits, and closes when the peer has ended its own", async () => {
  const { connection, socket, events } = makeBench();
  const filled = connection.fill();
  connection.expire("idle");
  await turn();
  assertEquals([socket.isWriteClosed, socket.isClosed, connection.activity], [true, false, "lingering"]);
  socket.end();
  assertEquals([await filled, socket.sent], ["gone", ""]);
  await turn();
  assertEquals([socket.isClosed, closeReasons(events)], [true, ["idle"]]);
});

Deno.test("expire() does not reset the connection of a peer that sends before it has noticed the end", async () => {
  const { connection, socket, clock } = makeBench();
  const filled = connection.fill();
  connection.expire("idle");
  await turn();
  socket.receive("too late");
  assertEquals([await filled, socket.isClosed, connection.input.length], ["gone", false, 0]);
  assertEquals(connection.lingerUntilMs, clock.now() + 250); // When the sweep closes it.
  socket.end();
  await turn();
  assertEquals(socket.isClosed, true);
});

Deno.test("expire() sends the farewell if a message is incomplete, then closes", async () => {
  const { connection, socket, events } = makeBench();
  connection.farewell = () => new TextEncoder().encode("too late");
  socket.receive("half");
  await connection.fill();
  const filled = connection.fill();
  connection.expire("message overdue");
  await turn();
  assertEquals([socket.sent, socket.isClosed], ["too late", false]);
  // These bytes arrive late. Closing now would reset the connection and lose the farewell.
  socket.receive(" other half");
  assertEquals(await filled, "gone");
  socket.end();
  await turn();
  assertEquals([socket.sent, socket.isClosed, closeReasons(events)], ["too late", true, ["message overdue"]]);
});

Deno.test("expire() reads from a peer that still sends, until it has received the farewell", async () => {
  const { connection, socket } = makeBench();
  connection.farewell = () => new TextEncoder().encode("too late");
  socket.receive("half");
  await connection.fill();
  const filled = connection.fill();
  socket.takesBytes = 0;
  connection.expire("message overdue");
  socket.receive(" other half");
  assertEquals(await filled, "gone");
  socket.take(8);
  await turn();
  assertEquals([socket.sent, socket.isClosed, socket.isReading], ["too late", false, true]);
  socket.end();
  await turn();
  assertEquals(socket.isClosed, true);
});

Deno.test("expire() sends no farewell between two messages", async () => {
  const { connection, socket } = makeBench();
  connection.farewell = () => new TextEncoder().encode("too late");
  const filled = connection.fill();
  connection.expire("idle");
  socket.end();
  await filled;
  assertEquals(socket.sent, "");
});

Deno.test("expire() sends no farewell during another write", async () => {
  const { connection, socket } = makeBench();
  connection.farewell = () => new TextEncoder().encode("too late");
  socket.takesBytes = 0;
  const written = connection.write(new TextEncoder().encode("response"));
  socket.take(4);
  await turn();
  connection.expire("too slow");
  await assertRejects(() => written);
  assertEquals([socket.sent, socket.isClosed], ["resp", true]);
});

Deno.test("expire() closes when the peer is gone before its farewell", async () => {
  const { connection, socket, events } = makeBench();
  connection.farewell = () => new TextEncoder().encode("too late");
  socket.receive("half");
  await connection.fill();
  const filled = connection.fill();
  socket.failure = new Deno.errors.BrokenPipe("Broken pipe");
  connection.expire("idle");
  assertEquals([await filled, closeReasons(events)], ["gone", ["idle"]]);
});

Deno.test("expire() reports the activity of the connection before it closes", () => {
  const { connection, events } = makeBench();
  connection.fill();
  connection.expire("idle");
  assertEquals(events[0], { kind: "sweep", activity: "waiting", reason: "idle" });
});
