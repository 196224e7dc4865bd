/** `Service`: limits that change while it runs, and several listeners with one set of connections. */

import { assertEquals } from "@std/assert";
import { type ServeLimits, Service } from "../../src/net/listener.ts";
import { turn, untilSettled, untilTold, VirtualClock } from "../virtual_clock.ts";
import { connectionOptions, FakeListener } from "./fake_socket.ts";
import { echo } from "./served.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const LIMITS: ServeLimits = {
  connectionsMax: 1,
  sweep: { idleMs: 5000, messageMs: 10_000 },
  drainMs: 30_000,
  lastMessageMs: 250,
};

function begin(listeners: readonly FakeListener[]) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const swept: string[] = [];
  const closed: string[] = [];
  const service = new Service(echo, {
    ...connectionOptions(clock),
    ...LIMITS,
    listener: listeners,
    clock,
    signal: stop.signal,
    report: () => {},
    observe: (_, event) => {
      if (event.kind === "sweep") swept.push(event.reason);
      if (event.kind === "close") closed.push(event.reason);
    },
  });
  const ended = service.run();
  const finish = async () => {
    stop.abort();
    await untilSettled(clock, ended);
  };
  return { service, clock, swept, closed, stop: () => stop.abort(), ended, finish };
}

Deno.test("Service accepts waiting connections as soon as the limit is raised", async () => {
  const listener = new FakeListener();
  const { service, finish } = begin([listener]);
  const [, waiting] = [listener.connect(), listener.connect()];
  waiting.receive("hello");
  await turn();
  assertEquals(waiting.sent, "");
  service.configure({ ...LIMITS, connectionsMax: 2 });
  await turn();
  assertEquals(waiting.sent, "hello");
  await finish();
});

Deno.test("Service closes no connection because of a lower limit, and accepts again below it", async () => {
  const listener = new FakeListener();
  const { service, finish } = begin([listener]);
  service.configure({ ...LIMITS, connectionsMax: 2 });
  const [one, two] = [listener.connect(), listener.connect()];
  await turn();
  service.configure(LIMITS);
  const three = listener.connect();
  three.receive("hello");
  one.end();
  await turn();
  assertEquals([two.isClosed, three.sent], [false, ""]);
  two.end();
  await turn();
  assertEquals(three.sent, "hello");
  await finish();
});

Deno.test("Service sweeps open connections with the current limits", async () => {
  const listener = new FakeListener();
  const { service, clock, swept, finish } = begin([listener]);
  const socket = listener.connect();
  await turn();
  clock.advance(2000);
  service.configure({ ...LIMITS, sweep: { idleMs: 1000, messageMs: 1000 } });
  clock.advance(500);
  await untilTold(clock);
  assertEquals(swept, ["idle"]);
  socket.end();
  await finish();
});

Deno.test("Service drains with the limit at the time when it is told to end", async () => {
  const listener = new FakeListener();
  const { service, clock, closed, stop, ended } = begin([listener]);
  listener.connect().receive("half");
  const busy = listener.connect();
  service.configure({ ...LIMITS, connectionsMax: 2, drainMs: 100 });
  await turn();
  busy.takesBytes = 0;
  busy.receive("more");
  await turn();
  stop();
  for (let ms = 0; ms < 300; ms++) {
    clock.advance(1);
    await turn();
  }
  await ended;
  assertEquals(closed.toSorted(), ["drained", "drained"]);
});

Deno.test("Service accepts from all its listeners, within one limit", async () => {
  const listeners = [new FakeListener(), new FakeListener()];
  const { service, finish } = begin(listeners);
  service.configure({ ...LIMITS, connectionsMax: 2 });
  const sockets = listeners.map((listener) => listener.connect());
  for (const socket of sockets) socket.receive("hello");
  await turn();
  assertEquals(sockets.map(({ sent }) => sent), ["hello", "hello"]);
  const late = listeners[1]!.connect();
  late.receive("hello");
  await turn();
  assertEquals(late.sent, "");
  sockets[0]!.end();
  await turn();
  assertEquals(late.sent, "hello");
  await finish();
});

Deno.test("Service continues with its other listeners if one is closed, and closes all at its end", async () => {
  const [first, second] = [new FakeListener(), new FakeListener()];
  const { finish } = begin([first, second]);
  await turn();
  first.close();
  await turn();
  const socket = second.connect();
  socket.receive("hello");
  await turn();
  assertEquals(socket.sent, "hello");
  await finish();
  assertEquals([first.isClosed, second.isClosed], [true, true]);
});

Deno.test("Service ends a connection that waits after the time for a last message, also when that gets shorter meanwhile", async () => {
  const listener = new FakeListener();
  const { service, clock, swept, stop, ended } = begin([listener]);
  service.configure({ ...LIMITS, connectionsMax: 2, lastMessageMs: Infinity });
  const [waiting, asking] = [listener.connect(), listener.connect()];
  await turn();
  stop();
  await untilTold(clock);
  clock.advance(1000);
  await untilTold(clock);
  asking.receive("late");
  await turn();
  assertEquals([asking.sent, swept], ["late", []]);
  service.configure(LIMITS);
  clock.advance(500);
  await untilTold(clock);
  assertEquals(swept, ["drained", "drained"]);
  for (const socket of [waiting, asking]) socket.end();
  await turn();
  clock.advance(3000);
  await untilTold(clock);
  await ended;
});
