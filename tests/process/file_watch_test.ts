/** When a changed file is complete. */

import { assertEquals } from "@std/assert";
import { FilesWatch, FileWatch } from "../../src/process/file_watch.ts";

for (
  const [what, looks, settled] of [
    ["stays as it was", "aaaa", "...."],
    ["has changed once", "abbb", "..!."],
    ["is being written", "abcddd", "....!."],
    ["is gone for a moment", "a-aa", "...."],
    ["is gone for good", "a---", "..!."],
    ["is replaced by way of nothing", "a-bbb", "...!."],
    ["changes and changes back", "abaa", "...."],
    ["changed between the reading and the first look", "bb", ".!"],
    ["changes again and again", "abbcc", "..!.!"],
  ] as const
) {
  Deno.test(`a file that ${what} is read ${settled.split("!").length - 1} times`, () => {
    const file = new FileWatch("a");
    assertEquals([...looks].map((look) => file.look(look) ? "!" : ".").join(""), settled);
  });
}

Deno.test("a change of any of several files is noticed once, and the files that are looked at may change", async () => {
  const stamps = new Map([["web.conf", "a"], ["staff", "a"]]);
  const watch = new FilesWatch();
  const look = async (...paths: readonly string[]) => {
    return await watch.look(paths.map((path) => ({ path, stamp: "a" })), (path) => Promise.resolve(stamps.get(path)!));
  };
  const looks = async (
    ...paths: readonly string[]
  ) => [await look(...paths), await look(...paths), await look(...paths)];
  assertEquals(await looks("web.conf", "staff"), [false, false, false]);
  stamps.set("staff", "b");
  assertEquals(await looks("web.conf", "staff"), [false, true, false]);
  assertEquals(await looks("web.conf"), [false, false, false]);
  assertEquals(await looks("web.conf", "staff"), [false, true, false], "it is new again");
});
