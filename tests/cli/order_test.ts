/** `sweepd reload` and `sweepd reopen`: orders to a running server, which answers what became of them. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get } from "../client.ts";
import { run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const CONF = "host default www\nparameter admin 0\nparameter workers 1\n";

/** Resolves when a log file has a line. */
async function untilLogged(path: string): Promise<void> {
  for (let attempts = 0; attempts < 1000 && (await Deno.stat(path)).size === 0; attempts++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A running server, and the port of its admin listener. */
async function withServer(
  test: (folder: TempFolder, server: ServerProcess, port: string) => Promise<void>,
  conf = CONF,
) {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", conf);
  const permissions = [`--allow-write=${folder.path}`];
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path, permissions });
  await test(folder, server, /http:\/\/127\.0\.0\.1:(\d+)\/live/.exec(server.banner)![1]!);
}

Deno.test("reload says what has changed, that nothing has, or why the old configuration stays", async () => {
  await withServer(async (folder, server, port) => {
    const reload = () => run(["reload", port], { cwd: folder.path });
    assertEquals(await reload(), { code: 0, stdout: "reload: nothing has changed\n", stderr: "" });
    folder.write("web.conf", `${CONF}media txt text/x-new\n`);
    const changed = await reload();
    assertEquals(changed.code, 0);
    assertMatch(changed.stdout, /^reloaded: media txt /);
    assertEquals((await exchange(server.port, get("/a.txt"))).field("content-type"), "text/x-new; charset=utf-8");
    folder.write("web.conf", "host default\n");
    const failed = await reload();
    assertEquals([failed.code, failed.stdout], [1, ""]);
    assertStringIncludes(failed.stderr, "the configuration cannot be used, the old one stays");
    assertEquals((await exchange(server.port, get("/a.txt"))).status, 200);
  });
});

Deno.test("reopen opens the log files again after they were renamed", async () => {
  await withServer(async (folder, server, port) => {
    await exchange(server.port, get("/before"));
    await untilLogged(`${folder.path}/access.log`); // A line that is written later belongs to the new file.
    assertEquals((await run(["reopen", port], { cwd: folder.path })).code, 0);
    await Deno.rename(`${folder.path}/access.log`, `${folder.path}/access.log.1`);
    assertMatch((await run(["reopen", port], { cwd: folder.path })).stdout, /open again/);
    await exchange(server.port, get("/after"));
    server.signal("SIGTERM");
    await server.ended();
    assertMatch(await Deno.readTextFile(`${folder.path}/access.log.1`), /"GET \/before /);
    assertMatch(await Deno.readTextFile(`${folder.path}/access.log`), /^[^\n]*"GET \/after [^\n]*\n$/);
  }, `${CONF}parameter access-log access.log\n`);
});

Deno.test("an order without an address, or to a port where nothing answers, says so", async () => {
  using folder = new TempFolder();
  folder.write("web.conf", "host default www\n");
  const none = await run(["reload"], { cwd: folder.path });
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "names no admin address; write: sweepd reload PORT");
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  free.close();
  const silent = await run(["reopen", String(free.addr.port)], { cwd: folder.path });
  assertEquals(silent.code, 1);
  assertStringIncludes(silent.stderr, `no admin listener answers on 127.0.0.1:${free.addr.port}`);
  assertEquals((await run(["reload", "nowhere"], { cwd: folder.path })).code, 2);
});
