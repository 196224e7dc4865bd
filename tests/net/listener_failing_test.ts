/** `serve()` when accept fails: peers that gave up, no descriptors left, and permanent errors. */

import { assertEquals, assertRejects } from "@std/assert";
import { turn } from "../virtual_clock.ts";
import { systemError } from "./fake_socket.ts";
import { begin, echo } from "./served.ts";

Deno.test.sanitizer({ ops: true, resources: true });

for (const name of ["ConnectionAborted", "ConnectionReset", "TimedOut"] as const) {
  Deno.test(`serve() continues without a report after accept fails with ${name}`, async () => {
    const { listener, problems, finish } = begin(echo);
    listener.fail(new Deno.errors[name]("text"));
    const socket = listener.connect();
    await turn();
    assertEquals([socket.isReading, problems], [true, []]);
    await finish();
  });
}

for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]) {
  Deno.test(`serve() pauses after ${code}, reports it once, and continues`, async () => {
    let asked = 0; // Number of calls of `exhausted`.
    const exhausted = () => {
      asked++;
      return 0;
    };
    const { clock, listener, problems, finish } = begin(echo, { exhausted });
    for (let times = 0; times < 3; times++) listener.fail(systemError(code));
    const socket = listener.connect();
    await turn();
    assertEquals([listener.accepts, problems.length], [1, 1]);
    for (let times = 0; times < 3; times++) {
      clock.advance(100);
      await turn();
    }
    assertEquals([socket.isReading, problems.length, asked], [true, 1, 3]);
    await finish();
  });
}

Deno.test("serve() accepts at once and without a report if descriptors were released", async () => {
  const kept = [2, 1, 0];
  const { listener, problems, finish } = begin(echo, { exhausted: () => kept.shift() ?? 0 });
  for (let times = 0; times < 2; times++) listener.fail(systemError("EMFILE"));
  const socket = listener.connect();
  await turn();
  assertEquals([socket.isReading, problems, kept], [true, [], [0]]);
  await finish();
});

Deno.test("serve() reports missing descriptors again only after a minute without the error", async () => {
  const { clock, listener, problems, finish } = begin(echo);
  const told: number[] = [];
  for (const pauseMs of [100, 30_000, 61_000, 100]) {
    listener.fail(systemError("EMFILE"));
    listener.connect();
    await turn();
    clock.advance(pauseMs);
    await turn();
    told.push(problems.length);
  }
  assertEquals(told, [1, 1, 1, 2]);
  await finish();
});

Deno.test("serve() can be stopped during the pause after EMFILE", async () => {
  const { clock, listener, finish } = begin(echo);
  listener.fail(systemError("EMFILE"));
  await turn();
  await finish();
  assertEquals(clock.pending, 0);
});

Deno.test("serve() throws after a permanent error of accept, and closes all connections", async () => {
  const { clock, listener, ended } = begin(echo);
  const socket = listener.connect();
  await turn();
  listener.fail(systemError("EINVAL"));
  await assertRejects(() => ended, Error, "EINVAL");
  assertEquals([socket.isClosed, clock.pending], [true, 0]);
});
