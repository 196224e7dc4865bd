/**
 * Runs every fuzzer for a bounded number of executions from a fixed seed. Each begins with the inputs that once failed.
 * `deno task fuzz` runs them for longer and with other seeds.
 */

import { assertEquals } from "@std/assert";
import { FUZZERS } from "./all.ts";
import { describe } from "./fuzz.ts";

const SEED = 9112;

for (const { name, runsInTests, run } of FUZZERS) {
  Deno.test(`fuzz: ${name} holds`, async () => {
    const { finding } = await run({ seed: SEED, runs: runsInTests, isOver: () => false });
    assertEquals(finding === null ? "" : describe(finding), "");
  });
}

Deno.test("fuzz: no two fuzzers have the same name", () => {
  const names = FUZZERS.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});
