/**
 * Runs simulations from the command line: many seeds, or one with its trace.
 *
 *     deno task simulate --seeds 20000 [--from 1]
 *     deno task simulate --seed 123 [--verbose]
 *
 * --secured: over a double of TLS. --http2: most clients speak HTTP/2.
 */

import { parseArgs } from "@std/cli/parse-args";
import { INVARIANTS } from "./invariants.ts";
import { type Kind, type Outcome, simulate } from "./simulation.ts";
import type { Violation } from "./trace.ts";

const TAIL_LINES = 60;
const PROGRESS_SEEDS = 1000;

if (import.meta.main) Deno.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  const { seeds, from, seed, verbose, secured, http2 } = parseArgs(args, {
    string: ["seeds", "from", "seed"],
    boolean: ["verbose", "secured", "http2"],
  });
  const kind: Kind = { isSecured: secured === true, isHttp2: http2 === true };
  if (typeof seed === "string") return await replay(Number(seed), kind, verbose === true);
  return await explore(Number(from ?? 1), Number(seeds ?? 1000), kind);
}

async function explore(from: number, count: number, kind: Kind): Promise<number> {
  const startMs = performance.now();
  const failed: Outcome[] = [];
  let answers = 0;
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(seed, undefined, kind);
    answers += outcome.answers;
    if (outcome.violation !== null) {
      failed.push(outcome);
      console.log(`seed ${seed}: ${outcome.violation.message}`);
    }
    const done = seed - from + 1;
    if (done % PROGRESS_SEEDS !== 0 && done !== count) continue;
    const perSecond = (done / (performance.now() - startMs) * 1000).toFixed(0);
    console.log(`${done} seeds, ${answers} answers, ${failed.length} failed, ${perSecond} seeds/s`);
  }
  const [first] = failed;
  return first === undefined ? 0 : await replay(first.seed, kind, false);
}

/** Runs `seed` again and prints its trace: all of it if nothing is wrong, otherwise its end. */
async function replay(seed: number, kind: Kind, isVerbose: boolean): Promise<number> {
  const lines: string[] = [];
  const { violation } = await simulate(seed, (line) => lines.push(line), kind);
  if (isVerbose || violation !== null) console.log(lines.slice(isVerbose ? 0 : -TAIL_LINES).join("\n"));
  console.log(violation === null ? `seed ${seed}: nothing is wrong` : describe(seed, kind, violation));
  return violation === null ? 0 : 1;
}

function describe(seed: number, { isSecured, isHttp2 }: Kind, { invariant, message }: Violation): string {
  const flags = `${isHttp2 ? " --http2" : ""}${isSecured ? " --secured" : ""}`;
  return `seed ${seed}: ${message}\nThe invariant means: ${
    INVARIANTS[invariant]
  }\nReplay it with: deno task simulate --seed ${seed}${flags} --verbose`;
}
