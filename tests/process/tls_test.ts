/**
 * https as users start it: a switch, listen lines, certificates of hosts, and their renewal while it serves.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { issueAuthority, type Issued, issueLeaf } from "../../src/certificates/issue.ts";
import { systemClock } from "../../src/net/clock.ts";
import { freePort } from "../tools/staged.ts";
import { run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";
import { readAll, send } from "../net/secured.ts";

const AUTHORITY = await issueAuthority({ commonName: "authority", names: [], nowMs: Date.now(), days: 2 });

async function issue(...names: readonly string[]): Promise<Issued> {
  return await issueLeaf({ commonName: names[0]!, names, nowMs: Date.now(), days: 60 }, AUTHORITY);
}

function write(folder: TempFolder, name: string, { certificate, key }: Issued): void {
  folder.write(`${name}.pem`, certificate);
  folder.write(`${name}.key`, key);
}

/** The answer to a request over TLS for `host`, whose name is also the server name. */
async function ask(port: number, host: string, { target = "/", sni = host, ca = AUTHORITY.certificate } = {}) {
  const options = { hostname: sni, port, caCerts: [ca] };
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  using conn = await Deno.startTls(tcp, options);
  await send(conn, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return await readAll(conn);
}

async function askPlain(port: number, host: string, target = "/"): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await send(conn, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return await readAll(conn);
}

function statusOf(answer: string): number {
  return Number(answer.slice(9, 12));
}

Deno.test("--tls serves https with a certificate of its own, and redirects plain requests on the same port", async () => {
  using folder = new TempFolder();
  folder.write("index.html", "over TLS");
  const port = freePort();
  const args = [folder.path, "--tls", "-p", String(port), "-a", "127.0.0.1", "-w", "1"];
  const server = ServerProcess.spawn(args, { permissions: ["--allow-sys=hostname"] });
  await using _ = server;
  assertEquals(await server.settled(), "listening");
  assertStringIncludes(server.banner, `https://127.0.0.1:${port}/`);
  assertMatch(server.banner, /SHA-256 fingerprint: (?:[0-9A-F]{2}:){31}[0-9A-F]{2}/);
  const plain = await askPlain(port, `localhost:${port}`, "/a?b");
  assertEquals(statusOf(plain), 308);
  assertStringIncludes(plain, `\r\nLocation: https://localhost:${port}/a?b\r\n`);
});

Deno.test("hosts have certificates of their own, and a request for another host gets 421", async () => {
  using folder = new TempFolder();
  folder.write("www/index.html", "www");
  folder.write("lab/index.html", "lab");
  write(folder, "main", await issue("main.test", "localhost"));
  write(folder, "lab", await issue("*.lab.test"));
  const [plain, secured] = [freePort(), freePort()];
  folder.write(
    "web.conf",
    `listen 127.0.0.1:${plain}
listen 127.0.0.1:${secured} tls
host default www
  certificate main.pem main.key
host *.lab.test lab
  certificate lab.pem lab.key
  https redirect
parameter log json
parameter workers 1`,
  );
  const server = ServerProcess.spawn([], { cwd: folder.path });
  await using _ = server;
  assertEquals(await server.settled(), "listening");
  assertStringIncludes(await ask(secured, "main.test"), "\r\n\r\nwww");
  assertStringIncludes(await ask(secured, "a.lab.test"), "\r\n\r\nlab");
  assertEquals(statusOf(await ask(secured, "main.test", { sni: "a.lab.test" })), 421);
  assertEquals(statusOf(await ask(secured, "main.test", { target: "https://main.test/" })), 200);
  assertStringIncludes(await askPlain(plain, "main.test"), "\r\n\r\nwww");
  assertEquals(statusOf(await askPlain(plain, "main.test", "https://main.test/")), 421);
  assertStringIncludes(await askPlain(plain, "a.lab.test"), `\r\nLocation: https://a.lab.test:${secured}/\r\n`);
  server.signal("SIGTERM");
  const { stdout, code } = await server.ended();
  assertEquals(code, 0);
  const schemes = stdout.trim().split("\n").map((line) => JSON.parse(line).scheme);
  assertEquals(schemes, ["https", "https", "https", "https", "http", "http", "http"]);
});

Deno.test("a key in a root is never served, and the start warns of it", async () => {
  using folder = new TempFolder();
  folder.write("www/index.html", "www");
  write(folder, "www/inside", await issue("localhost"));
  const port = freePort();
  folder.write(
    "web.conf",
    `listen 127.0.0.1:${port} tls\nhost default www\ncertificate www/inside.pem www/inside.key\nparameter workers 1`,
  );
  const server = ServerProcess.spawn([], { cwd: folder.path });
  await using _ = server;
  assertEquals(await server.settled(), "listening");
  for (const name of ["inside.key", "inside.pem"]) {
    assertEquals(statusOf(await ask(port, "localhost", { target: `/${name}` })), 404, name);
  }
  assertStringIncludes(
    server.banner,
    'web.conf:3:1: warning: certificate: www/inside.key is in the root of host "default"',
  );
});

Deno.test("SIGHUP takes renewed certificates while requests are answered, and connections stay", async () => {
  using folder = new TempFolder();
  folder.write("www/index.html", "www");
  write(folder, "main", await issue("localhost"));
  const port = freePort();
  folder.write(
    "web.conf",
    `listen 127.0.0.1:${port} tls\nhost default www\ncertificate main.pem main.key\nparameter timeout 60`,
  );
  const server = ServerProcess.spawn(["-q"], { cwd: folder.path });
  await using _ = server;
  await untilAnswered(port);
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  using old = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [AUTHORITY.certificate] });
  await old.handshake();
  let isOver = false;
  let answered = 0;
  const failures: unknown[] = [];
  const load = (async () => {
    while (!isOver) {
      await ask(port, "localhost").then((answer) => answered += Number(statusOf(answer) === 200), (error) => {
        failures.push(error);
      });
    }
  })();
  for (let round = 1; round <= 3; round++) {
    write(folder, "main", await issue("localhost", `round-${round}.test`));
    server.signal("SIGHUP");
    const before = answered;
    await untilTrue(() => server.banner.split("main.pem altered").length > round && answered > before);
  }
  isOver = true;
  await load;
  assertEquals(failures, []);
  assert(answered > 3);
  await send(old, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  assertEquals(statusOf(await readAll(old)), 200);
  folder.write("main.key", "not a key");
  server.signal("SIGHUP");
  await untilTrue(() => server.banner.includes("the old configuration stays"));
  assertEquals(statusOf(await ask(port, "localhost")), 200);
});

Deno.test("sweepd certificate writes a certificate that its authority has signed, and overwrites nothing", async () => {
  using folder = new TempFolder();
  folder.write("web.conf", "host files.test www\n");
  folder.write("www/index.html");
  const options = { cwd: folder.path, permissions: ["--allow-write", "--allow-sys=hostname"] };
  const { code, stdout } = await run(["certificate", "keys"], options);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "files.test");
  assertStringIncludes(stdout, "listen 8443 tls");
  if (Deno.build.os !== "windows") {
    assertEquals(Deno.statSync(`${folder.path}/keys/sweepd.key`).mode! & 0o777, 0o600);
  }
  const port = freePort();
  folder.write(
    "web.conf",
    `listen 127.0.0.1:${port} tls\nhost files.test www\ncertificate keys/sweepd.pem keys/sweepd.key\nparameter workers 1`,
  );
  const server = ServerProcess.spawn([], { cwd: folder.path });
  await using _ = server;
  assertEquals(await server.settled(), "listening");
  const ca = Deno.readTextFileSync(`${folder.path}/keys/sweepd-ca.crt`);
  assertEquals(statusOf(await ask(port, "files.test", { ca })), 200);
  const again = await run(["certificate", "keys"], options);
  assertEquals(again.code, 1);
  assertStringIncludes(again.stderr, "is there already");
});

const WAIT_MS = 30_000;
const LOOK_MS = 20;

async function untilTrue(check: () => boolean): Promise<void> {
  for (let waited = 0; !check(); waited += LOOK_MS) {
    if (waited > WAIT_MS) throw new Error("it does not become true");
    await systemClock.sleep(LOOK_MS);
  }
}

async function untilAnswered(port: number): Promise<void> {
  for (let waited = 0;; waited += LOOK_MS) {
    const status = await ask(port, "localhost").then(statusOf, () => 0);
    if (status === 200) return;
    if (waited > WAIT_MS) throw new Error("the server does not answer");
    await systemClock.sleep(LOOK_MS);
  }
}
