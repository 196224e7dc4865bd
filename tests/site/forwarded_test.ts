/** Whom a request comes from, by the fields of proxies: the right-most address that is not trusted. */

import { assertEquals } from "@std/assert";
import { Trust } from "../../src/site/trust.ts";
import { requestOf } from "./asking.ts";

const TRUST = new Trust(["10.0.0.0/8", "2001:db8:1::/48", "127.0.0.1"]);

/** The client of a request from `peer`, as `hostname port scheme`. */
function client(peer: string, fields: readonly string[]): string {
  const from = { peer: { transport: "tcp", hostname: peer, port: 9 }, isSecure: false } as const;
  const { peer: found, isSecure } = TRUST.clientOf(requestOf("GET / HTTP/1.1", ...fields).fields, from);
  return `${found.hostname} ${found.port} ${isSecure ? "https" : "http"}`;
}

for (
  const [what, peer, fields, expected] of [
    ["without fields the peer", "10.0.0.1", [], "10.0.0.1 9 http"],
    [
      "from a peer that is not trusted the peer",
      "192.0.2.1",
      ["X-Forwarded-For: 1.1.1.1", "X-Forwarded-Proto: https"],
      "192.0.2.1 9 http",
    ],
    ["the only address", "10.0.0.1", ["X-Forwarded-For: 192.0.2.7"], "192.0.2.7 0 http"],
    [
      "the right-most untrusted address",
      "10.0.0.1",
      ["X-Forwarded-For: 1.1.1.1, 192.0.2.7, 10.0.0.2"],
      "192.0.2.7 0 http",
    ],
    ["the left-most of trusted addresses", "10.0.0.1", ["X-Forwarded-For: 10.0.0.3, 10.0.0.2"], "10.0.0.3 0 http"],
    [
      "the same over several lines",
      "10.0.0.1",
      ["X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 192.0.2.7"],
      "192.0.2.7 0 http",
    ],
    [
      "the proxy before an entry that is no address",
      "10.0.0.1",
      ["X-Forwarded-For: 192.0.2.7, unknown, 10.0.0.2"],
      "10.0.0.2 0 http",
    ],
    [
      "the peer if the nearest entry is no address",
      "10.0.0.1",
      ["X-Forwarded-For: 192.0.2.7, 127.1"],
      "10.0.0.1 9 http",
    ],
    ["an address with a port", "10.0.0.1", ["X-Forwarded-For: 192.0.2.7:4711"], "192.0.2.7 4711 http"],
    ["an IPv6 address", "10.0.0.1", ["X-Forwarded-For: 2001:DB8:0::7"], "2001:db8::7 0 http"],
    ["an IPv6 address with a port", "10.0.0.1", ["X-Forwarded-For: [2001:db8::7]:80"], "2001:db8::7 80 http"],
    ["a mapped address as IPv4", "::ffff:10.0.0.1", ["X-Forwarded-For: ::ffff:192.0.2.7"], "192.0.2.7 0 http"],
    ["an empty field as none", "10.0.0.1", ["X-Forwarded-For:"], "10.0.0.1 9 http"],
    [
      "the scheme of one proxy",
      "10.0.0.1",
      ["X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: HTTPS"],
      "192.0.2.7 0 https",
    ],
    [
      "the scheme of each proxy",
      "10.0.0.1",
      ["X-Forwarded-For: 192.0.2.7, 10.0.0.2", "X-Forwarded-Proto: https, http"],
      "192.0.2.7 0 https",
    ],
    ["the nearest scheme, if a client added one", "10.0.0.1", [
      "X-Forwarded-For: 192.0.2.7",
      "X-Forwarded-Proto: https, http",
    ], "192.0.2.7 0 http"],
    ["not the scheme that a client wrote before its own address", "10.0.0.1", [
      "X-Forwarded-For: 1.1.1.1, 192.0.2.7",
      "X-Forwarded-Proto: https, http",
    ], "192.0.2.7 0 http"],
    ["a scheme without addresses", "10.0.0.1", ["X-Forwarded-Proto: https"], "10.0.0.1 9 https"],
    ["no unknown scheme", "10.0.0.1", ["X-Forwarded-Proto: gopher"], "10.0.0.1 9 http"],
    ["Forwarded", "10.0.0.1", ["Forwarded: for=192.0.2.7;proto=https"], "192.0.2.7 0 https"],
    [
      "Forwarded in any case and order, quoted",
      "10.0.0.1",
      ['Forwarded: Proto="https";by=_x;For="[2001:db8::7]:4711"'],
      "2001:db8::7 4711 https",
    ],
    ["the right-most untrusted hop of Forwarded", "10.0.0.1", [
      'Forwarded: for=1.1.1.1, for=192.0.2.7;proto=https, for="10.0.0.2:1";proto=http',
    ], "192.0.2.7 0 https"],
    ["a hidden hop as the end", "10.0.0.1", ["Forwarded: for=192.0.2.7, for=_gazonk, for=10.0.0.2"], "10.0.0.2 0 http"],
    ["no hop that is named twice", "10.0.0.1", ["Forwarded: for=192.0.2.7;for=192.0.2.8"], "10.0.0.1 9 http"],
    ["a comma in quotation marks", "10.0.0.1", ['Forwarded: for=192.0.2.7;host="a, for=1.1.1.1"'], "192.0.2.7 0 http"],
    [
      "no address with a quotation mark too many",
      "10.0.0.1",
      ['Forwarded: for=192.0.2.7, for="1.1.1.1'],
      "10.0.0.1 9 http",
    ],
    [
      "what a proxy appends to a quotation mark of the client",
      "10.0.0.1",
      ['Forwarded: for=", for=192.0.2.7'],
      "192.0.2.7 0 http",
    ],
    ["what a proxy appends to an escape of the client", "10.0.0.1", [
      'Forwarded: for="\\',
      'Forwarded: for=192.0.2.7;host="a\\"b"',
    ], "192.0.2.7 0 http"],
    ["X-Forwarded-For before a Forwarded that the client may have sent", "10.0.0.1", [
      "Forwarded: for=1.1.1.1",
      "X-Forwarded-For: 192.0.2.7",
    ], "192.0.2.7 0 http"],
  ] as const
) {
  Deno.test(`clientOf() finds ${what}`, () => assertEquals(client(peer, fields), expected));
}

Deno.test("clientOf() looks at 64 entries", () => {
  assertEquals(
    client("10.0.0.1", [`X-Forwarded-For: 192.0.2.7, ${new Array(64).fill("10.0.0.2").join(", ")}`]),
    "10.0.0.2 0 http",
  );
});

Deno.test("clientOf() finds the address that a proxy has appended to any text", () => {
  const characters = [...'"\\,;= \t', "for", "proto", "192.0.2.1", "10.0.0.9", "https", "[", "]", ":", "unknown"];
  for (let round = 0; round < 20_000; round++) {
    let before = "";
    for (let count = Math.random() * 12; count > 0; count--) {
      before += characters[Math.floor(Math.random() * characters.length)];
    }
    assertEquals(client("10.0.0.1", [`X-Forwarded-For: ${before}, 198.51.100.7`]), "198.51.100.7 0 http", before);
    const element = 'for="198.51.100.7:1";host="a, for=1.1.1.1";proto=http';
    assertEquals(client("10.0.0.1", [`Forwarded: ${before}, ${element}`]), "198.51.100.7 1 http", before);
  }
});

Deno.test("an empty trust trusts nobody", () => {
  const trust = new Trust([]);
  assertEquals([trust.isEmpty, trust.includes("127.0.0.1")], [true, false]);
});
