/**
 * What the runtime refuses and what it lets pass, as the design builds on it: an upgrade that changes one is noticed here.
 */

import { assertEquals } from "@std/assert";
import { PROJECT } from "./process.ts";
import { TempFolder } from "./temp_folder.ts";

/** A script, what its process may do, and what it says. `FOLDER` holds `www/inside`, `www/link -> ../outside`, `outside`. */
async function say(script: string, permissions: readonly string[]): Promise<string> {
  using folder = new TempFolder();
  folder.write("www/inside", "inside");
  folder.write("outside", "outside");
  await Deno.symlink("../outside", `${folder.path}/www/link`);
  const code = `try { console.log(${script}) } catch (error) { console.log(error.name) }`;
  const file = folder.write("script.ts", code.replaceAll("FOLDER", folder.path));
  const args = ["run", "--no-prompt", "--no-check", "--config", `${PROJECT}/deno.json`, ...permissions, file];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: folder.path }).output();
  return new TextDecoder().decode(stdout).trim();
}

const READ_WWW = ["--allow-read=www"];

for (
  const [fact, script, permissions, said] of [
    ["open inside the scope is let pass", 'Deno.openSync("www/inside").statSync().size', READ_WWW, "6"],
    ["open outside the scope is refused", 'Deno.openSync("outside")', READ_WWW, "NotCapable"],
    ["a path with .. is judged by where it leads", 'Deno.openSync("www/../outside")', READ_WWW, "NotCapable"],
    [
      "open and read follow a link out of the scope",
      'Deno.openSync("www/link").readSync(new Uint8Array(9))',
      READ_WWW,
      "7",
    ],
    ["stat of a file that was opened so is refused", 'Deno.openSync("www/link").statSync()', READ_WWW, "NotCapable"],
    ["stat follows a link out of the scope", 'Deno.statSync("www/link").size', READ_WWW, "7"],
    ["realPath tells where a link leads", 'Deno.realPathSync("www/link") === "FOLDER/outside"', READ_WWW, "true"],
    ["the place it leads to is refused by name", 'Deno.statSync("FOLDER/outside")', READ_WWW, "NotCapable"],
    ["what is not there is refused all the same", 'Deno.openSync("nothing")', READ_WWW, "NotCapable"],
    ["node:fs asks for the same permission", '(await import("node:fs")).openSync("outside")', READ_WWW, "NotCapable"],
    ["writing is refused", 'Deno.openSync("www/inside", { write: true })', READ_WWW, "NotCapable"],
    ["the environment is refused", 'Deno.env.get("PATH")', READ_WWW, "NotCapable"],
    ["listening is refused", 'Deno.listen({ hostname: "127.0.0.1", port: 0 })', READ_WWW, "NotCapable"],
    [
      "one port does not give another",
      'Deno.listen({ hostname: "127.0.0.1", port: 0 })',
      ["--allow-net=127.0.0.1:9"],
      "NotCapable",
    ],
    ["programs are refused", 'new Deno.Command("true").outputSync()', READ_WWW, "NotCapable"],
  ] as const
) {
  Deno.test(`the runtime: ${fact}`, async () => {
    assertEquals(await say(script, permissions), said);
  });
}
