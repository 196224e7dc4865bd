/**
 * The lab's load tests in small: no client may see a failure. `deno task bench:lab` runs them at full size.
 */

import { assert, assertEquals } from "@std/assert";
import { closedLoop, openLoop } from "../bench/lab_load.ts";
import { withSite } from "./site.ts";

const CONF = "host default ROOT\nparameter timeout 1\n";

Deno.test("clients that ask again and again for a large file see no failure", async () => {
  await withSite({ files: { "large.bin": new Uint8Array(1_700_000) }, conf: CONF }, async ({ port }) => {
    const { answers, failures } = await closedLoop({ port, target: "/large.bin" }, 100, 1);
    assertEquals(failures, []);
    assert(answers >= 100);
  });
});

Deno.test("clients that come at a steady rate see no failure", async () => {
  await withSite({ files: { "small.txt": "small" }, conf: CONF }, async ({ port }) => {
    const { answers, failures } = await openLoop({ port, target: "/small.txt" }, 550, 1);
    assertEquals(failures, []);
    assertEquals(answers, 550);
  });
});
