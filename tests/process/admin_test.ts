/** The admin listener of a running server: health, what it refuses, and what its worker may do. */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { AdminOrder, AdminReport } from "../../src/process/admin_worker.ts";
import { threadsOf } from "../../src/process/thread.ts";
import { SandboxTooWideError } from "../../src/process/worker_thread.ts";
import { conf, withSupervisor } from "./supervised.ts";
import { exchange, get, RawClient } from "../client.ts";
import { run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

/** Starts a server with an admin listener on a free port, and passes both to `test`. */
async function withAdmin(conf: string, test: (server: ServerProcess, admin: number) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", `host default www\nhost lab.example www\nparameter admin 0\nparameter workers 1\n${conf}`);
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
  await test(server, adminPort(server));
}

function adminPort({ banner }: ServerProcess): number {
  return Number(/admin +http:\/\/127\.0\.0\.1:(\d+)\/live/.exec(banner)?.[1]);
}

function ask(target: string, host: string, method = "GET", more = ""): string {
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
}

Deno.test("/healthz and /readyz answer 200 while the server serves, and HEAD as GET does", async () => {
  await withAdmin("", async (_server, port) => {
    assertEquals((await exchange(port, get("/healthz"))).text, "ok\n");
    const ready = await exchange(port, get("/readyz"));
    assertEquals([ready.status, ready.text, ready.field("cache-control")], [200, "ready\n", "no-store"]);
    assertEquals((await exchange(port, ask("/readyz", "localhost", "HEAD"))).status, 200);
  });
});

Deno.test("/readyz answers 503 while the server drains, and /healthz still 200", async () => {
  await withAdmin("parameter drain-timeout 20\n", async (server, port) => {
    using client = await RawClient.connect(server.port);
    await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n"); // A request under way keeps the server draining.
    using admin = await RawClient.connect(port);
    await admin.send(get("/readyz"));
    assertEquals((await admin.response()).status, 200);
    server.signal("SIGTERM");
    let status = 200;
    for (let tries = 0; status === 200 && tries < 200; tries++) {
      await admin.send(get("/readyz"));
      status = (await admin.response()).status;
    }
    assertEquals(status, 503);
    await admin.send(get("/healthz"));
    assertEquals((await admin.response()).status, 200);
    await client.send("\r\n");
    assertEquals((await client.response()).text, "content");
  });
});

Deno.test("the admin listener answers for addresses, localhost and hosts of web.conf only, so no site can rebind to it", async () => {
  await withAdmin("", async (_server, port) => {
    for (const host of ["127.0.0.1", `127.0.0.1:${port}`, "[::1]", "localhost", "LOCALHOST:80", "lab.example"]) {
      assertEquals([host, (await exchange(port, ask("/healthz", host))).status], [host, 200]);
    }
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "default"]) {
      assertEquals([host, (await exchange(port, ask("/metrics", host))).status], [host, 421]);
    }
    assertEquals((await exchange(port, "GET /healthz HTTP/1.0\r\n\r\n")).status, 200);
  });
});

Deno.test("the admin listener refuses requests that a page of another site sends, and lets none read", async () => {
  await withAdmin("", async (_server, port) => {
    const host = `127.0.0.1:${port}`;
    for (const origin of ["http://evil.example", "null", `http://127.0.0.1:${port + 1}`]) {
      const answer = await exchange(port, ask("/reload", host, "POST", `Origin: ${origin}\r\nContent-Length: 0\r\n`));
      assertEquals([origin, answer.status], [origin, 403]);
    }
    const own = await exchange(port, ask("/healthz", host, "GET", `Origin: http://${host}\r\n`));
    assertEquals([own.status, own.field("access-control-allow-origin")], [200, undefined]);
    assertEquals(own.field("cross-origin-resource-policy"), "same-origin");
  });
});

Deno.test("the admin listener answers 404 for other paths and 405 for other methods, and serves no file", async () => {
  await withAdmin("", async (_server, port) => {
    assertEquals((await exchange(port, get("/a.txt"))).status, 404);
    const post = await exchange(port, ask("/healthz", "localhost", "POST", "Content-Length: 0\r\n"));
    assertEquals([post.status, post.field("allow")], [405, "GET, HEAD"]);
  });
});

Deno.test("POST /reload reloads", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  const conf = "host default www\nparameter admin 0\nparameter workers 1\n";
  folder.write("web.conf", conf);
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
  folder.write("web.conf", `${conf}media txt text/x-new\n`);
  const request = ask("/reload", "localhost", "POST", "Content-Length: 0\r\n");
  assertEquals((await exchange(adminPort(server), request)).status, 200);
  assertEquals((await exchange(server.port, get("/a.txt"))).field("content-type"), "text/x-new; charset=utf-8");
});

Deno.test("a reload that names another admin address moves the listener, and one without ends it", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", "host default www\nparameter workers 1\n");
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
  const port = freePort();
  const answers = async () => {
    try {
      return (await exchange(port, get("/readyz"))).status;
    } catch {
      return null; // Nobody listens.
    }
  };
  const until = async (status: number | null) => {
    for (let tries = 0; await answers() !== status && tries < 600; tries++) {
      await new Promise((go) => setTimeout(go, 50));
    }
    assertEquals(await answers(), status);
  };
  folder.write("web.conf", `host default www\nparameter workers 1\nparameter admin ${port}\n`);
  server.signal("SIGHUP");
  await until(200);
  folder.write("web.conf", "host default www\nparameter workers 1\n");
  server.signal("SIGHUP");
  await until(null);
});

Deno.test("a reload that moves or removes the admin listener is answered on the old one, which ends", async () => {
  for (const after of [`parameter admin ${freePort()}\n`, ""]) {
    using folder = new TempFolder();
    folder.write("www/a.txt", "content");
    folder.write("web.conf", "host default www\nparameter admin 0\nparameter workers 1\n");
    await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
    const port = adminPort(server);
    using viewer = await RawClient.connect(port);
    await viewer.send(ask("/live/events", "localhost"));
    assertEquals((await viewer.response(true)).status, 200);
    folder.write("web.conf", `host default www\nparameter workers 1\n${after}`);
    assertEquals((await exchange(port, ask("/reload", "localhost", "POST", "Content-Length: 0\r\n"))).status, 200);
    await viewer.end();
    await assertRejects(() => exchange(port, get("/readyz")));
  }
});

Deno.test("an admin address that is in use ends the start with 1, and names the address", async () => {
  using folder = new TempFolder();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  folder.write("www/a.txt", "content");
  folder.write("web.conf", `host default www\nparameter admin ${taken.addr.port}\n`);
  const { code, stderr } = await run(["-a", "127.0.0.1", "-p", "0"], { cwd: folder.path });
  assertEquals(code, 1);
  assertStringIncludes(stderr, `cannot listen on 127.0.0.1:${taken.addr.port}`);
});

Deno.test("an admin address of the server's own is an error with its line, in check and at the start", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  for (
    const [address, admin] of [["::", "9090"], ["127.0.0.1", "9090"], ["0.0.0.0", "127.0.0.1:9090"], [
      "127.0.0.1",
      "*:9090",
    ]]
  ) {
    folder.write("web.conf", `host default www\nparameter admin ${admin}\n`);
    for (const args of [[], ["check"]]) {
      const { code, stderr } = await run([...args, "-a", address!, "-p", "9090"], { cwd: folder.path });
      assertEquals(code, 1);
      assertStringIncludes(stderr, "web.conf:2:1: error: admin: the server itself listens on port 9090");
    }
  }
});

Deno.test("an admin worker with more permissions than it needs ends the start", async () => {
  const inherited = threadsOf<AdminOrder, AdminReport>(
    new URL("../../src/process/admin_worker.ts", import.meta.url),
    "inherit",
  );
  const error = await assertRejects(
    () =>
      withSupervisor(
        { conf: conf("parameter admin 0\nparameter workers 1\n"), startAdminThread: inherited },
        async () => {},
      ),
    SandboxTooWideError,
  );
  assertMatch(error.message, /the admin worker: .*it could read .*it could write/);
});

Deno.test("check shows what the admin worker may do: listen there, and read nothing", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  const port = freePort();
  folder.write("web.conf", `host default www\nparameter admin ${port}\n`);
  const { code, stdout } = await run(["check", "-p", "0"], { cwd: folder.path });
  assertEquals(code, 0);
  assertMatch(stdout, new RegExp(`# the admin worker may listen 127\\.0\\.0\\.1:${port} \\(web\\.conf:2\\)`));
  assertMatch(stdout, /# the admin worker may read nothing/);
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
