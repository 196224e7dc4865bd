/**
 * Life and death of the process: signals, reload, watching, machine-readable output. With real processes.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get, RawClient } from "./client.ts";
import { run, ServerProcess } from "./process.ts";
import { TempFolder } from "./temp_folder.ts";

async function withSite(test: (folder: string) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", "host default www\n");
  await test(folder.path);
}

/** Waits for words on standard error, for ten seconds. */
async function untilSaid(server: ServerProcess, words: string): Promise<void> {
  for (let turn = 0; turn < 500 && !server.banner.includes(words); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertStringIncludes(server.banner, words);
}

Deno.test("the banner shows the scope with the lines that it comes from, and that it was tested", async () => {
  await withSite(async (cwd) => {
    await using server = await ServerProcess.start([], { cwd });
    assertMatch(server.banner, /^ {2}may read +\/\S+\/www \(web\.conf:1\)$/m);
    assertMatch(server.banner, /^ {2}may listen +\[::\]:\d+ \(--port\)$/m);
    assertMatch(server.banner, /^ {2}may write +nothing$/m);
    assertMatch(server.banner, /^ {2}sandbox +tested/m);
    assertMatch(server.banner, /^ {2}process +was given read everything; net everything/m);
    assert(!server.banner.includes("\x1b"), "colour, although this is no terminal");
  });
});

const OLD_PERMISSIONS = ["--no-prompt", "--allow-read", "--allow-net", "--allow-sys=networkInterfaces"];

Deno.test("banner and check show the size of the caches, which without permission to ask is 64 MiB, without a prompt", async () => {
  await withSite(async (cwd) => {
    const { stdout } = await run(["check", "-w", "2"], { cwd });
    assertMatch(stdout, /^# cache auto: \d+ MiB of memory for each of 2 workers, because \d+ [MG]iB are free$/m);
    const conf = await Deno.readTextFile(`${cwd}/web.conf`);
    await Deno.writeTextFile(`${cwd}/web.conf`, `${conf}parameter cache 9\n`);
    assert(!(await run(["check"], { cwd })).stdout.includes("# cache auto"));
    await Deno.writeTextFile(`${cwd}/web.conf`, conf);
    await using server = await ServerProcess.start(["-w", "2"], { cwd, permitted: OLD_PERMISSIONS });
    assertMatch(
      server.banner,
      /^ {2}cache +64 MiB of memory for each of 2 workers, because this process may not ask how much is free \(default\)$/m,
    );
  });
});

Deno.test("check shows the scope, too", async () => {
  await withSite(async (cwd) => {
    assertMatch((await run(["check"], { cwd })).stdout, /^# a worker may read \/\S+\/www \(web\.conf:1\)$/m);
  });
});

Deno.test("--permissions shows what the process itself was given", async () => {
  await withSite(async (cwd) => {
    const { stdout } = await run(["--permissions"], { cwd });
    assertMatch(stdout, /^read +everything$/m);
    assertMatch(stdout, /^write +nothing$/m);
    assertMatch(stdout, /^run +nothing$/m);
  });
});

Deno.test("a root that holds web.conf draws a warning", async () => {
  await withSite(async (cwd) => {
    await Deno.writeTextFile(`${cwd}/web.conf`, "host default .\n");
    const { stderr } = await run(["check"], { cwd });
    assertMatch(stderr, /^web\.conf:1:1: warning: the root of host "default", \/\S+, contains \/\S+\/web\.conf/m);
  });
});

Deno.test("SIGHUP takes the configuration anew, and says what has changed", async () => {
  await withSite(async (cwd) => {
    await using server = await ServerProcess.start([], { cwd });
    await Deno.writeTextFile(`${cwd}/web.conf`, "host default www\nmedia txt text/x-new\n");
    server.signal("SIGHUP");
    await untilSaid(server, "sweepd: reloaded: media txt added: text/x-new (web.conf:2)");
    assertEquals((await exchange(server.port, get("/a.txt"))).field("content-type"), "text/x-new; charset=utf-8");
  });
});

Deno.test("SIGHUP with errors in the file tells them, and the old configuration stays", async () => {
  await withSite(async (cwd) => {
    await using server = await ServerProcess.start([], { cwd });
    await Deno.writeTextFile(`${cwd}/web.conf`, "host default www\nparameter timeout never\n");
    server.signal("SIGHUP");
    await untilSaid(server, "reload: the configuration has errors; the old configuration stays");
    assertStringIncludes(server.banner, 'web.conf:2:19: error: timeout: "never" is not a time');
    assertEquals((await exchange(server.port, get("/a.txt"))).status, 200);
  });
});

Deno.test("--watch reloads when the file changes", async () => {
  await withSite(async (cwd) => {
    await using server = await ServerProcess.start(["--watch"], { cwd });
    await Deno.writeTextFile(`${cwd}/web.conf`, "host default www\nmedia txt text/x-watched\n");
    await untilSaid(server, "sweepd: reloaded: media txt added");
  });
});

Deno.test("the second signal ends at once what the first one lets finish", async () => {
  await withSite(async (cwd) => {
    await Deno.writeFile(`${cwd}/www/large`, new Uint8Array(32 * 1024 * 1024));
    await using server = await ServerProcess.start([], { cwd });
    using client = await RawClient.connect(server.port);
    await client.send(get("/large"));
    await client.take(1); // And not more: the download would not end.
    server.signal("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 700)); // Sooner, it would count as the same.
    server.signal("SIGINT");
    assertEquals((await server.ended()).code, 0);
  });
});

Deno.test("--json writes banner, messages and access log as JSON", async () => {
  await withSite(async (cwd) => {
    await using server = await ServerProcess.start(["--json"], { cwd });
    const { port } = JSON.parse(server.banner).address;
    await exchange(port, get("/a.txt"));
    server.signal("SIGHUP");
    await untilSaid(server, "nothing has changed");
    server.signal("SIGTERM");
    const { stdout, stderr } = await server.ended();
    assertEquals(JSON.parse(stdout).status, 200);
    const messages = stderr.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(messages.map(({ level, event }) => [level, event]), [["info", "listening"], ["info", "reload"]]);
  });
});

Deno.test(
  "out of descriptors the server says so once, waits, and goes on",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await withSite(async (cwd) => {
      const prefix = ["sh", "-c", 'ulimit -n 96; exec "$@"', "sh"];
      await using server = await ServerProcess.start(["-w", "1"], { cwd, prefix });
      const clients: RawClient[] = [];
      for (let count = 0; count < 120; count++) clients.push(await RawClient.connect(server.port));
      await untilSaid(server, "out of descriptors");
      for (const client of clients) client.close();
      assertEquals((await exchange(server.port, get("/a.txt"))).text, "content");
      assertEquals(server.banner.split("out of descriptors").length, 2);
    });
  },
);
