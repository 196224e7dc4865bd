/** Numbers of variants. */

import { assert, assertEquals } from "@std/assert";
import { variantId } from "../../src/site/variant_ids.ts";

Deno.test("variantId() is the same for the same description, and another one for each other", () => {
  const ids = ["a", "b", ["a"], [], [[], []], null].map(variantId);
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(["a", "b", ["a"], [], [[], []], null].map(variantId), ids);
});

Deno.test("variantId() forgets descriptions when they are many, and never gives their numbers again", () => {
  const large = "x".repeat(300_000);
  const before = variantId("kept");
  const ids = Array.from({ length: 20 }, (_, index) => variantId([large, index]));
  assertEquals(new Set([before, ...ids]).size, 21);
  const after = variantId("kept");
  assert(after !== before && !ids.includes(after), "the number of another one");
});
