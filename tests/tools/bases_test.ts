/** Which version of a base is taken where the registry has not all of them. */

import { assertEquals } from "@std/assert";
import { newest } from "../targets/bases.ts";

Deno.test("newest() takes the exact version where it is there", () => {
  assertEquals(newest(["2.9.5", "2.9.6", "2.9.7", "3.0.0"], "2.9.6"), "2.9.6");
});

Deno.test("newest() takes the nearest older one of the same minor version, by number and not by letters", () => {
  assertEquals(newest(["2.9.4", "2.9.9", "2.9.10", "2.10.1"], "2.9.11"), "2.9.10");
});

Deno.test("newest() takes none where there is none like it; one version alone is no list", () => {
  assertEquals([newest(["2.8.0", "2.9.7"], "2.9.6"), newest("2.9.6", "2.9.6"), newest([], "1.0.0")], [
    null,
    "2.9.6",
    null,
  ]);
});
