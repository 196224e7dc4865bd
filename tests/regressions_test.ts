/**
 * Rules that once did not hold, outside http/. Each test failed before its mistake was mended.
 */

import { assert, assertEquals } from "@std/assert";
import { parseCommandLine } from "../src/cli/command_line.ts";
import { isInvalid, PARAMETERS } from "../src/config/parameters.ts";
import { parseConfig } from "../src/config/parse.ts";
import type { FileCache } from "../src/files/cache.ts";
import { findIn, makeCache } from "./files/cached.ts";
import { systemDisk } from "../src/files/disk.ts";
import { lookUp } from "../src/files/look_up.ts";
import { http } from "../src/http/h1/conversation.ts";
import { errorResponse } from "../src/http/response.ts";
import { accessFormat } from "../src/log/access.ts";
import { serve } from "../src/net/listener.ts";
import { contentOf, WatchedDisk, withFolder } from "./files/folder.ts";
import { headOf } from "./http/heads.ts";
import { connectionOptions, FakeListener, FakeSocket, makeBench } from "./net/fake_socket.ts";
import { sweepOnce, turn, untilSettled, untilTold, VirtualClock } from "./virtual_clock.ts";

const HOUR_MS = 3_600_000;
function cacheOn(disk = new WatchedDisk()): FileCache {
  return makeCache({ disk, clock: new VirtualClock(Date.now() + HOUR_MS), media: {} });
}
function text(found: ReturnType<typeof findIn>): string {
  if (typeof found === "string") return `(${found})`;
  const piece = found.slice(0, found.length);
  found.close();
  return piece instanceof Uint8Array ? new TextDecoder().decode(piece) : "(from disk)";
}

Deno.test("find() refuses a link out of an inner root, though an outer root has been asked for it", async () => {
  await withFolder((folder) => {
    folder.write("secret.txt", "of the outer host only");
    folder.mkdir("inner");
    folder.link("../secret.txt", "inner/link.txt");
    const cache = cacheOn();
    const inner = `${folder.root}/inner`;
    assertEquals(text(findIn(cache, inner, ["link.txt"])), "(forbidden)");
    text(findIn(cache, folder.root, ["inner", "link.txt"])); // the outer host may
    assertEquals(text(findIn(cache, inner, ["link.txt"])), "(forbidden)");
  });
});

Deno.test("find() hides a dot folder of one root that is another host's root", async () => {
  await withFolder((folder) => {
    folder.write(".staging/page.html", "draft");
    const cache = cacheOn();
    assertEquals(text(findIn(cache, folder.root, [".staging", "page.html"])), "(absent)");
    text(findIn(cache, `${folder.root}/.staging`, ["page.html"]));
    assertEquals(text(findIn(cache, folder.root, [".staging", "page.html"])), "(absent)");
  });
});

Deno.test("drain() lets the rest of a message arrive whose bytes so far are consumed", async () => {
  const { connection, socket } = makeBench();
  socket.receive("head");
  await connection.fill();
  connection.input.consume(4);
  connection.drain();
  socket.receive("content");
  assertEquals(await connection.fill(), "bytes");
});

Deno.test("http: a POST whose content is under way when the server drains is answered", async () => {
  const clock = new VirtualClock();
  const listener = new FakeListener();
  const stop = new AbortController();
  const protocol = http(() => errorResponse(405), { clock, serverName: "s", log: () => {}, report: () => {} });
  const ended = serve(protocol, {
    ...connectionOptions(clock),
    accumulator: { minBytes: 1024, maxBytes: 65536 },
    listener,
    clock,
    connectionsMax: 9,
    sweep: { idleMs: 5000, messageMs: 10000 },
    signal: stop.signal,
    drainMs: 30000,
    report: () => {},
  });
  const socket = listener.connect();
  socket.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc"); // content in two segments
  await turn();
  await turn();
  stop.abort(); // between them: a read is under way, "receiving", and goes on...
  socket.receive("d"); // ...but the next one finds an empty accumulator
  await turn();
  socket.receive("ef");
  await turn();
  socket.end();
  await untilSettled(clock, ended);
  assert(socket.sent.startsWith("HTTP/1.1 405 "), JSON.stringify(socket.sent));
});

Deno.test("expire() closes a peer that does not take its farewell, at the latest after some sweeps", async () => {
  const { connection, socket, clock } = makeBench();
  connection.farewell = () => new Uint8Array(1000);
  socket.receive("half");
  await connection.fill();
  connection.fill();
  socket.takesBytes = 0; // its receive window is full
  clock.advance(20_000);
  await sweepOnce([connection], clock, { idleMs: 5000, messageMs: 10_000 });
  for (let hours = 0; hours < 24; hours++) {
    clock.advance(HOUR_MS);
    await turn();
    await sweepOnce([connection], clock, { idleMs: 5000, messageMs: 10_000 });
  }
  assertEquals([connection.activity, socket.isClosed], ["closed", true]);
});

Deno.test("fill() gives the protocol nothing more once the farewell is under way", async () => {
  const { connection, socket } = makeBench();
  connection.farewell = () => new TextEncoder().encode("HTTP/1.1 408 Request Timeout");
  socket.receive("half");
  await connection.fill();
  const filled = connection.fill();
  socket.takesBytes = 0;
  connection.expire("message overdue");
  socket.receive(" other half"); // in the same moment
  const waited = turn().then(() => "still waiting");
  const outcome = await Promise.race([filled, waited]);
  await waited;
  assert(outcome !== "bytes", "the protocol goes on, and would write into the farewell");
});

Deno.test("parseCommandLine() takes --_ for an unknown flag", () => {
  assertEquals(parseCommandLine(["--_", "x"]).kind, "wrong usage");
  assertEquals(parseCommandLine(["-_"]).kind, "wrong usage");
});

Deno.test("parseCommandLine() refuses a folder without a name", () => {
  assertEquals(parseCommandLine([""]).kind, "wrong usage");
});

for (const word of ["::1]/x[", "::1]#", "::\t1", "user@[::1", "::1]:9/["]) {
  Deno.test(`address refuses ${JSON.stringify(word)}`, () => assert(isInvalid(PARAMETERS.address.parse(word))));
}

Deno.test("lookUp() finds a name that begins with a letter and a colon, where that is no drive", async () => {
  await withFolder((folder) => {
    folder.write("c: notes.txt", "notes");
    folder.write("x:y/page.html", "page");
    assertEquals(contentOf(lookUp(systemDisk, folder.root, ["x:y", "page.html"])), "page");
    assertEquals(contentOf(lookUp(systemDisk, folder.root, ["c: notes.txt"])), "notes");
  });
});

Deno.test("json: a client cannot steer a terminal (C1 controls are raw)", () => {
  const line = accessFormat("json")!({
    peer: { transport: "tcp", hostname: "::1", port: 1 },
    head: headOf(["Host: a", "User-Agent: \x9b31m\x90"]),
    user: null,
    status: 200,
    contentBytes: 0,
    isSecure: false,
    servedBy: null,
    coding: null,
    durationMs: 0,
    problem: null,
  }, 0);
  assert(/^[\x20-\x7e]+\n$/.test(line), JSON.stringify(line));
});

for (
  const line of ["media tar.gz application/x-tgz", 'media "" text/plain', "media . text/plain", "media a/b text/plain"]
) {
  Deno.test(`an extension that no file can have is not silently ignored: ${line}`, () => {
    assert(parseConfig(line, "web.conf").diagnostics.length > 0);
  });
}

Deno.test("find() does not remember a file that was put there just now with an old time", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    Deno.utimeSync(`${folder.root}/a.txt`, 1000, 1000); // as rsync -t, cp -p, tar and reproducible builds do
    const cache = makeCache({ disk: new WatchedDisk(), clock: new VirtualClock(Date.now()), media: {} });
    text(findIn(cache, folder.root, ["a.txt"]));
    Deno.writeTextFileSync(`${folder.root}/a.txt`, "CONTENT");
    Deno.utimeSync(`${folder.root}/a.txt`, 1000, 1000);
    const found = findIn(cache, folder.root, ["a.txt"]);
    const shown = typeof found !== "string" && found.slice(0, 7) instanceof Uint8Array
      ? text(found)
      : (typeof found !== "string" && found.close(), "CONTENT");
    assertEquals(shown, "CONTENT");
  });
});

Deno.test("find() refuses a remembered file whose folder became a link out of the root", async () => {
  await withFolder((folder) => {
    folder.write("sub/a.txt", "content");
    const cache = cacheOn();
    text(findIn(cache, folder.root, ["sub", "a.txt"]));
    Deno.renameSync(`${folder.root}/sub`, `${folder.outside}/sub`);
    folder.link("../outside/sub", "sub");
    assertEquals(contentOf(lookUp(systemDisk, folder.root, ["sub", "a.txt"])), "(forbidden)");
    assertEquals(text(findIn(cache, folder.root, ["sub", "a.txt"])), "(forbidden)");
  });
});

Deno.test("observe is told of nothing after the close", async () => {
  const { connection, events } = makeBench();
  const filled = connection.fill();
  connection.close("idle");
  await filled;
  assertEquals(events.map(({ kind }) => kind), ["close"]);
});

Deno.test("serve() goes on after an accept that failed for a reason of the network, as accept(2) asks", async () => {
  const clock = new VirtualClock();
  const listener = new FakeListener();
  const stop = new AbortController();
  const ended = serve(async (c) => void await c.fill(), {
    ...connectionOptions(clock),
    listener,
    clock,
    connectionsMax: 9,
    sweep: { idleMs: 5000, messageMs: 10000 },
    signal: stop.signal,
    drainMs: 30000,
    report: () => {},
  }).then(() => "ended", (error) => `died of ${error.code}`);
  listener.fail(Object.assign(new Error("Protocol error"), { code: "EPROTO" }));
  const socket = listener.connect(new FakeSocket());
  await turn();
  const isServed = socket.isReading;
  stop.abort();
  assertEquals([await untilSettled(clock, ended), isServed], ["ended", true]);
});

Deno.test("a message that came along with the one before is no idle time, even when all of it so far is consumed", async () => {
  const { connection, socket } = makeBench();
  socket.receive("one,two");
  await connection.fill();
  connection.input.consume(4);
  connection.endMessage();
  connection.input.consume(3); // Read past, as the content of a request is.
  const filled = connection.fill();
  assertEquals(connection.activity, "receiving");
  socket.receive("rest");
  await filled;
});

Deno.test("a farewell arrives even when the rest of the message comes in the same moment", async () => {
  const clock = new VirtualClock();
  const listener = new FakeListener();
  const stop = new AbortController();
  const ended = serve(async (connection) => {
    connection.farewell = () => new TextEncoder().encode("too late");
    while (await connection.fill() === "bytes");
  }, {
    ...connectionOptions(clock),
    listener,
    clock,
    connectionsMax: 9,
    sweep: { idleMs: 5000, messageMs: 1000 },
    signal: stop.signal,
    drainMs: 30000,
    report: () => {},
  });
  const socket = listener.connect(new FakeSocket());
  socket.receive("half");
  await turn();
  socket.takesBytes = 0;
  clock.advance(1500);
  await untilTold(clock); // The farewell is under way.
  socket.receive(", and half");
  await turn();
  assertEquals(socket.isClosed, false);
  socket.take(8);
  socket.end();
  await turn();
  assertEquals([socket.sent, socket.isClosed], ["too late", true]);
  stop.abort();
  await untilSettled(clock, ended);
});
