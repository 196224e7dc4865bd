/** Whether a request wants its connection to persist. */

import { assertEquals } from "@std/assert";
import { wantsToPersist } from "../../src/http/persistence.ts";
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
