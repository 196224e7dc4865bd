/** The server at a terminal: the short log, the live line below it, the QR code, and that nothing of them is in a pipe. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get } from "../client.ts";
import { PROJECT, ServerProcess } from "../process.ts";
import { screenOf, sweepd, TerminalProcess } from "../terminal.ts";
import { Terminal } from "../../src/process/terminal.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const LIVE = /\d+ connections?, \S+ requests\/s, \S+ \S+\/s/;
const SHORT = /^\d\d:\d\d:\d\d {2}127\.0\.0\.1 +GET {2}(\/\S*) +(\d{3}) +\S+ k?B +\S+ m?s$/;

function portOf({ output }: TerminalProcess): number {
  return Number(/http:\/\/127\.0\.0\.1:(\d+)\//.exec(output)?.[1]);
}

const HERE = ["-a", "127.0.0.1", "-p", "0", "-w", "2"];
const COLOURLESS = { NO_COLOR: "1" };

Deno.test("Terminal writes lines above the live line, and both in one write", () => {
  const writes: string[] = [];
  const terminal = new Terminal({ write: (text) => void writes.push(text as string) });
  terminal.write("first\n");
  terminal.showLive("live 1");
  terminal.write(new TextEncoder().encode("second\nthird\n"));
  terminal.showLive("live 2");
  assertEquals(screenOf(writes.join("")), ["first", "second", "third", "live 2"]);
  assertEquals(writes.length, 4);
  // A terminal that becomes narrower wraps the live line. The cursor must be before all of it.
  assert(writes.slice(1).every((text) => /live \d\r$/.test(text)), JSON.stringify(writes));
  terminal.showLive("");
  terminal.write("fourth\n");
  assertEquals(screenOf(writes.join("")), ["first", "second", "third", "fourth", ""]);
});

Deno.test("at a terminal, the log is short and the live line is below it, and gone after Ctrl-C", async () => {
  await using server = new TerminalProcess(sweepd("www", ...HERE), { rows: 24, columns: 100, env: COLOURLESS });
  await server.until(/Ctrl-C ends it/);
  await server.until(LIVE);
  const port = portOf(server);
  for (const path of ["/", "/missing", "/%1b%5b31m"]) await exchange(port, get(path));
  await exchange(port, get("/\u202e\x9b2J")); // Right to left; and the other form of an escape sequence.
  await exchange(port, "GET /\x1b[2J HTTP/1.1\r\nHost: a\r\n\r\n");
  await server.until(/31m .*404/);
  await server.until(new RegExp(`31m[^]*${LIVE.source}`));
  assertMatch(screenOf(server.output, 100).at(-1)!, LIVE);
  await server.press("\x03");
  assertEquals(await server.ended(), 0);
  const rows = screenOf(server.output, 100);
  const log = rows.slice(rows.indexOf("Ctrl-C ends it.") + 1);
  const entries = log.flatMap((row) => SHORT.exec(row)?.slice(1).join(" ") ?? []);
  assertEquals(entries.toSorted(), ["/ 200", "/%1b%5b31m 404", "/\\xe2\\x80\\xae\\xc2\\x9b2J 404", "/missing 404"]);
  assert(log.some((row) => / - +\(no request\) +400 /.test(row)), log.join("\n"));
  assert(!rows.some((row) => LIVE.test(row)), rows.join("\n"));
  assert(!/\p{Cc}\[3\dm/u.test(server.output), "NO_COLOR is set");
});

Deno.test("at a terminal, no log line and no message is mixed with the live line, however many there are", async () => {
  await using server = new TerminalProcess(sweepd("www", ...HERE), { rows: 24, columns: 80 });
  await server.until(LIVE);
  const port = portOf(server);
  for (let round = 0; round < 6; round++) {
    await Promise.all(Array.from({ length: 20 }, (_, each) => exchange(port, get(`/${round}-${each}`))));
    await server.resize(24, 80 + 10 * (round % 3));
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await server.until(/\/5-19 /);
  await server.press("\x03");
  assertEquals(await server.ended(), 0);
  const rows = screenOf(server.output);
  const log = rows.slice(rows.findIndex((row) => /Ctrl-C ends it/.test(row)) + 1).filter((row) =>
    !/^(\^C)?$/.test(row)
  );
  assertEquals(log.filter((row) => !SHORT.test(row)), []);
  assertEquals(new Set(log.map((row) => SHORT.exec(row)![1])).size, 120);
  assertMatch(server.output, /\p{Cc}\[33m404\p{Cc}\[39m/u);
});

Deno.test("at a terminal, messages of the supervisor are above the live line", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sweepd_terminal_" });
  try {
    const config = `${folder}/web.conf`;
    await Deno.writeTextFile(config, `host default ${PROJECT}/www\n`);
    await using server = new TerminalProcess(sweepd("-c", config, ...HERE), { rows: 24, columns: 100 });
    await server.until(LIVE);
    const pid = Number(/supervised by process (\d+)/.exec(server.output)?.[1]);
    await Deno.writeTextFile(config, `host default ${PROJECT}/www\nparameter timeout 7\nparameter tiemout 7\n`);
    Deno.kill(pid, "SIGHUP");
    await server.until(/reloaded: /);
    await server.until(new RegExp(`reloaded: [^]*${LIVE.source}`));
    const rows = screenOf(server.output).slice(-3);
    assertMatch(rows[0]!, /web\.conf:3:11: warning: unknown parameter "tiemout"; did you mean "timeout"\?$/);
    assertMatch(rows[1]!, /^sweepd: reloaded: /);
    assertMatch(server.output, /\r\p{Cc}\[Jsweepd: reloaded: /u); // Also a message that is shorter than the line.
    assertMatch(rows[2]!, LIVE);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the live line counts requests that are not logged", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sweepd_terminal_" });
  try {
    const config = `${folder}/web.conf`;
    await Deno.writeTextFile(config, `host default ${PROJECT}/www\nparameter log off\n`);
    await using server = new TerminalProcess(sweepd("-c", config, ...HERE), { rows: 24, columns: 100 });
    await server.until(LIVE);
    for (let count = 0; count < 5; count++) await exchange(portOf(server), get("/"));
    await server.until(/connections?, [1-5]\S* requests\/s, \S+ kB\/s/);
    assert(!/GET/.test(server.output), server.output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("--no-live shows no live line at a terminal", async () => {
  await using server = new TerminalProcess(sweepd("www", "--no-live", ...HERE), { rows: 24, columns: 80 });
  await server.until(/Ctrl-C ends it/);
  await exchange(portOf(server), get("/"));
  await server.until(/GET/);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await server.press("\x03");
  await server.ended();
  assert(!/requests\/s|\p{Cc}\[J/u.test(server.output), server.output);
});

Deno.test("in a pipe, the log is combined, without a live line, colours and QR code", async () => {
  await using server = await ServerProcess.start(["www", "-a", "127.0.0.1"], { env: { NO_COLOR: "" } });
  await exchange(server.port, get("/"));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  server.signal("SIGTERM");
  const { stdout, stderr } = await server.ended();
  assertMatch(stdout, /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 \d+ "-" "-" \d+\.\d{3}\n$/);
  assert(!/[^\P{Cc}\n]|[█▀▄]|requests\/s/u.test(stdout + stderr), stderr);
});

Deno.test("parameter log combined stays combined at a terminal", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sweepd_terminal_" });
  try {
    const config = `${folder}/web.conf`;
    await Deno.writeTextFile(config, `host default ${PROJECT}/www\nparameter log combined\n`);
    await using server = new TerminalProcess(sweepd("-c", config, ...HERE), { rows: 24, columns: 80 });
    await server.until(/Ctrl-C ends it/);
    await exchange(portOf(server), get("/"));
    await server.until(/127\.0\.0\.1 - - \[/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const CODE = /[█▀▄]{3}/;

const ANYWHERE = ["-a", "0.0.0.0", "-p", "0", "-w", "1"];

for (
  const [args, rows, isShown] of [
    [["www", ...ANYWHERE], 60, true],
    [["www", ...ANYWHERE], 24, false],
    [["www", ...ANYWHERE, "--qr"], 24, true],
    [["www", ...ANYWHERE, "--no-qr"], 60, false],
    [ANYWHERE, 60, false],
    [[...ANYWHERE, "--qr"], 24, true],
    [["www", ...HERE], 60, false],
    [["www", ...HERE, "--qr"], 24, true],
  ] as const
) {
  Deno.test(`at a terminal of ${rows} rows, sweepd ${args.join(" ")} shows ${isShown ? "a" : "no"} QR code`, async () => {
    await using server = new TerminalProcess(sweepd(...args), { rows, columns: 80, env: COLOURLESS });
    await server.until(/Ctrl-C ends it/);
    const isUseless = rows === 60 && server.output.includes("no network at the moment");
    assertEquals(CODE.test(server.output), isShown && !isUseless);
    if (rows === 60) assert(screenOf(server.output.split("Ctrl-C")[0]!, 80).length < rows);
  });
}

Deno.test("the QR code is white on black in every terminal, unless NO_COLOR is set", async () => {
  await using server = new TerminalProcess(sweepd("www", "--qr", ...HERE), { rows: 60, columns: 80 });
  await server.until(/Ctrl-C ends it/);
  const lines = server.output.split("\r\n").filter((line) => CODE.test(line));
  assert(
    lines.length > 10 && lines.every((line) => /^ {4}\p{Cc}\[97;40m[█▀▄ ]+\p{Cc}\[0m$/u.test(line)),
    lines.join("\n"),
  );
});

Deno.test("standard error in a file has no part of the live line", async () => {
  const file = await Deno.makeTempFile({ prefix: "sweepd_terminal_" });
  try {
    const words = ["bash", "-c", 'exec "$@" 2> "$0"', file, ...sweepd("www", ...HERE)];
    await using server = new TerminalProcess(words, { rows: 24, columns: 80 });
    await server.until(LIVE);
    await server.press("\x03");
    await server.ended();
    const text = await Deno.readTextFile(file);
    assertStringIncludes(text, "Ctrl-C ends it.\n");
    assert(!/[^\P{Cc}\n]|requests\/s/u.test(text), text);
    assert(!server.output.includes("Ctrl-C ends it"), server.output);
  } finally {
    await Deno.remove(file);
  }
});
