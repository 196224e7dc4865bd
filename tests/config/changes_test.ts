/**
 * What differs between two configurations, in words.
 */

import { assertEquals } from "@std/assert";
import { describeChanges } from "../../src/config/changes.ts";
import { parseConfig } from "../../src/config/parse.ts";

function changes(before: string, after: string): string[] {
  return describeChanges(parseConfig(before, "web.conf").config, parseConfig(after, "web.conf").config);
}

Deno.test("describeChanges() tells what was added, altered and removed, and where it stands now", () => {
  const before = "host a old\nhost b b\nmedia md text/markdown\nparameter timeout 5";
  const after = "host a new\nhost c c\nmedia txt text/x\nparameter timeout 1";
  assertEquals(changes(before, after), [
    "host a altered: old -> new (web.conf:1)",
    "host c added: c (web.conf:2)",
    "host b removed: it was b",
    "media txt added: text/x (web.conf:3)",
    "media md removed: it was text/markdown",
    "parameter timeout altered: 5 -> 1 (web.conf:4)",
  ]);
});

Deno.test("describeChanges() has nothing to say of other lines, comments, or a default that is written out", () => {
  assertEquals(changes("host a www", "# a comment\n\nparameter timeout 5\nhost  a  www"), []);
});
