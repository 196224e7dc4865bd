/**
 * Servers in processes of their own whose outputs are not read by the test, and waiting for what they do.
 */

import { exchange, get } from "../client.ts";
import { type RunOptions, ServerProcess } from "../process.ts";

/** Runs `sh -c` with the program as `"$@"`, so that a test can redirect its outputs. */
export function through(script: string): Pick<RunOptions, "prefix"> {
  return { prefix: ["bash", "-c", script, "bash"] };
}

/** A port of 127.0.0.1 on which nobody listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A server that answers on 127.0.0.1, though the test may not see its banner. */
export async function startQuietly(
  args: readonly string[],
  options: RunOptions,
): Promise<{ readonly server: ServerProcess; readonly port: number }> {
  const port = freePort();
  const server = ServerProcess.spawn(["-a", "127.0.0.1", "-p", `${port}`, "-w", "1", ...args], options);
  await until(() => isListening(port), () => server.banner);
  return { server, port };
}

export async function statusOf(port: number, target = "/"): Promise<number> {
  return (await exchange(port, get(target))).status;
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** Waits until `holds`, for half a minute; a slow machine needs a part of that. */
export async function until(holds: () => boolean | Promise<boolean>, explain: () => string): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It does not come to be: ${explain()}`);
}

/** Waits until a server has written `words` to standard error. */
export function untilSaid(server: ServerProcess, words: string | RegExp): Promise<void> {
  const has = (text: string) => typeof words === "string" ? text.includes(words) : words.test(text);
  return until(() => has(server.banner), () => `${words} is not in ${server.banner}`);
}
