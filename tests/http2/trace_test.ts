/**
 * The frames of HTTP/2 in the lines of `-d`.
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { FrameTrace } from "../../src/log/frames.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { ACK, data, END_STREAM, frame, get, ping, PREFACE, settings, windowUpdate } from "./wire.ts";

const readOf = (chunk: Uint8Array): ConnectionEvent => ({
  kind: "read",
  count: chunk.length,
  accumulated: chunk.length,
  chunk,
});
const writeOf = (chunk: Uint8Array): ConnectionEvent => ({ kind: "write", count: chunk.length, chunk });

const CLIENT = concat([
  PREFACE,
  settings([3, 1]),
  get(1),
  windowUpdate(0, 1),
  frame(0xee, 0, 3, new Uint8Array(2)),
  ping(),
]);
const EXPECTED = [
  "received SETTINGS with 6 bytes",
  `received HEADERS with ${get(1).length - 9} bytes on stream 1, END_STREAM END_HEADERS`,
  "received WINDOW_UPDATE with 4 bytes",
  "received type 238 with 2 bytes on stream 3",
  "received PING with 8 bytes",
];

for (const size of [1, 10, 1000]) {
  Deno.test(`-d names the frames in chunks of ${size} bytes`, () => {
    const trace = new FrameTrace();
    const lines: string[] = [];
    for (let at = 0; at < CLIENT.length; at += size) {
      lines.push(...trace.describe(readOf(CLIENT.subarray(at, at + size))));
    }
    assertEquals(lines, EXPECTED);
    const sent = concat([frame("SETTINGS", ACK, 0), data(1, "hello", END_STREAM)]);
    assertEquals(trace.describe(writeOf(sent)), [
      "sent SETTINGS with 0 bytes, ACK",
      "sent DATA with 5 bytes on stream 1, END_STREAM",
    ]);
  });
}

Deno.test("-d names no frames on a connection of HTTP/1.1", () => {
  const trace = new FrameTrace();
  assertEquals(trace.describe(readOf(new TextEncoder().encode("PRI * HTTP/1.1\r\nHost: a\r\n\r\n"))), []);
  assertEquals(trace.describe(writeOf(frame("SETTINGS", ACK, 0))), []);
});
