/**
 * A program with the permissions of one web.conf that is asked for more: one line, and nothing is started or changed.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { exchange, get } from "./client.ts";
import { freePort, planOf, programOf, withFiles } from "./tools/staged.ts";
import type { Flavour } from "../src/config/build.ts";
import { type Stage, withStage } from "../tools/stage.ts";

/** A site, a stage, and the program that stands in for the binary. */
async function withProgram(
  flavour: Flavour,
  test: (options: { stage: Stage; cwd: string; port: number; text: string }) => Promise<void>,
): Promise<void> {
  const port = freePort();
  await withFiles({ "www/index.html": "inside", "other/index.html": "other" }, async (cwd) => {
    const root = flavour === "embedded" ? `"${cwd}/www"` : "www";
    const text = `host default ${root}\nparameter port ${port}\nparameter address 127.0.0.1\n`;
    await Deno.writeTextFile(`${cwd}/web.conf`, text);
    await withStage(planOf(text, flavour), (stage) => test({ stage, cwd, port, text }));
  });
}

function spawn(stage: Stage, cwd: string, args: readonly string[]): Deno.ChildProcess {
  const program = programOf(stage);
  return new Deno.Command(program.command, {
    args: [...program.args, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

async function refusal(stage: Stage, cwd: string, ...args: readonly string[]): Promise<string> {
  const { code, stderr } = await spawn(stage, cwd, args).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(text.trimEnd().split("\n").length, 1, text);
  assertEquals(code, 1);
  return text;
}

Deno.test("a scoped program that is asked for another port, folder or web.conf says what it was built with", async () => {
  await withProgram("scoped", async ({ stage, cwd, port }) => {
    const built =
      `^sweepd: this sweepd was built for web\\.conf: it reads web\\.conf, www, and listens on 127\\.0\\.0\\.1:${port}; `;
    for (
      const [args, words] of [
        [["-p", "1"], "it may not listen on 127\\.0\\.0\\.1:1; "],
        [["-p", "0"], "it may not listen on any port of 127\\.0\\.0\\.1; "],
        [["-a", "::"], "it may not listen on \\[::\\]:\\d+ or listen on 0\\.0\\.0\\.0:\\d+; "],
        [["other"], "it may not read /\\S+/other; "],
        [[".."], "it may not read /\\S+; "],
        [["-c", "my.conf"], "it may not read /\\S+/my\\.conf; "],
      ] as const
    ) {
      assertMatch(
        await refusal(stage, cwd, ...args),
        new RegExp(`${built}${words}to build another.*deno task compile`),
      );
    }
  });
});

Deno.test("a scoped program whose web.conf has grown since it was built does not start", async () => {
  await withProgram("scoped", async ({ stage, cwd, text }) => {
    await Deno.writeTextFile(`${cwd}/web.conf`, `${text}host b.org other\n`);
    assertMatch(await refusal(stage, cwd), /it may not read \/\S+\/other; /);
  });
});

Deno.test("a scoped program that is started where there is no web.conf says so in one line", async () => {
  await withProgram("scoped", async ({ stage, cwd }) => {
    assertMatch(
      await refusal(stage, `${cwd}/other`),
      /built for web\.conf: .*it may not read \/\S+\/other or listen on \[::\]:8080 or listen on 0\.0\.0\.0:8080; /,
    );
  });
});

Deno.test("an embedded program serves what is inside, from any folder, and takes no other configuration", async () => {
  await withProgram("embedded", async ({ stage, cwd, port }) => {
    assertMatch(
      await refusal(stage, cwd, "-c", "web.conf"),
      /built with web\.conf and its roots inside: .*may not read \/\S+\/web\.conf; /,
    );
    assertMatch(await refusal(stage, cwd, "other"), /may not read \/\S+\/other; /);
    await Deno.remove(`${cwd}/www`, { recursive: true });
    const child = spawn(stage, `${cwd}/other`, []);
    const said = saidBy(child);
    await until(() => said.text().includes("Ctrl-C"), said.text);
    assertEquals((await exchange(port, get("/"))).text, "inside");
    assertEquals((await exchange(port, get("/../web.conf"))).status, 404);
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0, said.text());
    await said.ended;
    assertMatch(said.text(), /configuration +inside this program\n/);
    assertMatch(said.text(), /may read +the files in this program \(web\.conf:1\)/);
  });
});

Deno.test({
  name: "a scoped program that reloads a wider web.conf says so, and keeps what it has",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withProgram("scoped", async ({ stage, cwd, port, text }) => {
      const child = spawn(stage, cwd, []);
      const said = saidBy(child);
      await until(() => said.text().includes("Ctrl-C"), said.text);
      await Deno.writeTextFile(`${cwd}/web.conf`, `${text}host b.org other\n`);
      child.kill("SIGHUP");
      await until(() => said.text().includes("the old configuration stays"), said.text);
      assertMatch(
        said.text(),
        /^sweepd: reload: this sweepd was built for .*it may not read \/\S+\/other; .*; the old configuration stays$/m,
      );
      assertEquals((await exchange(port, get("/", { Host: "b.org" }))).text, "inside");
      child.kill("SIGTERM");
      assertEquals((await child.status).code, 0);
      await said.ended;
    });
  },
});

function saidBy(child: Deno.ChildProcess) {
  let text = "";
  const read = async () => {
    const decoder = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>;
    for await (const chunk of child.stderr.pipeThrough(decoder)) text += chunk;
  };
  return { text: () => text, ended: read() };
}

async function until(holds: () => boolean, explain: () => string): Promise<void> {
  for (let turn = 0; turn < 200 && !holds(); turn++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert(holds(), explain());
}
