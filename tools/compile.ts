/**
 * `task compile`: web.conf to binaries that may do what it implies and nothing else, verified, with sums and a manifest.
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl, join } from "@std/path";
import type { Flavour } from "../src/config/build.ts";
import { formatDiagnostic } from "../src/config/diagnostic.ts";
import { parseConfig } from "../src/config/parse.ts";
import { UnnameableError } from "../src/config/permissions.ts";
import { VERSION } from "../src/version.ts";
import { compile } from "./compiler.ts";
import { type Binary, manifest, sums } from "./manifest.ts";
import { smoke } from "./smoke.ts";
import { type Plan, type Stage, withStage } from "./stage.ts";
import { binaryName, type Target, TARGETS } from "./targets.ts";

const USAGE =
  `Usage: deno task compile [--config FILE] [--portable | --embed] [--target TARGET | --all] [--no-lan] [--out DIR]

Builds sweepd as one file, with permissions from web.conf (scoped), for any web.conf
(--portable), or with web.conf and its roots inside (--embed). Without --target it builds
for this machine. --no-lan leaves out the addresses of the machine in the banner.
Targets: ${TARGETS.map(({ triple }) => triple).join(", ")}
`;

/** The top level of the project. */
export const PROJECT = fromFileUrl(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** What to build, and where to. */
export interface Job {
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly out: string;
}

/** How many of each, and the binaries that were built. */
export interface Tally {
  readonly binaries: readonly Binary[];
  readonly failed: number;
  readonly skipped: number;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const job = await readJob(args);
  if (job === USAGE) console.log(USAGE.trimEnd());
  else if (typeof job === "string") say(job);
  if (typeof job === "string") return job === USAGE ? 0 : 2;
  const tally = await build(job);
  return tally.binaries.length === job.targets.length && tally.failed === 0 ? 0 : 1;
}

/** What the arguments ask for; or what is wrong with them, or with web.conf. */
export async function readJob(args: readonly string[]): Promise<Job | string> {
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    string: ["config", "target", "out"],
    boolean: ["portable", "embed", "all", "no-lan", "help"],
    unknown: (argument) => void unknown.push(argument),
  });
  if (parsed["help"] === true) return USAGE;
  if (unknown[0] !== undefined) return `unknown argument "${unknown[0]}"\n${USAGE}`;
  const targets = chooseTargets(parsed["all"] === true, parsed["target"]);
  if (typeof targets === "string") return targets;
  const plan = await makePlan(String(parsed["config"] ?? "web.conf"), {
    flavour: parsed["embed"] === true ? "embedded" : parsed["portable"] === true ? "portable" : "scoped",
    lan: parsed["no-lan"] !== true,
  });
  return typeof plan === "string" ? plan : { plan, targets, out: String(parsed["out"] ?? join(PROJECT, "dist")) };
}

function chooseTargets(all: boolean, triple: unknown): readonly Target[] | string {
  if (all) return TARGETS;
  const wanted = triple ?? Deno.build.target;
  const target = TARGETS.find((target) => target.triple === wanted);
  return target === undefined
    ? `there is no target "${wanted}"; there are ${TARGETS.map(({ triple }) => triple).join(", ")}`
    : [target];
}

/** Reads the configuration; or what is wrong with it, in words. */
export async function makePlan(
  configFile: string,
  { flavour, lan }: { readonly flavour: Flavour; readonly lan: boolean },
): Promise<Plan | string> {
  let configText;
  try {
    configText = await Deno.readTextFile(configFile);
  } catch (error) {
    return `cannot read ${configFile}: ${error instanceof Error ? error.message : error}`;
  }
  const { config, diagnostics } = parseConfig(configText, configFile);
  for (const diagnostic of diagnostics) say(formatDiagnostic(diagnostic));
  if (diagnostics.some(({ severity }) => severity === "error")) {
    return "the configuration has errors; nothing was built";
  }
  return { project: PROJECT, flavour, configFile, configText, config, lan };
}

/** Builds, verifies, tries, and writes sums and manifest; tells of each step. */
export async function build({ plan, targets, out }: Job): Promise<Tally> {
  await Deno.mkdir(out, { recursive: true });
  const tally = await withStage(plan, async (stage) => {
    for (const what of stage.leftOut) say(`left out: ${what}`);
    return await buildEach(stage, targets, out);
  });
  const { binaries, failed, skipped } = tally;
  const origin = { version: VERSION, deno: Deno.version.deno, commit: await commitOf(plan.project) };
  await Deno.writeTextFile(join(out, "SHA256SUMS"), sums(binaries));
  await Deno.writeTextFile(join(out, "manifest.json"), manifest(binaries, origin));
  say(`${binaries.length} built and verified, ${failed} failed, ${skipped} not built or not tried here`);
  return tally;
}

async function buildEach(stage: Stage, targets: readonly Target[], out: string): Promise<Tally> {
  const binaries: Binary[] = [];
  let failed = 0;
  let skipped = 0;
  for (const target of targets) {
    const outcome = await buildOne(stage, target, out);
    if (outcome === "failed") failed++;
    else if (outcome === "skipped") skipped++;
    else {
      binaries.push(outcome);
      if (outcome.smoke.startsWith("failed")) failed++;
      if (outcome.smoke.startsWith("skipped")) skipped++;
    }
  }
  return { binaries, failed, skipped };
}

async function buildOne(stage: Stage, target: Target, out: string): Promise<Binary | "failed" | "skipped"> {
  const file = binaryName(VERSION, target);
  const output = join(await Deno.realPath(out), file);
  const outcome = await compileOrExplain(stage, target, output);
  if (outcome.kind === "skipped") say(`skipped ${file}: ${outcome.reason}`);
  if (outcome.kind === "failed") say(`FAILED ${file}: ${outcome.problems.join("; ")}`);
  if (outcome.kind !== "built") return outcome.kind;
  const { embedded, size, sha256 } = outcome;
  const tried = await trial(stage, target, output);
  say(`built ${file}, ${Math.ceil(size / 1024 / 1024)} MiB, verified; first start: ${tried}`);
  return { file, target: target.triple, flavour: stage.plan.flavour, size, sha256, embedded, smoke: tried };
}

async function compileOrExplain(stage: Stage, target: Target, output: string) {
  try {
    return await compile(stage, { target, output, base: null });
  } catch (error) {
    if (error instanceof UnnameableError) {
      return { kind: "failed", problems: [`${error.message}; rename it, or build with --portable`] } as const;
    }
    if (error instanceof Deno.errors.NotFound) {
      return { kind: "failed", problems: [`DENORT_BIN: ${error.message}`] } as const;
    }
    throw error;
  }
}

/** Only what runs here can be tried here. */
async function trial(stage: Stage, target: Target, output: string): Promise<string> {
  if (target.triple !== Deno.build.target) return "skipped: it is for another platform";
  const verdict = await smoke(stage, { command: output, args: [] }, VERSION);
  if (verdict.kind === "passed") return `passed, ${verdict.checks} checks`;
  return verdict.kind === "skipped" ? `skipped: ${verdict.reason}` : `failed: ${verdict.problems.join("; ")}`;
}

async function commitOf(project: string): Promise<string | null> {
  const git = async (...args: readonly string[]) => {
    const { success, stdout } = await new Deno.Command("git", { args: ["-C", project, ...args], stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  };
  try {
    const commit = await git("rev-parse", "HEAD");
    const changes = await git("status", "--porcelain");
    return commit === null || changes === "" ? commit : `${commit}, with changes`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null; // There is no git here.
    throw error;
  }
}

function say(message: string): void {
  console.error(`compile: ${message}`.trimEnd());
}
