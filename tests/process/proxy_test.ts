/** `listen ... proxy` of the whole program: lines of web.conf, reload, log. PROXY bytes are written by hand. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseConfig } from "../../src/config/parse.ts";
import { parsePortFlag } from "../../src/config/listeners.ts";
import { exchange, get } from "../client.ts";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const LINE = "PROXY TCP4 192.0.2.7 127.0.0.1 50000 80\r\n";

Deno.test("a proxy listener logs the clients of trusted proxies, denies them, and takes another trust at a reload", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "text");
  const conf = "listen 127.0.0.1:0 proxy\nparameter workers 1\nhost default www\n  deny 192.0.2.8\n";
  folder.write("web.conf", `${conf}parameter trust 127.0.0.1\n`);
  await using server = ServerProcess.spawn([], { cwd: folder.path });
  assertEquals(await server.settled(), "listening");
  assertEquals((await exchange(server.port, LINE + get("/a.txt"))).text, "text");
  assertEquals((await exchange(server.port, LINE.replace("2.7", "2.8") + get("/a.txt"))).status, 403);
  folder.write("web.conf", `${conf}parameter trust 192.0.2.1\n`);
  server.signal("SIGHUP");
  for (let round = 0; round < 500 && !server.banner.includes("reloaded"); round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const refused = await exchange(server.port, LINE + get("/a.txt")).catch((error) => error.message);
  assertMatch(String(refused), /ended|reset/i);
  server.signal("SIGTERM");
  const { stdout, stderr } = await server.ended();
  assertMatch(stdout, /^192\.0\.2\.7 - - \[[^\]]+\] "GET \/a\.txt HTTP\/1\.1" 200 4 [^\n]*\n192\.0\.2\.8 [^\n]* 403 /);
  assertMatch(stderr, /127\.0\.0\.1:\d+ is not trusted to send a PROXY header; see parameter trust/);
});

Deno.test("listen proxy without trust is an error, because no connection could be served", () => {
  const { diagnostics } = parseConfig("host default www\nlisten 8080 proxy\n", "web.conf");
  assertEquals(diagnostics.length, 1);
  assertEquals([diagnostics[0]!.line, diagnostics[0]!.severity], [2, "error"]);
  assertStringIncludes(diagnostics[0]!.message, "parameter trust");
  assertEquals(parseConfig("host default www\nlisten 8080 proxy\nparameter trust 10.0.0.1\n", "").diagnostics, []);
});

Deno.test("--port takes no proxy, because trust is a matter of web.conf", () => {
  assertMatch(String(parsePortFlag("8080/proxy")), /proxy is for a listen line of web\.conf/);
});
