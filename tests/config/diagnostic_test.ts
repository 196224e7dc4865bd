/** The format of diagnostics, and which known word is suggested for an unknown one. */

import { assertEquals } from "@std/assert";
import { formatDiagnostic, suggest } from "../../src/config/diagnostic.ts";

Deno.test("formatDiagnostic() writes file, line, column, severity and message like a compiler", () => {
  const place = { file: "web.conf", line: 3, column: 11, message: "what is wrong" };
  assertEquals(formatDiagnostic({ ...place, severity: "error" }), "web.conf:3:11: error: what is wrong");
  assertEquals(formatDiagnostic({ ...place, severity: "warning" }), "web.conf:3:11: warning: what is wrong");
});

const KNOWN = ["host", "media", "parameter", "log"];

for (
  const [word, nearest] of [
    ["hosts", "host"],
    ["hst", "host"],
    ["HOSTS", "host"],
    ["paramter", "parameter"],
    ["parmaeter", "parameter"],
    ["parameters", "parameter"],
    ["medias", "media"],
    ["lo", "log"],
    ["listing", null],
    ["", null],
    ["zzzzzzzz", null],
  ] as const
) {
  Deno.test(`suggest() ${nearest === null ? "has nothing" : `means ${nearest}`} for "${word}"`, () => {
    assertEquals(suggest(word, KNOWN), nearest === null ? "" : `; did you mean "${nearest}"?`);
  });
}

Deno.test("suggest() returns the nearest known word", () => {
  assertEquals(suggest("timeouts", ["head-timeout", "timeouts-max", "timeout"]), '; did you mean "timeout"?');
});

Deno.test("suggest() returns null without known words", () => {
  assertEquals(suggest("host", []), "");
});
