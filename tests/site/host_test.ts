/** The root of each host. */

import { assertEquals } from "@std/assert";
import { Site } from "../../src/site/host.ts";

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
  Deno.test(`hostFor("${host}") is ${root}`, () => {
    assertEquals(SITE.hostFor(host)?.root, root);
  });
}

Deno.test("hostFor() is null for an unlisted host without a default", () => {
  const site = new Site([{ name: "localhost", root: "local" }]);
  assertEquals(["localhost", "example.com", "", "default"].map((host) => site.hostFor(host)?.root ?? null), [
    "local",
    null,
    null,
    null,
  ]);
});

Deno.test("hostFor() is null without hosts", () => {
  assertEquals(new Site([]).hostFor("localhost"), null);
});

Deno.test("hostFor() accepts a root that is named default", () => {
  assertEquals(new Site([{ name: "default", root: "default" }]).hostFor("localhost")?.root, "default");
});

const WILDCARDS = new Site([
  { name: "*.lab.org", root: "lab" },
  { name: "files.lab.org", root: "files" },
  { name: "*.a.lab.org", root: "a" },
  { name: "*.org", root: "org" },
  { name: "default", root: "rest" },
]);

for (
  const [host, root] of [
    ["files.lab.org", "files"],
    ["x.lab.org", "lab"],
    ["x.y.lab.org", "lab"],
    ["x.files.lab.org", "lab"],
    ["x.a.lab.org", "a"],
    ["a.lab.org", "lab"],
    ["lab.org", "org"],
    ["org", "rest"],
    [".org", "rest"],
    [".lab.org", "org"],
    ["xlab.org", "org"],
    ["x.lab.org.com", "rest"],
    ["*.lab.org", "lab"],
    ["[::1]", "rest"],
    ["127.0.0.1", "rest"],
    ["", "rest"],
    [`${"x.".repeat(120)}lab.org`, "lab"],
    [`${"x.".repeat(4000)}lab.org`, "rest"],
  ] as const
) {
  Deno.test(`with wildcards, hostFor("${host.slice(0, 20)}") is ${root}`, () => {
    assertEquals(WILDCARDS.hostFor(host)?.root, root);
  });
}

Deno.test("hostFor() returns null for a host that no wildcard matches, without a default", () => {
  assertEquals(new Site([{ name: "*.lab.org", root: "lab" }]).hostFor("lab.org"), null);
});
