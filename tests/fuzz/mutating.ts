/**
 * Fuzzers that mutate bytes. They begin with seeds. A mutant with a new outcome is kept and mutated again.
 */

import { Random } from "../simulation/random.ts";
import { type Budget, type Finding, type Fuzzer, messageOf, Outcomes, type Tally } from "./fuzzer.ts";
import { literal, parseLiteral } from "./literal.ts";
import { minimise } from "./minimise.ts";
import { type Material, MUTANT_BYTES_MAX, mutate, toBytes, toText } from "./mutate.ts";

/** A rule about bytes. */
export interface ByteRule {
  readonly name: string;
  readonly runsInTests: number;
  readonly share?: number;
  /** Inputs that once failed. Every run begins with them. */
  readonly found?: readonly string[];
  /** Valid messages to begin with, one character per byte. */
  readonly seeds: readonly string[];
  readonly dictionary: readonly string[];
  /** Maximum length of an input, if longer inputs find no more mistakes. */
  readonly bytesMax?: number;
  /** Returns the outcome for `bytes` in a few words, always the same. Throws if the rule is violated. */
  readonly check: (bytes: Uint8Array) => string | Promise<string>;
}

/** Maximum number of kept mutants. */
const KEPT_MAX = 1000;

/** Maximum length of a kept mutant, because longer ones are slow and find no more mistakes. */
const KEPT_BYTES_MAX = 4096;

export function mutating(rule: ByteRule): Fuzzer {
  return {
    name: rule.name,
    runsInTests: rule.runsInTests,
    share: rule.share ?? 1,
    run: (budget) => explore(rule, budget),
    async replay({ input }) {
      const outcomes = new Outcomes();
      if (input === null) throw new TypeError(`${rule.name} is replayed with --input`);
      return outcomes.tally(await attempt(rule, toBytes(parseLiteral(input)), outcomes));
    },
  };
}

async function explore(rule: ByteRule, budget: Budget): Promise<Tally> {
  const random = new Random(budget.seed);
  const corpus = [...rule.found ?? [], ...rule.seeds].map(toBytes);
  const { bytesMax = MUTANT_BYTES_MAX } = rule;
  const material: Material = { corpus, dictionary: rule.dictionary.map(toBytes), bytesMax };
  const outcomes = new Outcomes();
  const plain = corpus.length; // First, all inputs are tried without mutation.
  while (outcomes.executions < budget.runs && !budget.isOver()) {
    const isPlain = outcomes.executions < plain;
    const bytes = isPlain ? corpus[outcomes.executions]! : mutate(random.pick(corpus), random, material);
    budget.trace?.(literal(toText(bytes)));
    const known = outcomes.counts.size;
    const finding = await attempt(rule, bytes, outcomes);
    if (finding !== null) return outcomes.tally(finding);
    const isNew = !isPlain && outcomes.counts.size > known;
    if (isNew && corpus.length < plain + KEPT_MAX && bytes.length <= KEPT_BYTES_MAX) corpus.push(bytes.slice());
  }
  return outcomes.tally(null);
}

async function attempt(rule: ByteRule, bytes: Uint8Array, outcomes: Outcomes): Promise<Finding | null> {
  try {
    outcomes.add(await rule.check(bytes));
    return null;
  } catch {
    const smallest = await minimise(bytes, async (candidate) => await errorOf(rule, candidate) !== null);
    const input = literal(toText(smallest));
    const message = messageOf(await errorOf(rule, smallest));
    return { message, input, replay: ["--only", rule.name, "--input", `'${input}'`] };
  }
}

async function errorOf(rule: ByteRule, bytes: Uint8Array): Promise<unknown> {
  try {
    await rule.check(bytes);
    return null;
  } catch (error) {
    return error ?? "nothing was thrown";
  }
}
