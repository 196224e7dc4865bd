/** The log files of a running server: which lines go where, permissions, rotation, and a full disk. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get, RawClient } from "../client.ts";
import { until, untilSaid } from "../faults/started.ts";
import { PROJECT, run, type RunOptions, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

function site(conf: string): TempFolder {
  const folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", conf);
  return folder;
}

/** Write permission for exactly these files. */
function writing(folder: TempFolder, ...names: readonly string[]): RunOptions {
  const paths = names.map((name) => `${folder.path}/${name}`);
  return { cwd: folder.path, permissions: [`--allow-write=${paths.join(",")}`] };
}

function read(folder: TempFolder, name: string): string {
  return Deno.readTextFileSync(`${folder.path}/${name}`);
}

function lines(folder: TempFolder, name: string): string[] {
  return read(folder, name).split("\n").slice(0, -1);
}

async function untilLines(folder: TempFolder, name: string, count: number): Promise<void> {
  await until(() => lines(folder, name).length >= count, () => read(folder, name));
}

const LOCAL = ["-a", "127.0.0.1", "-w", "2"];

Deno.test("each host's lines go to its file, others to access-log, and log off writes none", async () => {
  const hosts = "host default www\nhost own.test www\nlog own.log\nhost quiet.test www\nlog off\n";
  using folder = site(`parameter access-log access.log\nparameter log off\n${hosts}`);
  await using server = await ServerProcess.start(LOCAL, writing(folder, "access.log", "own.log"));
  for (const host of ["default", "own.test", "quiet.test"]) {
    await exchange(server.port, `GET /${host} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: \u009b"\r\n\r\n`);
  }
  await exchange(server.port, "BAD\r\n\r\n");
  server.signal("SIGTERM");
  assertEquals((await server.ended()).stdout, "");
  assertEquals(lines(folder, "access.log").map((line) => line.split('"')[1]), ["GET /default HTTP/1.1", "-"]);
  assertEquals(lines(folder, "own.log").map((line) => line.split('"')[1]), ["GET /own.test HTTP/1.1"]);
  assertStringIncludes(read(folder, "own.log"), "\\xc2\\x9b\\x22");
});

Deno.test("with parameter log and access-log, lines go to standard output and to the file", async () => {
  using folder = site("host default www\nparameter access-log access.log\nparameter log json\n");
  await using server = await ServerProcess.start(LOCAL, writing(folder, "access.log"));
  await exchange(server.port, get("/a.txt"));
  server.signal("SIGTERM");
  const { stdout } = await server.ended();
  assertEquals(JSON.parse(stdout).status, 200);
  assertEquals(read(folder, "access.log"), stdout);
});

Deno.test("messages go to error-log with their times, and to standard error without", async () => {
  using folder = site("host default www\nparameter error-log error.log\nparameter log off\n");
  await using server = await ServerProcess.start(LOCAL, writing(folder, "error.log"));
  server.signal("SIGHUP");
  await untilSaid(server, "sweepd: reload: nothing has changed");
  await untilLines(folder, "error.log", 1);
  assertMatch(read(folder, "error.log"), /^\d{4}-\d\d-\d\dT[\d:.]+Z sweepd: reload: nothing has changed\n$/);
});

Deno.test("a log file that was renamed gets no more lines after a signal, and no line is lost", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = site("host default www\nparameter access-log access.log\nparameter log off\n");
  await using server = await ServerProcess.start(LOCAL, writing(folder, "access.log"));
  let sent = 0;
  using client = await RawClient.connect(server.port);
  const ask = async () => {
    await client.send(get(`/${sent++}`));
    await client.response();
  };
  for (const [round, signal] of (["SIGUSR2", "SIGUSR1", "SIGUSR2"] as const).entries()) {
    for (let count = 0; count < 50; count++) await ask();
    Deno.renameSync(`${folder.path}/access.log`, `${folder.path}/access.log.${round}`);
    for (let count = 0; count < 50; count++) await ask();
    server.signal(signal);
    await until(() => isThere(`${folder.path}/access.log`), () => server.banner);
  }
  assertStringIncludes(server.banner, "from source, use kill -USR2");
  server.signal("SIGTERM");
  await server.ended();
  const all = ["access.log.0", "access.log.1", "access.log.2", "access.log"].flatMap((name) => lines(folder, name));
  const targets = all.map((line) => Number(/"GET \/(\d+)/.exec(line)![1]));
  assertEquals(targets, Array.from({ length: sent }, (_, number) => number));
});

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test("POST /reopen opens the log files again, and says why it cannot", async () => {
  using folder = site("host default www\nparameter access-log logs/a.log\nparameter log off\nparameter admin 0\n");
  folder.write("logs/.keep");
  await using server = await ServerProcess.start(LOCAL, writing(folder, "logs/a.log"));
  const port = Number(/http:\/\/127\.0\.0\.1:(\d+)\/live/.exec(server.banner)![1]);
  const reopen = "POST /reopen HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
  Deno.renameSync(`${folder.path}/logs/a.log`, `${folder.path}/logs/b.log`);
  assertEquals((await exchange(port, reopen)).status, 200);
  assertEquals(isThere(`${folder.path}/logs/a.log`), true);
  Deno.renameSync(`${folder.path}/logs`, `${folder.path}/moved`);
  const failed = await exchange(port, reopen);
  assertEquals([failed.status, failed.text.includes("its folder is not there")], [500, true]);
});

Deno.test("a reload changes the log files, and one that cannot be opened keeps the old configuration", async () => {
  const conf = (name: string) => `host default www\nparameter log off\nparameter access-log ${name}\n`;
  using folder = site(conf("a.log"));
  await using server = await ServerProcess.start(LOCAL, writing(folder, "a.log", "b.log"));
  await exchange(server.port, get("/first"));
  folder.write("web.conf", conf("c.log"));
  server.signal("SIGHUP");
  await untilSaid(server, "c.log");
  folder.write("web.conf", conf("b.log"));
  server.signal("SIGHUP");
  await untilSaid(server, "sweepd: reloaded");
  await exchange(server.port, get("/second"));
  server.signal("SIGTERM");
  await server.ended();
  assertEquals([lines(folder, "a.log").length, lines(folder, "b.log").length], [1, 1]);
});

Deno.test("a missing permission to write ends the start, and names the flag", async () => {
  using folder = site("host default www\nparameter access-log access.log\n");
  const { code, stderr } = await run(["-p", "0"], { cwd: folder.path });
  assertEquals(code, 1);
  assertStringIncludes(stderr, `--allow-write=${folder.path}/access.log`);
});

Deno.test("a process that may read the roots and write the log files, and nothing else, needs no more", async () => {
  using folder = site(
    "host default www\nparameter access-log access.log\nparameter error-log error.log\nparameter log off\n",
  );
  const permitted = [
    "--no-prompt",
    `--allow-read=web.conf,www,${PROJECT}`, // From source, workers are read from there. A binary has them.
    "--allow-write=access.log,error.log",
    "--allow-net",
  ];
  await using server = await ServerProcess.start(LOCAL, { cwd: folder.path, permitted });
  await exchange(server.port, get("/a.txt"));
  if (Deno.build.os !== "windows") server.signal("SIGUSR2");
  server.signal("SIGHUP");
  await untilSaid(server, "nothing has changed");
  await untilLines(folder, "access.log", 1);
  await untilLines(folder, "error.log", 1);
});

Deno.test("workers may write no file, and banner and check name those that the supervisor writes", async () => {
  using folder = site("host default www\nparameter access-log access.log\n");
  const options = writing(folder, "access.log");
  await using server = await ServerProcess.start(LOCAL, options);
  assertStringIncludes(server.banner, `log file      ${folder.path}/access.log (web.conf:2), written by process`);
  assertMatch(server.banner, /may write +nothing/);
  const { stdout } = await run(["check"], options);
  assertMatch(stdout, /# a worker may write nothing/);
  assertMatch(stdout, new RegExp(`# the process was given .*write ${folder.path}/access.log`));
});

Deno.test("a log file in a root is never served, and check warns of it", async () => {
  using folder = site("host default www\nparameter access-log www/access.log\nparameter log off\n");
  const options = writing(folder, "www/access.log");
  await using server = await ServerProcess.start(LOCAL, options);
  await exchange(server.port, get("/a.txt"));
  await untilLines(folder, "www/access.log", 1);
  assertEquals((await exchange(server.port, get("/access.log"))).status, 404);
  assertStringIncludes(server.banner, "web.conf:2:1: warning: ");
});

Deno.test("a log file without its folder is an error with the line of web.conf", async () => {
  using folder = site("host default www\nparameter access-log logs/access.log\n");
  const { code, stderr } = await run(["check"], writing(folder, "logs/access.log"));
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    `web.conf:2:1: error: the folder of the log file ${folder.path}/logs/access.log is not there`,
  );
});
