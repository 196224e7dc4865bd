/** Errors that mean "the peer is gone" or "no descriptors left", and the format of addresses. */

import { assertEquals } from "@std/assert";
import { hostAndPort, isExhausted, isPeerGone, plainHost } from "../../src/net/peer.ts";
import { systemError } from "./fake_socket.ts";

for (
  const name of [
    "ConnectionReset",
    "ConnectionAborted",
    "BrokenPipe",
    "NotConnected",
    "TimedOut",
    "UnexpectedEof",
    "Interrupted",
    "BadResource",
  ] as const
) {
  Deno.test(`isPeerGone() is true for ${name}`, () => {
    assertEquals(isPeerGone(new Deno.errors[name]("text")), true);
  });
}

Deno.test("isPeerGone() is false for all other errors, because our own mistakes must be reported", () => {
  const others = [
    new Error("Connection reset by peer"),
    new TypeError("undefined is not a function"),
    new Deno.errors.NotFound("text"),
    new Deno.errors.PermissionDenied("text"),
    new Deno.errors.NotCapable("text"),
    new Deno.errors.InvalidData("text"),
    systemError("EMFILE"),
    "ConnectionReset",
    null,
    undefined,
  ];
  assertEquals(others.filter(isPeerGone), []);
});

for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]) {
  Deno.test(`isExhausted() is true for ${code}`, () => {
    assertEquals(isExhausted(systemError(code)), true);
  });
}

Deno.test("isExhausted() depends only on the code of an error", () => {
  const others = [systemError("ECONNRESET"), new Error("EMFILE"), { code: "EMFILE" }, "EMFILE", null, undefined];
  assertEquals(others.filter(isExhausted), []);
});

for (
  const [hostname, plain] of [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:c000:207", "::ffff:c000:207"],
    ["::1", "::1"],
    ["localhost", "localhost"],
  ] as const
) {
  Deno.test(`plainHost() writes ${hostname} as ${plain}`, () => {
    assertEquals(plainHost(hostname), plain);
  });
}

for (
  const [hostname, words] of [
    ["192.0.2.7", "192.0.2.7:80"],
    ["::ffff:192.0.2.7", "192.0.2.7:80"],
    ["2001:db8::1", "[2001:db8::1]:80"],
    ["::", "[::]:80"],
  ] as const
) {
  Deno.test(`hostAndPort() writes ${hostname} as ${words}`, () => {
    assertEquals(hostAndPort(hostname, 80), words);
  });
}
