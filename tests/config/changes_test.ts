/**
 * The description of the differences between two configurations.
 */

import { assert, assertEquals } from "@std/assert";
import { describeChanges } from "../../src/config/changes.ts";
import { parseConfig } from "../../src/config/parse.ts";

function changes(before: string, after: string): string[] {
  return describeChanges(parseConfig(before, "web.conf").config, parseConfig(after, "web.conf").config);
}

Deno.test("describeChanges() lists added, changed and removed values with their new origins", () => {
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

Deno.test("describeChanges() ignores line numbers, comments, and a line that sets a default value", () => {
  assertEquals(changes("host a www", "# a comment\n\nparameter timeout 5\nhost  a  www"), []);
});

Deno.test("describeChanges() is short, however many hosts have changed, and however long their roots are", () => {
  const hosts = Array.from({ length: 10_000 }, (_, number) => `host h${number}.example /${"x".repeat(500)}`).join("\n");
  const described = changes("host a www", hosts);
  assertEquals([described.length, described.at(-1)], [21, "and 9981 more"]);
  assert(described.join("; ").length < 4000, `${described.join("; ").length}`);
});

Deno.test("describeChanges() tells of settings, for every host and for one", () => {
  const before = "index a\nhost x x\n  dotfiles on\nhost y y\n  index b";
  const after = "index c\nhost x x\nhost y y\n  index d e\n  dotfiles on";
  assertEquals(changes(before, after), [
    "setting index altered: a -> c (web.conf:1)",
    "host y index altered: b -> d e (web.conf:4)",
    "host y dotfiles added: on (web.conf:5)",
    "host x dotfiles removed: it was on",
  ]);
});
