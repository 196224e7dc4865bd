/** `echo()`: it sends back all bytes, as fast as the peer reads them. */

import { assert, assertEquals } from "@std/assert";
import { Connection } from "../../src/net/connection.ts";
import { TURNS_MAX } from "../../src/net/conversation.ts";
import { echo } from "../../examples/echo/echo.ts";
import { connectionOptions, FakeSocket, makeBench } from "../net/fake_socket.ts";
import { withServer } from "../serving.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { echoOnce } from "./echoing.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const MIB = 1024 * 1024;

Deno.test("echo() sends back 16 MiB in pieces of any size through 8 connections, bit for bit", async () => {
  await withServer(echo, async ({ port }) => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const received = await Promise.all(
      seeds.map((seed) => echoOnce({ port, bytes: 2 * MIB, seed, pieceBytesMax: 256 * 1024 })),
    );
    assertEquals(received, seeds.map(() => 2 * MIB));
  }, { accumulator: { minBytes: 16 * 1024, maxBytes: 16 * 1024 } });
});

Deno.test("echo() sends back all bytes even if the socket accepts few at a time", async () => {
  const { connection, socket } = makeBench();
  socket.takesBytes = 3;
  const ended = echo(connection);
  socket.receive("the originals lose bytes on a short send");
  socket.end();
  await ended;
  assertEquals(socket.sent, "the originals lose bytes on a short send");
});

Deno.test("echo() reads nothing more from a peer that does not read", async () => {
  const { connection, socket } = makeBench();
  socket.takesBytes = 0;
  const ended = echo(connection);
  socket.receive("x".repeat(1000));
  await turn();
  assertEquals([socket.isWriting, socket.isReading], [true, false]);
  assert(connection.input.capacity <= 64);
  assertEquals(connection.traffic.received, connection.input.length);
  connection.close("too slow");
  await ended.catch(() => {});
});

Deno.test("echo() lets other connections run while one peer sends all the time", async () => {
  const clock = new VirtualClock();
  const socket = new FakeSocket();
  const connection = new Connection(1, socket, connectionOptions(clock));
  const ended = echo(connection);
  socket.receive("x".repeat(16 * 1000)); // A thousand reads that need not wait.
  await turn();
  assertEquals([clock.pending, socket.sent.length < 16 * TURNS_MAX], [1, true]);
  connection.close("done");
  clock.advance(0);
  await ended.catch(() => {});
});

Deno.test("echo() sends back all received bytes when it is drained, and ends", async () => {
  const { connection, socket } = makeBench();
  const ended = echo(connection);
  connection.drain();
  socket.receive("last");
  await turn();
  assertEquals([socket.sent, socket.isWriteClosed], ["last", true]);
  socket.end();
  await ended;
});
