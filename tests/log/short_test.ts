/** Lines of the access log as a person at a terminal reads them. */

import { assertEquals, assertMatch } from "@std/assert";
import { ShortLines } from "../../src/log/short.ts";

function combined(changes: { who?: string; request?: string; status?: number; bytes?: number; ms?: string } = {}) {
  const { who = "192.0.2.7", request = "GET /index.html HTTP/1.1", status = 200, bytes = 1234, ms = "0.312" } = changes;
  return `${who} - - [21/Nov/2026:01:22:00 +0000] "${request}" ${status} ${bytes} "-" "curl/8 \\"x\\"" ${ms}\n`;
}

const plain = () => new ShortLines({ colour: false });

/** Without the time, which depends on the zone of the machine. */
function shown(line: string, columns = 80): string {
  return plain().format(line, columns).slice(8);
}

Deno.test("ShortLines has time, client, method, path, status, size and duration, in columns", () => {
  assertMatch(plain().format(combined(), 80), /^\d\d:\d\d:\d\d {2}192/);
  assertEquals(
    shown(combined()),
    "  192.0.2.7        GET  /index.html                 200  1.2 kB 0.31 ms\n",
  );
  assertEquals(
    shown(combined({ who: "192.168.100.200", request: "HEAD / HTTP/1.0", status: 404, bytes: 0, ms: "1234.5" })),
    "  192.168.100.200  HEAD /                           404     0 B   1.2 s\n",
  );
});

Deno.test("ShortLines uses the width of the terminal and leaves its last column free", () => {
  for (const columns of [80, 100, 120, 200]) assertEquals(plain().format(combined(), columns).length - 1, columns - 1);
});

Deno.test("ShortLines keeps 16 columns for the path in a narrow terminal", () => {
  assertEquals(shown(combined(), 20), "  192.0.2.7        GET  /index.html       200  1.2 kB 0.31 ms\n");
});

Deno.test("ShortLines assumes 80 columns if the terminal does not tell", () => {
  assertEquals(plain().format(combined(), 0).length, 80);
});

Deno.test("ShortLines leaves out the middle of a long path", () => {
  const path = `/a/${"b".repeat(100)}/c.html`;
  const line = shown(combined({ request: `GET ${path} HTTP/1.1` }));
  assertEquals(line, "  192.0.2.7        GET  /a/bbbbbbbbb...bbbb/c.html  200  1.2 kB 0.31 ms\n");
});

Deno.test("ShortLines makes the column of clients wider when it must, and keeps it", () => {
  const lines = plain();
  const long = "2001:db8:1234:5678:9abc:def0:1234:5678";
  assertEquals(lines.format(combined({ who: long }), 120).includes(`${long}  GET`), true);
  assertEquals(
    lines.format(combined(), 120).slice(8),
    `  ${"192.0.2.7".padEnd(38)}  GET  ${"/index.html".padEnd(44)} 200  1.2 kB 0.31 ms\n`,
  );
});

for (
  const [status, colour] of [[200, 32], [206, 32], [304, 36], [404, 33], [416, 33], [500, 31], [100, null]] as const
) {
  Deno.test(`ShortLines colours ${status} ${colour === null ? "not at all" : `with ${colour}`}`, () => {
    const line = new ShortLines({ colour: true }).format(combined({ status }), 80);
    assertEquals(
      /(\p{Cc}\[\d+m)?\d{3}(?=\p{Cc}\[39m)/u.exec(line)?.[0],
      `${colour === null ? "" : `\x1b[${colour}m`}${status}`,
    );
    assertEquals(line.replace(/\p{Cc}\[\d+m/gu, ""), plain().format(combined({ status }), 80));
  });
}

Deno.test("ShortLines leaves escaped characters escaped", () => {
  const line = shown(combined({ request: "GET /\\x1b[31m\\x22\\xe9 HTTP/1.1" }), 100);
  assertEquals(line.includes("GET  /\\x1b[31m\\x22\\xe9 "), true, line);
});

Deno.test("ShortLines says that there was no request line", () => {
  assertEquals(shown(combined({ request: "-", status: 408 })).includes("-    (no request)"), true);
});

Deno.test("ShortLines handles a request line of one word or many", () => {
  assertEquals(shown(combined({ request: "BAD", status: 400 })).includes("  BAD  "), true);
  assertEquals(shown(combined({ request: "GET /a b c HTTP/1.1", status: 400 })).includes("GET  /a  "), true);
});

Deno.test("ShortLines shortens a long method, and gives OPTIONS room from the path", () => {
  for (const method of ["OPTIONS", "PROPPATCH", "X".repeat(100)]) {
    const line = plain().format(combined({ request: `${method} /index.html HTTP/1.1` }), 80);
    assertEquals([line.length, line.includes(method.slice(0, 3))], [80, true], line);
  }
});

for (
  const [ms, text] of [
    ["0.031", " 0.03 ms"],
    ["9.96", " 10.0 ms"],
    ["99999.0", " 100.0 s"],
    ["100000.0", "   2 min"],
    ["7200000.0", "     2 h"],
  ] as const
) {
  Deno.test(`ShortLines shows ${ms} ms as ${text.trim()}`, () => {
    assertEquals(shown(combined({ ms })).slice(-9, -1), text);
  });
}

Deno.test("ShortLines leaves other lines as they are", () => {
  for (const line of ["# capture\n", "{}\n", "192.0.2.7 - - [x] y\n", "\n"]) {
    assertEquals(plain().format(line, 80), line);
  }
});

Deno.test("ShortLines formats each of several lines", () => {
  assertEquals(plain().format(combined() + "other\n" + combined(), 80).match(/\n/g)?.length, 3);
});

Deno.test("ShortLines has the time in the zone of the machine", () => {
  const date = new Date("2026-11-21T01:22:00Z");
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  assertEquals(plain().format(combined(), 80).slice(0, 8), parts.map((part) => `${part}`.padStart(2, "0")).join(":"));
});
