/** Folders of tests: what a test leaves behind would fill the disk of everybody who runs the tests. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { TempFolder } from "./temp_folder.ts";

Deno.test("TempFolder removes what it made when the test is over, or fails", async () => {
  let path = "";
  const test = async (fails: boolean) => {
    using folder = new TempFolder();
    path = folder.write("deep/er/file.txt", "text");
    assertEquals([path, await Deno.readTextFile(path)], [`${folder.path}/deep/er/file.txt`, "text"]);
    if (fails) throw new Error("the test fails");
  };
  await test(false);
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
  await assertRejects(() => test(true), Error, "the test fails");
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
});
