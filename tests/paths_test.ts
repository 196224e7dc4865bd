/** Which paths lie below which. */

import { assertEquals } from "@std/assert";
import { isBelow, staysBelow } from "../src/paths.ts";

for (
  const [folder, path, expected] of [
    ["/srv", "/srv", true],
    ["/srv", "/srv/a/b", true],
    ["/srv/", "/srv/a", true],
    ["/srv", "/srv/..a", true],
    ["/srv", "/srv/...", true],
    ["/", "/srv", true],
    ["/srv", "/srvs", false],
    ["/srv", "/", false],
    ["/srv", "/srv/../etc", false],
    ["/srv/a", "/srv/b", false],
    ["/srv/a", "/srv", false],
  ] as const
) {
  Deno.test({
    name: `isBelow() says that ${path} lies ${expected ? "below" : "outside"} ${folder}`,
    ignore: Deno.build.os === "windows",
    fn: () => assertEquals(isBelow(folder, path), expected),
  });
}

Deno.test("staysBelow() takes both kinds of slash behind .. for the way out, and a name that begins with .. for none", () => {
  const leaving = ["..", "../a", "..\\a", "/a"];
  assertEquals(leaving.map(staysBelow), leaving.map(() => false));
  const staying = ["", "a", "a/b", "..a", "...", "..a/b"];
  assertEquals(staying.map(staysBelow), staying.map(() => true));
});
