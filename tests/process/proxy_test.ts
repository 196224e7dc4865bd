/** `listen ... proxy` of the whole program: lines of web.conf, reload, log. PROXY bytes are written by hand. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { issueAuthority, issueLeaf } from "../../src/certificates/issue.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { parsePortFlag } from "../../src/config/listeners.ts";
import { exchange, get, RawClient } from "../client.ts";
import { readAll, send } from "../net/secured.ts";
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

Deno.test("a PROXY header comes before TLS, and a health check is answered for names that the certificate does not have", async () => {
  using folder = new TempFolder();
  const authority = await issueAuthority({ commonName: "authority", names: [], nowMs: Date.now(), days: 2 });
  const leaf = { commonName: "main.test", names: ["main.test"], nowMs: Date.now(), days: 60 };
  const { certificate, key } = await issueLeaf(leaf, authority);
  folder.write("main.pem", certificate);
  folder.write("main.key", key);
  folder.write("www/a.txt", "text");
  folder.write(
    "web.conf",
    "listen 127.0.0.1:0 tls proxy\nparameter trust 127.0.0.1\nparameter health /healthz\nparameter workers 1\n" +
      "host default www\n  certificate main.pem main.key\n",
  );
  await using server = ServerProcess.spawn([], { cwd: folder.path });
  assertEquals(await server.settled(), "listening");
  const port = Number(/https:\/\/[^/]*:(\d+)\//.exec(server.banner)?.[1]);
  const ask = async (host: string, target: string) => {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    await send(tcp, LINE);
    using conn = await Deno.startTls(tcp, { hostname: "main.test", caCerts: [authority.certificate] });
    await send(conn, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return (await readAll(conn)).slice(9, 12);
  };
  assertEquals(await ask("main.test", "/a.txt"), "200");
  assertEquals(await ask("health", "/a.txt"), "421");
  assertEquals(await ask("health", "/healthz"), "200");
  server.signal("SIGTERM");
  assertMatch((await server.ended()).stdout, /^192\.0\.2\.7 - - \[[^\]]+\] "GET \/a\.txt HTTP\/1\.1" 200 /);
});

Deno.test("after a signal to end, health checks fail first, and everything else is answered for drain-delay", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "text");
  folder.write(
    "web.conf",
    "host default www\nparameter workers 2\nparameter health /healthz\nparameter drain-delay 2\n",
  );
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
  const statusOf = async (target: string) => (await exchange(server.port, get(target))).status;
  assertEquals(await statusOf("/healthz"), 200);
  using open = await RawClient.connect(server.port);
  server.signal("SIGTERM");
  for (let round = 0; round < 100 && !server.banner.includes("health checks fail"); round++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertEquals([await statusOf("/healthz"), await statusOf("/a.txt")], [503, 200]);
  await open.send(get("/a.txt"));
  assertEquals((await open.response()).field("connection"), "keep-alive");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("a second signal ends the server during drain-delay", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "text");
  folder.write("web.conf", "host default www\nparameter drain-delay 3600\n");
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
  server.signal("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 700)); // Signals that come sooner are the same press of a key.
  server.signal("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});
