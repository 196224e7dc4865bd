/** The Basic scheme: what a client says of itself. */

import { assertEquals } from "@std/assert";
import { readCredentials } from "../../src/site/credentials.ts";
import { basic, octetsOf } from "./passwords.ts";

function read(value: string) {
  const credentials = readCredentials(octetsOf(value));
  return credentials === null ? null : [credentials.user, credentials.password];
}

Deno.test("readCredentials() splits at the first colon", () => {
  assertEquals(read(basic("alice:secret")), ["alice", "secret"]);
  assertEquals(read(basic("alice:a:b::c")), ["alice", "a:b::c"]);
  assertEquals(read(basic("alice:")), ["alice", ""]);
  assertEquals(read(basic(":secret")), ["", "secret"]);
  assertEquals(read(basic("a b: c d ")), ["a b", " c d "]);
});

Deno.test("readCredentials() takes the scheme in any letter case, and several blanks behind it", () => {
  const token = basic("alice:secret").slice("Basic ".length);
  for (const value of [`basic ${token}`, `BASIC ${token}`, `Basic    ${token}`]) {
    assertEquals(read(value), ["alice", "secret"]);
  }
});

Deno.test("readCredentials() reads UTF-8, in normal form C", () => {
  assertEquals(read(basic("Zo\u00eb:p\u00e4ss")), ["Zo\u00eb", "p\u00e4ss"]);
  assertEquals(read(basic("Zoe\u0308:pa\u0308ss")), ["Zo\u00eb", "p\u00e4ss"]);
  assertEquals(read(basic("\uFEFFa:b")), ["\uFEFFa", "b"]);
});

Deno.test("readCredentials() gives null for what nobody can have said", () => {
  const unusable = [
    "",
    "Basic",
    "Basic ",
    "Basic  ",
    "Basic !",
    "Basic YWxpY2U6c2VjcmV0 YWxpY2U6c2VjcmV0",
    "Basic YWxpY2U6c2VjcmV0, Basic YWxpY2U6c2VjcmV0",
    "Basic realm=x",
    "BasicYWxpY2U6c2VjcmV0",
    "Bearer YWxpY2U6c2VjcmV0",
    "Digest username=alice",
    "Basic YWxpY2U=6c2VjcmV0",
    "Basic YWxpY2U6c2VjcmV0===",
    "Basic Y",
    basic("no colon"),
    basic("ali\0ce:secret"),
    basic("alice:sec\nret"),
    basic("alice:secret\x7f"),
    basic(new Uint8Array([0x61, 0x3a, 0xff])), // No UTF-8.
    basic(new Uint8Array([0x5a, 0x6f, 0xeb, 0x3a, 0x78])), // Latin-1.
    basic(`alice:${"x".repeat(2048)}`),
  ];
  for (const value of unusable) assertEquals(read(value), null, value);
});

Deno.test("readCredentials() takes a name of 255 and a password of 1,024 bytes", () => {
  const [user, password] = ["u".repeat(255), "p".repeat(1024)];
  assertEquals(read(basic(`${user}:${password}`)), [user, password]);
});
