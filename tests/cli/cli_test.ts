/**
 * The program from outside: arguments, configuration, messages, exit codes, logs and signals.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { exchange, get, RawClient } from "../client.ts";
import { run, ServerProcess } from "../process.ts";

/** A folder for the length of a test. */
async function withFolder(
  files: Readonly<Record<string, string>>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sweepd_cli_" });
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** One line on standard error, no stack trace, that exit code. */
async function assertFails(args: readonly string[], code: number, message: RegExp, cwd?: string): Promise<void> {
  const ended = await run(args, cwd === undefined ? {} : { cwd });
  assertEquals(ended.code, code, ended.stderr);
  assertMatch(ended.stderr, message);
  assertEquals(ended.stderr.trimEnd().split("\n").length, 1, ended.stderr);
  assertEquals(ended.stdout, "");
}

Deno.test("--help and --version answer on standard output", async () => {
  const help = await run(["--help"]);
  assertEquals(help.code, 0);
  assertMatch(help.stdout, /^Usage: sweepd \[DIR\]/);
  assertEquals(await run(["-V"]), { code: 0, stdout: "sweepd 0.2.0\n", stderr: "" });
});

Deno.test("wrong usage is one line and exit code 2", async () => {
  await assertFails(["--prot", "80"], 2, /unknown flag "--prot"; did you mean "--port"\?/);
  await assertFails(["-p", "99999"], 2, /--port: "99999" is not a port; use 0 to 65535/);
  await assertFails(["-p"], 2, /--port needs a value/);
  await assertFails(["-w", "none"], 2, /--workers/);
  await assertFails(["-a", "not an address"], 2, /--address/);
  await assertFails(["a", "b"], 2, /one word too many/);
});

Deno.test("a port in use is one line that names port and address, and exit code 1", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assertFails(["-a", "127.0.0.1", "-p", `${port}`], 1, new RegExp(`127\\.0\\.0\\.1:${port}.*--port`));
});

Deno.test("a second server on the port of a first one is refused", async () => {
  await using server = await ServerProcess.start(["-a", "127.0.0.1"]);
  await assertFails(["-a", "127.0.0.1", "-p", `${server.port}`], 1, /another program has this port/);
});

Deno.test("a configuration file that is not there is one line and exit code 1", async () => {
  await assertFails(["-c", "no-such.conf"], 1, /cannot read no-such\.conf: there is no such file/);
});

Deno.test("an error in the configuration names file, line and column, and nothing is started", async () => {
  await withFolder({ "web.conf": "host default .\nparameter port 99999\n" }, async (cwd) => {
    const ended = await run([], { cwd });
    assertEquals(ended.code, 1);
    assertMatch(ended.stderr, /^web\.conf:2:16: error: port: "99999" is not a port; use 0 to 65535\n/);
  });
});

Deno.test("check shows each value with its origin, and says what is wrong", async () => {
  const conf = "host default .\nmedia md text/markdown\nparameter timout 3\nparameter timeout 0.5\n";
  await withFolder({ "my.conf": conf }, async (cwd) => {
    const ended = await run(["check", "-c", "my.conf", "-p", "9000"], { cwd });
    assertEquals(ended.code, 0);
    assertMatch(ended.stdout, /^host default +\/\S+ +# my\.conf:1$/m);
    assertMatch(ended.stdout, /^media md +text\/markdown +# my\.conf:2$/m);
    assertMatch(ended.stdout, /^parameter timeout +0\.5 +# my\.conf:4: /m);
    assertMatch(ended.stdout, /^parameter port +9000 +# --port: /m);
    assertMatch(ended.stdout, /^parameter head-timeout +10 +# default: /m);
    assertMatch(ended.stderr, /^my\.conf:3:11: warning: unknown parameter "timout"; did you mean "timeout"\?$/m);
  });
});

Deno.test("check exits with 1 on errors", async () => {
  await withFolder({ "web.conf": "parameter timeout -1\n" }, async (cwd) => {
    assertEquals((await run(["check"], { cwd })).code, 1);
  });
});

Deno.test("./web.conf is used, and the banner says so", async () => {
  await withFolder({ "web.conf": "host default site\n", "site/index.html": "from web.conf" }, async (cwd) => {
    await using server = await ServerProcess.start([], { cwd });
    assertMatch(server.banner, /configuration +\/\S+\/web\.conf\n/);
    assertEquals((await exchange(server.port, get("/"))).text, "from web.conf");
  });
});

Deno.test("without a configuration the current folder is served, or DIR", async () => {
  await withFolder({ "index.html": "here", "dir/index.html": "there" }, async (cwd) => {
    await using here = await ServerProcess.start([], { cwd });
    assertMatch(here.banner, /configuration +none, serving \/\S+\n/);
    assertEquals((await exchange(here.port, get("/"))).text, "here");
    await using there = await ServerProcess.start(["dir"], { cwd });
    assertEquals((await exchange(there.port, get("/"))).text, "there");
  });
});

Deno.test("DIR replaces the hosts of a configuration that is named, and takes no other", async () => {
  const files = { "web.conf": "host localhost site\nmedia txt x/y\n", "site/a.txt": "site", "dir/a.txt": "dir" };
  await withFolder(files, async (cwd) => {
    for (const [args, type] of [[["-c", "web.conf"], "x/y"], [[], "text/plain; charset=utf-8"]] as const) {
      await using server = await ServerProcess.start(["dir", ...args], { cwd });
      const { text, field } = await exchange(server.port, get("/a.txt"));
      assertEquals([text, field("content-type")], ["dir", type]);
    }
  });
});

Deno.test("a root that is not there draws a warning, and the server starts", async () => {
  await withFolder({ "web.conf": "host default nowhere\n" }, async (cwd) => {
    await using server = await ServerProcess.start([], { cwd });
    assertMatch(server.banner, /^web\.conf:1:1: warning: the root of host "default", \/\S+\/nowhere, is not there/m);
    assertEquals((await exchange(server.port, get("/"))).status, 404);
  });
});

Deno.test("each request is a line of the combined format with milliseconds on standard output", async () => {
  await withFolder({ "index.html": "12345" }, async (cwd) => {
    await using server = await ServerProcess.start([], { cwd });
    await exchange(server.port, get("/?q=%22", { "User-Agent": 'a"b\\c', Referer: "http://r/" }));
    server.signal("SIGTERM");
    const { code, stdout } = await server.ended();
    assertEquals(code, 0);
    const [time] = /\[.*\]/.exec(stdout) ?? [];
    assertMatch(time ?? "", /^\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\]$/);
    const [ms] = / \d+\.\d{3}\n$/.exec(stdout) ?? [];
    const line = `127.0.0.1 - - ${time} "GET /?q=%22 HTTP/1.1" 200 5 "http://r/" "a\\x22b\\x5cc"${ms}`;
    assertEquals(stdout, line);
  });
});

Deno.test("-q writes neither banner nor access log", async () => {
  await withFolder({ "index.html": "x" }, async (cwd) => {
    const port = freePort();
    await using server = ServerProcess.spawn(["-q", "-p", `${port}`], { cwd });
    await untilListening(port);
    assertEquals((await exchange(port, get("/"))).status, 200);
    server.signal("SIGTERM");
    assertEquals(await server.ended(), { code: 0, stdout: "", stderr: "" });
  });
});

Deno.test("-d writes connection events to standard error", async () => {
  await withFolder({ "index.html": "x" }, async (cwd) => {
    await using server = await ServerProcess.start(["-d"], { cwd });
    assertMatch(server.banner, /workers {7}1 \(because of -d; --workers N starts more\) on /);
    using client = await RawClient.connect(server.port);
    await client.send(get("/", { Connection: "close" }));
    await client.end();
    client.close();
    server.signal("SIGINT");
    const { stderr } = await server.ended();
    for (
      const words of [
        " #1.1     accept from 127.0.0.1:",
        " #1.1     read   ",
        "accumulator holds",
        " #1.1     write  ",
        " #1.1     close  done",
      ]
    ) {
      assertStringIncludes(stderr, words);
    }
  });
});

Deno.test("SIGTERM lets a response under way finish, then the process ends with 0", async () => {
  await withFolder({}, async (cwd) => {
    const length = 32 * 1024 * 1024; // More than the system buffers.
    using file = await Deno.create(`${cwd}/large.bin`);
    await file.truncate(length);
    await using server = await ServerProcess.start([], { cwd });
    using client = await RawClient.connect(server.port);
    await client.send(get("/large.bin"));
    const head = await client.take(17);
    server.signal("SIGTERM");
    const rest = await client.end();
    assert(head.length + rest.length > length, `${rest.length} bytes came`);
    assertEquals((await server.ended()).code, 0);
  });
});

Deno.test("several workers listen on one port", async () => {
  await withFolder({ "index.html": "x" }, async (cwd) => {
    await using server = await ServerProcess.start(["-w", "2"], { cwd });
    assertMatch(server.banner, Deno.build.os === "linux" ? /workers +2 on/ : /workers +1 on/);
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(server.port, get("/"))));
    assertEquals(answers.map(({ status }) => status), Array(20).fill(200));
  });
});

Deno.test("the default address takes IPv4 and, where the system has it, IPv6", async () => {
  await withFolder({ "index.html": "x" }, async (cwd) => {
    await using server = await ServerProcess.start([], { cwd });
    using ipv4 = await RawClient.connect(server.port, "127.0.0.1");
    await ipv4.send(get("/"));
    assertEquals((await ipv4.response()).status, 200);
    if (!server.banner.includes("[::]")) return;
    using ipv6 = await RawClient.connect(server.port, "::1");
    await ipv6.send(get("/"));
    assertEquals((await ipv6.response()).status, 200);
  });
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilListening(port: number): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Nothing listens on port ${port}`);
}
