/** `explainError()`: a sentence for an error, with advice. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { explainError, systemName } from "../../src/net/explain_error.ts";
import { systemError } from "./fake_socket.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const CODES =
  "ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ENOTCONN ETIMEDOUT ENETUNREACH EHOSTUNREACH ENETDOWN EADDRINUSE " +
  "EADDRNOTAVAIL EACCES EPERM EMFILE ENFILE ENOBUFS ENOMEM EINVAL";

for (const code of CODES.split(" ")) {
  Deno.test(`explainError() explains ${code} in one line with advice`, () => {
    assertMatch(explainError(systemError(code)), /^[^.\n]+; [^.\n]+$/);
  });
}

const CLASSES = {
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  BrokenPipe: "EPIPE",
  TimedOut: "ETIMEDOUT",
  AddrInUse: "EADDRINUSE",
  PermissionDenied: "EACCES",
} as const;

for (const [name, code] of Object.entries(CLASSES) as [keyof typeof CLASSES, string][]) {
  Deno.test(`explainError() treats Deno.errors.${name} like ${code}, although it has no code`, () => {
    assertEquals(explainError(new Deno.errors[name]("text")), explainError(systemError(code)));
  });
}

Deno.test("explainError() has a different sentence for each reason why connect() fails", () => {
  const words = ["ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"].map((code) =>
    explainError(systemError(code))
  );
  assertEquals(new Set(words).size, 4);
});

Deno.test("explainError() recognises a name that cannot be resolved by the resolver's message", () => {
  const error = new Error("failed to lookup address information: Name or service not known");
  assertEquals(systemName(error), "UnknownHost");
  assertMatch(explainError(error), /^no machine has that name/);
});

Deno.test("explainError() suggests --allow-net if the process is not permitted", () => {
  assert(explainError(new Deno.errors.NotCapable("Requires net access")).includes("--allow-net"));
});

Deno.test("explainError() returns the message of an unknown error, and other values as text", () => {
  assertEquals(explainError(new TypeError("no such method")), "no such method");
  assertEquals([explainError("oh"), explainError(null), explainError(new Error())], ["oh", "null", "Error"]);
});
