/**
 * What a server was started with decides what a reload reads: the file is read again or the old configuration stays, whatever
 * has become of the file and of the working folder. With real processes.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get } from "../client.ts";
import { PROJECT, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";
import { freePort, startQuietly, statusOf, through, untilSaid } from "./started.ts";

const IGNORE = Deno.build.os === "windows";

/** A folder with a site, and with a file beside it that is nobody's business. */
function siteFolder(): TempFolder {
  const folder = new TempFolder();
  folder.write("www/index.html", "content");
  folder.write("web.conf", "host default www\n");
  folder.write("id_rsa", "PRIVATE");
  return folder;
}

const CHANGES: readonly [what: string, change: (path: string) => Promise<void>, reason: string][] = [
  ["is moved away", (path) => Deno.rename(path, `${path}.old`), "cannot read web.conf: there is no such file"],
  ["becomes a dangling link", async (path) => {
    await Deno.remove(path);
    await Deno.symlink("nowhere", path);
  }, "cannot read web.conf: there is no such file"],
  ["is emptied", (path) => Deno.truncate(path), "web.conf has no host line"],
  ["becomes a FIFO", async (path) => {
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
  }, "web.conf is not a file any more"],
];

for (const [what, change, reason] of CHANGES) {
  Deno.test(`a server whose web.conf ${what} keeps its configuration at a reload, and serves no other folder`, {
    ignore: IGNORE,
  }, async () => {
    using folder = siteFolder();
    await using server = await ServerProcess.start(["-w", "1"], { cwd: folder.path });
    await change(`${folder.path}/web.conf`);
    server.signal("SIGHUP");
    await untilSaid(server, `sweepd: reload: ${reason}; the old configuration stays\n`);
    assertEquals((await exchange(server.port, get("/"))).text, "content");
    assertEquals(await statusOf(server.port, "/id_rsa"), 404);
    server.signal("SIGTERM");
    assertEquals((await server.ended()).code, 0);
  });
}

Deno.test(
  "a server whose working folder is removed goes on, reloads and ends in order",
  { ignore: IGNORE },
  async () => {
    using site = siteFolder();
    using folder = new TempFolder();
    site.write("my.conf", `host default ${site.path}/www\nhost b.example gone\n`);
    await Deno.mkdir(`${folder.path}/here`);
    await using server = await ServerProcess.start(["-w", "1", "-c", `${site.path}/my.conf`], {
      cwd: `${folder.path}/here`,
    });
    await Deno.remove(`${folder.path}/here`);
    site.write("my.conf", `host default ${site.path}/www\nmedia html text/x-new\n`);
    server.signal("SIGHUP");
    await untilSaid(server, "media html added: text/x-new");
    assertMatch((await exchange(server.port, get("/"))).field("content-type") ?? "", /^text\/x-new/);
    server.signal("SIGTERM");
    assertEquals((await server.ended()).code, 0);
  },
);

Deno.test(
  "a configuration comes through standard input or a process substitution, once",
  { ignore: IGNORE },
  async () => {
    using folder = siteFolder();
    const text = "host default www\nmedia html text/x-piped\n";
    for (
      const [script, name] of [
        [`exec "$@" -c <(printf '${text}')`, /\/dev\/fd\/\d+/],
        [`printf '${text}' | "$@" -c -`, /standard input/],
      ] as const
    ) {
      const { server, port } = await startQuietly([], { cwd: folder.path, ...through(`${script} & wait`) });
      await using _ = server;
      assertMatch((await exchange(port, get("/"))).field("content-type") ?? "", /^text\/x-piped/);
      await untilSaid(server, name);
      const pid = Number(/supervised by process (\d+)/.exec(server.banner)?.[1]);
      Deno.kill(pid, "SIGHUP");
      await untilSaid(server, /reload: .* can be read only once; the old configuration stays\n/);
      assertEquals(await statusOf(port), 200);
      Deno.kill(pid, "SIGTERM");
      assertEquals((await server.ended()).code, 0);
    }
  },
);

Deno.test("--watch says once that its file is gone, and takes the next one", { ignore: IGNORE }, async () => {
  using folder = siteFolder();
  await using server = await ServerProcess.start(["-w", "1", "--watch"], { cwd: folder.path });
  await Deno.remove(`${folder.path}/web.conf`);
  await untilSaid(server, "cannot read web.conf: there is no such file; the old configuration stays");
  folder.write("web.conf", "host default www\nmedia html text/x-new\n");
  await untilSaid(server, "media html added");
  assertEquals(server.banner.split("there is no such file").length, 2, server.banner);
});

Deno.test("--watch without a file says that there is nothing to look at", async () => {
  using folder = siteFolder();
  await using server = await ServerProcess.start(["www", "--watch"], { cwd: folder.path });
  await untilSaid(server, "warning: --watch has nothing to look at: this server was started without a web.conf\n");
});

Deno.test("wildcards and names with other letters answer for the hosts that browsers name", async () => {
  using folder = siteFolder();
  folder.write("lab/index.html", "lab");
  folder.write("books/index.html", "books");
  folder.write("web.conf", "host default www\nhost *.lab.org lab\nhost bücher.example books\n");
  await using server = await ServerProcess.start(["-w", "1"], { cwd: folder.path });
  const of = async (host: string) => (await exchange(server.port, get("/", { Host: host }))).text;
  assertEquals(await of("a.b.lab.org:8080"), "lab");
  assertEquals(await of("LAB.org"), "content");
  assertEquals(await of(new URL("http://bücher.example/").host), "books");
  assertStringIncludes(server.banner, "bücher.example (xn--bcher-kva.example) -> ");
});

Deno.test("deno task takes DIR, -c and a capture's FILE from where it is called", { ignore: IGNORE }, async () => {
  using folder = siteFolder();
  folder.write("my.conf", "host default www\n");
  const port = `${freePort()}`;
  for (
    const [task, args] of [
      ["start", ["www", "-p", port]],
      ["start", ["-p", port, "-c", "my.conf"]],
      ["capture", ["one.cap", "www", "-p", port]],
    ] as const
  ) {
    await using server = ServerProcess.spawn(args, { cwd: folder.path, task });
    await untilSaid(server, "Ctrl-C ends it");
    const pid = Number(/supervised by process (\d+)/.exec(server.banner)?.[1]);
    try {
      assertEquals((await exchange(Number(port), get("/"))).text, "content");
      assertStringIncludes(server.banner, `-> ${folder.path}/www (`);
    } finally {
      Deno.kill(pid, "SIGTERM"); // Not the task: it may end before the server.
    }
    assertEquals((await server.ended()).code, 0);
  }
  assertMatch(await Deno.readTextFile(`${folder.path}/one.cap`), /^# sweepd capture 1\n/);
});

Deno.test("deno task start downloads no package that only tests need", async () => {
  const { imports, lock } = JSON.parse(await Deno.readTextFile(`${PROJECT}/deno.json`));
  const { specifiers } = JSON.parse(await Deno.readTextFile(`${PROJECT}/deno.lock`));
  const mapped = Object.values<string>(imports).map((target) => target.split("/")[0]!);
  assertEquals(Object.keys(specifiers).toSorted(), [...new Set(mapped)].toSorted());
  assertEquals([lock.frozen, mapped.some((target) => target.includes("fast-check"))], [true, false]);
});
