/** `serve()` at its end: what is accepted still, one more answer, and what is closed when. */

import { assertEquals } from "@std/assert";
import { SWEEP_PERIOD_MS } from "../../src/net/listener.ts";
import { turn, untilTold } from "../virtual_clock.ts";
import { systemError } from "./fake_socket.ts";
import { begin, DRAIN_MS, echo, IDLE_MS, untilFullStop } from "./served.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const GRACE_MS = 250;

Deno.test("serve() stops accepting when its signal aborts, and resolves when no connection is open", async () => {
  const { clock, listener, stop, ended } = begin(echo);
  await turn();
  stop();
  await untilTold(clock);
  assertEquals(listener.isClosed, true);
  await ended;
  assertEquals(clock.pending, 0);
});

Deno.test("serve() resolves if its signal has already aborted", async () => {
  const { clock, listener, ended } = begin(echo, { signal: AbortSignal.abort() });
  await untilTold(clock);
  await ended;
  assertEquals([listener.isClosed, clock.pending], [true, 0]);
});

Deno.test("serve() accepts the connections in the system's queue before it closes the listener, and answers each", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  await turn();
  stop();
  const early = listener.connect(); // The system had completed it; the runtime tells of it now.
  await turn();
  clock.advance(1);
  const later = listener.connect();
  early.receive("one.");
  later.receive("two.");
  await untilTold(clock);
  assertEquals([listener.isClosed, closed()], [true, [[1, "done"], [2, "done"]]]);
  await ended;
});

Deno.test("serve() closes the listener though connections come without a pause", async () => {
  const { clock, listener, stop, finish } = begin(untilFullStop);
  await turn();
  stop();
  let came = 0;
  for (; came < 1000 && !listener.isClosed; came++) {
    listener.connect().receive("message.");
    for (const ms of [1, 0]) {
      await turn();
      clock.advance(ms);
    }
  }
  assertEquals(came < 100, true, `${came} connections`);
  await finish();
});

Deno.test("serve() accepts a connection that waits for a place, if one gets free in time", async () => {
  const { clock, listener, closed, stop, finish } = begin(untilFullStop, { connectionsMax: 1 });
  const [first, second] = [listener.connect(), listener.connect()];
  await turn();
  stop();
  await turn();
  clock.advance(1);
  first.receive("one.");
  second.receive("two.");
  await untilTold(clock);
  await untilTold(clock);
  assertEquals(closed(), [[1, "done"], [2, "done"]]);
  await finish();
});

Deno.test("serve() pauses after EMFILE while it stops accepting, too", async () => {
  const { clock, listener, stop, finish } = begin(echo);
  await turn();
  stop();
  for (let times = 0; times < 3; times++) listener.fail(systemError("EMFILE"));
  await turn();
  assertEquals(listener.accepts, 1);
  await untilTold(clock);
  await finish();
});

Deno.test("serve() drains: a waiting connection may send one more message", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  const socket = listener.connect();
  await turn();
  clock.advance(IDLE_MS - 1000);
  stop();
  await untilTold(clock);
  clock.advance(GRACE_MS / 2);
  assertEquals([listener.isClosed, socket.isWriteClosed], [true, false]);
  socket.receive("once more.");
  await turn();
  assertEquals(closed(), [[1, "done"]]);
  await ended;
});

Deno.test("serve() drains: it ends our side of a connection that sends nothing, then closes it", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  const [polite, silent] = [listener.connect(), listener.connect()];
  await turn();
  stop();
  await untilTold(clock);
  clock.advance(GRACE_MS);
  await untilTold(clock);
  assertEquals([polite.isWriteClosed, silent.isWriteClosed, closed()], [true, true, []]);
  polite.end();
  await turn();
  assertEquals(closed(), [[1, "drained"]]);
  clock.advance(2 * GRACE_MS);
  await untilTold(clock);
  assertEquals(closed(), [[1, "drained"], [2, "drained"]]);
  await ended;
  assertEquals(clock.pending, 0);
});

Deno.test("serve() drains: a message that had arrived when the grace was over is answered", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  const socket = listener.connect();
  await turn();
  stop();
  await untilTold(clock);
  clock.advance(GRACE_MS);
  socket.receive("just in time."); // The runtime tells of it after the timer.
  await untilTold(clock);
  assertEquals([socket.isWriteClosed, closed()], [false, [[1, "done"]]]);
  await ended;
});

Deno.test("serve() drains: it does not wait for a peer that goes on sending after our end", async () => {
  const { clock, listener, closed, stop, ended } = begin((connection) => connection.linger());
  const socket = listener.connect();
  await turn();
  stop();
  for (let times = 0; times < 12 && !socket.isClosed; times++) {
    socket.receive("more");
    await turn();
    clock.advance(GRACE_MS);
    await untilTold(clock);
  }
  assertEquals([socket.isClosed, closed()], [true, [[1, "lingered"]]]);
  await ended;
});

Deno.test("serve() drains: a message that has begun is finished", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  const busy = listener.connect();
  busy.receive("half");
  await turn();
  stop();
  await untilTold(clock);
  clock.advance(4 * GRACE_MS);
  await untilTold(clock);
  busy.receive(", and half.");
  await ended;
  assertEquals([closed(), clock.pending], [[[1, "done"]], 0]);
});

Deno.test("serve() closes all remaining connections after drainMs", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop, {
    sweep: { idleMs: Infinity, messageMs: Infinity },
  });
  listener.connect().receive("half");
  await turn();
  stop();
  await untilTold(clock); // From here on it drains.
  clock.advance(DRAIN_MS - 100);
  await untilTold(clock);
  assertEquals(closed(), []);
  clock.advance(100);
  await ended;
  assertEquals(closed(), [[1, "drained"]]);
});

Deno.test("serve() continues to sweep while it drains", async () => {
  const { clock, listener, closed, stop, ended } = begin(untilFullStop);
  listener.connect().receive("half");
  await turn();
  stop();
  await untilTold(clock);
  clock.advance(IDLE_MS + SWEEP_PERIOD_MS);
  await untilTold(clock);
  await ended;
  assertEquals(closed(), [[1, "idle"]]);
});
