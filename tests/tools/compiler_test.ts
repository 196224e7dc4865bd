/**
 * Real builds: with the runtime itself as their base they embed all that a binary does, though what starts is the runtime. What
 * can be wrong with a build is tried on crafted ones, in rules_test.ts.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { describeEmbedded } from "../../src/cli/embedded.ts";
import { VERSION } from "../../src/version.ts";
import { compile, compilerArguments, whyNoBase } from "../../tools/compiler.ts";
import { smoke } from "../../tools/smoke.ts";
import { withStage } from "../../tools/stage.ts";
import { TARGETS } from "../../tools/targets.ts";
import { PROJECT, run } from "../process.ts";
import { HOST_TARGET, planOf, withFiles } from "./staged.ts";

const BASE = Deno.execPath();

Deno.test("compile() a binary: built, read back, verified, shown by --permissions", async () => {
  await withFiles({ "site/index.html": "x" }, async (folder) => {
    const output = join(folder, "sweepd");
    await withStage(planOf(`host default "${folder}/site"\n`), async (stage) => {
      const outcome = await compile(stage, { target: HOST_TARGET, output, base: BASE });
      if (outcome.kind !== "built") throw new Error(JSON.stringify(outcome));
      const { embedded: { permissions, argv, settings }, sha256, size } = outcome;
      assertEquals(permissions["allow_read"], ["web.conf", `${folder}/site`]);
      assertEquals([argv, settings["code_cache_key"]], [[], null]);
      assertEquals([/^[0-9a-f]{64}$/.test(sha256), size > 1_000_000], [true, true]);
      const verdict = await smoke(stage, { command: output, args: [] }, VERSION);
      assertEquals(verdict.kind, "skipped"); // Never as passed: it is the runtime that starts.
      const shown = await run(["--permissions", output]);
      assertEquals([shown.code, shown.stdout], [0, describeEmbedded(outcome.embedded)]);
    });
  });
});

Deno.test("compile() with a base for another platform fails, and leaves nothing behind", async () => {
  const other = TARGETS.find(({ format }) =>
    format.startsWith(HOST_TARGET.format.split(" ")[0]!) && format !== HOST_TARGET.format
  )!;
  await withFiles({}, async (folder) => {
    await withStage(planOf("host default www"), async (stage) => {
      const outcome = await compile(stage, { target: other, output: join(folder, "sweepd"), base: BASE });
      assertEquals(outcome, {
        kind: "failed",
        problems: [`it is for ${HOST_TARGET.format} and should be for ${other.format}`],
      });
      assertEquals([...Deno.readDirSync(folder)], []);
    });
  });
});

Deno.test("the compiler is asked for no code cache, and given nothing that this machine alone has", async () => {
  await withStage(planOf("host default www"), (stage) => {
    const args = compilerArguments(stage, HOST_TARGET, "out");
    assert(["--no-code-cache", "--frozen", "--no-prompt", "--deny-import"].every((flag) => args.includes(flag)));
    assertEquals(args.filter((arg) => arg.includes(PROJECT)), []);
    return Promise.resolve();
  });
});

Deno.test("--permissions FILE of what is no binary says so", async () => {
  const shown = await run(["--permissions", `${PROJECT}/README.md`]);
  assertMatch(shown.stderr, /nothing is embedded: deno compile did not make this file/);
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
