/** How several programs write to one page of results. */

import { assertEquals } from "@std/assert";
import { sectionsOf, withSection } from "../../bench/sections.ts";

const PAGE = "# Results\n\nWritten.\n\n## Figures\n\n### 1 KiB\n\n| a |\n\n## Mix of 10 files\n\nold\n";

Deno.test("withSection() replaces the section with the same heading, and leaves the rest", () => {
  const page = withSection(PAGE, "Mix of 10 files", "new\n");
  assertEquals(page, PAGE.replace("old", "new"));
  assertEquals(withSection(page, "Mix of 10 files", "new"), page);
});

Deno.test("withSection() adds a section at the end, also if the heading begins like another one", () => {
  const page = withSection(PAGE, "Mix of 10", "more");
  assertEquals(page, `${PAGE}\n## Mix of 10\n\nmore\n`);
  assertEquals(sectionsOf(page).length, 4);
});
