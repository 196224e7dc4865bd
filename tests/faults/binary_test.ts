/**
 * What a build leaves behind: the same bytes each time, all of it or nothing, and one line where a person can mend what is wrong.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { compile } from "../../tools/compiler.ts";
import { Mistake, runTool } from "../../tools/mistake.ts";
import { PROGRAM_TIME } from "../../tools/packages.ts";
import { withStage } from "../../tools/stage.ts";
import { PROJECT } from "../process.ts";
import { HOST_TARGET, planOf, withFiles } from "../tools/staged.ts";

async function tool(name: string, cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", "--config", `${PROJECT}/deno.json`, `${PROJECT}/tools/${name}.ts`, ...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
  }).output();
  return { code, said: new TextDecoder().decode(stderr).trimEnd() };
}

function existsIn(folder: string, name: string): boolean {
  return namesIn(folder).includes(name);
}

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted();
}

Deno.test("two builds of the same files are the same bytes, wherever and whenever they are made", async () => {
  await withFiles({ "site/index.html": "x", "site/old.txt": "a", "site/.env": "x" }, async (folder) => {
    const latest = new Date("2021-01-01T00:00:00Z");
    const old = new Date("2020-02-03T04:05:06Z");
    await Deno.utime(join(folder, "site/old.txt"), old, old);
    const plan = planOf(`host default "${folder}/site"\n`, "embedded", { latest });
    const build = async (name: string) => {
      await Deno.utime(join(folder, "site/index.html"), new Date(), new Date()); // Each clone has its own times.
      await Deno.mkdir(join(folder, name));
      const options = { target: HOST_TARGET, output: join(folder, name, "sweepd"), base: Deno.execPath() };
      const outcome = await withStage(plan, (stage) => compile(stage, options));
      if (outcome.kind !== "built") throw new Error(JSON.stringify(outcome));
      return outcome;
    };
    const [one, another] = [await build("one"), await build("another")];
    assertEquals(one.sha256, another.sha256);
    const content = one.embedded.files.filter(({ path }) => path.startsWith("embedded/"));
    const seconds = (timeMs: number | null) => Math.floor(timeMs! / 1000);
    assertEquals(content.map(({ path, timeMs }) => [path, seconds(timeMs)]).toSorted(), [
      ["embedded/0/index.html", seconds(latest.getTime())],
      ["embedded/0/old.txt", seconds(old.getTime())],
      ["embedded/web.conf", seconds(PROGRAM_TIME.getTime())],
    ]);
  });
});

for (
  const [what, args, env, message] of [
    [
      "a root that is not there",
      ["--embed", "--config", "gone.conf"],
      {},
      /^compile: the root nowhere cannot be embedded: it is not there$/,
    ],
    [
      "a root that is a file",
      ["--embed", "--config", "file.conf"],
      {},
      /^compile: the root web\.conf cannot be embedded: it is not a folder$/,
    ],
    ["a place for the result that is a file", ["--out", "web.conf"], {}, /^compile: cannot write to web\.conf: /],
    [
      "a place for the result below a file",
      ["--out", "web.conf/dist"],
      {},
      /^compile: cannot write to web\.conf\/dist: /,
    ],
    ["a base that is not there", [], { DENORT_BIN: "no-such-denort" }, /^compile: DENORT_BIN: .*No such file/],
    [
      "a time that is none",
      [],
      { SOURCE_DATE_EPOCH: "today" },
      /^compile: SOURCE_DATE_EPOCH: "today" is not a number of seconds/,
    ],
  ] as const
) {
  Deno.test(`compile tells of ${what} in one line, and leaves nothing behind`, async () => {
    const files = {
      "web.conf": "host default www\n",
      "gone.conf": "host a nowhere\n",
      "file.conf": "host a web.conf\n",
    };
    await withFiles(files, async (cwd) => {
      const out = args.includes("--out" as never) ? [] : ["--out", "dist"];
      const { code, said } = await tool("compile", cwd, [...args, ...out], env);
      assertEquals(code, 1, said);
      assertMatch(said, message);
      assertEquals(said.split("\n").length, 1, said);
      assertEquals(existsIn(cwd, "dist") ? namesIn(`${cwd}/dist`) : [], []);
    });
  });
}

Deno.test("a build that fails leaves what an earlier one made, and nothing half", async () => {
  await withFiles(
    { "web.conf": "host default www\n", "base": "no runtime", "dist/SHA256SUMS": "earlier" },
    async (cwd) => {
      const { code, said } = await tool("compile", cwd, ["--out", "dist"], { DENORT_BIN: "base" });
      assertEquals(code, 1, said);
      assertMatch(said, /FAILED sweepd-.*\n.*0 built and verified, 1 failed, .*; nothing was written to dist$/);
      assertEquals(namesIn(`${cwd}/dist`), ["SHA256SUMS"]);
      assertEquals(await Deno.readTextFile(`${cwd}/dist/SHA256SUMS`), "earlier");
    },
  );
});

/** What a tool ends with, and says. */
async function outcomeOf(main: () => never): Promise<[code: number, said: string]> {
  const original = console.error;
  let said = "";
  console.error = (text: string) => said += text;
  try {
    return [await runTool("tool", main), said];
  } finally {
    console.error = original;
  }
}

Deno.test("runTool() tells a mistake and a refusal of the system in one line, and only our own mistakes with a stack", async () => {
  const failing = (error: unknown) => () => {
    throw error;
  };
  assertEquals(await outcomeOf(failing(new Mistake("no such target", { code: 2 }))), [2, "tool: no such target"]);
  assertEquals(await outcomeOf(failing(new Mistake("cannot"))), [1, "tool: cannot"]);
  assertEquals(await outcomeOf(failing(new Deno.errors.NotFound("gone"))), [1, "tool: gone"]);
  const [code, said] = await outcomeOf(failing(new TypeError("x is undefined")));
  assertEquals([code, said.split("\n").length > 1], [70, true]);
});
