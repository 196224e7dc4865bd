/** PROXY headers, versions 1 and 2: whole, byte by byte, with trailing bytes, and malformed. */

import { assert, assertEquals } from "@std/assert";
import { parseProxyHeader, PROXY_HEADER_BYTES_MAX } from "../../src/net/proxy_header.ts";
import { proxyHeaderV2, V2 } from "../proxy_bytes.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

const VALID: readonly (readonly [what: string, bytes: Uint8Array, source: string | null])[] = [
  ["a line for IPv4", ascii("PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n"), "192.0.2.7 56324"],
  ["a line for IPv6", ascii("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n"), "2001:db8::7 1"],
  ["a line for an unknown client", ascii("PROXY UNKNOWN\r\n"), null],
  ["a line whose rest must be ignored", ascii("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), null],
  [
    "the longest line",
    ascii(
      "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535 ".padEnd(105, "x") + "\r\n",
    ),
    null,
  ],
  ["version 2 for IPv4", proxyHeaderV2({ family: V2.tcp4, source: [192, 0, 2, 7], port: 56324 }), "192.0.2.7 56324"],
  [
    "version 2 for IPv6",
    proxyHeaderV2({ family: V2.tcp6, source: [0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 7], port: 80 }),
    "2001:db8::7 80",
  ],
  [
    "version 2 for a mapped IPv4 address",
    proxyHeaderV2({ family: V2.tcp6, source: [...new Array(10).fill(0), 255, 255, 192, 0, 2, 1], port: 80 }),
    "192.0.2.1 80",
  ],
  [
    "version 2 with extensions",
    proxyHeaderV2({ family: V2.tcp4, source: [192, 0, 2, 7], port: 1, extensions: [3, 0, 4, 1, 2, 3, 4] }),
    "192.0.2.7 1",
  ],
  ["version 2 for the proxy itself", proxyHeaderV2({ command: V2.local, family: 0 }), null],
  ["version 2 for the proxy itself, with addresses", proxyHeaderV2({ command: V2.local, family: V2.tcp4 }), null],
  ["version 2 without a family", proxyHeaderV2({ family: 0 }), null],
  ["version 2 for a Unix socket", proxyHeaderV2({ family: 0x31, extensions: new Array(216).fill(0) }), null],
];

for (const [what, bytes, source] of VALID) {
  Deno.test(`parseProxyHeader() accepts ${what}: whole, byte by byte and before other bytes`, () => {
    for (let length = 0; length < bytes.length; length++) {
      assertEquals(parseProxyHeader(bytes.subarray(0, length)), { kind: "partial" }, `${length} bytes`);
    }
    for (const more of ["", "G", "GET / HTTP/1.1\r\n\r\n"]) {
      const header = parseProxyHeader(Uint8Array.of(...bytes, ...ascii(more)));
      assert(header.kind === "complete");
      assertEquals(header.length, bytes.length);
      assertEquals(header.source && `${header.source.hostname} ${header.source.port}`, source);
    }
  });
}

for (
  const [what, bytes] of [
    ["another protocol", ascii("GET / HTTP/1.1\r\n")],
    ["a line in small letters", ascii("proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n")],
    ["an unknown family", ascii("PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n")],
    ["two blanks", ascii("PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n")],
    ["a word too many", ascii("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n")],
    ["a missing port", ascii("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n")],
    ["a port beyond the last", ascii("PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n")],
    ["a port with a zero before it", ascii("PROXY TCP4 1.2.3.4 1.2.3.4 080 1\r\n")],
    ["an address of the other family", ascii("PROXY TCP4 ::1 ::1 1 1\r\n")],
    ["an octal address", ascii("PROXY TCP4 010.2.3.4 1.2.3.4 1 1\r\n")],
    ["an address that is too high", ascii("PROXY TCP4 256.2.3.4 1.2.3.4 1 1\r\n")],
    ["five numbers", ascii("PROXY TCP4 1.2.3.4.5 1.2.3.4 1 1\r\n")],
    ["a LF alone", ascii("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n".padEnd(107, "x"))],
    ["a line of 108 bytes", ascii("PROXY UNKNOWN ".padEnd(106, "x") + "\r\n")],
    ["version 3", proxyHeaderV2({ command: 0x31, family: V2.tcp4 })],
    ["an unknown command", proxyHeaderV2({ command: 0x22, family: V2.tcp4 })],
    ["an unknown address family", proxyHeaderV2({ family: 0x51 })],
    ["no room for IPv4", proxyHeaderV2({ family: V2.tcp4, declared: 11 })],
    ["no room for IPv6", proxyHeaderV2({ family: V2.tcp6, declared: 35 })],
    ["too many extensions", proxyHeaderV2({ family: V2.tcp4, declared: PROXY_HEADER_BYTES_MAX - 15 })],
  ] as const
) {
  Deno.test(`parseProxyHeader() refuses ${what}`, () => {
    assertEquals(parseProxyHeader(bytes).kind, "invalid");
  });
}

Deno.test("parseProxyHeader() decides on any bytes within the limit", () => {
  for (let round = 0; round < 20_000; round++) {
    const valid = VALID[round % VALID.length]![1];
    const bytes = new Uint8Array([...valid]);
    for (let change = 0; change < 1 + round % 4; change++) {
      bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256);
    }
    const header = parseProxyHeader(bytes);
    if (header.kind === "complete") assert(header.length <= bytes.length);
    const long = new Uint8Array(PROXY_HEADER_BYTES_MAX);
    long.set(bytes.subarray(0, long.length));
    assert(parseProxyHeader(long).kind !== "partial", "the limit is not enough for a decision");
  }
});
