/** Batches of several workers become one sequence of lines in order of time. */

import { assertEquals } from "@std/assert";
import fc from "../fast_check.ts";
import { LineMerger, type TimedLines } from "../../src/log/merger.ts";

function batch(...entries: readonly (readonly [time: number, line: string])[]): TimedLines {
  return {
    lines: new TextEncoder().encode(entries.map(([, line]) => `${line}\n`).join("")),
    times: Float64Array.from(entries, ([time]) => time),
  };
}

function textOf(parts: readonly Uint8Array[]): string {
  return parts.map((part) => new TextDecoder().decode(part)).join("");
}

Deno.test("take() brings the lines of several workers into order of time", () => {
  const merger = new LineMerger();
  merger.add(batch([1, "a1"], [4, "a4"], [9, "a9"]));
  merger.add(batch([2, "b2"], [5, "b5"]));
  merger.add(batch([3, "c3"]));
  assertEquals(textOf(merger.take()), "a1\nb2\nc3\na4\nb5\na9\n");
  assertEquals(merger.take(), []);
});

Deno.test("take() leaves the lines from its end on, and a later call returns them in order with new ones", () => {
  const merger = new LineMerger();
  merger.add(batch([1, "a1"], [5, "a5"], [7, "a7"]));
  merger.add(batch([5, "b5"]));
  assertEquals(textOf(merger.take(5)), "a1\n");
  assertEquals(merger.isEmpty, false);
  merger.add(batch([6, "c6"]));
  assertEquals(textOf(merger.take(7)), "a5\nb5\nc6\n");
  assertEquals(textOf(merger.take(7)), "");
  assertEquals(textOf(merger.take()), "a7\n");
  assertEquals(merger.isEmpty, true);
});

Deno.test("take() copies no batch that ends before the next one begins", () => {
  const merger = new LineMerger();
  const [first, second] = [batch([1, "a"], [2, "b"]), batch([2, "c"])];
  merger.add(second);
  merger.add(first);
  const parts = merger.take();
  assertEquals([parts[0] === first.lines, parts[1] === second.lines], [true, true]);
});

Deno.test("take() loses, alters and repeats no line of any batches, and keeps the order of each", () => {
  const entry = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.string().map((text) => text.replaceAll("\n", "")));
  const sorted = fc.array(entry, { minLength: 1, maxLength: 8 }).map((all) => all.toSorted(([a], [b]) => a - b));
  fc.assert(fc.property(fc.array(sorted, { maxLength: 5 }), (workers) => {
    const merger = new LineMerger();
    const numbered = workers.map((lines, worker) =>
      lines.map(([time, text]) => [time, `${time} ${worker} ${text}`] as const)
    );
    for (const lines of numbered) merger.add(batch(...lines));
    const merged = (textOf(merger.take(10)) + textOf(merger.take())).split("\n").slice(0, -1);
    const times = merged.map((line) => Number(line.split(" ")[0]));
    assertEquals(times, times.toSorted((a, b) => a - b));
    numbered.forEach((lines, worker) => {
      assertEquals(merged.filter((line) => line.split(" ")[1] === `${worker}`), lines.map(([, line]) => line));
    });
  }));
});
