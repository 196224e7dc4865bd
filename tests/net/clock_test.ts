/** The system's clock, without a word on how long anything takes; and the virtual clock that other tests stand on. */

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/net/clock.ts";
import { SOME_WALL_MS, turn, VirtualClock } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true }); // A timer left behind keeps a process alive.

Deno.test("systemClock.now() does not go back", () => {
  const first = systemClock.now();
  assert(systemClock.now() >= first);
});

Deno.test("systemClock.wall() is the time since 1970 in milliseconds", () => {
  const before = Date.now();
  const wallMs = systemClock.wall();
  assert(wallMs >= before && wallMs <= Date.now());
});

Deno.test("systemClock.every() calls back again and again until it is stopped", async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    const stop = systemClock.every(1, () => {
      if (++calls < 3) return;
      stop();
      resolve();
    });
  });
  assertEquals(calls, 3);
});

Deno.test("systemClock.sleep() resolves without a signal", async () => {
  await systemClock.sleep(1);
});

/** Whether `slept` is over without any time. */
async function isAwake(slept: Promise<void>): Promise<boolean> {
  let isOver = false;
  slept.then(() => isOver = true);
  await turn();
  return isOver;
}

Deno.test("systemClock.sleep() resolves at once when its signal aborts, and leaves no timer", async () => {
  const stop = new AbortController();
  const slept = systemClock.sleep(3_600_000, stop.signal);
  assertEquals(await isAwake(slept), false);
  stop.abort();
  assertEquals(await isAwake(slept), true);
});

Deno.test("systemClock.sleep() resolves at once when its signal had aborted before", async () => {
  assertEquals(await isAwake(systemClock.sleep(3_600_000, AbortSignal.abort())), true);
});

Deno.test("systemClock.sleep() with a signal that never aborts takes its listener away", async () => {
  const { signal } = new AbortController();
  const listeners: string[] = [];
  const remove = signal.removeEventListener.bind(signal);
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.push(type);
    remove(type, listener);
  };
  await systemClock.sleep(1, signal);
  assertEquals(listeners, ["abort"]);
});

Deno.test("VirtualClock.advance() moves both times alike", () => {
  const clock = new VirtualClock();
  const nowMs = clock.now();
  clock.advance(1500);
  assertEquals([clock.now() - nowMs, clock.wall()], [1500, SOME_WALL_MS + 1500]);
});

Deno.test("VirtualClock.advance() runs timers in the order of their times, each at its own", () => {
  const clock = new VirtualClock();
  const calls: [string, number][] = [];
  const nowMs = clock.now();
  clock.every(300, () => calls.push(["slow", clock.now() - nowMs]));
  const stop = clock.every(200, () => calls.push(["fast", clock.now() - nowMs]));
  clock.advance(650);
  stop();
  clock.advance(300);
  assertEquals(calls, [["fast", 200], ["slow", 300], ["fast", 400], ["slow", 600], ["fast", 600], ["slow", 900]]);
});

Deno.test("VirtualClock.sleep() ends when its time has come, not before", async () => {
  const clock = new VirtualClock();
  let isOver = false;
  clock.sleep(100).then(() => isOver = true);
  clock.advance(99);
  await turn();
  assertEquals([isOver, clock.pending], [false, 1]);
  clock.advance(1);
  await turn();
  assertEquals([isOver, clock.pending], [true, 0]);
});

Deno.test("VirtualClock.sleep() ends at once when its signal aborts", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const slept = clock.sleep(100, stop.signal);
  stop.abort();
  await slept;
  await clock.sleep(100, stop.signal);
  assertEquals(clock.pending, 0);
});
