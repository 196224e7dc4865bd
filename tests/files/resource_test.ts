/** Served files, from disk and from memory: type, validators and bytes. */

import { assertEquals, assertThrows } from "@std/assert";
import type { OpenFile } from "../../src/files/disk.ts";
import type { OpenedFile } from "../../src/files/look_up.ts";
import { entityTag } from "../../src/files/file_validator.ts";
import { HEAD_SPACE_BYTES, type Resource, resourceOf } from "../../src/files/resource.ts";
import { NO_ADDITIONS } from "../../src/http/additions.ts";
import { type Piece, textResponse } from "../../src/http/response.ts";
import { SOME_WALL_MS } from "../virtual_clock.ts";

/** As a host without settings sends files. */
const PLAIN = { media: {}, charset: "utf-8", additions: NO_ADDITIONS };

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

function opened(bytes: Uint8Array, modifiedMs = EARLIER_MS): OpenedFile & { readonly file: FakeFile } {
  const mtime = new Date(modifiedMs);
  return {
    kind: "file",
    file: fileOf(bytes),
    length: bytes.length,
    info: { isFile: true, isDirectory: false, size: bytes.length, mtime, ctime: new Date(EARLIER_MS), dev: 1, ino: 2 },
    place: { root: "/r", path: "/r/f" },
    folder: null,
  };
}

/** The file from disk and from memory. Both must behave the same. */
function servedBothWays(bytes: Uint8Array, name: string, modifiedMs?: number): [string, Resource][] {
  const representation = opened(bytes, modifiedMs);
  return [
    ["from disk", resourceOf(representation, { name, ...PLAIN, nowMs: SOME_WALL_MS, memory: null })],
    ["from memory", resourceOf(representation, { name, ...PLAIN, nowMs: SOME_WALL_MS, memory: withRoom(bytes) })],
  ];
}

function textOf(piece: Piece): string {
  if (piece instanceof Uint8Array) return new TextDecoder().decode(piece);
  const into = new Uint8Array(piece.length);
  assertEquals(piece.source.readAt(piece.position, into), piece.length);
  return new TextDecoder().decode(into);
}

/** Reads the file like the cache. */
function withRoom(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(HEAD_SPACE_BYTES + bytes.length);
  memory.set(bytes, HEAD_SPACE_BYTES);
  return memory;
}

Deno.test("a resource has its length, the type of its name, and its time in whole seconds", () => {
  for (const [way, served] of servedBothWays(CONTENT, "a.html")) {
    assertEquals([served.length, served.type], [10, "text/html; charset=utf-8"], way);
    assertEquals(served.lastModified?.text, "Sat, 21 Nov 2026 12:14:15 GMT", way);
    assertEquals(served.validator.modifiedMs, EARLIER_MS - 678, way);
  }
});

Deno.test("a resource has the type of its content if the name has no known extension", () => {
  for (const [way, served] of servedBothWays(CONTENT, "README")) {
    assertEquals(served.type, "text/plain; charset=utf-8", way);
  }
  for (const [way, served] of servedBothWays(new Uint8Array(1000), "core")) {
    assertEquals(served.type, "application/octet-stream", way);
  }
});

Deno.test("slice() returns parts of a resource, and the whole", () => {
  for (const [way, served] of servedBothWays(CONTENT, "a.txt")) {
    assertEquals([textOf(served.slice(0, 10)), textOf(served.slice(3, 4))], ["0123456789", "3456"], way);
    assertEquals([served.slice(9, 1).length, textOf(served.slice(9, 1))], [1, "9"], way);
  }
});

Deno.test("a resource may be empty", () => {
  for (const [way, served] of servedBothWays(new Uint8Array(0), "empty.txt")) {
    assertEquals([served.length, served.slice(0, 0).length], [0, 0], way);
  }
});

Deno.test("a resource has the validators of its state, from disk and from memory", () => {
  for (const [way, served] of servedBothWays(CONTENT, "a.txt")) {
    const etag = entityTag(opened(CONTENT).info, SOME_WALL_MS);
    assertEquals(served.validator, { etag, modifiedMs: EARLIER_MS - 678 }, way);
  }
});

Deno.test("a resource without a time has no Last-Modified", () => {
  for (const [way, served] of servedBothWays(CONTENT, "a.txt", NaN)) {
    assertEquals([served.lastModified, served.validator.modifiedMs], [null, null], way);
  }
});

Deno.test("close() of a resource closes its open file, if it has one", () => {
  const disk = opened(CONTENT);
  resourceOf(disk, { name: "a.txt", ...PLAIN, nowMs: SOME_WALL_MS, memory: null }).close();
  const memory = opened(CONTENT);
  resourceOf(memory, { name: "a.txt", ...PLAIN, nowMs: SOME_WALL_MS, memory: withRoom(CONTENT) }).close();
  assertEquals([disk.file.isClosed, memory.file.isClosed], [true, false]);
});

Deno.test("the last close() of a resource in memory frees its content, although a route may remember the resource", () => {
  const options = { name: "a.txt", ...PLAIN, nowMs: SOME_WALL_MS, memory: withRoom(CONTENT) };
  const resource = resourceOf(opened(CONTENT), options);
  resource.hold();
  resource.whole = resource.unchanged = textResponse("stands for an answer with the content");
  resource.close();
  assertEquals(resource.slice(0, 10).length, 10);
  resource.close();
  assertEquals([resource.whole, resource.unchanged, resource.claim(1)], [null, null, null]);
  assertThrows(() => textOf(resource.slice(0, 10)));
});
