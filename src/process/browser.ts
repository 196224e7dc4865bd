/**
 * Opens an address in the browser, where sweepd may start the program of the system that does so.
 * @module
 */

import { readBuild } from "../config/build.ts";
import { explainDenied } from "../config/remedy.ts";

const OPENERS: Partial<Record<typeof Deno.build.os, string>> = {
  darwin: "open",
  windows: "explorer",
};

/** The program of this system that opens an address with the browser that the user has chosen. */
export const OPENER = OPENERS[Deno.build.os] ?? "xdg-open";

/** Starts the browser. Returns `null`, or why it was not started and what to do, in one line. */
export async function openBrowser(url: string): Promise<string | null> {
  const program = OPENER;
  const { state } = Deno.permissions.querySync({ name: "run", command: program });
  if (state !== "granted") return `${deniedReason(program)}; open ${url} yourself`;
  try {
    const { success, code } = await new Deno.Command(program, {
      args: [url],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    // Explorer ends with 1 also when it has opened the address.
    return success || program === "explorer" ? null : `${program} ended with ${code}; open ${url} yourself`;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "it is not installed" : String(error);
    return `cannot start ${program}: ${reason}; open ${url} yourself`;
  }
}

function deniedReason(program: string): string {
  const build = readBuild();
  return build === null
    ? `this process was not permitted to run ${program}, or it is not installed; deno task open has the permission`
    : explainDenied("run", program, build);
}
