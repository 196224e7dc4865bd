/** How much memory the cache of each worker may use. */

import { assertEquals } from "@std/assert";
import { cacheMiB, cacheMiBAlone, describeCache } from "../../src/config/cache_share.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

Deno.test("cacheMiB() gives all workers together a quarter of the free memory, at most 512 MiB", () => {
  const cases: readonly (readonly [freeMiB: number, workers: number, each: number])[] = [
    [24 * 1024, 1, 512],
    [24 * 1024, 2, 256],
    [24 * 1024, 8, 64],
    [24 * 1024, 256, 2],
    [2048, 1, 512],
    [2047, 1, 511],
    [1024, 2, 128],
    [512, 2, 64],
    [500, 2, 62],
    [100, 1, 25],
  ];
  for (const [freeMiB, workers, each] of cases) {
    assertEquals(cacheMiB("auto", { workers, freeBytes: freeMiB * MIB }), each, `${freeMiB} MiB for ${workers}`);
  }
});

Deno.test("cacheMiB() never switches a cache off for want of memory", () => {
  assertEquals([0, 7 * MIB].map((freeBytes) => cacheMiB("auto", { workers: 4, freeBytes })), [1, 1]);
});

Deno.test("cacheMiB() gives each worker 64 MiB if it is not known how much is free", () => {
  assertEquals([1, 8].map((workers) => cacheMiB("auto", { workers, freeBytes: null })), [64, 64]);
  assertEquals([cacheMiBAlone("auto"), cacheMiBAlone(7)], [64, 7]);
});

Deno.test("cacheMiB() leaves a number as it is written", () => {
  assertEquals([0, 1, 65536].map((each) => cacheMiB(each, { workers: 8, freeBytes: GIB })), [0, 1, 65536]);
});

Deno.test("describeCache() says how the number was found", () => {
  assertEquals(
    [
      describeCache("auto", { workers: 2, freeBytes: 1.5 * GIB }),
      describeCache("auto", { workers: 1, freeBytes: 20.9 * GIB }),
      describeCache("auto", { workers: 8, freeBytes: null }),
      describeCache(64, { workers: 2, freeBytes: GIB }),
      describeCache(0, { workers: 2, freeBytes: GIB }),
    ],
    [
      "192 MiB of memory for each of 2 workers, because 1536 MiB are free",
      "512 MiB of memory for one worker, because 20 GiB are free",
      "64 MiB of memory for each of 8 workers, because this process may not ask how much is free",
      "64 MiB of memory for each of 2 workers",
      "none",
    ],
  );
});
