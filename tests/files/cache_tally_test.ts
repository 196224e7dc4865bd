/** What a cache counts and holds. */

import { assertEquals } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { Tally } from "../../src/net/tally.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { findIn, makeCache } from "./cached.ts";
import { withFolder } from "./folder.ts";

Deno.test("find() counts a miss where it looks at the disk for a file, and a hit where it has the file", async () => {
  await withFolder(({ root, write }) => {
    write("a.txt", "content");
    const tally = new Tally();
    const clock = new VirtualClock(Date.now() + 3_600_000); // Every file is old enough to be cached.
    const cache = makeCache({ disk: systemDisk, clock, tally });
    for (let count = 0; count < 3; count++) {
      const found = findIn(cache, root, ["a.txt"]);
      if (typeof found !== "string") found.close();
    }
    assertEquals([tally.counts.cacheMisses, tally.counts.cacheHits], [1, 2]);
    assertEquals(findIn(cache, root, ["none.txt"]), "absent");
    assertEquals([tally.counts.cacheMisses, tally.counts.cacheHits], [2, 2]);
    const { bytes, files, openFiles } = cache.usage;
    assertEquals([bytes > 7, files, openFiles], [true, 1, 0]);
    cache.close();
    assertEquals(cache.usage, { bytes: 0, files: 0, openFiles: 0 });
  });
});
