/** When a changed file is complete. */

import { assertEquals } from "@std/assert";
import { FileWatch } from "../../src/process/file_watch.ts";

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
