/** Served files, from disk and from memory: type, validators and bytes. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { OpenFile } from "../../src/files/disk.ts";
import type { Representation } from "../../src/files/representation.ts";
import { fromDisk, fromMemory, HEAD_ROOM, type ServedFile } from "../../src/files/served_file.ts";
import type { Piece } from "../../src/http/response.ts";
import { SOME_WALL_MS } from "../virtual_clock.ts";

const CONTENT = new TextEncoder().encode("0123456789");
const HOUR_MS = 3_600_000;
const EARLIER_MS = SOME_WALL_MS - HOUR_MS;

interface FakeFile extends OpenFile {
  isClosed: boolean;
}

/** An open file with this content. */
function fileOf(bytes: Uint8Array): FakeFile {
  return {
    isClosed: false,
    stat: () => {
      throw new Error("not needed");
    },
    readAt(position, into) {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    },
    close() {
      this.isClosed = true;
    },
  };
}

function opened(
  bytes: Uint8Array,
  modifiedMs: number | null = EARLIER_MS,
): Representation & { readonly file: FakeFile } {
  return {
    file: fileOf(bytes),
    length: bytes.length,
    modifiedMs,
    info: {} as Deno.FileInfo,
    place: { root: "/r", file: "/r/f" },
  };
}

/** The file from disk and from memory. Both must behave the same. */
function servedBothWays(bytes: Uint8Array, name: string, modifiedMs?: number | null): [string, ServedFile][] {
  const representation = opened(bytes, modifiedMs);
  return [
    ["from disk", fromDisk(representation, name, {}, SOME_WALL_MS)],
    ["from memory", fromMemory(representation, withRoom(bytes), name, {}, SOME_WALL_MS)],
  ];
}

function textOf(piece: Piece): string {
  if (piece instanceof Uint8Array) return new TextDecoder().decode(piece);
  const into = new Uint8Array(piece.length);
  assertEquals(piece.source.readAt(piece.position, into), piece.length);
  return new TextDecoder().decode(into);
}

/** Reads the file like the cache. */
function withRoom(bytes: Uint8Array): Uint8Array {
  const memory = new Uint8Array(HEAD_ROOM + bytes.length);
  memory.set(bytes, HEAD_ROOM);
  return memory;
}

Deno.test("a served file has its length, the type of its name, and its time in whole seconds", () => {
  for (const [way, served] of servedBothWays(CONTENT, "a.html")) {
    assertEquals([served.length, served.type], [10, "text/html; charset=utf-8"], way);
    assertEquals(served.lastModified, "Sat, 21 Nov 2026 12:14:15 GMT", way);
    assertEquals(served.validator.modifiedMs, EARLIER_MS - 678, way);
  }
});

Deno.test("a served file has the type of its content if the name has no known extension", () => {
  for (const [way, served] of servedBothWays(CONTENT, "README")) {
    assertEquals(served.type, "text/plain; charset=utf-8", way);
  }
  for (const [way, served] of servedBothWays(new Uint8Array(1000), "core")) {
    assertEquals(served.type, "application/octet-stream", way);
  }
});

Deno.test("slice() returns parts of a served file, and the whole", () => {
  for (const [way, served] of servedBothWays(CONTENT, "a.txt")) {
    assertEquals([textOf(served.slice(0, 10)), textOf(served.slice(3, 4))], ["0123456789", "3456"], way);
    assertEquals([served.slice(9, 1).length, textOf(served.slice(9, 1))], [1, "9"], way);
  }
});

Deno.test("a served file may be empty", () => {
  for (const [way, served] of servedBothWays(new Uint8Array(0), "empty.txt")) {
    assertEquals([served.length, served.slice(0, 0).length], [0, 0], way);
  }
});

Deno.test("an entity tag is strong, in quotation marks, and the same from disk and from memory", () => {
  const [disk, memory] = servedBothWays(CONTENT, "a.txt").map(([, { validator }]) => validator.etag);
  assertEquals(disk, memory);
  assertMatch(disk!, /^"[\x21\x23-\x7e]+"$/);
});

Deno.test("an entity tag changes with the size, and with the time to the millisecond", () => {
  const tag = (bytes: Uint8Array, modifiedMs: number) => servedBothWays(bytes, "a", modifiedMs)[0]![1].validator.etag;
  const tags = new Set([
    tag(CONTENT, EARLIER_MS),
    tag(CONTENT, EARLIER_MS + 1),
    tag(CONTENT.subarray(1), EARLIER_MS),
    tag(new Uint8Array(0), EARLIER_MS),
    tag(CONTENT, -EARLIER_MS),
    tag(CONTENT, 0),
  ]);
  assertEquals(tags.size, 6);
});

Deno.test("an entity tag does not change with time, even for a file from the future", () => {
  const later = opened(CONTENT, SOME_WALL_MS + HOUR_MS);
  const [now, soon] = [0, 5000].map((ms) => fromDisk(later, "a", {}, SOME_WALL_MS + ms).validator.etag);
  assertEquals(now, soon);
});

Deno.test("Last-Modified is never in the future", () => {
  for (const [way, served] of servedBothWays(CONTENT, "a.txt", SOME_WALL_MS + HOUR_MS)) {
    assertEquals(served.lastModified, "Sat, 21 Nov 2026 13:14:15 GMT", way);
    assert(served.validator.modifiedMs <= SOME_WALL_MS, way);
  }
});

Deno.test("a time before 1970 is valid", () => {
  const [[, served]] = servedBothWays(CONTENT, "a.txt", Date.UTC(1969, 6, 20, 20, 17, 40, 500)) as [
    [string, ServedFile],
  ];
  assertEquals(served.lastModified, "Sun, 20 Jul 1969 20:17:40 GMT");
});

Deno.test("close() of a served file closes its open file, if it has one", () => {
  const disk = opened(CONTENT);
  fromDisk(disk, "a.txt", {}, SOME_WALL_MS).close();
  const memory = opened(CONTENT);
  fromMemory(memory, withRoom(CONTENT), "a.txt", {}, SOME_WALL_MS).close();
  assertEquals([disk.file.isClosed, memory.file.isClosed], [true, false]);
});

Deno.test("a served file has a weak tag for 50 ms after a change, which differs from its later tag (RFC 9110, 8.8.1)", () => {
  const tagAfter = (ms: number) => fromDisk(opened(CONTENT, SOME_WALL_MS), "a", {}, SOME_WALL_MS + ms).validator.etag;
  const settled = tagAfter(50);
  assertEquals([settled.startsWith('"'), tagAfter(HOUR_MS)], [true, settled]);
  for (const ms of [0, 49]) {
    assertEquals([tagAfter(ms).startsWith('W/"'), tagAfter(ms) === `W/${settled}`], [true, false], `${ms} ms`);
  }
  assertEquals(tagAfter(-HOUR_MS).startsWith('"'), true); // A time in the future is not a recent change.
});
