/**
 * Kept connections at their end, of real processes: a request that arrived before the end is answered. The process is
 * stopped (SIGSTOP) while requests arrive, so that they are there for certain when it finds that their time is over.
 */

import { assertEquals } from "@std/assert";
import { get, RawClient } from "../client.ts";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const CLIENTS = 20;

/** More than the runtime accepts in one round of its event loop. */
const QUEUED = 400;

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

/** Asks again and again, each time a while after the last answer, until an answer says that it is the last. */
async function askOn(client: RawClient, pauseMs: number): Promise<"told to close"> {
  for (;;) {
    await client.send(get("/a.txt"));
    const { status, field } = await client.response();
    assertEquals(status, 200);
    if (field("connection") === "close") return "told to close";
    await pause(pauseMs);
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

for (const pauseMs of [0, 1, 20]) {
  Deno.test({
    name: `SIGTERM loses no request of clients that ask ${pauseMs} ms after each answer, and tells each to close`,
    ignore,
    fn: () =>
      withKept("", async (server, clients) => {
        const asking = Promise.all(clients.map((client) => askOn(client, pauseMs)));
        await pause(300);
        server.signal("SIGTERM");
        assertEquals(await asking, clients.map(() => "told to close"));
        for (const client of clients) client.close();
        assertEquals((await server.ended()).code, 0);
      }),
  });
}

Deno.test({
  name: "requests that arrive while the process stands still are answered, though it was told to end meanwhile",
  ignore,
  fn: () =>
    withKept("", async (server, clients) => {
      server.signal("SIGSTOP");
      for (const client of clients) await client.send(get("/a.txt"));
      server.signal("SIGTERM");
      await pause(1000); // Longer than the grace.
      server.signal("SIGCONT");
      const answers = await Promise.all(clients.map((client) => client.response()));
      assertEquals(answers.map(({ status }) => status), clients.map(() => 200));
    }),
});

Deno.test({
  name: "connections that the system completes while the process stands still are answered, though it was told to end",
  ignore,
  fn: () =>
    withKept("", async (server) => {
      server.signal("SIGSTOP");
      const clients = await Promise.all(Array.from({ length: QUEUED }, () => RawClient.connect(server.port)));
      try {
        for (const client of clients) await client.send(get("/a.txt"));
        server.signal("SIGTERM");
        server.signal("SIGCONT");
        const answers = await Promise.all(clients.map((client) => client.response()));
        assertEquals(answers.map(({ status }) => status), clients.map(() => 200));
      } finally {
        for (const client of clients) client.close();
      }
    }),
});

Deno.test({
  name: "SIGTERM lets a connection that asks nothing end in order, and the process ends",
  ignore,
  fn: () =>
    withKept("", async (server, clients) => {
      server.signal("SIGTERM");
      const rests = await Promise.all(clients.map((client) => client.end())); // A reset would throw.
      assertEquals(rests.map(({ length }) => length), clients.map(() => 0));
      assertEquals((await server.ended()).code, 0);
    }),
});
