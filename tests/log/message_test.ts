/** Messages as lines: text for people, JSON for programs, without control characters in both. */

import { assertEquals, assertMatch } from "@std/assert";
import { formatMessage, type Message, messageOf } from "../../src/log/message.ts";

const WALL_MS = Date.UTC(2026, 10, 1, 3, 4, 5, 678);

function text(message: Partial<Message>): string {
  return formatMessage({ level: "info", event: "reload", message: "", ...message }, { json: false, wallMs: WALL_MS });
}

function json(message: Partial<Message>): string {
  return formatMessage({ level: "info", event: "reload", message: "", ...message }, { json: true, wallMs: WALL_MS });
}

Deno.test("formatMessage() begins with the program's name, and marks a warning", () => {
  assertEquals(text({ message: "reloaded" }), "sweepd: reloaded\n");
  assertEquals(text({ level: "error", message: "cannot" }), "sweepd: cannot\n");
  assertEquals(text({ level: "warning", message: "odd" }), "sweepd: warning: odd\n");
});

Deno.test("formatMessage() writes JSON with time, level, event and message, then the other members", () => {
  assertEquals(
    json({ level: "warning", message: "odd", fields: { pid: 1 } }),
    '{"time":"2026-11-01T03:04:05.678Z","level":"warning","event":"reload","message":"odd","pid":1}\n',
  );
});

Deno.test("messageOf() keeps the position of a diagnostic, before the text and as members of JSON", () => {
  const message = messageOf({ file: "web.conf", line: 3, column: 11, severity: "error", message: "what is wrong" });
  assertEquals(text(message), "web.conf:3:11: error: what is wrong\n");
  const { time: _, ...rest } = JSON.parse(json(message));
  assertEquals(rest, {
    level: "error",
    event: "configuration",
    message: "what is wrong",
    file: "web.conf",
    line: 3,
    column: 11,
  });
});

Deno.test("formatMessage() always writes one line without control characters", () => {
  for (const steering of ["\n", "\r", "\x1b[31m", "\x9b31m", "\x7f", "\0", "\u2028"]) {
    const message = `before${steering}sweepd: after`;
    assertEquals(text({ message }).split("\n").length, 2, JSON.stringify(message));
    assertMatch(json({ message }), /^[^\p{Cc}\u2028]+\n$/u);
    assertEquals(JSON.parse(json({ message })).message, message);
  }
  assertMatch(text({ message: "\x1b[31m" }), /^[^\p{Cc}]+\n$/u);
});

Deno.test("formatMessage() does not change the stack of an internal error", () => {
  const stack = "Error: no\n    at f (file:///a.ts:1:2)\n    at g (file:///b.ts:3:4)";
  assertEquals(text({ message: stack }), `sweepd: ${stack}\n`);
});

Deno.test("formatMessage() limits the length of a message", () => {
  const message = "x".repeat(1_000_000);
  assertEquals([text({ message }).length < 5000, json({ message }).length < 5000], [true, true]);
});
