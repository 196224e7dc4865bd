/**
 * Captures and their replay: a bug seen in the field becomes a test.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseConfig } from "../../src/config/parse.ts";
import { type CaptureLine, parseCapture } from "../../src/log/capture.ts";
import { replay } from "../../src/cli/replay.ts";
import { RawClient } from "../client.ts";
import { PROJECT, run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

/** A folder with a site, a captured connection to it, and the capture's text. */
async function withCapture(
  talk: (client: RawClient) => Promise<void>,
  test: (folder: string, capture: string) => Promise<void>,
): Promise<void> {
  using folder = new TempFolder();
  folder.write("web.conf", "host default .\nparameter timeout 1\n");
  await Deno.utime(folder.write("a.txt", "content of a"), 1_000_000_000, 1_000_000_000);
  {
    const options = { cwd: folder.path, permissions: ["--allow-write"] };
    await using server = await ServerProcess.start(["-d", "--capture", "one.capture"], options);
    using client = await RawClient.connect(server.port);
    await talk(client);
    client.close();
    server.signal("SIGTERM");
    assertEquals((await server.ended()).code, 0);
  }
  await test(folder.path, await Deno.readTextFile(`${folder.path}/one.capture`));
}

function linesOf(text: string): readonly CaptureLine[] {
  const lines = parseCapture(text);
  if (typeof lines === "string") throw new Error(lines);
  return lines;
}

async function askInTwoParts(client: RawClient): Promise<void> {
  await client.send("GET /a.txt HTTP/1.1\r\nHo");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await client.send("st: a\r\nCookie: sec");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await client.send("ret\r\nAuthorization: Basic c2VjcmV0\r\nX-Open: shown\r\n\r\n");
  assertEquals((await client.response()).text, "content of a");
}

Deno.test("--capture stores one connection's chunks with boundaries and times, secrets blanked", async () => {
  await withCapture(askInTwoParts, (_folder, text) => {
    const lines = linesOf(text);
    const received = lines.flatMap((line) => line.kind === "received" ? [line.bytes] : []);
    assertEquals(received, [
      "GET /a.txt HTTP/1.1\r\nHo",
      "st: a\r\nCookie:xxxx",
      "xxx\r\nAuthorization:xxxxxxxxxxxxxxx\r\nX-Open: shown\r\n\r\n",
    ]);
    const times = lines.map(({ at }) => at);
    assertEquals(times, times.toSorted((a, b) => a - b));
    assert(times.at(-1)! >= 100);
    assertStringIncludes(lines.flatMap((line) => line.kind === "sent" ? [line.bytes] : []).join(""), "content of a");
    return Promise.resolve();
  });
});

Deno.test("replay says the same where nothing has changed, and where it differs otherwise", async () => {
  await withCapture(askInTwoParts, async (folder) => {
    const same = await run(["replay", "one.capture"], { cwd: folder });
    assertEquals([same.code, same.stderr], [0, ""]);
    assertMatch(same.stdout, /^The server sends the same \d+ bytes\.\n$/);
    await Deno.writeTextFile(`${folder}/a.txt`, "another content");
    const other = await run(["replay", "one.capture"], { cwd: folder });
    assertEquals(other.code, 1);
    assertMatch(other.stderr, /one\.capture: the answers differ from byte \d+ on/);
  });
});

Deno.test("replay runs on its own clock: an idle close takes no time", async () => {
  const { config } = parseConfig("host default .\nparameter timeout 3600\n", "web.conf");
  const capture: CaptureLine[] = [
    { at: 0, kind: "accept", peer: "127.0.0.1", wallMs: 1_700_000_000_000 },
    { at: 3_000_000, kind: "received", bytes: "OPTIONS * HTTP/1.1\r\n" },
    { at: 3_005_000, kind: "received", bytes: "Host: a\r\n\r\n" },
  ];
  const { replayed, problems } = await replay(capture, config);
  assertMatch(replayed, /^HTTP\/1\.1 200 OK\r\nDate: Tue, 14 Nov 2023 /);
  assertEquals(problems, []);
});

Deno.test("replay takes the time between chunks for what it was: a head that came too slowly is 408 again", async () => {
  const { config } = parseConfig("host default .\nparameter head-timeout 10\nparameter timeout 0\n", "web.conf");
  const capture: CaptureLine[] = [
    { at: 0, kind: "accept", peer: "127.0.0.1", wallMs: 1_700_000_000_000 },
    { at: 0, kind: "received", bytes: "OPTIONS * HTTP/1.1\r\n" },
    { at: 11_000, kind: "received", bytes: "Host: a\r\n\r\n" },
  ];
  assertMatch((await replay(capture, config)).replayed, /^HTTP\/1\.1 408 /);
});

Deno.test("replay takes no weak entity tag for a difference, because it is that of one moment", async () => {
  using folder = new TempFolder();
  folder.write("new.txt", "content");
  const { config } = parseConfig(`host default ${folder.path}\n`, "web.conf");
  const wallMs = Date.now() - 60_000; // The file comes from the future then, and has another tag at each look.
  const captureAt = (at: number): CaptureLine[] => [
    { at: 0, kind: "accept", peer: "127.0.0.1", wallMs },
    { at, kind: "received", bytes: "GET /new.txt HTTP/1.1\r\nHost: a\r\n\r\n" },
  ];
  const { replayed } = await replay(captureAt(5.25), config);
  assertMatch(replayed, /\r\nETag: W\//);
  const later = await replay([...captureAt(6.5), { at: 7, kind: "sent", bytes: replayed }], config);
  assertEquals([later.differenceAt, later.replayed === replayed], [null, false]);
});

Deno.test("replay answers all of a pipeline, which gives way to others again and again", async () => {
  const { config } = parseConfig("host default .\n", "web.conf");
  const capture: CaptureLine[] = [
    { at: 0, kind: "accept", peer: "127.0.0.1", wallMs: 1_700_000_000_000 },
    { at: 5, kind: "received", bytes: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100) },
    { at: 5, kind: "end" },
  ];
  assertEquals((await replay(capture, config)).replayed.split("HTTP/1.1 200 OK").length, 1 + 100);
});

Deno.test("parseCapture() names the line that is none of a capture", () => {
  assertEquals(parseCapture("GET / HTTP/1.1"), '1: this is not a capture: it does not begin with "# sweepd capture 1"');
  const accept = JSON.stringify({ at: 0, kind: "accept", peer: "a", wallMs: 0 });
  assertEquals(parseCapture(`# sweepd capture 1\n${accept}\nnonsense\n`), "3: not a line of a capture");
  assertEquals(parseCapture("# sweepd capture 1\n"), "2: a capture begins with an accept");
});

Deno.test("parseCapture() takes a capture that was mailed: with CR LF, and with a byte order mark", () => {
  const text = `# sweepd capture 1\n${JSON.stringify({ at: 0, kind: "accept", peer: "a", wallMs: 0 })}\n`;
  for (const mailed of [text.replaceAll("\n", "\r\n"), `\uFEFF${text}`, `\uFEFF${text.replaceAll("\n", "\r\n")}`]) {
    assertEquals(parseCapture(mailed), parseCapture(text));
  }
});

for (
  const line of [
    { at: -1, kind: "end" },
    { at: "1", kind: "end" },
    { at: 1, kind: "begin" },
    { at: 1, kind: "toString" },
    { at: 1, kind: "received" },
    { at: 1, kind: "received", bytes: 1 },
    { at: 1, kind: "received", bytes: "\u0100" },
    { at: 1, kind: "close" },
    { at: 0, kind: "accept", peer: "a" },
    { at: 0, kind: "accept", peer: "a", wallMs: 1e300 },
    null,
    7,
  ]
) {
  Deno.test(`parseCapture() refuses the line ${JSON.stringify(line)}`, () => {
    const accept = JSON.stringify({ at: 0, kind: "accept", peer: "a", wallMs: 0 });
    assertEquals(parseCapture(`# sweepd capture 1\n${accept}\n${JSON.stringify(line)}`), "3: not a line of a capture");
  });
}

Deno.test("parseCapture() refuses times that go back", () => {
  const lines = [{ at: 0, kind: "accept", peer: "a", wallMs: 0 }, { at: 5, kind: "end" }, { at: 4, kind: "end" }];
  const text = ["# sweepd capture 1", ...lines.map((line) => JSON.stringify(line))].join("\n");
  assertEquals(parseCapture(text), "4: the time is before that of the line above");
});

Deno.test("replay makes no pause longer than the server has limits for, whatever the capture says", async () => {
  const { config } = parseConfig("host default .\nparameter timeout 0\nparameter head-timeout 0\n", "web.conf");
  const request = "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n";
  const capture: CaptureLine[] = [
    { at: 0, kind: "accept", peer: "127.0.0.1", wallMs: 1_700_000_000_000 },
    { at: 1e12, kind: "received", bytes: request.slice(0, 20) },
    { at: 2e12, kind: "received", bytes: request.slice(20) },
    { at: 1e300, kind: "end" },
  ];
  assertMatch((await replay(capture, config)).replayed, /^HTTP\/1\.1 200 /);
});

Deno.test("replay of a file that cannot be read is one line and exit code 1", async () => {
  using folder = new TempFolder();
  folder.write("web.conf", "host default .\n");
  const missing = await run(["replay", "no.capture"], { cwd: folder.path });
  assertEquals([missing.code, missing.stderr], [1, "sweepd: cannot read no.capture: there is no such file\n"]);
  const endless = await run(["replay", "/dev/zero"], { cwd: folder.path });
  assertEquals(endless.stderr, "sweepd: cannot read /dev/zero: it is larger than 128 MiB, the limit for a capture\n");
  const denied = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `--allow-read=${PROJECT},web.conf`, "--config", `${PROJECT}/deno.json`]
      .concat(`${PROJECT}/main.ts`, "replay", "/etc/passwd"),
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(denied.stderr);
  assertEquals(denied.code, 1, said);
  assertMatch(said, /^sweepd: cannot read \/etc\/passwd: this process was not permitted to read \/etc\/passwd; .*\n$/);
});

Deno.test("--capture - writes a capture to standard output, which replay takes, and needs no permission", async () => {
  using folder = new TempFolder();
  folder.write("web.conf", "host default .\n");
  folder.write("a.txt", "content of a");
  await Deno.utime(`${folder.path}/a.txt`, 1_000_000_000, 1_000_000_000);
  await using server = await ServerProcess.start(["--capture", "-"], { cwd: folder.path });
  using client = await RawClient.connect(server.port);
  await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await client.response()).text, "content of a");
  client.close();
  server.signal("SIGTERM");
  folder.write("one.capture", (await server.ended()).stdout);
  const { code, stdout } = await run(["replay", "one.capture"], { cwd: folder.path });
  assertEquals(code, 0);
  assertMatch(stdout, /^The server sends the same \d+ bytes\.\n$/);
});

Deno.test("--capture without permission to write says what to do", async () => {
  using folder = new TempFolder();
  const { code, stderr } = await run(["-p", "0", "--capture", "one.capture"], { cwd: folder.path });
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^sweepd: cannot write \/\S+\/one\.capture: this process was not permitted to; run: deno task capture \/\S+\n$/,
  );
});

Deno.test("replay of a file that is no capture is one line and exit code 1", async () => {
  using folder = new TempFolder();
  folder.write("x", "x");
  const { code, stderr } = await run(["replay", "x"], { cwd: folder.path });
  assertEquals([code, stderr.split("\n").length], [1, 2]);
});
