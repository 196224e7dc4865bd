/** The running sweep: bytes that have arrived are delivered before a connection is ended. */

import { assertEquals } from "@std/assert";
import type { Activity, CloseReason } from "../../src/net/events.ts";
import { QUIET_ROUNDS } from "../../src/net/delivery.ts";
import type { Marked } from "../../src/net/sweep.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { sweepOnce, turn, untilSettled, untilTold, VirtualClock } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const LIMITS = { idleMs: 5000, messageMs: 10_000, lingerMs: Infinity };

/** A connection whose marks are all too old. */
class Late implements Marked {
  activity: Activity;
  markMs = 0;
  messageMs = 0;
  graceUntilMs = Infinity;
  lingerSinceMs = 0;
  lingerUntilMs = 0;
  readonly expired: CloseReason[] = [];

  constructor(activity: Activity = "waiting") {
    this.activity = activity;
  }

  isTooSlow(): boolean {
    return true;
  }

  expire(reason: CloseReason): void {
    this.expired.push(reason);
    this.activity = "closed";
  }
}

function count(connections: readonly Late[]): number {
  return connections.filter(({ expired }) => expired.length > 0).length;
}

Deno.test("sweep() expires each overdue connection once, for its own reason, and no other", async () => {
  const clock = new VirtualClock();
  const activities = ["waiting", "receiving", "sending", "lingering", "working", "closed"] as const;
  const connections = activities.map((activity) => new Late(activity));
  await sweepOnce(connections, clock, LIMITS);
  assertEquals(connections.map(({ expired }) => expired), [
    ["idle"],
    ["message overdue"],
    ["too slow"],
    ["lingered"],
    [],
    [],
  ]);
  assertEquals(clock.pending, 0);
});

Deno.test("sweep() does not end a connection whose bytes have arrived but are delivered only after the sweep began", async () => {
  const clock = new VirtualClock();
  const [late, idle] = [new Late(), new Late()];
  const swept = new Sweeper([late, idle], clock, () => LIMITS).sweep();
  for (let round = 0; round < QUIET_ROUNDS - 1; round++) {
    clock.advance(1);
    await turn();
    clock.advance(0);
    await turn();
  }
  assertEquals(count([late, idle]), 0);
  late.markMs = clock.now();
  await untilTold(clock); // After a delivery, there may be more to deliver.
  assertEquals([late.expired, idle.expired], [[], ["idle"]]);
  await swept;
});

Deno.test("sweep() continues after a while even if bytes arrive all the time", async () => {
  const clock = new VirtualClock();
  const [idle, ...busy] = Array.from({ length: 200 }, () => new Late());
  const swept = new Sweeper([idle!, ...busy], clock, () => LIMITS).sweep();
  for (const connection of busy) {
    connection.markMs = clock.now();
    clock.advance(1);
    await turn();
    clock.advance(0);
    await turn();
  }
  assertEquals([idle!.expired, idle!.expired.length], [["idle"], 1]);
  await swept;
});

for (const [idle, ended] of [[100, 4], [2560, 10]] as const) {
  Deno.test(`sweep() ends ${ended} of ${idle} connections, and waits for deliveries before it ends more`, async () => {
    const clock = new VirtualClock();
    const connections = Array.from({ length: idle }, () => new Late());
    const swept = new Sweeper(connections, clock, () => LIMITS).sweep();
    while (count(connections) === 0) {
      clock.advance(1);
      await turn();
      clock.advance(0);
      await turn();
    }
    assertEquals(count(connections), ended);
    for (const connection of connections) connection.markMs = clock.now();
    await untilSettled(clock, swept);
    assertEquals(count(connections), ended);
  });
}

Deno.test("sweep() does nothing while an earlier sweep is running", async () => {
  const clock = new VirtualClock();
  const late = new Late();
  const sweeper = new Sweeper([late], clock, () => LIMITS);
  const swept = sweeper.sweep();
  const { pending } = clock;
  await sweeper.sweep();
  assertEquals(clock.pending, pending);
  await untilTold(clock);
  await swept;
  assertEquals(late.expired, ["idle"]);
});

Deno.test("sweep() uses the current limits", async () => {
  const clock = new VirtualClock();
  const late = new Late();
  let limits = { idleMs: Infinity, messageMs: Infinity, lingerMs: Infinity };
  const sweeper = new Sweeper([late], clock, () => limits);
  await sweeper.sweep();
  assertEquals([late.expired, clock.pending], [[], 0]);
  limits = LIMITS;
  const swept = sweeper.sweep();
  await untilTold(clock);
  await swept;
  assertEquals(late.expired, ["idle"]);
});

Deno.test("stop() ends a running sweep, and leaves no timer", async () => {
  const clock = new VirtualClock();
  const late = new Late();
  const sweeper = new Sweeper([late], clock, () => LIMITS);
  const swept = sweeper.sweep();
  sweeper.stop();
  await swept;
  assertEquals([late.expired, clock.pending], [[], 0]);
});

/** Reads all the time: two of three milliseconds it is between two reads. */
class Reading extends Late {
  readonly #clock: VirtualClock;
  readonly #startMs: number;

  constructor(clock: VirtualClock) {
    super("lingering");
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /** To be called before each look at it. */
  move(): void {
    if (this.activity !== "closed") {
      this.activity = (this.#clock.now() - this.#startMs) % 3 === 0 ? "lingering" : "working";
    }
  }
}

Deno.test("sweep() ends a connection whose deadline has passed although it reads all the time", async () => {
  const clock = new VirtualClock();
  const connection = new Reading(clock);
  const swept = new Sweeper([connection], clock, () => LIMITS).sweep();
  for (let round = 0; round < 100; round++) {
    await turn();
    clock.advance(1);
    connection.move();
    await turn();
    clock.advance(0);
  }
  await swept;
  assertEquals([connection.expired, clock.pending], [["lingered"], 0]);
});
