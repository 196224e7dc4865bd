/** Large files that are kept open, and cached misses: calls to the disk, changes of files, and limits. */

import { assert, assertEquals } from "@std/assert";
import type { FileCache } from "../../src/files/cache.ts";
import type { Resource } from "../../src/files/resource.ts";
import { systemDisk } from "../../src/files/disk.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { findIn, makeCache } from "./cached.ts";
import { bottomlessDisk, type Folder, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const LARGE = 256 * 1024 + 1;
const TINY = 16 * 1024;

interface Cached {
  readonly cache: FileCache;
  readonly disk: WatchedDisk;
  readonly clock: VirtualClock;
}

/** A cache whose clock is an hour ahead, so that every file is old enough to be cached. */
function cacheOf(revalidateMs = 0): Cached {
  const disk = new WatchedDisk();
  const clock = new VirtualClock(Date.now() + 3_600_000);
  return { disk, clock, cache: makeCache({ disk, clock, media: {}, revalidateMs }) };
}

function find(cache: FileCache, { root }: Folder, name: string): Resource {
  const found = findIn(cache, root, [name]);
  assert(typeof found !== "string", `${name}: ${found}`);
  return found;
}

function firstLetter(file: Resource): string {
  const piece = file.slice(0, 1);
  assert(!(piece instanceof Uint8Array));
  const bytes = new Uint8Array(1);
  piece.source.readAt(piece.position, bytes);
  return new TextDecoder().decode(bytes);
}

Deno.test("find() opens a large file once for all readers", async () => {
  await withFolder((folder) => {
    folder.write("large", "a".repeat(LARGE));
    const { cache, disk } = cacheOf();
    const [one, two] = [find(cache, folder, "large"), find(cache, folder, "large")];
    assertEquals([one === two, disk.opened.length, disk.openFiles], [true, 1, 1]);
    one.close();
    assertEquals(firstLetter(two), "a");
    two.close();
    cache.close();
    assertEquals(disk.openFiles, 0);
  });
});

Deno.test("find() opens a large file again after a change, and readers of the old one can finish", async () => {
  await withFolder((folder) => {
    folder.write("large", "a".repeat(LARGE));
    const { cache, disk, clock } = cacheOf();
    const before = find(cache, folder, "large");
    Deno.removeSync(`${folder.root}/large`);
    folder.write("large", "b".repeat(LARGE));
    clock.advance(10_000);
    const after = find(cache, folder, "large");
    assertEquals([firstLetter(before), firstLetter(after), disk.openFiles], ["a", "b", 2]);
    before.close();
    assertEquals(disk.openFiles, 1);
    after.close();
    cache.close();
    assertEquals(disk.openFiles, 0);
  });
});

Deno.test("find() refuses an open large file if a folder above it has become a link out of the root", async () => {
  await withFolder((folder) => {
    folder.write("sub/large", "a".repeat(LARGE));
    const { cache, disk } = cacheOf();
    const found = findIn(cache, folder.root, ["sub", "large"]);
    assert(typeof found !== "string");
    found.close();
    Deno.renameSync(`${folder.root}/sub`, `${folder.outside}/sub`);
    folder.link("../outside/sub", "sub");
    assertEquals(findIn(cache, folder.root, ["sub", "large"]), "forbidden");
    assertEquals(disk.openFiles, 0);
  });
});

Deno.test("find() notices within a millisecond that an open file was rewritten in place", async () => {
  await withFolder((folder) => {
    folder.write("large", "a".repeat(LARGE));
    const { cache, clock } = cacheOf(60_000);
    const before = find(cache, folder, "large");
    before.close();
    folder.write("large", "b".repeat(LARGE + 1));
    clock.advance(1);
    const after = find(cache, folder, "large");
    assertEquals([after.length, firstLetter(after)], [LARGE + 1, "b"]);
    assertEquals(after.validator.etag === before.validator.etag, false);
    after.close();
    cache.close();
  });
});

Deno.test("find() checks an open file each time if revalidateMs is 0", async () => {
  await withFolder((folder) => {
    folder.write("large", "a".repeat(LARGE));
    const { cache } = cacheOf(0);
    find(cache, folder, "large").close();
    folder.write("large", "b".repeat(LARGE + 1));
    const after = find(cache, folder, "large");
    assertEquals(after.length, LARGE + 1);
    after.close();
    cache.close();
  });
});

Deno.test("find() follows a changed link of the root for files that are not cached", async () => {
  await withFolder((folder) => {
    folder.write("v1/a", "one");
    folder.write("v2/b", "two");
    folder.link("v1", "current");
    const { cache, clock } = cacheOf(100);
    const root = `${folder.root}/current`;
    const length = (name: string) => {
      const found = findIn(cache, root, [name]);
      return typeof found === "string" ? found : found.length;
    };
    assertEquals(length("a"), 3);
    clock.advance(60);
    Deno.removeSync(root);
    folder.link("v2", "current");
    assertEquals(length("b"), 3);
    clock.advance(40);
    assertEquals(length("a"), "absent");
  });
});

Deno.test("closeUnused() closes the files that have no reader", async () => {
  await withFolder((folder) => {
    for (const name of ["idle", "read"]) folder.write(name, "a".repeat(LARGE));
    const { cache, disk } = cacheOf();
    find(cache, folder, "idle").close();
    const reader = find(cache, folder, "read");
    assertEquals([cache.closeUnused(), disk.openFiles, cache.closeUnused()], [2, 1, 0]);
    reader.close();
    assertEquals(disk.openFiles, 0);
  });
});

Deno.test("closeIdle() closes a file fifteen seconds after its last use, when its last reader has finished", async () => {
  await withFolder((folder) => {
    folder.write("idle", "a".repeat(LARGE));
    folder.write("read", "b".repeat(LARGE));
    folder.write("used", "c".repeat(LARGE));
    const { cache, disk, clock } = cacheOf();
    find(cache, folder, "idle").close();
    const reader = find(cache, folder, "read");
    find(cache, folder, "used").close();
    clock.advance(14_500);
    find(cache, folder, "used").close();
    assertEquals(disk.openFiles, 3);
    clock.advance(1_500);
    assertEquals(disk.openFiles, 2);
    assertEquals(firstLetter(reader), "b");
    reader.close();
    assertEquals(disk.openFiles, 1);
    assertEquals(clock.pending, 1);
    clock.advance(16_000);
    assertEquals([disk.openFiles, clock.pending], [0, 0]);
    find(cache, folder, "idle").close();
    clock.advance(16_000);
    assertEquals([disk.openFiles, clock.pending], [0, 0]);
  });
});

Deno.test("find() keeps a limited number of files open, and closes files first that were used only once", () => {
  const { disk, opened } = bottomlessDisk(() => LARGE);
  const cache = makeCache({ disk, clock: new VirtualClock(3_600_000), openFilesMax: 100 });
  const use = (number: number) => {
    const found = findIn(cache, "/srv", [String(number)]);
    assert(typeof found !== "string");
    found.close();
  };
  for (let number = 0; number < 102; number++) {
    use(number);
    use(0);
  }
  assertEquals(disk.openFiles, 100);
  const before = opened.length;
  use(0);
  use(101);
  assertEquals(opened.length, before);
  use(1);
  assertEquals(opened.length, before + 1);
  cache.close();
  assertEquals(disk.openFiles, 0);
});

/** A cache with memory for a hundred small files, on a disk of files that are named by numbers. */
function fullCache(size: (path: string) => number) {
  const { disk, opened } = bottomlessDisk(size);
  const cache = makeCache({ disk, clock: new VirtualClock(3_600_000), media: {}, bytesMax: 101 * (TINY + 3072) });
  const use = (first: number, end: number) => {
    for (let number = first; number < end; number++) {
      const found = findIn(cache, "/srv", [String(number)]);
      assert(typeof found !== "string");
      found.close();
    }
  };
  return { cache, disk, opened, use };
}

Deno.test("find() keeps a small file open if all files in memory are in use", () => {
  const { cache, disk, opened, use } = fullCache(() => TINY);
  for (let times = 0; times < 4; times++) use(0, 150);
  const before = opened.length;
  for (let times = 0; times < 4; times++) use(0, 150);
  // Open files need memory for their entries, too, so a few more than fifty are open, and some have changed places.
  assert(disk.openFiles > 40 && disk.openFiles <= 64, `${disk.openFiles} open files`);
  assert(opened.length - before <= 20, `${opened.length - before} of 600 requests opened a file`);
  cache.close();
  assertEquals(disk.openFiles, 0);
});

Deno.test("find() keeps a small file open if open files use all memory", () => {
  const { disk } = bottomlessDisk((path) => path === "/srv/0" ? 1 : LARGE);
  const cache = makeCache({ disk, clock: new VirtualClock(3_600_000), media: {}, bytesMax: 8 * 1024 });
  for (let number = 1; number < 20; number++) findIn(cache, "/srv", [String(number)]);
  assert(typeof findIn(cache, "/srv", ["0"]) !== "string");
});

Deno.test("find() evicts files that are no longer in use", () => {
  const { cache, opened, use } = fullCache(() => TINY);
  use(0, 100);
  for (let times = 0; times < 100; times++) use(1000, 1100);
  cache.closeUnused();
  const before = opened.length;
  use(0, 100);
  assertEquals(opened.length - before, 100);
});

Deno.test("find() closes files that are only kept open if there are no other descriptors", async () => {
  await withFolder((folder) => {
    for (const name of ["one", "two", "three"]) folder.write(name, "x".repeat(LARGE));
    const disk: WatchedDisk = new WatchedDisk({
      open(path) {
        if (disk.openFiles >= 2) throw Object.assign(new Error("Too many open files"), { code: "EMFILE" });
        return systemDisk.open(path);
      },
    });
    const clock = new VirtualClock(Date.now() + 3_600_000);
    const cache = makeCache({ disk, clock, media: {} });
    for (const name of ["one", "two", "three", "one"]) {
      find(cache, folder, name).close();
    }
    cache.close();
    assertEquals(disk.openFiles, 0);
  });
});

Deno.test("find() caches for revalidateMs that a file does not exist", async () => {
  await withFolder((folder) => {
    const { cache, clock } = cacheOf(100);
    assertEquals(findIn(cache, folder.root, ["late"]), "absent");
    folder.write("late", "here");
    clock.advance(99);
    assertEquals(findIn(cache, folder.root, ["late"]), "absent");
    clock.advance(1);
    assertEquals(find(cache, folder, "late").length, 4);
  });
});

Deno.test("find() does not cache a miss longer than the place of the root", async () => {
  await withFolder((folder) => {
    folder.write("old/other", "here");
    folder.write("old/sub/late", "here");
    folder.link("old", "current");
    const { cache, clock } = cacheOf(100);
    const root = `${folder.root}/current`;
    assert(typeof findIn(cache, root, ["other"]) !== "string");
    Deno.removeSync(root);
    folder.link("old/sub", "current");
    clock.advance(99);
    assertEquals(findIn(cache, root, ["late"]), "absent");
    clock.advance(1);
    assert(typeof findIn(cache, root, ["late"]) !== "string");
  });
});

Deno.test("find() caches a miss for revalidateMs after each check", async () => {
  await withFolder((folder) => {
    folder.write("a", "here");
    const stats: string[] = [];
    const stat = (path: string) => {
      stats.push(path);
      return systemDisk.stat(path);
    };
    const clock = new VirtualClock(Date.now() + 3_600_000);
    const cache = makeCache({ disk: new WatchedDisk({ stat }), clock, media: {}, revalidateMs: 100 });
    find(cache, folder, "a"); // This checks the place of the root.
    stats.length = 0;
    for (let times = 0; times < 50; times++) {
      assertEquals(findIn(cache, folder.root, ["late"]), "absent");
      clock.advance(10);
    }
    assertEquals(stats.length, 5);
  });
});

Deno.test("find() checks for a missing file each time if revalidateMs is 0", async () => {
  await withFolder((folder) => {
    const { cache } = cacheOf(0);
    assertEquals(findIn(cache, folder.root, ["late"]), "absent");
    folder.write("late", "here");
    assertEquals(find(cache, folder, "late").length, 4);
  });
});

Deno.test("find() caches misses for each root separately", async () => {
  await withFolder((folder) => {
    folder.write("sub/a", "here");
    const { cache } = cacheOf(100);
    const segments = ["a"];
    assertEquals(findIn(cache, folder.root, segments), "absent");
    const found = findIn(cache, `${folder.root}/sub`, segments);
    assert(typeof found !== "string");
    assertEquals(findIn(cache, folder.root, segments), "absent");
  });
});
