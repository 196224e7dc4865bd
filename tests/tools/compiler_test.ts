/**
 * Real builds: with the runtime itself as their base they embed all that a binary does, though what starts is the runtime.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { describeEmbedded, readEmbedded } from "../../src/embedded.ts";
import { VERSION } from "../../src/version.ts";
import { compile, compilerArguments, whyNoBase } from "../../tools/compiler.ts";
import { verify } from "../../tools/rules.ts";
import { smoke } from "../../tools/smoke.ts";
import { type Stage, withStage } from "../../tools/stage.ts";
import { TARGETS } from "../../tools/targets.ts";
import { PROJECT, run } from "../process.ts";
import { HOST_TARGET, planOf, withFiles } from "./staged.ts";

const BASE = Deno.execPath();

async function withOutput(test: (output: string) => Promise<void>): Promise<void> {
  await withFiles({}, (folder) => test(join(folder, "sweepd")));
}

for (const flavour of ["scoped", "portable", "embedded"] as const) {
  Deno.test(`compile() a ${flavour} binary: built, read back, verified`, async () => {
    await withFiles({ "site/index.html": "x", "site/.env": "x" }, async (folder) => {
      const output = join(folder, "sweepd");
      await withStage(planOf(`host default "${folder}/site"\n`, flavour), async (stage) => {
        const outcome = await compile(stage, { target: HOST_TARGET, output, base: BASE });
        if (outcome.kind !== "built") throw new Error(JSON.stringify(outcome));
        const { embedded: { files, permissions, argv }, sha256, size } = outcome;
        assertEquals(
          permissions["allow_read"],
          {
            scoped: ["web.conf", `${folder}/site`],
            portable: [],
            embedded: null,
          }[flavour],
        );
        const content = files.map(({ path }) => path).filter((path) => path.startsWith("embedded/")).toSorted();
        assertEquals(content, flavour === "embedded" ? ["embedded/0/index.html", "embedded/web.conf"] : []);
        assertEquals([argv, /^[0-9a-f]{64}$/.test(sha256), size > 1_000_000], [[], true, true]);
        const verdict = await smoke(stage, { command: output, args: [] }, VERSION);
        assertEquals(verdict.kind, "skipped"); // Never as passed: it is the runtime that starts.
      });
    });
  });
}

Deno.test("compile() with a base for another platform fails, and leaves nothing behind", async () => {
  const other = TARGETS.find(({ format }) =>
    format.startsWith(HOST_TARGET.format.split(" ")[0]!) && format !== HOST_TARGET.format
  )!;
  await withOutput(async (output) => {
    await withStage(planOf("host default www"), async (stage) => {
      const outcome = await compile(stage, { target: other, output, base: BASE });
      assertEquals(outcome, {
        kind: "failed",
        problems: [`it is for ${HOST_TARGET.format} and should be for ${other.format}`],
      });
      assertEquals(await Deno.stat(output).catch(() => "gone"), "gone");
    });
  });
});

/** Builds with other arguments than `compile` would, and returns what `verify` has against it. */
async function breakBuild(stage: Stage, output: string, change: (args: string[]) => string[]): Promise<string[]> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: change(compilerArguments(stage, HOST_TARGET, output)),
    cwd: stage.folder,
    env: { DENORT_BIN: BASE },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const bytes = await Deno.readFile(output);
  const embedded = readEmbedded(bytes);
  if (typeof embedded === "string") throw new Error(embedded);
  const { build, plan, argv, embeddedFiles, folder } = stage;
  return verify(bytes, embedded, {
    flavour: plan.flavour,
    permissions: build.permissions,
    argv,
    features: ["net", "worker-options"],
    format: HOST_TARGET.format,
    machinePaths: [PROJECT, folder],
    embeddedFiles,
  });
}

const without = (...unwanted: readonly string[]) => (args: string[]) => args.filter((arg) => !unwanted.includes(arg));

for (
  const [what, change, problem] of [
    ["no --no-prompt", without("--no-prompt"), /^it would stop to ask for permissions$/],
    ["no --deny-import", without("--deny-import"), /^it may import modules from the network$/],
    ["all of reading", replace(/^--allow-read=.*/, "--allow-read"), /^allow_read is everything/],
    ["all permissions", everything, /^allow_run is everything/],
    [
      "a root as an absolute path",
      replace(/^--allow-read=.*/, "--allow-read=web.conf,/www"),
      /^allow_read is web\.conf, \/www/,
    ],
    ["another port", replace(/^--allow-net=.*/, "--allow-net=[::]:1,0.0.0.0:8080"), /^allow_net is/],
    ["writing", replace(/^--no-prompt$/, "--no-prompt", "--allow-write=www"), /^allow_write is www/],
    ["an unstable feature", replace(/^--no-prompt$/, "--no-prompt", "--unstable-kv"), /^the feature kv is on$/],
    ["no worker", without("src/worker.ts"), /^src\/worker\.ts is not embedded$/],
    ["the packages of the tests", without("--exclude-unused-npm"), /fast-check.* is embedded and should not be/],
    [
      "the lock file",
      replace(/^build\.json$/, "build.json", "--include", "deno.lock"),
      /^deno\.lock is embedded and should not be$/,
    ],
    ["arguments", replace(/^main\.ts$/, "main.ts", "--quiet"), /^it starts "main\.ts --quiet"/],
  ] as const
) {
  Deno.test(`a build with ${what} is caught`, async () => {
    await withOutput(async (output) => {
      await withStage(planOf("host default www"), async (stage) => {
        const problems = await breakBuild(stage, output, (args) => repair(change([...args])));
        assertMatch(problems.join("\n"), new RegExp(problem.source, "m"));
      });
    });
  });
}

function replace(pattern: RegExp, ...by: readonly string[]) {
  return (args: string[]) => args.flatMap((arg) => pattern.test(arg) ? by : [arg]);
}

function everything(args: string[]): string[] {
  return args.flatMap((arg) => arg === "--deny-import" ? ["--allow-all"] : arg.startsWith("--allow-") ? [] : [arg]);
}

/** An `--include` that has lost its file. */
function repair(args: string[]): string[] {
  return args.filter((arg, at) => arg !== "--include" || !args[at + 1]?.startsWith("--"));
}

Deno.test("a build whose sources name the build machine is caught", async () => {
  await withOutput(async (output) => {
    await withStage(planOf("host default www"), async (stage) => {
      await Deno.writeTextFile(join(stage.folder, "src/version.ts"), `export const VERSION = "${PROJECT}/src";`);
      const problems = await breakBuild(stage, output, (args) => args);
      assertEquals(problems, [`src/version.ts names ${PROJECT}`]);
    });
  });
});

Deno.test("a build without the features that deno.json turns on is caught", async () => {
  await withOutput(async (output) => {
    await withStage(planOf("host default www"), async (stage) => {
      const path = join(stage.folder, "deno.json");
      const { unstable: _, ...config } = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify(config));
      const problems = await breakBuild(stage, output, (args) => args);
      assertEquals(problems, ["the feature net is missing", "the feature worker-options is missing"]);
    });
  });
});

Deno.test("--permissions FILE shows what a binary was built with", async () => {
  await withOutput(async (output) => {
    await withStage(planOf("host default www"), async (stage) => {
      const outcome = await compile(stage, { target: HOST_TARGET, output, base: BASE });
      assert(outcome.kind === "built");
      const shown = await run(["--permissions", output]);
      assertEquals([shown.code, shown.stdout], [0, describeEmbedded(outcome.embedded)]);
    });
    const shown = await run(["--permissions", `${PROJECT}/README.md`]);
    assertMatch(shown.stderr, /nothing is embedded: this is no executable that deno compile made/);
  });
});

Deno.test("whyNoBase() tells a base that cannot be fetched from every other failure, with the remedy", () => {
  const unreachable = `error: Writing deno compile executable to temporary file 'x'

Caused by:
    0: Setting up base binary.
    1: error sending request for url (x): client error (Connect): dns error: failed to lookup address information
`;
  const reason = whyNoBase(unreachable, { triple: "x86_64-apple-darwin" }) ?? "";
  assertMatch(reason, /could not be fetched .*dns error.*denort-x86_64-apple-darwin\.zip.*DENORT_BIN/);
  assertEquals(reason.includes("\n"), false);
  assertEquals(whyNoBase("error: Module not found", { triple: "x" }), null);
  assertEquals(whyNoBase("Caused by: Writing binary bytes: Failed to parse PE", { triple: "x" }), null);
});
