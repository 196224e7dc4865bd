/** --open: the browser is started where that is permitted, and otherwise the user is told what to do. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const HERE = ["www", "-a", "127.0.0.1", "--open"];

Deno.test("--open without the permission names the task that has it, and the address", async () => {
  await using server = await ServerProcess.start(HERE);
  server.signal("SIGTERM");
  const { stderr } = await server.ended();
  assertMatch(
    stderr,
    /sweepd: warning: the browser was not opened: this process was not permitted to run \S+, or it is not installed; /,
  );
  assertStringIncludes(stderr, `deno task open has the permission; open http://127.0.0.1:${server.port}/ yourself\n`);
});

for (
  const [ending, problem] of [[0, null], [
    3,
    "the browser was not opened: xdg-open ended with 3; open http://",
  ]] as const
) {
  Deno.test({
    name:
      `--open gives the address to a program of the system that ends with ${ending}, and the banner shows the grant`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      using folder = new TempFolder();
      folder.write(
        "xdg-open",
        `#!/bin/sh\necho "$@" > ${folder.path}/opened.new\nmv ${folder.path}/opened.new ${folder.path}/opened\nexit ${ending}\n`,
      );
      await Deno.chmod(`${folder.path}/xdg-open`, 0o755);
      await using server = await ServerProcess.start(HERE, {
        permissions: ["--allow-run=xdg-open"],
        env: { PATH: `${folder.path}:${Deno.env.get("PATH")}` },
      });
      assertMatch(server.banner, /process +was given .*run xdg-open/);
      assertEquals(await textOf(`${folder.path}/opened`), `http://127.0.0.1:${server.port}/\n`);
      for (let tried = 0; problem !== null && tried < 1_000 && !server.banner.includes("not opened"); tried++) {
        await pause();
      }
      assertEquals(/the browser was not opened: [^\n]*http:\/\//.exec(server.banner)?.[0] ?? null, problem);
    },
  });
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The text of a file that another program is about to write. */
async function textOf(path: string): Promise<string> {
  for (let tried = 0; tried < 1_000; tried++) {
    try {
      return await Deno.readTextFile(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await pause();
  }
  throw new Error(`${path} was not written`);
}
