/**
 * Conformance to RFC 9110, 9112 and 3986: a test for each topic, a step for each case, over real sockets.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Allowance, type Case, LEVELS } from "./case.ts";
import { type Fixture, withFixture } from "./fixture.ts";
import { runCase } from "./runner.ts";
import { TOPICS } from "./topics.ts";

/** Number of concurrent connections, because most cases spend their time waiting. */
const CONCURRENCY = 8;

for (const { name, cases, conf = "", allows = [] } of TOPICS) {
  Deno.test(`conformance: ${name}`, async (t) => {
    const outcomes = new Map<Case, string | null>();
    await withFixture(conf, async (fixture) => await runAll(cases, allows, fixture, outcomes));
    for (const tried of cases) {
      await t.step(`${tried.id}: ${tried.about} (RFC ${tried.rfc}, ${tried.level})`, () => {
        const problem = outcomes.get(tried);
        if (problem !== null) throw new Error(problem);
      });
    }
  });
}

/** Runs the cases concurrently. The result maps each case to a description of its failure, or to `null`. */
async function runAll(
  cases: readonly Case[],
  allows: readonly Allowance[],
  fixture: Fixture,
  outcomes: Map<Case, string | null>,
): Promise<void> {
  const left = cases.values();
  const work = async () => {
    for (const tried of left) { // All loops share one iterator.
      outcomes.set(tried, await runCase({ ...tried, allows: [...allows, ...tried.allows ?? []] }, fixture));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

Deno.test("the conformance suite has over 300 cases, each with a unique id, a section and a level", () => {
  const cases = TOPICS.flatMap((topic) => topic.cases);
  assert(cases.length >= 300, `${cases.length} cases`);
  const ids = cases.map(({ id }) => id);
  assertEquals(ids.filter((id, index) => ids.indexOf(id) !== index), []);
  for (const { id, rfc, level, about } of cases) {
    assertMatch(id, /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/);
    assertMatch(rfc, /^(?:3986|6585|9110|9112) [0-9]+(?:\.[0-9]+)*$/);
    assert(LEVELS.includes(level) && about.length > 0, id);
  }
});
