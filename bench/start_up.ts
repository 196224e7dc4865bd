/**
 * Measures the time from the start of the process to the first answer, run from source with cached modules.
 * @module
 */

import { freePort, median, ownCommand, pause, withFolder } from "./own.ts";

const STARTS = 15;

/** The median of several starts, in milliseconds. */
export async function measureStart(): Promise<number> {
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/index.html`, "hello\n");
    await Deno.writeTextFile(`${folder}/web.conf`, "host default .\nparameter address 127.0.0.1\nparameter log off\n");
    const durations: number[] = [];
    for (let start = 0; start <= STARTS; start++) {
      const durationMs = await startOnce(folder);
      if (start > 0) durations.push(durationMs); // The first start fills the caches.
    }
    return median(durations);
  });
}

async function startOnce(folder: string): Promise<number> {
  const port = freePort();
  const [program = "", ...args] = ownCommand(["-p", `${port}`]);
  const startMs = performance.now();
  const child = new Deno.Command(program, { args, cwd: folder, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  try {
    await untilAnswered(port);
    return performance.now() - startMs;
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

/** Sends a request every millisecond until one is answered. Throws the last error after 10,000 attempts. */
async function untilAnswered(port: number): Promise<void> {
  for (let attempts = 1;; attempts++) {
    try {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      if (await connection.read(new Uint8Array(4096)) !== null) return;
    } catch (error) {
      if (attempts > 10_000) throw error;
    }
    await pause(1);
  }
}
