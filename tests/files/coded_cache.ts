/** A cache on a folder, for tests of content codings. */

import { assert, assertEquals } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type FileCache, type FileCacheOptions } from "../../src/files/cache.ts";
import type { Later } from "../../src/files/codings.ts";
import type { Resource } from "../../src/files/resource.ts";
import type { Coding } from "../../src/http/semantics/coding.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { makeCache } from "./cached.ts";
import { filePathBelow } from "../../src/files/file_path.ts";
import { type Folder, WatchedDisk, withFolder } from "./folder.ts";

export const KIB = 1024;

/** Text of `length` bytes that codings make shorter. */
export function text(length: number, word = "entry"): string {
  const line = (index: number) => `<li>${word} ${index} of ${index * 7919 % 1000}\n`;
  return Array.from({ length: Math.ceil(length / 20) }, (_, index) => line(index)).join("").slice(0, length);
}

export interface Stage {
  readonly folder: Folder;
  readonly clock: VirtualClock;
  readonly disk: WatchedDisk;
  readonly cache: FileCache;
  open(name: string): Resource;
  form(base: Resource, coding?: Coding): Resource | Later | null;
}

/** A cache on a folder in which each file is an hour old. */
export async function withCache(
  options: Partial<FileCacheOptions>,
  test: (stage: Stage) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const clock = new VirtualClock(Date.now() + 3_600_000);
    const disk = new WatchedDisk();
    const cache = makeCache({ clock, disk, ...options });
    const open = (name: string) => {
      const found = cache.find(filePathBelow({ root: folder.root, dotFiles: "hidden" }, [name]), clock.now());
      assert(found.kind === "file");
      return found;
    };
    const form: Stage["form"] = (base, coding = "br") => {
      return cache.codings.find(base, coding, { nowMs: clock.now(), isRequired: false });
    };
    await test({ folder, clock, disk, cache, open, form });
    cache.close();
    await turn();
    assertEquals(disk.openFiles, 0);
  });
}

/** Both are one object. */
export function assertSame(actual: unknown, expected: unknown): void {
  assert(actual === expected, "two objects");
}

/** Closes what was found, and returns it. */
export function used(found: Resource | Later | null): Resource {
  assert(found?.kind === "file", `${found?.kind}`);
  found.close();
  return found;
}

/** The content of a resource in memory, and without its coding. */
export function decoded(resource: Resource): string {
  const bytes = resource.read(0)!;
  return new TextDecoder().decode(resource.coding === "br" ? brotliDecompressSync(bytes) : gunzipSync(bytes));
}
