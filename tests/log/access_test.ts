/** Lines of the access log in each format. A client cannot forge or break them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Exchange } from "../../src/http/handler.ts";
import { RequestHead } from "../../src/http/h1/head.ts";
import { accessFormat } from "../../src/log/access.ts";
import { headOf } from "../http/heads.ts";

const WALL_MS = Date.UTC(2026, 10, 1, 3, 4, 5, 678);

const PEER: Deno.NetAddr = { transport: "tcp", hostname: "192.0.2.7", port: 50_000 };

/** The exchange of most test cases. */
function exchange(changes: Partial<Exchange> = {}): Exchange {
  const head = headOf(["Host: localhost", "Referer: http://localhost/", "User-Agent: test/1.0"], "GET /a?b=c HTTP/1.1");
  return {
    peer: PEER,
    head,
    user: null,
    status: 200,
    contentBytes: 1234,
    isSecure: false,
    servedBy: null,
    coding: null,
    durationMs: 0.5678,
    problem: null,
    ...changes,
  };
}

function line(
  format: "combined" | "common" | "json" | "off",
  changes: Partial<Exchange> = {},
  wallMs = WALL_MS,
): string {
  return accessFormat(format)!(exchange(changes), wallMs);
}

function withField(fieldLine: string, requestLine?: string): Partial<Exchange> {
  return { head: headOf([fieldLine], requestLine) };
}

Deno.test("the format combined is that of other servers, followed by the milliseconds", () => {
  assertEquals(
    line("combined"),
    '192.0.2.7 - - [01/Nov/2026:03:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 1234 "http://localhost/" "test/1.0" 0.568\n',
  );
});

Deno.test("the format common is that of other servers, followed by the milliseconds", () => {
  assertEquals(line("common"), '192.0.2.7 - - [01/Nov/2026:03:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 1234 0.568\n');
});

Deno.test("the format json is one object per line", () => {
  const text = line("json", { problem: "the file became shorter" });
  assertMatch(text, /^[^\n]+\n$/);
  assertEquals(JSON.parse(text), {
    time: "2026-11-01T03:04:05.678Z",
    peer: "192.0.2.7",
    port: 50_000,
    user: null,
    method: "GET",
    target: "/a?b=c",
    version: "1.1",
    scheme: "http",
    host: "localhost",
    status: 200,
    bytes: 1234,
    ms: 0.568,
    referer: "http://localhost/",
    agent: "test/1.0",
    problem: "the file became shorter",
  });
});

Deno.test("the user stands in the third field, in one word that is not like nobody's", () => {
  const third = (user: string | null) => line("combined", { user }).split(" ")[2];
  assertEquals(third("alice"), "alice");
  assertEquals(third("anna maria"), "anna\\x20maria");
  assertEquals(third("Zo\u00eb"), "Zo\\xc3\\xab");
  assertEquals(third("\u20ac"), "\\xe2\\x82\\xac");
  assertEquals(third('a"b\\c'), "a\\x22b\\x5cc");
  assertEquals(third("-"), "\\x2d");
  assertEquals(third(null), "-");
});

Deno.test("json: the user is text", () => {
  assertEquals(JSON.parse(line("json", { user: 'Zo\u00eb "x' })).user, 'Zo\u00eb "x');
});

Deno.test("off silences standard output only, so its lines for files are combined", () => {
  assertEquals(line("off"), line("combined"));
});

Deno.test("a missing value is a dash, or null in json", () => {
  const bare = withField("Host:", "GET / HTTP/1.0");
  assertEquals(
    line("combined", bare),
    '192.0.2.7 - - [01/Nov/2026:03:04:05 +0000] "GET / HTTP/1.0" 200 1234 "-" "-" 0.568\n',
  );
  const entry = JSON.parse(line("json", bare));
  assertEquals([entry.version, entry.host, entry.referer, entry.agent, entry.problem], ["1.0", "", null, null, null]);
});

Deno.test("a request line that was not read is a dash", () => {
  const refused = { head: new RequestHead(), status: 400 } as const;
  assertEquals(line("common", refused), '192.0.2.7 - - [01/Nov/2026:03:04:05 +0000] "-" 400 1234 0.568\n');
  assertEquals(line("combined", refused), '192.0.2.7 - - [01/Nov/2026:03:04:05 +0000] "-" 400 1234 "-" "-" 0.568\n');
  const entry = JSON.parse(line("json", refused));
  assertEquals([entry.method, entry.target, entry.version, entry.host], [null, null, null, null]);
});

Deno.test("an IPv4 address of a dual-stack socket is written as IPv4", () => {
  const peer = { ...PEER, hostname: "::ffff:192.0.2.7" };
  assertMatch(line("common", { peer }), /^192\.0\.2\.7 /);
  assertEquals(JSON.parse(line("json", { peer })).peer, "192.0.2.7");
});

Deno.test("an IPv6 address is written unchanged", () => {
  assertMatch(line("common", { peer: { ...PEER, hostname: "2001:db8::7" } }), /^2001:db8::7 - - /);
});

Deno.test("each line has the time of its own exchange", () => {
  const times = [0, 321, 322, 1321, 0].map((ms) => /\[(.*)\]/.exec(line("common", {}, WALL_MS + ms))![1]);
  assertEquals(times, [
    "01/Nov/2026:03:04:05 +0000",
    "01/Nov/2026:03:04:05 +0000",
    "01/Nov/2026:03:04:06 +0000",
    "01/Nov/2026:03:04:06 +0000",
    "01/Nov/2026:03:04:05 +0000",
  ]);
});

Deno.test("milliseconds always have three decimals", () => {
  assertEquals([0, 12, 60_000.12345].map((durationMs) => line("common", { durationMs }).split(" ").at(-1)), [
    "0.000\n",
    "12.000\n",
    "60000.123\n",
  ]);
});

for (
  const [what, value, written] of [
    ["a quotation mark", 'a"b', "a\\x22b"],
    ["a backslash", "a\\b", "a\\x5cb"],
    ["a tab", "a\tb", "a\\x09b"],
    ["an octet beyond ASCII", "a\xe4b", "a\\xe4b"],
    ["a control of terminals beyond ASCII", "a\x9b31mb", "a\\x9b31mb"],
  ] as const
) {
  for (const field of ["Referer", "User-Agent"]) {
    Deno.test(`a client cannot end the quotation marks with ${what} in ${field}`, () => {
      const text = line("combined", withField(`${field}: ${value}`));
      assert(text.includes(`"${written}"`), text);
    });
  }
}

Deno.test("a client cannot end the quotation marks with its target", () => {
  const text = line("common", withField("Host: a", 'GET /"\\%20 HTTP/1.1'));
  assert(text.includes('"GET /\\x22\\x5c%20 HTTP/1.1"'), text);
});

Deno.test("every octet of a field is written as printable ASCII without a line end", () => {
  for (let octet = 0x20; octet < 0x100; octet++) {
    if (octet === 0x7f) continue; // The parser refuses this octet.
    const changes = withField(`User-Agent: a${String.fromCharCode(octet)}b`);
    assertMatch(line("combined", changes), /^[\x20-\x7e]+\n$/);
    assertEquals(line("json", changes).indexOf("\n"), line("json", changes).length - 1);
    assertEquals(JSON.parse(line("json", changes)).agent, `a${String.fromCharCode(octet)}b`);
  }
});
