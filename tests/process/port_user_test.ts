/** Which program has a port that a server cannot have. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { listeningSockets, serverName } from "../../src/process/port_user.ts";
import { run, ServerProcess } from "../process.ts";

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100
`;

Deno.test("listeningSockets() finds listeners on a port, and no connections", () => {
  assertEquals(listeningSockets(TABLE, 8080), ["4711"]);
  assertEquals(listeningSockets(TABLE, 80), ["4713"]);
  assertEquals(listeningSockets(TABLE, 8081), []);
});

for (
  const [head, name] of [
    ["HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: x\r\n\r\n", "nginx/1.22.1"],
    [
      "HTTP/1.0 404 Not Found\r\nDate: x\r\nserver:SimpleHTTP/0.6 Python/3.11.2\r\n\r\n",
      "SimpleHTTP/0.6 Python/3.11.2",
    ],
    ['HTTP/1.1 200 OK\r\nServer: a\x1b[31m"b\r\n\r\n', "a?[31m?b"],
    [`HTTP/1.1 200 OK\r\nServer: ${"x".repeat(1000)}\r\n\r\n`, "x".repeat(60)],
    ["HTTP/1.1 200 OK\r\nServer: \r\n\r\n", null],
    ["HTTP/1.1 200 OK\r\nDate: x\r\n\r\n", null],
    ["SSH-2.0-OpenSSH_9.2\r\nServer: x\r\n", null],
    ["", null],
  ] as const
) {
  Deno.test(`serverName() of ${JSON.stringify(head.slice(0, 60))} is ${name === null ? "unknown" : "known"}`, () => {
    assertEquals(serverName(head), name);
  });
}

Deno.test({
  name: "a start with all permissions names the process that has the port",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const args = [".", "-a", "127.0.0.1", "-p", `${listener.addr.port}`];
    const { code, stderr } = await run(args, { permitted: ["--no-prompt", "--allow-all"] });
    assertEquals(code, 1);
    assertMatch(stderr, new RegExp(`or --any-port; process ${Deno.pid}, \\S+, has it\n$`));
  },
});

Deno.test("a start on a port that a web server has tells its name, and how to learn more", async () => {
  await using first = await ServerProcess.start(["-a", "127.0.0.1", "."]);
  const { code, stderr } = await run([".", "-a", "127.0.0.1", "-p", `${first.port}`]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `sweepd: cannot listen on 127.0.0.1:${first.port}: another program has this port`);
  assertStringIncludes(
    stderr,
    'choose another with --port or --any-port; a web server called "sweepd" answers there; ',
  );
  assertEquals(stderr.trimEnd().split("\n").length, 1);
});

Deno.test("a start on a port of a program that is silent ends soon, with the command that names it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await run([".", "-a", "127.0.0.1", "-p", `${listener.addr.port}`]);
  assertEquals(code, 1);
  assertMatch(stderr, /another program has this port; choose another with --port or --any-port; "[^"]+" tells which/);
});

Deno.test("--any-port takes the next port that is free, and says so", async () => {
  await using first = await ServerProcess.start(["-a", "127.0.0.1", "."]);
  await using second = ServerProcess.spawn([".", "-a", "127.0.0.1", "-p", `${first.port}`, "--any-port"]);
  assertEquals(await second.settled(), "listening");
  assertMatch(
    second.banner,
    new RegExp(`note +port ${first.port} is taken, so this is port ${second.port} \\(--any-port\\); `),
  );
  assertEquals(second.port > first.port && second.port < first.port + 100, true);
});
