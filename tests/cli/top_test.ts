/** The screen of `sweepd top`, and the command at a running server. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseMetrics, topScreen, type TopSight } from "../../src/cli/top_screen.ts";
import { RawClient } from "../client.ts";
import { run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const CONNECTION: TopSight["connections"][number] = {
  worker: 1,
  id: 12,
  peer: "192.0.2.7:40000",
  state: "waiting",
  ageMs: 8000,
  markAgeMs: 2500,
  accumulated: 0,
  capacity: 1024,
  received: 80,
  sent: 1200,
  streams: null,
  request: null,
};

function sight(changes: Partial<TopSight> = {}): TopSight {
  return { atMs: 0, metrics: new Map(), connections: [CONNECTION], idleMs: 5000, ...changes };
}

const SIZE = { columns: 120, rows: 24 };

Deno.test("topScreen() shows a connection with its state, its mark as a bar, and its peer or request", () => {
  const [line] = topScreen("a:1", null, sight(), SIZE).slice(-1);
  assertEquals(line, "1           12  waiting      8.0 s  ##########..........   2.5 s       0  192.0.2.7:40000");
  const busy = sight({ connections: [{ ...CONNECTION, state: "sending", request: "GET /a HTTP/1.1" }] });
  assertStringIncludes(topScreen("a:1", null, busy, SIZE).at(-1)!, "GET /a HTTP/1.1");
});

Deno.test("topScreen() counts the streams of HTTP/2, and the connections whose windows are closed", () => {
  const request = "1: GET /a HTTP/2.0, 3: GET /b HTTP/2.0";
  const several = sight({ connections: [{ ...CONNECTION, state: "blocked", streams: 2, request }] });
  const screen = topScreen("a:1", null, several, SIZE);
  assertStringIncludes(screen.at(-1)!, "2 streams: 1: GET /a HTTP/2.0, 3: GET /b");
  assertStringIncludes(screen.join("\n"), "sending 0  blocked 1  lingering 0");
  const one = sight({ connections: [{ ...CONNECTION, streams: 1, request: "1: GET /a HTTP/2.0" }] });
  assertStringIncludes(topScreen("a:1", null, one, SIZE).at(-1)!, " 0  1: GET /a HTTP/2.0");
});

Deno.test("topScreen() puts the oldest mark first, and fits the terminal", () => {
  const connections = Array.from({ length: 100 }, (_, id) => ({ ...CONNECTION, id, markAgeMs: id * 10 }));
  const lines = topScreen("a:1", null, sight({ connections }), { columns: 60, rows: 20 });
  assertEquals([lines.length, Math.max(...lines.map((line) => line.length))], [20, 60]);
  assertMatch(lines[5]!, /^1 +99 /);
  assertMatch(lines.at(-1)!, /^and 86 more connections$/);
});

Deno.test("topScreen() computes rates from two looks", () => {
  const metrics = (requests: number) =>
    parseMetrics(
      `# HELP x y\nsweepd_requests_total{host="a b",status="200"} ${requests}\nsweepd_sent_bytes_total ${
        requests * 2048
      }\n`,
    );
  const before = sight({ metrics: metrics(100) });
  const after = sight({ atMs: 2000, metrics: metrics(300) });
  const screen = topScreen("a:1", before, after, SIZE).join("\n");
  for (const words of ["100 requests/s", "2xx 100/s", "out 200.0 KiB/s"]) assertStringIncludes(screen, words);
});

Deno.test("sweepd top shows the connections of a running server once, if its output is no terminal", async () => {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", "host default www\nparameter admin 0\nparameter workers 1\n");
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
  using client = await RawClient.connect(server.port);
  await client.send("GET /half");
  const port = /http:\/\/127\.0\.0\.1:(\d+)\/live/.exec(server.banner)![1]!;
  const { code, stdout } = await run(["top", port], { cwd: folder.path });
  assertEquals(code, 0);
  assertMatch(stdout, /\n1 +\d+ {2}receiving .* 9 {2}127\.0\.0\.1:\d+\n/);
});

Deno.test("sweepd top says why it shows nothing", async () => {
  using folder = new TempFolder();
  folder.write("web.conf", "host default www\n");
  const none = await run(["top"], { cwd: folder.path });
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "names no admin address; write: sweepd top PORT");
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  free.close();
  const silent = await run(["top", String(free.addr.port)], { cwd: folder.path });
  assertEquals(silent.code, 1);
  assertStringIncludes(silent.stderr, `no admin listener answers on 127.0.0.1:${free.addr.port}`);
  assertEquals((await run(["top", "nowhere"], { cwd: folder.path })).code, 2);
});
