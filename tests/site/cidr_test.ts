/** Addresses and ranges: which words are ranges, and which peers they hold. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type AddressRange,
  contains,
  containsRange,
  formatRange,
  parseAddress,
  parseRange,
} from "../../src/site/cidr.ts";

function range(word: string): AddressRange {
  const parsed = parseRange(word);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

/** Whether the range that `word` names holds the peer that the runtime calls `peer`. */
function isIn(word: string, peer: string): boolean {
  const address = parseAddress(peer);
  return address !== null && contains(range(word), address);
}

const HELD: readonly (readonly [word: string, peer: string, isHeld: boolean])[] = [
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.7", "192.0.2.8", false],
  ["192.0.2.0/24", "192.0.2.255", true],
  ["192.0.2.0/24", "192.0.3.0", false],
  ["192.0.2.128/25", "192.0.2.127", false],
  ["192.0.2.128/25", "192.0.2.128", true],
  ["10.0.0.0/8", "10.255.255.255", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["192.0.2.6/31", "192.0.2.7", true],
  ["192.0.2.6/31", "192.0.2.8", false],
  ["0.0.0.0/0", "255.255.255.255", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["::/0", "2001:db8::1", true],
  ["::/0", "192.0.2.7", false],
  ["2001:db8::/32", "2001:db8:ffff::1", true],
  ["2001:db8::/32", "2001:db9::", false],
  ["2001:db8::/33", "2001:db8:8000::", false],
  ["2001:db8::1", "2001:0DB8:0:0::0:1", true],
  ["2001:db8::1", "2001:db8::2", false],
  ["::1", "::1", true],
  ["::1", "127.0.0.1", false],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", true],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:7", false],
  // What a listener for both stacks calls a peer of IPv4.
  ["192.0.2.7", "::ffff:192.0.2.7", true],
  ["192.0.2.0/24", "::ffff:c000:207", true],
  ["192.0.2.0/24", "::ffff:192.0.3.7", false],
  ["::ffff:192.0.2.7", "192.0.2.7", true],
  ["::ffff:192.0.2.0/120", "::ffff:192.0.2.9", true],
  ["::ffff:0:0/96", "192.0.2.7", true],
  ["::/0", "::ffff:192.0.2.7", false],
  // ::192.0.2.7 and ::fffe:192.0.2.7 are other addresses.
  ["192.0.2.7", "::192.0.2.7", false],
  ["192.0.2.7", "::fffe:192.0.2.7", false],
  // Where a peer of the same link comes in is not part of its address.
  ["fe80::1", "fe80::1%eth0", true],
  ["fe80::/10", "fe80::1%2", true],
  ["fe80::/10", "fec0::1", false],
];

Deno.test("contains() compares the bits of a prefix, of one family", () => {
  for (const [word, peer, isHeld] of HELD) assertEquals([word, peer, isIn(word, peer)], [word, peer, isHeld]);
});

Deno.test("parseRange() takes a bare address for that address alone", () => {
  assertEquals(range("192.0.2.7").bits, 32);
  assertEquals(range("2001:db8::7").bits, 128);
});

Deno.test("parseRange() says why a word is no range, and what to write", () => {
  const refused: readonly (readonly [word: string, told: string])[] = [
    ["", "is not an IP address"],
    ["10", "is not an IP address"],
    ["10/8", "is not an IP address"],
    ["127.1", "is not an IP address"],
    ["0x7f.0.0.1", "is not an IP address"],
    ["010.0.0.1", "is not an IP address"],
    ["192.0.2.256", "is not an IP address"],
    ["192.0.2.1.1", "is not an IP address"],
    ["192.0.2.1:80", "is not an IP address"],
    ["[::1]", "is not an IP address"],
    [":::1", "is not an IP address"],
    ["1:2:3:4:5:6:7:8:9", "is not an IP address"],
    ["::1/129", "from 0 to 128"],
    ["192.0.2.0/33", "from 0 to 32"],
    ["192.0.2.0/", "from 0 to 32"],
    ["192.0.2.0/-1", "from 0 to 32"],
    ["192.0.2.0/255.255.255.0", "from 0 to 32"],
    ["::ffff:192.0.2.0/95", "from 96 to 128"],
    ["192.0.2.7/24", "write 192.0.2.0/24, or 192.0.2.7 alone"],
    ["2001:db8::1/32", "write 2001:db8::/32, or 2001:db8::1 alone"],
    ["fe80::1%eth0", "has a zone"],
    ["all", "0.0.0.0/0 and ::/0"],
    ["ALL", "0.0.0.0/0 and ::/0"],
    ["localhost", "127.0.0.1 ::1"],
    ["example.org", "is not an IP address"],
    ["192.0.2.0/24/24", "from 0 to 32"],
  ];
  for (const [word, told] of refused) {
    const parsed = parseRange(word);
    if (typeof parsed !== "string") throw new Error(`${word} was taken`);
    assertStringIncludes(parsed, told);
  }
});

Deno.test("parseAddress() gives null for what is no address", () => {
  for (const text of ["", ".", "a", "1.2.3", "::g", "/tmp/socket", "1.2.3.4 ", "::1]", "[::1"]) {
    assertEquals(parseAddress(text), null);
  }
});

Deno.test("formatRange() writes what parseRange() takes back", () => {
  for (const word of ["192.0.2.7", "192.0.2.0/24", "2001:db8::/32", "::1", "0.0.0.0/0", "::/0", "fe80::/10"]) {
    assertEquals(formatRange(range(word)), word);
  }
  assertEquals(formatRange(range("::ffff:192.0.2.0/120")), "192.0.2.0/24");
});

Deno.test("containsRange() says whether one range lies in another", () => {
  assertEquals(containsRange(range("10.0.0.0/8"), range("10.1.0.0/16")), true);
  assertEquals(containsRange(range("10.1.0.0/16"), range("10.0.0.0/8")), false);
  assertEquals(containsRange(range("10.0.0.0/8"), range("10.0.0.0/8")), true);
  assertEquals(containsRange(range("10.0.0.0/8"), range("11.0.0.1")), false);
  assertEquals(containsRange(range("::/0"), range("10.0.0.1")), false);
});

Deno.test("an address that the operating system can have is read as it is", () => {
  for (let count = 0; count < 1000; count++) {
    const octets = crypto.getRandomValues(new Uint8Array(16));
    if (count % 2 === 0) octets.fill(0, 2, 14); // Most addresses have many zeros.
    const groups = Array.from({ length: 8 }, (_, at) => (octets[2 * at]! * 256 + octets[2 * at + 1]!).toString(16));
    assertEquals(parseAddress(groups.join(":")), octets);
  }
});
