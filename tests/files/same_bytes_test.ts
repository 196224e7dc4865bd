/** The comparison of an open file with bytes in memory. */

import { assertEquals } from "@std/assert";
import { beginsWith } from "../../src/files/same_bytes.ts";

const LENGTH = 200 * 1024;

/** A file whose reads return at most `most` bytes. */
function fileOf(content: Uint8Array, most = Infinity) {
  return {
    readAt(position: number, into: Uint8Array): number {
      const read = content.subarray(position, position + Math.min(into.length, most));
      into.set(read);
      return read.length;
    },
  };
}

function bytes(): Uint8Array {
  return Uint8Array.from({ length: LENGTH }, (_, at) => at % 251);
}

Deno.test("beginsWith() compares all bytes, in reads of any length", () => {
  for (const most of [Infinity, 1000, 7]) {
    assertEquals(beginsWith(fileOf(bytes(), most), bytes()), true);
    for (const changedAt of [0, 65_536, LENGTH - 1]) {
      const changed = bytes();
      changed[changedAt]!++;
      assertEquals(beginsWith(fileOf(changed, most), bytes()), false);
    }
  }
});

Deno.test("beginsWith() is false for a shorter file, and reads nothing for no bytes", () => {
  assertEquals(beginsWith(fileOf(bytes().subarray(0, LENGTH - 1)), bytes()), false);
  assertEquals(beginsWith(fileOf(new Uint8Array()), new Uint8Array()), true);
});
