/**
 * Plans and stages for tests of the build, and a program that stands in for the binary: the staged sources, run by the
 * runtime with the flags that the binary carries.
 */

import { join } from "@std/path";
import type { Flavour } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { permissionFlags } from "../../tools/compiler.ts";
import type { Program } from "../../tools/smoke.ts";
import type { Plan, Stage } from "../../tools/stage.ts";
import { TARGETS } from "../../tools/targets.ts";
import { PROJECT } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

/** The target that tests run on. */
export const HOST_TARGET = TARGETS.find(({ triple }) => triple === Deno.build.target)!;

export function planOf(
  configText: string,
  flavour: Flavour = "scoped",
  { configFile = "web.conf", lan = true, latest = null }: Partial<Pick<Plan, "configFile" | "lan" | "latest">> = {},
): Plan {
  const { config, diagnostics } = parseConfig(configText, configFile);
  if (diagnostics.length > 0) throw new Error(`The test's configuration is wrong: ${JSON.stringify(diagnostics)}`);
  return { project: PROJECT, flavour, configFile, configText, config, lan, latest };
}

/** A binary may always read what is inside of it: here that is the stage. */
export function programOf({ folder, build: { permissions }, argv }: Stage): Program {
  const { read } = permissions;
  const inside = read === "everything" ? read : [...read, { what: folder, origin: "inside" }];
  const flags = permissionFlags({ ...permissions, read: inside });
  return {
    command: Deno.execPath(),
    args: ["run", ...flags, "--config", join(folder, "deno.json"), join(folder, "main.ts"), ...argv],
  };
}

export function freePort(): number {
  using listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  return listener.addr.port;
}

/** A folder for the length of a test, with files by their paths. */
export async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  using folder = new TempFolder();
  for (const [path, text] of Object.entries(files)) folder.write(path, text);
  await test(folder.path);
}

/** Runs the program of a stage until `test` has ended. */
export async function withRunning(stage: Stage, test: () => Promise<void>): Promise<void> {
  const { command, args } = programOf(stage);
  const child = new Deno.Command(command, { args: [...args], stdout: "null", stderr: "piped", stdin: "null" }).spawn();
  try {
    const told = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let banner = "";
    while (!banner.includes("Ctrl-C")) {
      const { done, value } = await told.read();
      if (done) throw new Error(`The program has ended: ${banner}`);
      banner += value;
    }
    await told.cancel();
    await test();
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}
