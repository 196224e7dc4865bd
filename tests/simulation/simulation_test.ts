/**
 * The server in a thousand small worlds, each with its own troubles. `deno task simulate` knows more of them.
 */

import { assert, assertEquals } from "@std/assert";
import { simulate } from "./simulation.ts";

const SEEDS = 1000;

Deno.test(`the server keeps its invariants in ${SEEDS} simulations`, async () => {
  let answers = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await simulate(seed);
    answers += outcome.answers;
    const { violation } = outcome;
    assert(violation === null, `${violation?.message}\nReplay it with: deno task simulate --seed ${seed} --verbose`);
  }
  assert(answers > 5 * SEEDS, `only ${answers} answers: clients do not get to ask`);
});

Deno.test("simulate() tells the same story of the same seed again", async () => {
  for (let seed = 1; seed <= 20; seed++) assertEquals(await storyOf(seed), await storyOf(seed));
});

async function storyOf(seed: number): Promise<string[]> {
  const lines: string[] = [];
  await simulate(seed, (line) => lines.push(line));
  return lines;
}
