/**
 * The first start of a binary, tried on what stands in for it: the staged sources with the flags that the binary carries.
 * So it shows too that the flags suffice, from another folder than the one it was built in.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { smoke, type Verdict } from "../../tools/smoke.ts";
import { type Plan, withStage } from "../../tools/stage.ts";
import { freePort, planOf, programOf, withFiles } from "./staged.ts";

function trial(plan: Plan): Promise<Verdict> {
  return withStage(plan, (stage) => smoke(stage, programOf(stage), VERSION));
}

for (const flavour of ["scoped", "portable"] as const) {
  Deno.test(`smoke() passes a ${flavour} program with a relative root, an absolute one and one with blanks`, async () => {
    await withFiles({ "absolute/x": "x" }, async (folder) => {
      const hosts = `host default www\nhost a.org "${folder}/absolute"\nhost b.org "my photos"\n`;
      const text = `${hosts}parameter port ${freePort()}\n`;
      assertEquals(await trial(planOf(text, flavour)), { kind: "passed", checks: 9 });
    });
  });
}

Deno.test("smoke() passes a program whose roots lie above the folder that it starts in", async () => {
  const text = `host default ../..\nparameter port ${freePort()}\nparameter address 127.0.0.1\n`;
  assertEquals((await trial(planOf(text))).kind, "passed");
});

Deno.test("smoke() passes a program built for another web.conf, which it finds without being told", async () => {
  const plan = planOf(`host default www\nparameter port ${freePort()}\n`, "scoped", { configFile: "lab/my.conf" });
  assertEquals((await trial(plan)).kind, "passed");
});

Deno.test("smoke() passes a program on any free port", async () => {
  assertEquals((await trial(planOf("host default www\nparameter port 0\n"))).kind, "passed");
});

Deno.test("smoke() passes an embedded site: its files are served from inside, and it reads nothing else", async () => {
  await withFiles({ "site/a page.html": "<p>a</p>", "site/deep/x": "x" }, async (folder) => {
    const text = `host default "${folder}/site"\nparameter port ${freePort()}\n`;
    assertEquals((await trial(planOf(text, "embedded"))).kind, "passed");
  });
});

Deno.test("smoke() fails a program that may not read its root", async () => {
  await withStage(planOf(`host default www\nparameter port ${freePort()}\n`), async (stage) => {
    const { command, args } = programOf(stage);
    const verdict = await smoke(stage, { command, args: args.map((arg) => arg.replace(",www", "")) }, VERSION);
    assertMatch(JSON.stringify(verdict), /"failed".*it does not start.*it may not read \S*www/);
  });
});

Deno.test("smoke() fails a program that says something else than its version, or nothing", async () => {
  await withStage(planOf("host default www\nparameter port 0\n"), async (stage) => {
    const program = programOf(stage);
    assertEquals(await smoke(stage, program, "9.9.9"), {
      kind: "failed",
      problems: [`--version says "sweepd ${VERSION}"`],
    });
    assertEquals((await smoke(stage, { command: `${stage.folder}/nothing`, args: [] }, VERSION)).kind, "failed");
  });
});

Deno.test("smoke() skips what it cannot try, and says why: the runtime itself, a port in use, nothing to ask for", async () => {
  using listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const { port } = listener.addr;
  const reasons = async (text: string) => JSON.stringify(await trial(planOf(text)));
  const address = "parameter address 0.0.0.0\n";
  assertMatch(
    await reasons(`host default www\n${address}parameter port ${port}\n`),
    /"skipped".*port \d+ is in use here/,
  );
  assertMatch(await reasons(`host default /nowhere/at/all\nparameter port 0\n`), /"skipped".*no root holds a file/);
  await withStage(planOf("host default www"), async (stage) => {
    const verdict = await smoke(stage, { command: Deno.execPath(), args: [] }, VERSION);
    assertMatch(JSON.stringify(verdict), /"skipped".*the base is deno instead of denort/);
  });
});
