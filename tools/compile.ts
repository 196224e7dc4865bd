/**
 * `task compile`: builds binaries with exactly the permissions that web.conf needs, verifies them, and writes sums and
 * a manifest.
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl, join } from "@std/path";
import type { Flavour } from "../src/config/build.ts";
import { formatDiagnostic } from "../src/config/diagnostic.ts";
import { parseConfig } from "../src/config/parse.ts";
import { UnnameableError } from "../src/config/permissions.ts";
import { VERSION } from "../src/version.ts";
import { compile, sha256 } from "./compiler.ts";
import { type Binary, manifest, sums } from "./manifest.ts";
import { Mistake, runTool } from "./mistake.ts";
import { smoke } from "./smoke.ts";
import { type Plan, type Stage, withStage } from "./stage.ts";
import { binaryName, type Target, TARGETS } from "./targets.ts";

const USAGE =
  `Usage: deno task compile [--config FILE] [--portable | --embed] [--target TARGET | --all] [--no-lan] [--out DIR]

Builds sweepd as one file, with permissions from web.conf (scoped), for any web.conf
(--portable), or with web.conf and its roots inside (--embed). Without --target it builds
for this machine. --no-lan leaves out the addresses of the machine in the banner.
Of an embedded site each file keeps its time; SOURCE_DATE_EPOCH in the environment sets the
latest, so that two builds of the same files are the same bytes.
Targets: ${TARGETS.map(({ triple }) => triple).join(", ")}
`;

/** The top level of the project. */
export const PROJECT = fromFileUrl(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** What to build, and where. */
export interface Job {
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly out: string;
}

/** The numbers of results, and the binaries that were built. */
export interface Tally {
  readonly binaries: readonly Binary[];
  readonly failed: number;
  readonly skipped: number;
}

if (import.meta.main) Deno.exit(await runTool("compile", () => main(Deno.args)));

async function main(args: readonly string[]): Promise<number> {
  const job = await readJob(args);
  if (job === "help") {
    console.log(USAGE.trimEnd());
    return 0;
  }
  const { binaries, failed } = await build(job);
  return binaries.length === job.targets.length && failed === 0 ? 0 : 1;
}

/** Parses the arguments. Throws `Mistake` if they or web.conf are invalid. */
export async function readJob(args: readonly string[]): Promise<Job | "help"> {
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    string: ["config", "target", "out"],
    boolean: ["portable", "embed", "all", "no-lan", "help"],
    unknown: (argument) => void unknown.push(argument),
  });
  if (parsed["help"] === true) return "help";
  if (unknown[0] !== undefined) throw new Mistake(`unknown argument "${unknown[0]}"; try --help`, { code: 2 });
  const flavours = [
    parsed["embed"] === true ? "embedded" : null,
    parsed["portable"] === true ? "portable" : null,
  ] as const;
  if (flavours.every((flavour) => flavour !== null)) throw new Mistake("--embed or --portable, not both", { code: 2 });
  const targets = chooseTargets(parsed["all"] === true, parsed["target"]);
  const config = String(parsed["config"] ?? "web.conf");
  const plan = await makePlan({ path: config, name: config }, {
    flavour: flavours.find((flavour) => flavour !== null) ?? "scoped",
    lan: parsed["no-lan"] !== true,
  });
  return { plan, targets, out: String(parsed["out"] ?? join(PROJECT, "dist")) };
}

function chooseTargets(all: boolean, triple: unknown): readonly Target[] {
  if (all) return TARGETS;
  const wanted = triple ?? Deno.build.target;
  const target = TARGETS.find((target) => target.triple === wanted);
  if (target !== undefined) return [target];
  const triples = TARGETS.map(({ triple }) => triple).join(", ");
  throw new Mistake(`there is no target "${wanted}"; there are ${triples}`, { code: 2 });
}

/** Reads the configuration at `path`. The binary will know it as `name`. Throws `Mistake`. */
export async function makePlan(
  { path, name }: { readonly path: string; readonly name: string },
  { flavour, lan }: { readonly flavour: Flavour; readonly lan: boolean },
): Promise<Plan> {
  const configText = await Deno.readTextFile(path).catch((error) => {
    throw new Mistake(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  });
  const { config, diagnostics } = parseConfig(configText, name);
  for (const diagnostic of diagnostics) say(formatDiagnostic(diagnostic));
  if (diagnostics.some(({ severity }) => severity === "error")) {
    throw new Mistake("the configuration has errors; nothing was built");
  }
  return { project: PROJECT, flavour, configFile: name, configText, config, lan, latest: latestTime() };
}

/** The time from the environment, if it is set, so that two builds at different times have the same bytes. */
function latestTime(): Date | null {
  const seconds = Deno.env.get("SOURCE_DATE_EPOCH") ?? "";
  if (seconds === "") return null;
  if (!/^\d{1,11}$/.test(seconds)) {
    throw new Mistake(`SOURCE_DATE_EPOCH: "${seconds}" is not a number of seconds since 1970`);
  }
  return new Date(Number(seconds) * 1000);
}

/**
 * Builds, verifies and tries the binaries, and writes them with sums, manifest and `texts`, which are the other files
 * of a download by name. All of them appear in `out` at the end. If a build fails, or nothing can be built, `out` does
 * not change.
 */
export async function build({ plan, targets, out }: Job, texts?: ReadonlyMap<string, string>): Promise<Tally> {
  const folder = await makeFolderIn(out);
  try {
    const tally = await withStage(plan, async (stage) => {
      for (const what of stage.leftOut) say(`left out: ${what}`);
      return await buildEach(stage, targets, folder);
    });
    const { binaries, failed, skipped } = tally;
    const isWhole = failed === 0 && (texts === undefined ? binaries.length > 0 : binaries.length === targets.length);
    if (isWhole) await publish(await gather(folder, tally, plan, texts ?? new Map()), { from: folder, to: out });
    const told = isWhole ? "" : `; nothing was written to ${out}`;
    say(`${binaries.length} built and verified, ${failed} failed, ${skipped} not built or not tried here${told}`);
    return tally;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes a folder on the same disk, so that its files can be renamed to `out`. */
async function makeFolderIn(out: string): Promise<string> {
  try {
    await Deno.mkdir(out, { recursive: true });
    return await Deno.realPath(await Deno.makeTempDir({ dir: out, prefix: ".building_" }));
  } catch (error) {
    throw new Mistake(`cannot write to ${out}: ${messageOf(error)}`, { cause: error });
  }
}

/** Writes the files beside the binaries. Returns all names. The sums are last, because they list the others. */
async function gather(
  folder: string,
  { binaries }: Tally,
  { project }: Plan,
  texts: ReadonlyMap<string, string>,
): Promise<string[]> {
  const origin = { version: VERSION, deno: Deno.version.deno, commit: await commitOf(project) };
  const all = new Map([...texts, ["manifest.json", manifest(binaries, origin)]]);
  for (const [name, text] of all) await Deno.writeTextFile(join(folder, name), text);
  const hashes = Array.from(
    all.keys(),
    async (file) => ({ file, sha256: await sha256(await Deno.readFile(join(folder, file))) }),
  );
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums([...binaries, ...await Promise.all(hashes)]));
  return [...binaries.map(({ file }) => file), ...all.keys(), "SHA256SUMS"];
}

async function publish(names: readonly string[], { from, to }: { readonly from: string; readonly to: string }) {
  for (const name of names) await Deno.rename(join(from, name), join(to, name));
}

async function buildEach(stage: Stage, targets: readonly Target[], folder: string): Promise<Tally> {
  const binaries: Binary[] = [];
  let failed = 0;
  let skipped = 0;
  for (const target of targets) {
    const outcome = await buildOne(stage, target, folder);
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

async function buildOne(stage: Stage, target: Target, folder: string): Promise<Binary | "failed" | "skipped"> {
  const file = binaryName(VERSION, target);
  const output = join(folder, file);
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
    throw error;
  }
}

/** Starts a binary, if this machine can run it. */
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
    if (error instanceof Deno.errors.NotFound) return null; // git is not installed.
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(message: string): void {
  console.error(`compile: ${message}`.trimEnd());
}
