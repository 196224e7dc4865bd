/** The root of each host. */

import { assertEquals } from "@std/assert";
import { Site } from "../../src/files/site.ts";

const SITE = new Site([
  { name: "localhost", root: "local" },
  { name: "WWW.Example.com", root: "example" },
  { name: "[::1]", root: "six" },
  { name: "default", root: "rest" },
]);

for (
  const [host, root] of [
    ["localhost", "local"],
    ["www.example.com", "example"],
    ["[::1]", "six"],
    ["example.com", "rest"],
    ["", "rest"],
    ["default", "rest"],
    ["constructor", "rest"],
    ["__proto__", "rest"],
  ] as const
) {
  Deno.test(`rootFor("${host}") is ${root}`, () => {
    assertEquals(SITE.rootFor(host), root);
  });
}

Deno.test("rootFor() is null for an unlisted host without a default", () => {
  const site = new Site([{ name: "localhost", root: "local" }]);
  assertEquals(["localhost", "example.com", "", "default"].map((host) => site.rootFor(host)), [
    "local",
    null,
    null,
    null,
  ]);
});

Deno.test("rootFor() is null without hosts", () => {
  assertEquals(new Site([]).rootFor("localhost"), null);
});

Deno.test("rootFor() accepts a root that is named default", () => {
  assertEquals(new Site([{ name: "default", root: "default" }]).rootFor("localhost"), "default");
});
