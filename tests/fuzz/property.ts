/**
 * Fuzzers that check a rule for random values. fast-check generates the values and shrinks a failing one.
 */

import fc from "../fast_check.ts";
import { type Budget, type Fuzzer, messageOf, Outcomes, type Replay, type Tally } from "./fuzzer.ts";

/** A rule about values. */
export interface Property<Value> {
  readonly name: string;
  readonly runsInTests: number;
  readonly share?: number;
  /** Values that once failed. Every run begins with them. */
  readonly found?: readonly Value[];
  readonly values: fc.Arbitrary<Value>;
  /** Returns the outcome for `value` in a few words. Throws if the rule is violated. */
  readonly check: (value: Value) => string | Promise<string>;
}

/** Size of one session of fast-check, which begins with small values. The fuzzer checks the clock after each session. */
const RUNS_A_BATCH = 100;

export function property<Value>(rule: Property<Value>): Fuzzer {
  return {
    name: rule.name,
    runsInTests: rule.runsInTests,
    share: rule.share ?? 1,
    async run(budget: Budget): Promise<Tally> {
      const outcomes = new Outcomes();
      for (let batch = 0; outcomes.executions < budget.runs && !budget.isOver(); batch++) {
        const numRuns = Math.min(RUNS_A_BATCH, budget.runs - outcomes.executions);
        const examples = batch === 0 ? rule.found?.map((value): [Value] => [value]) ?? [] : [];
        const tally = await session(
          rule,
          { seed: (budget.seed + batch) | 0, numRuns, examples },
          outcomes,
          budget.trace,
        );
        if (tally.finding !== null) return tally;
      }
      return outcomes.tally(null);
    },
    replay: ({ seed, path }: Replay) => {
      return session(rule, { seed, ...(path === null ? {} : { path, endOnFailure: true }) }, new Outcomes());
    },
  };
}

async function session<Value>(
  { name, values, check }: Property<Value>,
  parameters: fc.Parameters<[Value]>,
  outcomes: Outcomes,
  trace?: Budget["trace"],
): Promise<Tally> {
  const attempt = async (value: Value) => {
    trace?.(fc.stringify(value));
    outcomes.add(await check(value));
  };
  const details = await fc.check(fc.asyncProperty(values, attempt), parameters);
  if (!details.failed) return outcomes.tally(null);
  return outcomes.tally({
    message: messageOf(details.errorInstance),
    input: fc.stringify(details.counterexample?.[0]),
    replay: ["--only", name, "--seed", String(details.seed), "--path", details.counterexamplePath ?? ""],
  });
}
