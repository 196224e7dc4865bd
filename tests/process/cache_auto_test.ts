/** `parameter cache auto`: which number the workers get. On a clock that stands still, with a given amount of memory. */

import { assertEquals } from "@std/assert";
import type { Order } from "../../src/process/worker.ts";
import { conf, Stage } from "./staged.ts";

Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("cache auto is a number for each worker, made of the memory that was free at the start", async () => {
  let freeBytes = 1024 ** 3;
  const stage = await Stage.start(conf(), { freeMemory: () => Promise.resolve(freeBytes) });
  const sizes = () => stage.threads.all.map(({ orders }) => orders.flatMap(cacheOf).at(-1));
  assertEquals([sizes(), stage.running[0]?.freeBytes], [[128, 128], 1024 ** 3]);
  freeBytes = 0;
  await stage.reload(conf("host default /www\nparameter timeout 4\n"));
  assertEquals(sizes(), [128, 128], "the caches stay, because they hold what is not free any more");
  await stage.reload(conf("host default /www\nparameter workers 4\n"));
  assertEquals(sizes(), [64, 64, 64, 64], "four workers share what two had");
  assertEquals(await stage.reload(conf("host default /www\nparameter workers 4\nparameter cache 7\n")), [
    "reloaded: parameter cache altered: auto -> 7 (web.conf:5)",
  ]);
  assertEquals(sizes(), [7, 7, 7, 7]);
  await stage.close();
});

function cacheOf(order: Order): (number | "auto")[] {
  return "config" in order ? [order.config.parameters.cache.value] : [];
}
