/**
 * When a worker that died is replaced.
 */

import { assertEquals } from "@std/assert";
import { Restarts } from "../../src/process/restarts.ts";

Deno.test("Restarts waits twice as long after each death within a minute, and gives up at the fifth", () => {
  const restarts = new Restarts();
  assertEquals([0, 1000, 2000, 3000, 4000].map((nowMs) => restarts.recordDeath(nowMs)), [
    100,
    200,
    400,
    800,
    "give up",
  ]);
});

Deno.test("Restarts forgets deaths after a minute", () => {
  const restarts = new Restarts();
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += 20_000) {
    assertEquals(restarts.recordDeath(nowMs) === "give up", false);
  }
  assertEquals(restarts.recordDeath(10_000_000), 100);
});
