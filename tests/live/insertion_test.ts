/** Where a script is inserted into a page. */

import { assertEquals } from "@std/assert";
import { insertionPoint } from "../../src/live/insertion.ts";

for (
  const [what, page] of [
    ["before the end tag of body", "<html><body><p>a|</body></html>"],
    ["before the last end tag of body", "<body></body><p>|</body>"],
    ["before an end tag in capitals, with a blank", "<BODY>a|</BODY ></HTML>"],
    ["before the end of html without an end of body", "<html><p>a|</html>\n"],
    ["at the end of a page without end tags", "<p>a|"],
    ["at the end of an empty page", "|"],
    ["not in a comment", "<body>a|</body><!-- </body> -->"],
    ["not in a comment that is never closed", "<body>a|</body><!-- </body>"],
    ["not in the text of a script", "<body><script>w('</body>')</script>|</body>"],
    ["not after a script that never ends", "|<script>'</body>'".slice(1) + "|"],
    [
      "not in a style, a text area or a title",
      "<title></body></title><style></body></style><textarea></body></textarea>a|",
    ],
    ["not before another tag that begins alike", "<body>|</body></bodyguard>"],
    ["after an empty comment", "<!--><body>|</body>"],
    ["after octets that are not ASCII", "<body>\u00fc|</body>"],
  ] as const
) {
  Deno.test(`insertionPoint() is ${what}`, () => {
    const [before = "", after = ""] = page.split("|");
    const bytes = (text: string) => new TextEncoder().encode(text);
    assertEquals(insertionPoint(bytes(before + after)), bytes(before).length);
  });
}

Deno.test("insertionPoint() is null in a page in UTF-16", () => {
  assertEquals(insertionPoint(Uint8Array.of(0xff, 0xfe, 0x3c, 0)), null);
  assertEquals(insertionPoint(Uint8Array.of(0xfe, 0xff, 0, 0x3c)), null);
});

Deno.test("insertionPoint() takes linear time for many unclosed tags", () => {
  assertEquals(insertionPoint(new TextEncoder().encode("<".repeat(1_000_000))), 1_000_000);
});
