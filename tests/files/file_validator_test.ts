/** Validators of a file: entity tag and time, and when they distinguish all states of the file. */

import { assertEquals, assertMatch } from "@std/assert";
import type { FileState } from "../../src/files/disk.ts";
import { entityTag, isSettled, modification } from "../../src/files/file_validator.ts";
import { SOME_WALL_MS } from "../virtual_clock.ts";

const HOUR_MS = 3_600_000;
const GIBIBYTE = 2 ** 30;

/** A file of ten bytes that was changed an hour ago, modified by `changes`. Times are in milliseconds; `null`: none. */
function stateOf(changes: Partial<Record<"size" | "mtime" | "ctime" | "ino", number | null>> = {}): FileState {
  const { size, mtime, ctime, ino } = {
    size: 10,
    mtime: SOME_WALL_MS - HOUR_MS,
    ctime: SOME_WALL_MS - HOUR_MS,
    ino: 7,
    ...changes,
  };
  const date = (ms: number | null) => ms === null ? null : new Date(ms);
  return { isFile: true, isDirectory: false, size: size ?? 0, mtime: date(mtime), ctime: date(ctime), dev: 1, ino };
}

const tagOf = (state: FileState, nowMs = SOME_WALL_MS) => entityTag(state, nowMs);

Deno.test("entityTag() returns a strong tag that does not change with time", () => {
  assertMatch(tagOf(stateOf()), /^"[0-9a-f]{16}"$/);
  assertEquals(tagOf(stateOf()), tagOf(stateOf(), SOME_WALL_MS + HOUR_MS));
});

Deno.test("entityTag() returns another tag if size, mtime, ctime or inode differ", () => {
  const ago = SOME_WALL_MS - HOUR_MS;
  const states = [
    {},
    { size: 11 },
    { mtime: ago + 1 },
    { mtime: -ago },
    { mtime: null },
    { mtime: SOME_WALL_MS + HOUR_MS },
    { ctime: ago - 1000 },
    { ctime: null },
    { ino: 8 },
    { ino: null },
  ];
  const tags = new Set(states.map((changes) => tagOf(stateOf(changes))));
  assertEquals([...tags].filter((tag) => !tag.startsWith('"')), []);
  assertEquals(tags.size, states.length);
});

Deno.test("entityTag() reveals neither inode nor times", () => {
  const tag = tagOf(stateOf({ ino: 2_155_419 }));
  for (const hidden of [(2_155_419).toString(16), "2155419", (SOME_WALL_MS - HOUR_MS).toString(16)]) {
    assertEquals(tag.includes(hidden), false, hidden);
  }
});

Deno.test("entityTag() returns a weak tag until the state is settled, which differs from the later one", () => {
  const fresh = stateOf({ mtime: SOME_WALL_MS, ctime: SOME_WALL_MS });
  const tags = [1, 50, 2500].map((ms) => tagOf(fresh, SOME_WALL_MS + ms));
  for (const tag of tags) assertMatch(tag, /^W\/"[0-9a-f]{16}-"$/);
  const settled = tagOf(fresh, SOME_WALL_MS + 2502);
  assertMatch(settled, /^"[0-9a-f]{16}"$/);
  assertEquals(new Set([...tags, `W/${settled}`]).size, 2);
});

Deno.test("entityTag() returns another weak tag at each call while the content may change under the same state", () => {
  const large = { size: GIBIBYTE, mtime: SOME_WALL_MS, ctime: SOME_WALL_MS };
  const ahead = { mtime: SOME_WALL_MS + HOUR_MS, ctime: SOME_WALL_MS + HOUR_MS };
  for (const state of [large, ahead, { mtime: null, ctime: null }].map(stateOf)) {
    const tags = [0, 1, 1000, 50_000].map((ms) => tagOf(state, SOME_WALL_MS + ms));
    for (const tag of tags) assertMatch(tag, /^W\/"[0-9a-f]{16}-[0-9a-z]+"$/);
    assertEquals(new Set(tags).size, 4);
  }
  assertMatch(tagOf(stateOf(large), SOME_WALL_MS + 54_000), /-"$/);
});

Deno.test("isSettled() counts from the last change, even if the mtime was set", () => {
  const year = 365 * 24 * HOUR_MS;
  const settled = (changes: Parameters<typeof stateOf>[0]) => isSettled(stateOf(changes), SOME_WALL_MS);
  assertEquals(settled({ mtime: SOME_WALL_MS - year, ctime: SOME_WALL_MS - 1000 }), false, "set back just now");
  assertEquals(settled({ mtime: SOME_WALL_MS + year, ctime: SOME_WALL_MS - 1000 }), false, "set ahead just now");
  assertEquals(settled({ mtime: SOME_WALL_MS + year }), true, "set ahead an hour ago");
  assertEquals(settled({ mtime: NaN }), true, "set to no time an hour ago");
  assertEquals(settled({ mtime: SOME_WALL_MS - 1000 }), false, "where the time of change is another one");
});

Deno.test("isSettled() uses the only known time, and is never true without one", () => {
  const settled = (changes: Parameters<typeof stateOf>[0]) => isSettled(stateOf(changes), SOME_WALL_MS);
  assertEquals(settled({ ctime: null }), true);
  assertEquals(settled({ ctime: null, mtime: SOME_WALL_MS - 1000 }), false);
  assertEquals(settled({ ctime: null, mtime: SOME_WALL_MS + HOUR_MS }), false);
  assertEquals(settled({ mtime: null }), true);
  assertEquals(settled({ mtime: null, ctime: SOME_WALL_MS - 1000 }), false);
  assertEquals(settled({ mtime: null, ctime: null }), false);
});

Deno.test("isSettled() is false if the clock is earlier than the change", () => {
  const ahead = stateOf({ mtime: SOME_WALL_MS + HOUR_MS, ctime: SOME_WALL_MS + HOUR_MS });
  assertEquals([isSettled(ahead, SOME_WALL_MS), isSettled(ahead, SOME_WALL_MS + 2 * HOUR_MS)], [false, true]);
});

Deno.test("isSettled() waits as long as one write may take, in proportion to the size", () => {
  const settledAfter = (size: number, seconds: number) => {
    return isSettled(stateOf({ size, mtime: SOME_WALL_MS, ctime: SOME_WALL_MS }), SOME_WALL_MS + seconds * 1000);
  };
  assertEquals([settledAfter(1_000_000, 2.5), settledAfter(1_000_000, 2.6)], [false, true]);
  assertEquals([settledAfter(1.2 * GIBIBYTE, 60), settledAfter(1.2 * GIBIBYTE, 70)], [false, true]);
  // One write has at most 2 GiB, so larger files do not wait longer.
  assertEquals([settledAfter(100 * GIBIBYTE, 109), settledAfter(100 * GIBIBYTE, 110)], [false, true]);
});

Deno.test("modification() returns whole seconds, and null for a time that an HTTP date cannot express", () => {
  const modified = (mtime: number | null) => modification(stateOf({ mtime }))?.ms ?? null;
  assertEquals([modified(1999), modified(-1), modified(0)], [1000, -1000, 0]);
  assertEquals([null, NaN, 8_640_000_000_001_000, Date.UTC(10_000, 0), Date.UTC(-1, 0)].map(modified), [
    null,
    null,
    null,
    null,
    null,
  ]);
});
