/**
 * Messages reach the person or the program that reads them, and never end or block the server. With real processes.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get, RawClient } from "../client.ts";
import { PROJECT, run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";
import { freePort, startQuietly, statusOf, through, until, untilSaid } from "./started.ts";

const IGNORE = Deno.build.os === "windows";

/** A folder with a site. Reloads of its web.conf have something to complain about. */
function siteFolder(conf = "host default www\nhost b.example nowhere\n"): TempFolder {
  const folder = new TempFolder();
  folder.write("www/index.html", "content");
  folder.write("web.conf", conf);
  return folder;
}

async function makeFifo(path: string): Promise<void> {
  assertEquals((await new Deno.Command("mkfifo", { args: [path] }).output()).code, 0);
}

Deno.test("a standard error that takes nothing does not end the server, at the start or at a reload", {
  ignore: IGNORE,
}, async () => {
  using folder = siteFolder();
  const { server, port } = await startQuietly([], { cwd: folder.path, ...through('exec "$@" 2>/dev/full') });
  await using _ = server;
  for (const type of ["text/x-a", "text/x-b"]) {
    folder.write("web.conf", `host default www\nhost b.example nowhere\nmedia html ${type}\n`);
    server.signal("SIGHUP");
    const isTaken = async () => (await exchange(port, get("/"))).field("content-type")?.startsWith(type) ?? false;
    await until(isTaken, () => "the reload");
  }
  server.signal("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("a standard error that nobody reads does not keep the server from reloading, answering and ending", {
  ignore: IGNORE,
}, async () => {
  using folder = siteFolder();
  await makeFifo(`${folder.path}/fifo`);
  // Its other end is held open and never read: 64 KiB fit into the pipe.
  using _reader = await Deno.open(`${folder.path}/fifo`, { read: true, write: true });
  const { server, port } = await startQuietly([], { cwd: folder.path, ...through('exec "$@" 2>fifo') });
  await using _ = server;
  const wrong = "host default www\n" + "nonsense here and there\n".repeat(60);
  for (let reload = 0; reload < 40; reload++) {
    folder.write("web.conf", `${wrong}media html text/x-${reload}\n`);
    server.signal("SIGHUP");
    const isTaken = async () => (await exchange(port, get("/"))).field("content-type")?.startsWith(`text/x-${reload};`);
    await until(async () => await isTaken() ?? false, () => `reload ${reload}`);
  }
  server.signal("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("--json writes every line of standard error as an object, whatever keeps the server from starting", async () => {
  using folder = siteFolder("host default www\nparameter timeout never\nhost b.example nowhere\n");
  folder.write("fine.conf", "host default www\n");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (
    const [args, code, event, message] of [
      [["--json"], 1, "configuration", "the configuration has errors"],
      [["--json", "-c", "no.conf"], 1, "configuration", "cannot read no.conf: there is no such file"],
      [["--json", "nowhere"], 1, "configuration", "/nowhere is not there"],
      [["--json", "-c", "fine.conf", "-a", "127.0.0.1", "-p", `${taken.addr.port}`], 1, "start", "cannot listen on"],
      [["--json", "--prot"], 2, "usage", 'unknown flag "--prot"; did you mean "--port"?'],
      [["check", "--json", "-p", "0"], 1, "configuration", "the configuration has errors"],
    ] as const
  ) {
    const ended = await run(args, { cwd: folder.path });
    assertEquals(ended.code, code, ended.stderr);
    const messages = ended.stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    for (const { time, level } of messages) assertMatch(`${time} ${level}`, /^\d{4}-\d\d-\d\dT.*Z (?:warning|error)$/);
    assertEquals(messages.at(-1).event, event);
    assertStringIncludes(messages.at(-1).message, message);
  }
});

Deno.test("--json writes warnings with their places, events of connections, and reloads that fail", async () => {
  using folder = siteFolder();
  await using server = await ServerProcess.start(["--json", "-d", "-w", "1"], { cwd: folder.path });
  const listening = server.banner.split("\n").find((line) => line.includes('"event":"listening"'));
  await statusOf(JSON.parse(listening!).address.port);
  if (!IGNORE) {
    folder.write("web.conf", "host default www\nparameter timeout never\n");
    server.signal("SIGHUP");
    await untilSaid(server, "the old configuration stays");
  }
  server.signal("SIGTERM");
  const { stderr } = await server.ended();
  const messages = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  const [warning] = messages;
  assertEquals([warning.level, warning.event, warning.file, warning.line], ["warning", "configuration", "web.conf", 2]);
  const accept = messages.find(({ message }) => message.startsWith("accept from"));
  assertEquals([accept.event, accept.connection, typeof accept.seconds], ["connection", "1.1", "number"]);
  if (IGNORE) return;
  assertEquals(messages.filter(({ level }) => level === "error").map(({ event }) => event), [
    "configuration",
    "reload",
  ]);
});

Deno.test("a disk without room for the access log is told once, and the lines that are lost at the end", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  using folder = siteFolder();
  const { server, port } = await startQuietly([], { cwd: folder.path, ...through('exec "$@" >/dev/full') });
  await using _ = server;
  for (let request = 0; request < 5; request++) {
    assertEquals(await statusOf(port), 200);
    await new Promise((resolve) => setTimeout(resolve, 300)); // Longer than lines wait for others.
  }
  await untilSaid(server, "cannot write to standard output");
  server.signal("SIGTERM");
  const { code, stderr } = await server.ended();
  const told = stderr.split("\n").filter((line) => line.includes("cannot write to standard output"));
  assertEquals([code, told.length], [0, 2], stderr);
  assertMatch(told[1]!, /; \d+ lines are lost$/);
});

Deno.test("one Ctrl-C that arrives twice lets a download finish", { ignore: IGNORE }, async () => {
  using folder = siteFolder();
  const length = 12 * 1024 * 1024; // More than the system buffers.
  folder.write("www/large", new Uint8Array(length));
  await using server = await ServerProcess.start(["-w", "1"], { cwd: folder.path });
  using client = await RawClient.connect(server.port);
  await client.send(get("/large"));
  const head = await client.take(17);
  server.signal("SIGINT");
  server.signal("SIGTERM"); // What an npx or a deno task in between passes on.
  server.signal("SIGINT");
  const rest = await client.end();
  assert(head.length + rest.length > length, `${rest.length} bytes came`);
  assertEquals((await server.ended()).code, 0);
});

Deno.test("signals are heard before the configuration is read", { ignore: IGNORE }, async () => {
  using folder = siteFolder();
  await makeFifo(`${folder.path}/fifo`);
  await using server = ServerProcess.spawn(["-c", "fifo", "-p", "0"], { cwd: folder.path });
  using _writer = await Deno.open(`${folder.path}/fifo`, { write: true }); // Opens when the server does, which then waits.
  server.signal("SIGHUP");
  server.signal("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("main.ts loads nothing but the signals before it listens for them", async () => {
  const text = await Deno.readTextFile(`${PROJECT}/main.ts`);
  assertEquals([...text.matchAll(/^import .*$/gm)].map(([line]) => line), [
    'import { Signals } from "./src/process/signals.ts";',
  ]);
  const signals = await Deno.readTextFile(`${PROJECT}/src/process/signals.ts`);
  assertEquals(/^import /m.test(signals), false);
});

/** Starts the program in a terminal of its own, sends SIGHUP, closes the terminal, and prints the exit code. */
const IN_TERMINAL = `
import os, pty, signal, sys, time
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
said = b""
def until(words):
    global said
    while words not in said: said += os.read(terminal, 4096)
until(b"Ctrl-C ends it")
os.kill(pid, signal.SIGHUP)
until(b"nothing has changed")
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

Deno.test("a server ends in order when its terminal is closed, and reloads at kill -HUP while it is open", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  using folder = siteFolder();
  const { stdout, stderr } = await run(["-p", "0"], { cwd: folder.path, prefix: ["python3", "-c", IN_TERMINAL] });
  assertEquals([stdout, stderr], ["0\n", ""]);
});

Deno.test("the banner and a reload's message are short, however many hosts there are", { ignore: IGNORE }, async () => {
  const hosts = (name: string) => Array.from({ length: 2000 }, (_, number) => `host ${name}${number} www\n`).join("");
  using folder = siteFolder(hosts("a"));
  await using server = await ServerProcess.start([], { cwd: folder.path });
  assert(server.banner.split("\n").length < 60, server.banner);
  const bannerChars = server.banner.length;
  folder.write("web.conf", hosts("b"));
  server.signal("SIGHUP");
  await untilSaid(server, "and 3980 more");
  assert(server.banner.length - bannerChars < 4000);
});

Deno.test("a reader that leaves early is no trouble", { ignore: IGNORE }, async () => {
  const hosts = Array.from({ length: 5000 }, (_, number) => `host host-${number}.example www\n`).join("");
  using folder = siteFolder(hosts); // More than a pipe holds.
  for (const args of [["--help"], ["check", "-p", "0"]]) {
    const script = 'set -o pipefail; "$@" | head -n 1 >/dev/null';
    const ended = await run(args, { cwd: folder.path, ...through(script) });
    assertEquals([ended.code, ended.stderr], [0, ""], args.join(" "));
  }
});

Deno.test("what a command shows and cannot write is told, with exit code 1", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { code, stderr } = await run(["--help"], through('"$@" >/dev/full'));
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^sweepd: cannot write to standard output: No space left on device \(os error 28\); \d+ lines are lost\n$/,
  );
});

Deno.test("check says which roots have no index", async () => {
  using folder = siteFolder("host default www\nhost b.example .\n");
  const { stdout } = await run(["check", "-a", "127.0.0.1", "-p", `${freePort()}`], { cwd: folder.path });
  assertEquals([...stdout.matchAll(/^# .* has no index, and listing is off$/gm)].map(([line]) => line), [
    "# the root of host b.example has no index, and listing is off",
  ]);
});
