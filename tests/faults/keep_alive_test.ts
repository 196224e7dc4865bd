/**
 * Kept connections at their end, of real processes: a request that arrived before the end is answered. The process is
 * stopped (SIGSTOP) while requests arrive, so that they are there for certain when it finds that their time is over.
 */

import { assertEquals } from "@std/assert";
import { get, RawClient } from "../client.ts";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const CLIENTS = 20;

/** Where processes cannot be stopped, nothing can be made to arrive at the worst moment. */
const ignore = Deno.build.os === "windows";

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs `test` with a server of one small file, and connections on which one answer has come. */
async function withKept(
  parameters: string,
  test: (server: ServerProcess, clients: readonly RawClient[]) => Promise<void>,
): Promise<void> {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", `host default www\n${parameters}`);
  await using server = await ServerProcess.start([], { cwd: folder.path });
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => RawClient.connect(server.port)));
  try {
    await Promise.all(clients.map(ask));
    await test(server, clients);
  } finally {
    for (const client of clients) client.close();
  }
}

async function ask(client: RawClient): Promise<number> {
  await client.send(get("/a.txt"));
  return (await client.response()).status;
}

Deno.test({
  name: "requests that arrive while the process stands still are answered, though their connections' time is over",
  ignore,
  fn: () =>
    withKept("parameter timeout 3\n", async (server, clients) => {
      server.signal("SIGSTOP");
      for (const client of clients) await client.send(get("/a.txt"));
      await pause(4000); // Longer than the timeout and the time between two sweeps.
      server.signal("SIGCONT");
      const statuses = await Promise.all(clients.map(async (client) => (await client.response()).status));
      assertEquals(statuses, clients.map(() => 200));
    }),
});
