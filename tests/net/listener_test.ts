/** `serve()`: accepting, the limit on connections, failing protocols, the sweep, and draining. */

import { assertEquals } from "@std/assert";
import type { Connection } from "../../src/net/connection.ts";
import { SWEEP_PERIOD_MS } from "../../src/net/listener.ts";
import { turn, untilTold } from "../virtual_clock.ts";
import { FakeSocket } from "./fake_socket.ts";
import { begin, DRAIN_MS, echo, IDLE_MS } from "./served.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** Reads one message that ends with `.`, and returns. */
async function untilFullStop(connection: Connection): Promise<void> {
  while (await connection.fill() === "bytes") {
    if (connection.input.bytes[connection.input.end - 1] === ".".charCodeAt(0)) return;
  }
}

Deno.test("serve() runs the protocol for each connection, and closes it when the protocol returns", async () => {
  const { listener, closed, stop, ended } = begin(echo);
  const [one, two] = [listener.connect(), listener.connect()];
  two.receive("two");
  one.receive("one");
  await turn();
  assertEquals([one.sent, two.sent], ["one", "two"]);
  one.end();
  await turn();
  assertEquals([closed(), one.isClosed, two.isClosed], [[[1, "done"]], true, false]);
  stop();
  await ended;
});

Deno.test("serve() reuses the buffer of a closed connection, but not while a read into it is pending", async () => {
  const buffers: Uint8Array[] = [];
  const leaving = { byHurry: false };
  const { listener, stop, ended } = begin(async (connection) => {
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
  stop();
  await ended;
});

Deno.test("serve() does not delay a client because of another client's half message", async () => {
  const { listener, stop, ended } = begin(echo);
  const slow = listener.connect();
  slow.takesBytes = 0;
  slow.receive("not taken back");
  const other = listener.connect();
  other.receive("hello");
  await turn();
  assertEquals([slow.isWriting, other.sent], [true, "hello"]);
  slow.take(100);
  stop();
  await ended;
});

Deno.test("serve() reports each accept with the number of open connections", async () => {
  const { listener, events, stop, ended } = begin(echo);
  listener.connect();
  listener.connect();
  await turn();
  assertEquals(events.map(({ id, event }) => [id, event]), [
    [1, { kind: "accept", open: 1 }],
    [2, { kind: "accept", open: 2 }],
  ]);
  stop();
  await ended;
});

Deno.test("serve() does not accept at the limit, and continues when a connection closes", async () => {
  const { listener, stop, ended } = begin(echo, { connectionsMax: 2 });
  const [one, two, three] = [listener.connect(), listener.connect(), listener.connect()];
  await turn();
  assertEquals([listener.accepts, three.isReading], [2, false]);
  two.end();
  await turn();
  assertEquals([listener.accepts, one.isReading, three.isReading], [3, true, true]);
  stop();
  await ended;
});

Deno.test("serve() continues to serve until its signal if the owner closes the listener", async () => {
  const { listener, closed, stop, ended } = begin(echo);
  const socket = listener.connect();
  await turn();
  listener.close();
  await turn();
  socket.receive("still here");
  await turn();
  assertEquals([socket.sent, closed()], ["still here", []]);
  stop();
  await ended;
  assertEquals(closed(), [[1, "drained"]]);
});

Deno.test("serve() reports a protocol that throws, closes its connection, and continues", async () => {
  const { listener, problems, closed, stop, ended } = begin((connection) => {
    if (connection.id === 1) throw new TypeError("our own mistake");
    return echo(connection);
  });
  const [broken, other] = [listener.connect(), listener.connect()];
  other.receive("hello");
  await turn();
  assertEquals([broken.isClosed, closed(), problems.length, other.sent], [true, [[1, "failed"]], 1, "hello"]);
  stop();
  await ended;
});

Deno.test("serve() does not report a protocol that throws because the peer is gone", async () => {
  const { listener, problems, closed, stop, ended } = begin(echo);
  const socket = listener.connect();
  socket.takesBytes = 0;
  socket.receive("hello");
  await turn();
  socket.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  await turn();
  assertEquals([closed(), problems], [[[1, "peer gone"]], []]);
  stop();
  await ended;
});

Deno.test("serve() sweeps every half second, so an idle connection closes at most that late", async () => {
  const { clock, listener, closed, stop, ended } = begin(echo);
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
  stop();
  await ended;
});

Deno.test("serve() closes an idle connection while another is busy", async () => {
  const { clock, listener, closed, stop, ended } = begin(echo);
  const [idle, busy] = [listener.connect(), listener.connect()];
  for (let times = 0; times < 20; times++) {
    busy.receive("x");
    await turn();
    clock.advance(400);
    await untilTold(clock);
    if (idle.isWriteClosed) idle.end();
  }
  assertEquals(closed(), [[1, "idle"]]);
  stop();
  await ended;
});

Deno.test("serve() does not close a long download, but closes a peer that stops reading", async () => {
  const { clock, listener, closed, stop, ended } = begin((connection) => connection.write(new Uint8Array(100_000)));
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
  stop();
  await ended;
});

Deno.test("serve() closes a peer that sends its message byte by byte for ever", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  const socket = listener.connect();
  for (let times = 0; times < 30; times++) {
    if (!socket.isClosed) socket.receive("x");
    await turn();
    clock.advance(500);
    await untilTold(clock);
  }
  assertEquals(closed(), [[1, "message overdue"]]);
  stop();
  await ended;
});

Deno.test("serve() stops accepting when its signal aborts, and resolves when no connection is open", async () => {
  const { clock, listener, stop, ended } = begin(echo);
  await turn();
  stop();
  assertEquals(listener.isClosed, true);
  await ended;
  assertEquals(clock.pending, 0);
});

Deno.test("serve() resolves at once if its signal has already aborted", async () => {
  const { clock, listener, ended } = begin(echo, { signal: AbortSignal.abort() });
  await ended;
  assertEquals([listener.isClosed, clock.pending], [true, 0]);
});

Deno.test("serve() drains: idle connections close at once, and a message that has begun is finished", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  const [, busy] = [listener.connect(), listener.connect()];
  busy.receive("half");
  await turn();
  stop();
  await turn();
  assertEquals(closed(), [[1, "drained"]]);
  busy.receive(", and half.");
  await ended;
  assertEquals([closed(), clock.pending], [[[1, "drained"], [2, "done"]], 0]);
});

Deno.test("serve() gives an idle connection one more answer after it has stopped accepting", async () => {
  const retire = new AbortController();
  const { listener, closed, stop, ended } = begin(untilFullStop, { signal: retire.signal });
  const [first] = [listener.connect(), listener.connect()];
  await turn();
  retire.abort();
  await turn();
  assertEquals([listener.isClosed, closed()], [true, []]);
  first.receive("once more.");
  await turn();
  assertEquals(closed(), [[1, "done"]]);
  stop(); // The other connection sends no request.
  await ended;
  assertEquals(closed(), [[1, "done"], [2, "drained"]]);
});

Deno.test("serve() closes all remaining connections after drainMs", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop, {
    sweep: { idleMs: Infinity, messageMs: Infinity },
  });
  listener.connect().receive("half");
  await turn();
  stop();
  await turn();
  clock.advance(DRAIN_MS - 1);
  assertEquals(closed(), []);
  clock.advance(1);
  await ended;
  assertEquals(closed(), [[1, "drained"]]);
});

Deno.test("serve() continues to sweep while it drains", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  listener.connect().receive("half");
  await turn();
  stop();
  await turn();
  clock.advance(IDLE_MS + SWEEP_PERIOD_MS);
  await untilTold(clock);
  await ended;
  assertEquals(closed(), [[1, "idle"]]);
});

Deno.test("serve() can be stopped at the limit of connections", async () => {
  const { listener, stop, ended } = begin(echo, { connectionsMax: 1 });
  listener.connect();
  await turn();
  stop();
  await ended;
});
