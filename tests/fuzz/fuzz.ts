/**
 * Runs the fuzzers from the command line: all of them or one, for some time, or with one input.
 *
 *     deno task fuzz --seconds 60 [--seed S] [--only NAME] [--verbose]
 *     deno task fuzz --only NAME --input '"GET / HTTP/1.1\r\n"'
 *     deno task fuzz --only NAME --seed S --path P
 *
 * `--verbose` lists outcomes. `--trace` writes each input to standard error before it is tried, to find one that hangs.
 *
 * The exit code is 1 if a fuzzer found a failure.
 */

import { parseArgs } from "@std/cli/parse-args";
import { FUZZERS } from "./all.ts";
import type { Finding, Fuzzer, Tally } from "./fuzzer.ts";

const SECONDS = 60;

if (import.meta.main) Deno.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  const flags = parseArgs(args, {
    string: ["seconds", "seed", "only", "input", "path"],
    boolean: ["verbose", "trace"],
  });
  const given = (name: string) => typeof flags[name] === "string" ? flags[name] : null;
  const [only, input, path] = [given("only"), given("input"), given("path")];
  const chosen = FUZZERS.filter(({ name }) => only === null || name === only);
  const [first] = chosen;
  if (first === undefined) {
    console.error(`No fuzzer is called ${only}; there are ${FUZZERS.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  const seed = Number(given("seed") ?? Date.now() % 2 ** 31);
  const seconds = Number(given("seconds") ?? SECONDS);
  if (!Number.isSafeInteger(seed) || !(seconds > 0)) {
    console.error("--seed takes a whole number, --seconds a positive one");
    return 2;
  }
  if (input !== null || path !== null) return conclude(first, await first.replay({ seed, path, input }));
  console.log(`seed ${seed}, ${seconds} s for ${chosen.length} fuzzers`);
  return await runAll(chosen, {
    seed,
    seconds,
    isVerbose: flags["verbose"] === true,
    isTraced: flags["trace"] === true,
  });
}

interface Run {
  readonly seed: number;
  readonly seconds: number;
  readonly isVerbose: boolean;
  readonly isTraced: boolean;
}

async function runAll(fuzzers: readonly Fuzzer[], { seed, seconds, isVerbose, isTraced }: Run): Promise<number> {
  const shares = fuzzers.reduce((sum, { share }) => sum + share, 0);
  const trace = isTraced ? (input: string) => console.error(input) : () => {};
  let failed = 0;
  for (const fuzzer of fuzzers) {
    const startMs = performance.now();
    const endMs = startMs + seconds * 1000 * fuzzer.share / shares;
    const tally = await fuzzer.run({ seed, runs: Infinity, isOver: () => performance.now() >= endMs, trace });
    const perSecond = tally.executions / (performance.now() - startMs) * 1000;
    console.log(
      `${fuzzer.name.padEnd(20)} ${String(tally.executions).padStart(9)} executions ` +
        `${perSecond.toFixed(0).padStart(8)} a second ${String(tally.outcomes.size).padStart(5)} outcomes`,
    );
    if (isVerbose) {
      for (const [outcome, count] of tally.outcomes) console.log(`  ${String(count).padStart(9)} ${outcome}`);
    }
    failed += conclude(fuzzer, tally);
  }
  return failed > 0 ? 1 : 0;
}

/** Prints the finding, if there is one. Returns the exit code. */
function conclude({ name }: Fuzzer, { finding }: Tally): number {
  if (finding === null) return 0;
  console.log(`FOUND by ${name}: ${describe(finding)}`);
  return 1;
}

export function describe({ message, input, replay }: Finding): string {
  return `${message}\n  input:  ${input}\n  replay: deno task fuzz ${replay.join(" ")}`;
}
