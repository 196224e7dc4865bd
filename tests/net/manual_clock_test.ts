/** The clock for replays and tests, whose time the caller advances. */

import { assertEquals, assertThrows } from "@std/assert";
import { ManualClock } from "../../src/net/manual_clock.ts";
import { turn } from "../virtual_clock.ts";

const WALL_MS = 784_111_777_000;

Deno.test("ManualClock.advance() advances both times by the same amount", () => {
  const clock = new ManualClock(WALL_MS);
  const nowMs = clock.now();
  clock.advance(1500);
  assertEquals([clock.now() - nowMs, clock.wall()], [1500, WALL_MS + 1500]);
});

Deno.test("ManualClock.advance() runs timers in the order of their times, each at its time", () => {
  const clock = new ManualClock(WALL_MS);
  const calls: [string, number][] = [];
  const nowMs = clock.now();
  clock.every(300, () => calls.push(["slow", clock.now() - nowMs]));
  const stop = clock.every(200, () => calls.push(["fast", clock.now() - nowMs]));
  clock.advance(650);
  stop();
  clock.advance(300);
  assertEquals(calls, [["fast", 200], ["slow", 300], ["fast", 400], ["slow", 600], ["fast", 600], ["slow", 900]]);
});

Deno.test("ManualClock.sleep() resolves at its time, not before", async () => {
  const clock = new ManualClock(WALL_MS);
  let isOver = false;
  clock.sleep(100).then(() => isOver = true);
  clock.advance(99);
  await turn();
  assertEquals([isOver, clock.pending], [false, 1]);
  clock.advance(1);
  await turn();
  assertEquals([isOver, clock.pending], [true, 0]);
});

Deno.test("ManualClock.sleep() resolves at once when its signal aborts", async () => {
  const clock = new ManualClock(WALL_MS);
  const stop = new AbortController();
  const slept = clock.sleep(100, stop.signal);
  stop.abort();
  await slept;
  await clock.sleep(100, stop.signal);
  assertEquals(clock.pending, 0);
});

Deno.test("ManualClock.wall() has whole milliseconds, as the system's clock has", () => {
  const clock = new ManualClock(WALL_MS);
  clock.advance(6.75);
  assertEquals([clock.now(), clock.wall(), clock.wallOf(7)], [6.75, WALL_MS + 6, WALL_MS + 7]);
});

Deno.test("ManualClock.step() runs only the next event, and events of equal time in the order of their creation", () => {
  const clock = new ManualClock(WALL_MS);
  const calls: string[] = [];
  for (const [name, delayMs] of [["late", 20], ["one", 10], ["two", 10], ["late too", 20], ["soon", 5]] as const) {
    clock.after(delayMs, () => calls.push(`${name} ${clock.now()}`));
  }
  assertEquals(clock.nextMs, 5);
  while (clock.nextMs < Infinity) clock.step();
  assertEquals(calls, ["soon 5", "one 10", "two 10", "late 20", "late too 20"]);
  assertThrows(() => clock.step(), RangeError);
});

Deno.test("ManualClock.after() does not call back after it was cancelled, and does not count as pending", () => {
  const clock = new ManualClock(WALL_MS);
  const cancel = clock.after(10, () => assertEquals("called", "cancelled"));
  assertEquals([clock.pending, clock.nextMs], [0, 10]);
  cancel();
  assertEquals(clock.nextMs, Infinity);
  clock.advance(100);
});

Deno.test("ManualClock.every() can be stopped in its own callback, and twice", () => {
  const clock = new ManualClock(WALL_MS);
  let calls = 0;
  const stop = clock.every(10, () => {
    calls++;
    stop();
    stop();
  });
  assertEquals(clock.pending, 1);
  clock.advance(100);
  assertEquals([calls, clock.pending, clock.nextMs], [1, 0, Infinity]);
});

Deno.test("ManualClock refuses invalid times", () => {
  const clock = new ManualClock(WALL_MS);
  for (const ms of [0, -1, NaN]) assertThrows(() => clock.every(ms, () => {}), RangeError);
  for (const ms of [-1, NaN, Infinity]) assertThrows(() => clock.after(ms, () => {}), RangeError);
});
