/** Heads of responses: their lines, and a correct Date. */

import { assertEquals } from "@std/assert";
import { dateValue } from "../../src/http/date.ts";
import type { ConnectionOption } from "../../src/http/h1/persistence.ts";
import { errorResponse, NO_CONTENT } from "../../src/http/response.ts";
import { DateField, HeadWriter } from "../../src/http/h1/head_writer.ts";
import { StoppedClock } from "./conversation.ts";

Deno.test("HeadWriter.write() puts Date and Server first, then the fields, then length and Connection", () => {
  const clock = new StoppedClock();
  const response = errorResponse(405, [["Allow", "GET"]]);
  assertEquals(new HeadWriter(clock, "test").write(response, "close", clock.now()).split("\r\n"), [
    "HTTP/1.1 405 Method Not Allowed",
    "Date: Sun, 06 Nov 1994 08:49:37 GMT",
    "Server: test",
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: no-cache",
    "Allow: GET",
    `Content-Length: ${response.content.length}`,
    "Connection: close",
    "",
    "",
  ]);
});

Deno.test("HeadWriter.write() writes no Content-Length for 304, because it would be that of the representation (RFC 9110, 8.6)", () => {
  const text = new HeadWriter(new StoppedClock(), "test").write(
    { status: 304, fields: [], content: NO_CONTENT },
    null,
    0,
  );
  assertEquals(text.includes("Content-Length"), false);
});

Deno.test("HeadWriter.write() writes no Content-Length for 204, which has no content (RFC 9110, 8.6)", () => {
  const text = new HeadWriter(new StoppedClock(), "test").write(
    { status: 204, fields: [], content: NO_CONTENT },
    null,
    0,
  );
  assertEquals([text.includes("Content-Length"), text.startsWith("HTTP/1.1 204 No Content\r\n")], [false, true]);
});

Deno.test("HeadWriter.write() puts the response's own name of the server in place of its own, or none", () => {
  const lines = (serverName: string) => {
    const response = { status: 200, fields: [], content: NO_CONTENT, serverName } as const;
    return new HeadWriter(new StoppedClock(), "test").write(response, null, 0).match(/Server.*/g);
  };
  assertEquals([lines("other"), lines("")], [["Server: other"], null]);
});

/** The lines of a head that say what becomes of the connection. */
function connectionLines(option: ConnectionOption, idleMs?: number): string[] {
  const head = new HeadWriter(new StoppedClock(), "test", idleMs).write(errorResponse(404), option, 0);
  return head.split("\r\n").filter((line) => /^(?:connection|keep-alive):/i.test(line));
}

Deno.test("HeadWriter.write() says for how long a connection is kept, and names that field in Connection (RFC 9110, 7.6.1)", () => {
  const expected = ["Connection: keep-alive", "Keep-Alive: timeout=4"];
  assertEquals([connectionLines(null, 5000), connectionLines("keep-alive", 5000)], [expected, expected]);
  assertEquals(connectionLines("close", 5000), ["Connection: close"]);
});

Deno.test("HeadWriter.write() names no time for a connection that is kept for ever, or too short for one", () => {
  for (const idleMs of [undefined, Infinity, 1000]) {
    assertEquals([connectionLines(null, idleMs), connectionLines("keep-alive", idleMs)], [[], [
      "Connection: keep-alive",
    ]]);
  }
});

/** Last-Modified and Date of a head. */
function datesOf(head: string): [lastModified: string | undefined, date: string | undefined] {
  return [/^Last-Modified: (.*)\r$/m.exec(head)?.[1], /^Date: (.*)\r$/m.exec(head)?.[1]];
}

Deno.test("HeadWriter.write() writes the time of modification, or Date if that is earlier (RFC 9110, 8.8.2.1)", () => {
  const clock = new StoppedClock();
  const heads = new HeadWriter(clock, "test");
  const lastModified = dateValue(clock.wall() + 2000)!;
  const response = { status: 200, fields: [], content: NO_CONTENT, lastModified } as const;
  for (let second = 0; second < 5; second++, clock.advance(1000)) {
    const [modified, date] = datesOf(heads.write(response, null, clock.now()));
    assertEquals(modified, second < 2 ? date : lastModified.text);
  }
});

Deno.test("HeadWriter.write() writes no Last-Modified if there is no time", () => {
  const clock = new StoppedClock();
  for (const lastModified of [null, undefined]) {
    const response = {
      status: 200,
      fields: [],
      content: NO_CONTENT,
      ...(lastModified === null && { lastModified }),
    } as const;
    assertEquals(datesOf(new HeadWriter(clock, "test").write(response, null, clock.now()))[0], undefined);
  }
});

Deno.test("HeadWriter.isLasting() is false before the time of modification", () => {
  const clock = new StoppedClock();
  const heads = new HeadWriter(clock, "test");
  const undated = { status: 200, fields: [], content: NO_CONTENT } as const;
  const dated = { ...undated, lastModified: dateValue(clock.wall() + 1000) };
  const lasting = () => [undated, dated].map((each) => heads.isLasting(each, clock.now()));
  assertEquals(lasting(), [true, false]);
  clock.advance(1000);
  assertEquals(lasting(), [true, true]);
  clock.setWallBy(-60_000);
  clock.advance(1000); // A changed clock is noticed within a second.
  assertEquals(lasting(), [true, false]);
});

Deno.test("DateField is right in every millisecond, and made once a second", () => {
  const clock = new StoppedClock();
  clock.setWallBy(123);
  const date = new DateField(clock);
  const values = new Set<string>();
  for (let passed = 0; passed < 5000; passed++, clock.advance(1)) {
    const value = date.valueAt(clock.now());
    values.add(value);
    assertEquals(value, new Date(clock.wall()).toUTCString());
    assertEquals(new Date(date.msAt(clock.now())).toUTCString(), value);
  }
  assertEquals(values.size, 6);
  assertEquals(date.bytesAt(clock.now()) === date.bytesAt(clock.now()), true);
});

Deno.test("DateField follows a clock that was set, back too, within a second", () => {
  const clock = new StoppedClock();
  const date = new DateField(clock);
  const values = [60_000, -2000, -1000].map((offset) => {
    clock.setWallBy(offset);
    clock.advance(1000);
    return date.valueAt(clock.now()).slice(17, 25);
  });
  assertEquals(values, ["08:50:38", "08:50:37", "08:50:37"]);
});
