/** `task compile` from outside: what it takes, what it refuses, what it leaves in its folder. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { readJob } from "../../tools/compile.ts";
import { Mistake } from "../../tools/mistake.ts";
import { binaryName, TARGETS } from "../../tools/targets.ts";
import { PROJECT } from "../process.ts";
import { HOST_TARGET, withFiles } from "./staged.ts";

async function compile(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", "--config", `${PROJECT}/deno.json`, `${PROJECT}/tools/compile.ts`, ...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

Deno.test("compile builds for this machine, verifies, and writes sums and a manifest without a path of the machine", async () => {
  await withFiles({ "web.conf": "host default www\nparameter port 0\n" }, async (cwd) => {
    // What the compiler finds in its environment must not get into the binary.
    const env = { DENORT_BIN: Deno.execPath(), OTEL_DENO: "true", DENO_V8_FLAGS: "--expose-gc", DENO_LOG: "debug" };
    const { code, said } = await compile(cwd, ["--out", "dist"], env);
    const name = binaryName(VERSION, HOST_TARGET);
    assertEquals(code, 0, said);
    assertMatch(said, /built sweepd-.*, \d+ MiB, verified; first start: skipped: the base is deno instead of denort/);
    assertMatch(said, /^compile: 1 built and verified, 0 failed, 1 not built or not tried here$/m);
    const text = await Deno.readTextFile(`${cwd}/dist/manifest.json`);
    const [binary] = JSON.parse(text).binaries;
    assertEquals([binary.file, binary.flavour, binary.permissions.allow_net], [name, "scoped", ["[::]", "0.0.0.0"]]);
    assertEquals(text.includes(cwd) || text.includes(PROJECT), false);
    const [first = "", second = ""] = (await Deno.readTextFile(`${cwd}/dist/SHA256SUMS`)).split("\n");
    assertEquals(first, `${binary.sha256}  ${name}`);
    assertMatch(second, /^[0-9a-f]{64} {2}manifest\.json$/);
    assertEquals((await Deno.stat(`${cwd}/dist/${name}`)).size, binary.size);
    assertEquals([...Deno.readDirSync(`${cwd}/dist`)].length, 3);
  });
});

for (
  const [what, args, message, code] of [
    ["an unknown argument", ["--protable"], /^unknown argument "--protable"; try --help$/, 2],
    ["a target that there is not", ["--target", "sparc"], /^there is no target "sparc"; there are x86_64-/, 2],
    ["two flavours", ["--embed", "--portable"], /^--embed or --portable, not both$/, 2],
    ["a web.conf that is not there", ["--config", "no-such.conf"], /^cannot read no-such\.conf: /, 1],
  ] as const
) {
  Deno.test(`readJob() refuses ${what} in one line`, async () => {
    const mistake = await assertRejects(() => readJob(args), Mistake);
    assertMatch(mistake.message, message);
    assertEquals([mistake.code, mistake.message.includes("\n")], [code, false]);
  });
}

Deno.test("readJob() takes the flavour, the targets and the folder", async () => {
  const job = await readJob(["--config", `${PROJECT}/web.conf`, "--all", "--embed", "--no-lan", "--out", "here"]);
  if (job === "help") throw new Error(job);
  assertEquals([job.plan.flavour, job.plan.lan, job.targets, job.out], ["embedded", false, TARGETS, "here"]);
});

Deno.test("compile refuses a web.conf with errors, and a root that no permission can name", async () => {
  await withFiles({ "web.conf": "parameter port x\n", "comma.conf": 'host default "a,b"\n' }, async (cwd) => {
    const wrong = await compile(cwd, ["--out", "dist"]);
    assertEquals(wrong.code, 1);
    assertMatch(wrong.said, /web\.conf:1:16: error: .*\n.*nothing was built/);
    const comma = await compile(cwd, ["--out", "dist", "--config", "comma.conf"]);
    assertEquals(comma.code, 1);
    assertMatch(comma.said, /FAILED .*"a,b" cannot be granted: a comma separates paths/);
  });
});
