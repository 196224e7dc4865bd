/**
 * The interface of fuzzers. A fuzzer runs executions within a budget, counts their outcomes, and stops at the first failure.
 * Knows neither values nor bytes: `property.ts` and `mutating.ts` implement the two kinds of fuzzers.
 */

import { Disagreement } from "./agree.ts";

/** The budget of a fuzzer. The seed determines every execution. */
export interface Budget {
  readonly seed: number;
  readonly runs: number;
  /** Whether the time is over. Called between executions. */
  isOver(): boolean;
  /** Called with each input before it is tried, so that an input that hangs is known. */
  trace?(input: string): void;
}

/** An execution that failed. */
export interface Finding {
  readonly message: string;
  /** The smallest failing input that was found, as a JavaScript literal. */
  readonly input: string;
  /** Arguments of `fuzz.ts` that run only this input. */
  readonly replay: readonly string[];
}

/** The results of the executions. */
export interface Tally {
  readonly executions: number;
  /** The number of executions with each outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly finding: Finding | null;
}

/** The arguments of a replay. */
export interface Replay {
  readonly seed: number;
  /** The path with which fast-check finds the value again. */
  readonly path: string | null;
  /** A JavaScript literal with one character per byte. */
  readonly input: string | null;
}

export interface Fuzzer {
  readonly name: string;
  /** Number of executions in the tests. They take a fraction of a second. */
  readonly runsInTests: number;
  /** The fuzzer's share of the total time. Fuzzers of more complex code have a larger one. */
  readonly share: number;
  run(budget: Budget): Promise<Tally>;
  replay(replay: Replay): Promise<Tally>;
}

/** Counts outcomes. */
export class Outcomes {
  readonly counts = new Map<string, number>();
  executions = 0;

  /** Counts one execution. Returns whether its outcome is new. */
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

/** The message of an error in one line and without colours. For errors other than violated rules, the stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isRule = error instanceof Disagreement || error.name === "AssertionError";
  const text = isRule ? error.message : error.stack ?? String(error);
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "").replace(/\s+/g, " ").slice(0, MESSAGE_CHARS_MAX);
}

const MESSAGE_CHARS_MAX = 2000;
