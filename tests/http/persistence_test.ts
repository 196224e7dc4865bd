/** Whether a request wants its connection to persist. */

import { assertEquals } from "@std/assert";
import { keepAliveSeconds, wantsToPersist } from "../../src/http/h1/persistence.ts";
import { headOf } from "./heads.ts";

function wants(version: string, ...lines: string[]): boolean {
  return wantsToPersist(headOf(lines, `GET / HTTP/${version}`));
}

Deno.test("wantsToPersist() accepts keep-alive in any letter case, alone and with other options", () => {
  for (const line of ["Connection: keep-alive", "Connection: KEEP-Alive", "Connection: x, keep-alive"]) {
    assertEquals([wants("1.0", line), wants("1.1", line)], [true, true], line);
  }
  assertEquals(wants("1.0", "Connection: keep-alivE2"), false);
});

Deno.test("wantsToPersist() is false if any option is close", () => {
  assertEquals(wants("1.1", "Connection: keep-alive", "Connection: close"), false);
  assertEquals(wants("1.0", "Connection: close, keep-alive"), false);
});

Deno.test("keepAliveSeconds() is a second less than the connection is kept, in whole seconds", () => {
  const seconds = [5000, 5900, 60_000, 2000, 86_400_000].map(keepAliveSeconds);
  assertEquals(seconds, [4, 4, 59, 1, 86_399]);
});

Deno.test("keepAliveSeconds() is null if less than a second is left, or if the connection is kept for ever", () => {
  assertEquals([1999, 1000, 500, 0, Infinity].map(keepAliveSeconds), [null, null, null, null, null]);
});
