/** Command lines with mistakes end in one line that says what was meant, with the right exit code. With real processes. */

import { assertEquals, assertMatch } from "@std/assert";
import { run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";
import { statusOf } from "./started.ts";

for (
  const [args, code, message] of [
    [["chekc"], 1, /^sweepd: \/\S+\/chekc is not there; did you mean "check"\?\n$/],
    [["check", "replya"], 1, /^sweepd: \/\S+\/replya is not there; did you mean "replay"\?\n$/],
    [["public"], 1, /^sweepd: \/\S+\/public is not there\n$/],
    [["--debug=no"], 2, /^sweepd: --debug takes no value; see sweepd --help\n$/],
    [["-d5"], 2, /^sweepd: -d takes no value; see sweepd --help\n$/],
    [["--cors"], 2, /^sweepd: unknown flag "--cors"; see sweepd --help\n$/],
    [["public", "4711"], 2, /^sweepd: "4711" is one word too many; see sweepd --help\n$/],
    [["check", "--watch"], 2, /^sweepd: check takes no --watch; see sweepd --help\n$/],
    [["-c", "/dev/null/web.conf"], 1, /^sweepd: cannot read \/dev\/null\/web\.conf: .*\n$/],
  ] as const
) {
  Deno.test(`sweepd ${args.join(" ")} ends with ${code} and one line`, async () => {
    using folder = new TempFolder();
    const ended = await run(args, { cwd: folder.path });
    assertEquals([ended.code, ended.stdout], [code, ""], ended.stderr);
    assertMatch(ended.stderr, message);
  });
}

Deno.test("a folder whose name resembles a verb is served", async () => {
  using folder = new TempFolder();
  folder.write("chekc/index.html", "content");
  await using server = await ServerProcess.start(["chekc", "-a", "LOCALHOST"], { cwd: folder.path });
  assertEquals(await statusOf(server.port), 200);
});
