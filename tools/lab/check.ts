/**
 * What a check of the lab is, and its result as points. Pure.
 * @module
 */

import type { Starting } from "./program.ts";
import type { Place } from "./wire.ts";

/** What the checks are told. */
export interface Bench {
  readonly place: Place;
  /** The idle timeout of the server, in seconds; 0: it has none. */
  readonly timeoutSeconds: number;
  /** How long each load test takes. */
  readonly loadSeconds: number;
  /** Whether the server cannot read UNREADABLE. `false`: it may read everything, or that is unknown. */
  readonly isConfined: boolean;
  /** How to start the server; `null`: it cannot be started from here. */
  readonly starting: Starting | null;
  /** Servers of the other two protocols; `null`: there is none. */
  readonly question: Place | null;
  readonly echo: Place | null;
}

/** One promise of the lab. */
export interface Check {
  readonly name: string;
  readonly points: number;
  /** Returns `null` if the server keeps the promise, or what it did instead. May throw: that is what it did, too. */
  readonly run: (bench: Bench) => Promise<string | null>;
  /** Whether the check can be made. */
  readonly isPossible?: (bench: Bench) => boolean;
}

/** Checks with a heading. */
export interface Group {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** The result of one check. `null` points: it was not made. */
export interface Result {
  readonly group: string;
  readonly name: string;
  readonly points: number | null;
  readonly of: number;
  /** What the server did instead, or why the check was not made; `null`: nothing to say. */
  readonly remark: string | null;
}

/** Makes all checks in order, and calls `onResult` after each. */
export async function grade(
  groups: readonly Group[],
  bench: Bench,
  onResult: (result: Result) => void = () => {},
): Promise<Result[]> {
  const results: Result[] = [];
  for (const { title, checks } of groups) {
    for (const check of checks) {
      const result = { group: title, name: check.name, of: check.points, ...await gradeOne(check, bench) };
      results.push(result);
      onResult(result);
    }
  }
  return results;
}

async function gradeOne(check: Check, bench: Bench): Promise<Pick<Result, "points" | "remark">> {
  if (check.isPossible?.(bench) === false) return { points: null, remark: "cannot be checked here" };
  try {
    const remark = await check.run(bench);
    return { points: remark === null ? check.points : 0, remark };
  } catch (error) {
    return { points: 0, remark: error instanceof Error ? error.message : String(error) };
  }
}

const REMARK_CHARS_MAX = 100;

/** A line about a result: `  2/2  GET / ...`, and below it what the server did instead. */
export function formatResult({ name, points, of, remark }: Result): string {
  const line = `${`${points ?? "-"}/${of}`.padStart(7)}  ${name}`;
  const text = remark?.replace(/\p{Cc}/gu, " ").slice(0, REMARK_CHARS_MAX) ?? null;
  return text === null ? line : `${line}\n         but: ${text}`;
}

/** The sum of the points, and of those that could be had. */
export function total(results: readonly Result[]): { readonly points: number; readonly of: number } {
  const made = results.filter(({ points }) => points !== null);
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  return { points: sum(made.map(({ points }) => points!)), of: sum(made.map((result) => result.of)) };
}
