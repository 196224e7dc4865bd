/** `serve()`: accepting, the limit on connections, failing protocols, the sweep, and draining. */

import { assertEquals } from "@std/assert";
import { SWEEP_PERIOD_MS } from "../../src/net/listener.ts";
import { turn, untilTold } from "../virtual_clock.ts";
import { FakeSocket } from "./fake_socket.ts";
import { begin, echo, IDLE_MS, untilFullStop } from "./served.ts";

Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("serve() runs the protocol for each connection, and closes it when the protocol returns", async () => {
  const { listener, closed, finish } = begin(echo);
  const [one, two] = [listener.connect(), listener.connect()];
  two.receive("two");
  one.receive("one");
  await turn();
  assertEquals([one.sent, two.sent], ["one", "two"]);
  one.end();
  await turn();
  assertEquals([closed(), one.isClosed, two.isClosed], [[[1, "done"]], true, false]);
  await finish();
});

Deno.test("serve() reuses the buffer of a closed connection, but not while a read into it is pending", async () => {
  const buffers: Uint8Array[] = [];
  const leaving = { byHurry: false };
  const { listener, finish } = begin(async (connection) => {
    buffers.push(connection.input.bytes);
    const filled = connection.fill();
    if (!leaving.byHurry) await filled;
  });
  const connect = async () => {
    const socket = listener.connect();
    await turn();
    socket.end();
    await turn();
  };
  await connect();
  leaving.byHurry = true;
  await connect();
  leaving.byHurry = false;
  await connect();
  assertEquals([buffers[0] === buffers[1], buffers[1] === buffers[2]], [true, false]);
  await finish();
});

Deno.test("serve() does not delay a client because of another client's half message", async () => {
  const { listener, finish } = begin(echo);
  const slow = listener.connect();
  slow.takesBytes = 0;
  slow.receive("not taken back");
  const other = listener.connect();
  other.receive("hello");
  await turn();
  assertEquals([slow.isWriting, other.sent], [true, "hello"]);
  slow.take(100);
  await finish();
});

Deno.test("serve() reports each accept with the number of open connections", async () => {
  const { listener, events, finish } = begin(echo);
  listener.connect();
  listener.connect();
  await turn();
  assertEquals(events.map(({ id, event }) => [id, event]), [
    [1, { kind: "accept", open: 1 }],
    [2, { kind: "accept", open: 2 }],
  ]);
  await finish();
});

Deno.test("serve() does not accept at the limit, and continues when a connection closes", async () => {
  const { listener, finish } = begin(echo, { connectionsMax: 2 });
  const [one, two, three] = [listener.connect(), listener.connect(), listener.connect()];
  await turn();
  assertEquals([listener.accepts, three.isReading], [2, false]);
  two.end();
  await turn();
  assertEquals([listener.accepts, one.isReading, three.isReading], [3, true, true]);
  await finish();
});

Deno.test("serve() continues to serve until its signal if the owner closes the listener", async () => {
  const { listener, closed, finish } = begin(echo);
  const socket = listener.connect();
  await turn();
  listener.close();
  await turn();
  socket.receive("still here");
  await turn();
  assertEquals([socket.sent, closed()], ["still here", []]);
  await finish();
  assertEquals(closed(), [[1, "drained"]]);
});

Deno.test("serve() reports a protocol that throws, closes its connection, and continues", async () => {
  const { listener, problems, closed, finish } = begin((connection) => {
    if (connection.id === 1) throw new TypeError("our own mistake");
    return echo(connection);
  });
  const [broken, other] = [listener.connect(), listener.connect()];
  other.receive("hello");
  await turn();
  assertEquals([broken.isWriteClosed, problems.length, other.sent], [true, 1, "hello"]);
  broken.end();
  await turn();
  assertEquals([broken.isClosed, closed()], [true, [[1, "failed"]]]);
  await finish();
});

Deno.test("serve() does not reset what a protocol has sent before it throws", async () => {
  const { clock, listener, closed, finish } = begin(async (connection) => {
    await connection.fill();
    await connection.write(new TextEncoder().encode("the first answer"));
    throw new TypeError("our own mistake");
  });
  const socket = listener.connect();
  socket.receive("two messages");
  await turn();
  socket.receive("and more"); // A close with this unread would be a reset.
  await turn();
  assertEquals([socket.sent, socket.isWriteClosed, socket.isClosed], ["the first answer", true, false]);
  clock.advance(2500);
  await untilTold(clock);
  assertEquals(closed(), [[1, "failed"]]);
  await finish();
});

Deno.test("serve() does not report a protocol that throws because the peer is gone", async () => {
  const { listener, problems, closed, finish } = begin(echo);
  const socket = listener.connect();
  socket.takesBytes = 0;
  socket.receive("hello");
  await turn();
  socket.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  await turn();
  assertEquals([closed(), problems], [[[1, "peer gone"]], []]);
  await finish();
});

Deno.test("serve() sweeps every half second, so an idle connection closes at most that late", async () => {
  const { clock, listener, closed, finish } = begin(echo);
  assertEquals(SWEEP_PERIOD_MS, 500);
  const socket = listener.connect();
  await turn();
  clock.advance(IDLE_MS);
  await untilTold(clock);
  assertEquals(socket.isWriteClosed, false);
  clock.advance(SWEEP_PERIOD_MS);
  await untilTold(clock);
  assertEquals(socket.isWriteClosed, true);
  socket.end();
  await turn();
  assertEquals(closed(), [[1, "idle"]]);
  await finish();
});

Deno.test("serve() closes an idle connection while another is busy", async () => {
  const { clock, listener, closed, finish } = begin(echo);
  const [idle, busy] = [listener.connect(), listener.connect()];
  for (let times = 0; times < 20; times++) {
    busy.receive("x");
    await turn();
    clock.advance(400);
    await untilTold(clock);
    if (idle.isWriteClosed) idle.end();
  }
  assertEquals(closed(), [[1, "idle"]]);
  await finish();
});

Deno.test("serve() does not close a long download, but closes a peer that stops reading", async () => {
  const { clock, listener, closed, finish } = begin((connection) => connection.write(new Uint8Array(100_000)));
  const socket = new FakeSocket();
  socket.takesBytes = 0;
  listener.connect(socket);
  await turn();
  for (let times = 0; times < 60; times++) {
    clock.advance(500);
    socket.take(1000);
    await turn();
  }
  assertEquals(closed(), []);
  clock.advance(4000);
  await untilTold(clock);
  assertEquals(closed(), [[1, "too slow"]]);
  await finish();
});

Deno.test("serve() closes a peer that sends its message byte by byte for ever", async () => {
  const { clock, listener, closed, finish } = begin(untilFullStop);
  const socket = listener.connect();
  for (let times = 0; times < 30; times++) {
    if (!socket.isClosed) socket.receive("x");
    await turn();
    clock.advance(500);
    await untilTold(clock);
  }
  assertEquals(closed(), [[1, "message overdue"]]);
  await finish();
});

Deno.test("serve() can be stopped at the limit of connections", async () => {
  const { listener, finish } = begin(echo, { connectionsMax: 1 });
  listener.connect();
  await turn();
  await finish();
});

for (const [connectionsMax, words] of [[3, "lets a lingering peer go on"], [1, "ends a lingering peer"]] as const) {
  const isFull = connectionsMax === 1;
  Deno.test(`serve() ${words} after two seconds with a limit of ${connectionsMax} connections`, async () => {
    const { clock, listener, closed, finish } = begin((connection) => connection.linger(), { connectionsMax });
    const [uploading, other] = [listener.connect(), listener.connect()];
    for (let sweeps = 0; sweeps < 6; sweeps++) {
      await turn();
      if (!uploading.isClosed) uploading.receive("more");
      clock.advance(500);
      await untilTold(clock);
    }
    assertEquals([uploading.isClosed, other.isWriteClosed], [isFull, true]);
    assertEquals(closed()[0], isFull ? [1, "lingered"] : [2, "lingered"]);
    await finish();
  });
}
