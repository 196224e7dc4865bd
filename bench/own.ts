/**
 * Helpers of the benchmarks: sweepd as a process, free ports, temporary folders, medians.
 * @module
 */

import { fromFileUrl } from "@std/path";
import { TempFolder } from "../tests/temp_folder.ts";

/** The command that runs sweepd from source. Its permissions are those of `task start` that change how it serves. */
export function ownCommand(args: readonly string[]): string[] {
  const main = fromFileUrl(new URL("../main.ts", import.meta.url));
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const permissions = [
    "--v8-flags=--max-semi-space-size=4",
    "--no-prompt",
    "--allow-read",
    "--allow-net",
    "--allow-sys=systemMemoryInfo",
  ];
  return [Deno.execPath(), "run", ...permissions, "--config", config, main, ...args];
}

/** Runs sweepd in `folder`, which holds its web.conf, while `measure` runs. */
export async function withOwnServer<T>(
  folder: string,
  measure: (port: number, pid: number) => Promise<T>,
): Promise<T> {
  const port = freePort();
  const [program = "", ...args] = ownCommand(["-p", `${port}`]);
  const server = new Deno.Command(program, { args, cwd: folder, stdin: "null", stderr: "null" }).spawn();
  try {
    await untilListening(port);
    return await measure(port, server.pid);
  } finally {
    server.kill("SIGTERM");
    await server.status;
  }
}

/** Creates a temporary folder for `use`, and removes it afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  using folder = new TempFolder();
  await Deno.chmod(folder.path, 0o755); // Some servers run as another user.
  return await use(folder.path);
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const START_MS_MAX = 20_000;

/** Resolves when a connection to the port succeeds. Throws after `START_MS_MAX`. */
export async function untilListening(port: number): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    try {
      using _ = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch (error) {
      if (performance.now() - startMs > START_MS_MAX) throw error;
      await pause(5);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The middle value, or the mean of the two middle values; `NaN` if there are no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
}
