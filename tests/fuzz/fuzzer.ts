/**
 * What a fuzzer is: it runs executions within a budget, counts what comes of them, and stops at the first that fails.
 * Knows neither values nor bytes; see `property.ts` and `mutating.ts` for the two kinds.
 */

import { Disagreement } from "./agree.ts";

/** What a fuzzer may spend. The seed decides every execution. */
export interface Budget {
  readonly seed: number;
  readonly runs: number;
  /** Asked between executions. */
  isOver(): boolean;
  /** Told of each input before it is tried, so that the last one is known when nothing comes any more. */
  trace?(input: string): void;
}

/** An execution that failed. */
export interface Finding {
  readonly message: string;
  /** The smallest input that still fails, as a JavaScript literal. */
  readonly input: string;
  /** Arguments of `fuzz.ts` that run that input, and nothing else. */
  readonly replay: readonly string[];
}

/** What came of the executions. */
export interface Tally {
  readonly executions: number;
  /** How often each outcome was seen, in words. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly finding: Finding | null;
}

/** What the arguments of a replay say. */
export interface Replay {
  readonly seed: number;
  /** fast-check's way to a value. */
  readonly path: string | null;
  /** A literal, one character a byte. */
  readonly input: string | null;
}

export interface Fuzzer {
  readonly name: string;
  /** Executions in the tests: as many as fit a fraction of a second. */
  readonly runsInTests: number;
  /** Of the time that there is for all: the more can go wrong, the more. */
  readonly share: number;
  run(budget: Budget): Promise<Tally>;
  replay(replay: Replay): Promise<Tally>;
}

/** Outcomes and how often each was seen. */
export class Outcomes {
  readonly counts = new Map<string, number>();
  executions = 0;

  /** Counts one execution; says whether its outcome is new. */
  add(outcome: string): boolean {
    const count = this.counts.get(outcome) ?? 0;
    this.counts.set(outcome, count + 1);
    this.executions++;
    return count === 0;
  }

  tally(finding: Finding | null): Tally {
    return { executions: this.executions, outcomes: this.counts, finding };
  }
}

/** What an error says, in one line, without the colours of assertions; where it is not a rule that failed, from where. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isRule = error instanceof Disagreement || error.name === "AssertionError";
  const text = isRule ? error.message : error.stack ?? String(error);
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "").replace(/\s+/g, " ").slice(0, MESSAGE_CHARS_MAX);
}

const MESSAGE_CHARS_MAX = 2000;
