/** Which files stay in memory when it is full: those with the most uses per byte. And the bounds, for any requests. */

import { assert, assertEquals } from "@std/assert";
import type { FileCache } from "../../src/files/cache.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { findIn, makeCache } from "./cached.ts";
import fc from "../fast_check.ts";
import { bottomlessDisk } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const KIB = 1024;
const SMALL = 16 * KIB;
const LARGE = 250 * KIB;

/** Files from `LARGE_FROM` on are large ones. */
const LARGE_FROM = 1000;

/** Room for forty small files, and the entries of as many open ones. */
const MEMORY = 960 * KIB;

class Cached {
  readonly #opened: readonly string[];
  readonly cache: FileCache;

  constructor(bytesMax: number, openFilesMax = 40) {
    const { disk, opened } = bottomlessDisk((path) => numberIn(path) < LARGE_FROM ? SMALL : LARGE);
    this.#opened = opened;
    this.cache = makeCache({ disk, clock: new VirtualClock(3_600_000), media: {}, bytesMax, openFilesMax });
  }

  /** Uses files one after the other, and this so often. */
  use(files: readonly number[], times = 1): void {
    for (let time = 0; time < times; time++) for (const file of files) this.#find(file);
  }

  /** Those of `files` that are in memory. */
  inMemory(files: readonly number[]): number[] {
    return files.filter((file) => this.#find(file));
  }

  get opened(): number {
    return this.#opened.length;
  }

  #find(file: number): boolean {
    const found = findIn(this.cache, "/srv", [String(file)]);
    assert(typeof found !== "string");
    found.close();
    return !found.isOpen;
  }
}

function numberIn(path: string): number {
  return Number(path.slice(path.lastIndexOf("/") + 1));
}

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, index) => first + index);
}

Deno.test("a large file that is used more per byte than small ones gets their place, although it came last", () => {
  const cached = new Cached(MEMORY);
  const small = range(0, 60); // More than fit.
  cached.use(small, 4);
  cached.use([LARGE_FROM], 4);
  assertEquals(cached.inMemory([LARGE_FROM]), [], "as many uses as a small file, but 13 times the bytes");
  cached.use([LARGE_FROM], 5_000);
  assertEquals(cached.inMemory([LARGE_FROM]), [LARGE_FROM]);
  cached.cache.close();
});

Deno.test("small files that are used as often as a large one get its place", () => {
  const cached = new Cached(LARGE + 24 * KIB);
  cached.use([LARGE_FROM], 3);
  assertEquals(cached.inMemory([LARGE_FROM]), [LARGE_FROM]);
  cached.use(range(0, 5), 3);
  assertEquals(cached.inMemory([...range(0, 5), LARGE_FROM]), range(0, 5));
  cached.cache.close();
});

Deno.test("files that are used once, such as by a crawler, take no place from those that are used again", () => {
  const cached = new Cached(MEMORY);
  const popular = range(0, 30);
  cached.use(popular, 20);
  for (const stranger of range(100, 400)) {
    cached.use([stranger]);
    cached.use(popular);
  }
  const before = cached.opened;
  cached.use(popular);
  assertEquals([cached.opened - before, cached.inMemory(popular)], [0, popular]);
  cached.cache.close();
});

Deno.test("files that were popular leave when others are", () => {
  const cached = new Cached(MEMORY);
  const [before, after] = [range(0, 30), range(100, 130)];
  cached.use(before, 100_000);
  cached.use(after, 2_000);
  const kept = cached.inMemory(after).length;
  assert(kept > 20, `${kept} of 30`);
  cached.cache.close();
});

Deno.test("files that are used equally do not take turns in memory", () => {
  const cached = new Cached(MEMORY);
  const all = range(0, 60);
  cached.use(all, 50);
  const before = cached.opened;
  cached.use(all, 50);
  assert(cached.opened - before < 60, `${cached.opened - before} of 3000 requests opened a file`);
  cached.cache.close();
});

Deno.test("any requests leave the cache within its bounds, and every file is found", () => {
  const file = fc.oneof(fc.nat(30), fc.nat(5).map((number) => LARGE_FROM + number));
  fc.assert(fc.property(fc.array(file, { maxLength: 300 }), fc.constantFrom(5, 60, 500), (files, maxKiB) => {
    const cached = new Cached(maxKiB * KIB, 7);
    for (const each of files) {
      cached.use([each]);
      const { bytes, openFiles } = cached.cache.usage;
      assert(bytes >= 0 && bytes <= maxKiB * KIB && openFiles <= 7, `${bytes} bytes, ${openFiles} files`);
    }
    cached.cache.close();
    assertEquals(cached.cache.usage, { bytes: 0, files: 0, openFiles: 0 });
  }));
});
