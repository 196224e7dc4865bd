/**
 * Captured connections of HTTP/2 and their replay: how they were secured, and what a person sees.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { describeReplay, parseCapture, replay } from "../../src/cli/replay.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { Capture, type CaptureLine } from "../../src/log/capture.ts";
import { frameAt } from "../../src/log/frames.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { StoppedClock, TRANSPORT } from "../http/conversation.ts";
import { MemorySocket } from "../memory_socket.ts";
import { run } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";
import { toText } from "./octets.ts";
import { read } from "./talking.ts";
import { data, frame, get, PREFACE, settings } from "./wire.ts";

const ACCEPT: CaptureLine = { at: 0, kind: "accept", peer: "127.0.0.1", wallMs: 1_700_000_000_000 };
const SECURED: CaptureLine = { at: 1, kind: "secured", version: "TLSv1.3", alpn: "h2", serverName: "a.example" };
const ASK: CaptureLine = {
  at: 2,
  kind: "received",
  bytes: toText(concat([PREFACE, settings(), get(1, "/a.txt"), get(3, "/none")])),
};

/** A site with a file, and what only answers over TLS have. */
function makeSite(folder: TempFolder) {
  const file = folder.write("a.txt", "content of a");
  const text = `host default ${folder.path}\n  header ** Strict-Transport-Security max-age=60\n`;
  folder.write("web.conf", text);
  const { config, diagnostics } = parseConfig(text, "web.conf");
  assertEquals(diagnostics, []);
  return { config, file };
}

Deno.test("the capture of a connection over TLS is replayed as one: HTTP/2 by ALPN, and the fields of https", async () => {
  using folder = new TempFolder();
  const { config } = makeSite(folder);
  const fieldsOf = (text: string) => read(latin1Bytes(text)).answers.get(1)?.fields.join() ?? "";
  const secured = await replay([ACCEPT, SECURED, ASK], config);
  assertEquals(read(latin1Bytes(secured.replayed)).answers.get(1)?.content, "content of a");
  assertStringIncludes(fieldsOf(secured.replayed), "strict-transport-security: max-age=60");
  const plain = await replay([ACCEPT, ASK], config);
  assertEquals(fieldsOf(plain.replayed).includes("strict-transport-security"), false);
  assertEquals([secured.problems, plain.problems], [[], []]);
});

Deno.test("a capture says how the connection was secured, and is read again", () => {
  let text = "";
  const clock = new StoppedClock();
  const capture = new Capture((part) => void (text += part), clock);
  const connection = new Connection(1, new MemorySocket([]), { ...TRANSPORT, clock });
  const { kind: _kind, at: _at, ...known } = SECURED;
  const security = { ...known, covers: () => true };
  const events: ConnectionEvent[] = [
    { kind: "accept", open: 1 },
    { kind: "open", opened: { kind: "secure", security } },
    { kind: "open", opened: { kind: "plain" } },
  ];
  for (const event of events) capture.observe(connection, event);
  const lines = parseCapture(text);
  assert(typeof lines !== "string");
  assertEquals(lines.slice(1), [{ ...SECURED, at: 0 }]);
});

Deno.test("a difference in HTTP/2 is named by the frame in which it is", async () => {
  using folder = new TempFolder();
  const { config, file } = makeSite(folder);
  await Deno.utime(file, 1_000_000_000, 1_000_000_000);
  const first = await replay([ACCEPT, ASK], config);
  const capture: CaptureLine[] = [ACCEPT, ASK, { at: 3, kind: "sent", bytes: first.replayed }];
  assertMatch(describeReplay(await replay(capture, config)), /^The server sends the same \d+ bytes\.\n$/);
  await Deno.writeTextFile(file, "content of b");
  await Deno.utime(file, 1_000_000_000, 1_000_000_000);
  const later = describeReplay(await replay(capture, config));
  assertMatch(later, /^then frame \d+, (?:HEADERS|DATA) with \d+ bytes on stream 1.*: ".*"\nnow {2}frame \d+, .*\n$/);
});

Deno.test("frameAt() finds the frame of a byte, in its header and in its payload", () => {
  const bytes = concat([frame("SETTINGS", 1, 0), data(1, "hello", 1)]);
  assertEquals([0, 8, 9, 22, 23].map((at) => frameAt(bytes, at)?.slice(0, 12) ?? null), [
    "frame 1, SET",
    "frame 1, SET",
    "frame 2, DAT",
    "frame 2, DAT",
    null,
  ]);
});

Deno.test("replay -d prints the events of the replayed connection, and the frames of HTTP/2", async () => {
  using folder = new TempFolder();
  makeSite(folder);
  const lines = [ACCEPT, SECURED, ASK].map((line) => JSON.stringify(line));
  folder.write("one.capture", ["# sweepd capture 1", ...lines, ""].join("\n"));
  const { stdout } = await run(["replay", "one.capture", "-d"], { cwd: folder.path });
  assertMatch(stdout, / open +secured by TLSv1\.3 for a\.example, h2; marked\n/);
  assertMatch(stdout, / frame +received HEADERS with \d+ bytes on stream 3, END_STREAM END_HEADERS\n/);
  assertMatch(stdout, / frame +sent HEADERS with \d+ bytes on stream 3, END_HEADERS\n/);
});
