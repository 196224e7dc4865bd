/** What is typed in `example:talk`, and how bytes are shown. */

import { assertEquals } from "@std/assert";
import { readTyped, showLines, unescape } from "../../examples/typed.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

for (
  const [line, sent] of [
    ["GET / HTTP/1.1", "GET / HTTP/1.1\r\n"],
    ["", "\r\n"],
    ["GE\\", "GE"],
    ["\\", ""],
    ["a\\\\", "a\\\r\n"],
    ["a\\\\\\", "a\\"],
    ["a\\nb\\tc\\r\\n\\", "a\nb\tc\r\n"],
    ["\\x47ET é", "GET é\r\n"],
    ["\\wait", null],
    ["\\wait no", null],
    ["\\wait 601", null],
    ["\\q", null],
    ["\\x4", null],
    ["\\waits 1", null],
  ] as const
) {
  Deno.test(`readTyped() ${sent === null ? "refuses" : "sends the bytes of"} ${JSON.stringify(line)}`, () => {
    const typed = readTyped(line, "\r\n");
    if (sent === null) return assertEquals(typed.kind, "mistake");
    assertEquals(typed, { kind: "bytes", bytes: bytesOf(sent) });
  });
}

Deno.test("readTyped() takes instructions for the program, and another line end", () => {
  assertEquals(readTyped("\\wait .5", "\r\n"), { kind: "wait", seconds: 0.5 });
  assertEquals(readTyped("\\end", "\r\n"), { kind: "end" });
  assertEquals(readTyped("\\?", "\r\n"), { kind: "help" });
  assertEquals(readTyped("a", "\n"), { kind: "bytes", bytes: bytesOf("a\n") });
});

Deno.test("showLines() shows line ends and controls, one line each, and bytes that are no text as numbers", () => {
  assertEquals(showLines(bytesOf("a\r\nb\n\nc é\x1b[2J\\")), ["a\\r\\n", "b\\n", "\\n", "c é\\x1b[2J\\\\"]);
  assertEquals(showLines(Uint8Array.of(0x61, 0xff, 0x00, 0x0a)), ["a\\xff\\x00\\n"]);
  assertEquals(showLines(new Uint8Array()), []);
});

Deno.test("unescape() reads what showLines() shows", () => {
  const all = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  assertEquals(unescape(showLines(all).join("")), all);
});
