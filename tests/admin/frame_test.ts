/** Frames of the live view, and the browsers that get them. */

import { assertEquals } from "@std/assert";
import { FrameMaker } from "../../src/admin/frame.ts";
import { Viewers, VIEWERS_MAX } from "../../src/admin/viewers.ts";
import { makeBench } from "../net/fake_socket.ts";

Deno.test("take() shows each connection with its state, ages and accumulator, and begins the next frame", () => {
  const { connection, clock } = makeBench();
  const frames = new FrameMaker(3);
  frames.noteSweep();
  frames.noteClose(connection, "idle");
  clock.advance(1500);
  const limits = { nowMs: clock.now(), idleMs: 5000 };
  const first = frames.take([connection], limits);
  assertEquals([first.worker, first.idleMs, first.open, first.sweeps, first.ended], [3, 5000, 1, 1, [[7, "idle"]]]);
  const [id, state, ageMs, markAgeMs, accumulated] = first.connections[0]!;
  assertEquals([id, state, ageMs, markAgeMs, accumulated], [7, "working", 1500, 1500, 0]);
  const second = frames.take([connection], { ...limits, idleMs: Infinity });
  assertEquals([second.idleMs, second.sweeps, second.ended], [null, 0, []]);
});

Deno.test("take() names a part of many connections and tells the number of all", () => {
  const { connection, clock } = makeBench();
  const many = new Array(5_000).fill(connection);
  const frame = new FrameMaker(1).take(many, { nowMs: clock.now(), idleMs: 1 });
  assertEquals([frame.open, frame.connections.length], [5_000, 1_000]);
});

Deno.test("viewers are told of when the first comes and the last goes, and not in between", () => {
  const told: boolean[] = [];
  const viewers = new Viewers((isWatched) => told.push(isWatched));
  const [first, second] = [viewers.open(), viewers.open()];
  first.close();
  assertEquals(told, [true]);
  second.close();
  second.close();
  assertEquals(told, [true, false]);
});

Deno.test("each viewer gets every event, a slow one only the last ones", async () => {
  const viewers = new Viewers(() => {});
  const [fast, slow] = [viewers.open(), viewers.open()];
  const next = fast.chunks[Symbol.asyncIterator]();
  await next.next(); // The hello.
  for (let count = 0; count < 20; count++) {
    viewers.push(Uint8Array.of(count));
    assertEquals((await next.next()).value, Uint8Array.of(count));
  }
  const late = slow.chunks[Symbol.asyncIterator]();
  await late.next();
  const left: number[] = [];
  for (let count = 0; count < 8; count++) left.push((await late.next()).value[0]);
  assertEquals(left, [12, 13, 14, 15, 16, 17, 18, 19]);
  slow.close();
  fast.close();
});

Deno.test("there is room for some viewers, and again when one goes", () => {
  const viewers = new Viewers(() => {});
  const open = Array.from({ length: VIEWERS_MAX }, () => viewers.open());
  assertEquals(viewers.hasRoom, false);
  open[0]!.close();
  assertEquals(viewers.hasRoom, true);
});
