/** The number of workers for the parameter `workers`. */

import { assertEquals } from "@std/assert";
import { workersFor } from "../../src/process/worker_task.ts";

Deno.test("workersFor() gives one worker per core, at most 8, to auto, and any number that was set", () => {
  assertEquals([1, 2, 8, 9, 128].map((cores) => workersFor("auto", cores)), [1, 2, 8, 8, 8]);
  assertEquals([workersFor(1, 64), workersFor(64, 1)], [1, 64]);
});
