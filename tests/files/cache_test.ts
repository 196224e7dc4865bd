/** Small files in memory: which are cached, changes on disk that must be noticed, and limits. */

import { assertEquals, assertThrows } from "@std/assert";
import type { FileCache } from "../../src/files/cache.ts";
import { findIn, makeCache } from "./cached.ts";
import { systemDisk } from "../../src/files/disk.ts";
import type { Resource } from "../../src/files/resource.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { bottomlessDisk, type Folder, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HOUR_MS = 3_600_000;
const SMALL = 256 * 1024;
const TINY = 16 * 1024;

interface Cached {
  readonly cache: FileCache;
  readonly disk: WatchedDisk;
  readonly clock: VirtualClock;
}

/** A cache whose clock is an hour ahead, so that every file is old enough to be cached. */
function cacheOf(disk = new WatchedDisk()): Cached {
  const clock = new VirtualClock(Date.now() + HOUR_MS);
  return { cache: makeCache({ disk, clock, media: { x: "text/x-of-the-table" } }), disk, clock };
}

/** The content of the file, as text. */
function read(cache: FileCache, { root }: Folder, path: string): string {
  const found = findIn(cache, root, path.split("/"));
  if (typeof found === "string") return `(${found})`;
  const piece = found.slice(0, found.length);
  const bytes = piece instanceof Uint8Array ? piece : new Uint8Array(piece.length);
  if (!(piece instanceof Uint8Array)) piece.source.readAt(piece.position, bytes);
  found.close();
  return new TextDecoder().decode(bytes);
}

function isInMemory(found: Resource | string): boolean {
  if (typeof found === "string") throw new Error(found);
  found.close();
  return found.slice(0, found.length) instanceof Uint8Array;
}

Deno.test("find() opens a small file once, and closes it", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache, disk } = cacheOf();
    assertEquals([read(cache, folder, "a.txt"), read(cache, folder, "a.txt")], ["content", "content"]);
    assertEquals([disk.opened.length, disk.openFiles], [1, 0]);
  });
});

Deno.test("find() returns the same for a file from memory as from disk", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const small = cacheOf().cache;
    const none = makeCache({ clock: cacheOf().clock, bytesMax: 0 });
    const describe = (found: Resource | string) => {
      if (typeof found === "string") return found;
      found.close();
      return [found.length, found.type, found.validator.etag];
    };
    assertEquals(describe(findIn(small, folder.root, ["a.txt"])), describe(findIn(none, folder.root, ["a.txt"])));
  });
});

Deno.test("find() uses the media type of the table", async () => {
  await withFolder((folder) => {
    folder.write("a.x");
    const found = findIn(cacheOf().cache, folder.root, ["a.x"]);
    assertEquals(typeof found === "string" ? found : found.type, "text/x-of-the-table; charset=utf-8");
  });
});

Deno.test("find() caches an empty file", async () => {
  await withFolder((folder) => {
    folder.write("empty", "");
    const { cache, disk } = cacheOf();
    assertEquals([read(cache, folder, "empty"), read(cache, folder, "empty"), disk.opened.length], ["", "", 1]);
  });
});

Deno.test("find() caches files up to 256 KiB in memory, and not larger ones", async () => {
  await withFolder((folder) => {
    folder.write("small", "x".repeat(SMALL));
    folder.write("large", "x".repeat(SMALL + 1));
    const { cache } = cacheOf();
    assertEquals(
      [isInMemory(findIn(cache, folder.root, ["small"])), isInMemory(findIn(cache, folder.root, ["large"]))],
      [
        true,
        false,
      ],
    );
    cache.close();
  });
});

Deno.test("find() caches a file only if its last change is older than the clock resolution of any file system", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache, clock } = cacheOf();
    clock.advance(Deno.statSync(`${folder.root}/a.txt`).mtime!.getTime() + 2500 - clock.wall());
    assertEquals(isInMemory(findIn(cache, folder.root, ["a.txt"])), false);
    clock.advance(1);
    assertEquals(isInMemory(findIn(cache, folder.root, ["a.txt"])), true);
  });
});

/** Restores the time of modification. */
function keepTime(path: string, change: () => void): void {
  const { atime, mtime } = Deno.statSync(path);
  change();
  Deno.utimeSync(path, atime!, mtime!);
}

for (
  const [what, change] of [
    ["was written to", (path: string) => Deno.writeTextFileSync(path, "CONTENT")],
    ["got longer", (path: string) => Deno.writeTextFileSync(path, "content and more")],
    [
      "got longer and has the same time",
      (path: string) => keepTime(path, () => Deno.writeTextFileSync(path, "longer now")),
    ],
    ["got empty", (path: string) => Deno.truncateSync(path)],
    ["got another time", (path: string) => Deno.utimeSync(path, 1000, 1000)],
    ["was replaced by another of the same size and time", (path: string) => {
      const { atime, mtime } = Deno.statSync(path);
      Deno.writeTextFileSync(`${path}.new`, "CONTENT");
      Deno.utimeSync(`${path}.new`, atime!, mtime!);
      Deno.renameSync(`${path}.new`, path);
    }],
    ["became a link to another", (path: string) => {
      Deno.writeTextFileSync(`${path}.other`, "CONTENT");
      Deno.removeSync(path);
      Deno.symlinkSync("a.txt.other", path);
    }],
  ] as const
) {
  Deno.test(`find() reads again a file that ${what}`, async () => {
    await withFolder((folder) => {
      folder.write("a.txt", "content");
      const path = `${folder.root}/a.txt`;
      const { cache, disk } = cacheOf();
      Deno.utimeSync(path, 1_000_000, 1_000_000); // The new time differs in the resolution of every file system.
      read(cache, folder, "a.txt");
      change(path);
      assertEquals([read(cache, folder, "a.txt"), disk.opened.length], [Deno.readTextFileSync(path), 2]);
      assertEquals(disk.openFiles, 0);
    });
  });
}

Deno.test("find() reads again a file with the same size and mtime but another ctime", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const path = `${folder.root}/a.txt`;
    let ctime = new Date(1_000_000);
    const stat = (path: string) => ({ ...systemDisk.stat(path), ctime });
    const open = (path: string) => ({ ...systemDisk.open(path), stat: () => stat(path) });
    const { cache } = cacheOf(new WatchedDisk({ stat, open }));
    assertEquals(read(cache, folder, "a.txt"), "content");
    keepTime(path, () => Deno.writeTextFileSync(path, "CONTENT"));
    ctime = new Date(2_000_000);
    assertEquals(read(cache, folder, "a.txt"), "CONTENT");
  });
});

Deno.test("find() reads again a file whose link has changed", async () => {
  await withFolder((folder) => {
    folder.write("one.txt", "one");
    folder.write("two.txt", "two");
    folder.link("one.txt", "link.txt");
    const { cache } = cacheOf();
    assertEquals(read(cache, folder, "link.txt"), "one");
    Deno.removeSync(`${folder.root}/link.txt`);
    folder.link("two.txt", "link.txt");
    assertEquals(read(cache, folder, "link.txt"), "two");
  });
});

Deno.test("find() refuses a cached file that has become a link out of the root", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache } = cacheOf();
    read(cache, folder, "a.txt");
    Deno.removeSync(`${folder.root}/a.txt`);
    folder.link("../outside/secret.txt", "a.txt");
    assertEquals(read(cache, folder, "a.txt"), "(forbidden)");
  });
});

Deno.test("find() notices that a cached file is deleted, and that it exists again", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache } = cacheOf();
    read(cache, folder, "a.txt");
    Deno.removeSync(`${folder.root}/a.txt`);
    assertEquals(read(cache, folder, "a.txt"), "(absent)");
    folder.write("a.txt", "back");
    assertEquals(read(cache, folder, "a.txt"), "back");
  });
});

Deno.test("find() refuses a cached file if the system refuses to stat it", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    let isRefused = false;
    const { cache } = cacheOf(
      new WatchedDisk({
        stat(path) {
          if (isRefused) throw new Deno.errors.PermissionDenied("text");
          return systemDisk.stat(path);
        },
      }),
    );
    assertEquals(read(cache, folder, "a.txt"), "content");
    isRefused = true;
    assertEquals(read(cache, folder, "a.txt"), "(forbidden)");
  });
});

Deno.test("find() does not cache folders, forbidden files and missing files", async () => {
  await withFolder((folder) => {
    folder.mkdir("sub");
    folder.link("../outside/secret.txt", "link");
    const { cache } = cacheOf();
    for (let times = 0; times < 2; times++) {
      assertEquals([read(cache, folder, "gone"), read(cache, folder, "sub"), read(cache, folder, "link")], [
        "(absent)",
        "(folder)",
        "(forbidden)",
      ]);
    }
  });
});

Deno.test("find() distinguishes files of two roots", async () => {
  await withFolder((folder) => {
    folder.write("one/a.txt", "one");
    folder.write("two/a.txt", "two");
    const { cache } = cacheOf();
    const [one, two] = ["one", "two"].map((name) => ({ ...folder, root: `${folder.root}/${name}` }));
    for (let times = 0; times < 2; times++) {
      assertEquals([read(cache, one!, "a.txt"), read(cache, two!, "a.txt")], ["one", "two"]);
    }
  });
});

/** A disk on which reading an open file fails. */
function readingDisk(readAt: (position: number, into: Uint8Array) => number): WatchedDisk {
  return new WatchedDisk({
    open(path) {
      const file = systemDisk.open(path);
      return { stat: file.stat, readAt, close: file.close };
    },
  });
}

Deno.test("find() does not cache a file that got shorter while it was read", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache, disk } = cacheOf(readingDisk((position) => position === 0 ? 3 : 0));
    assertEquals([isInMemory(findIn(cache, folder.root, ["a.txt"])), disk.openFiles], [false, 0]);
  });
});

Deno.test("find() reads all of a small file, even if each read returns little", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache } = cacheOf(readingDisk((position, into) => {
      into[0] = "content".charCodeAt(position);
      return 1;
    }));
    assertEquals(read(cache, folder, "a.txt"), "content");
  });
});

Deno.test("find() throws the error of a read, and leaves no file open", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache, disk } = cacheOf(readingDisk(() => {
      throw new Error("Input/output error");
    }));
    assertThrows(() => findIn(cache, folder.root, ["a.txt"]), Error, "Input/output error");
    assertEquals(disk.openFiles, 0);
  });
});

Deno.test("find() caches at most 64 MiB of files", () => {
  const { disk, opened } = bottomlessDisk(() => TINY);
  const { cache } = cacheOf(disk);
  const count = 2 * 64 * 1024 * 1024 / TINY;
  for (let number = 0; number < count; number++) findIn(cache, "/srv", [String(number)]);
  const before = opened.length;
  cache.closeUnused(); // Open files need no memory for their content.
  for (let number = count - 1; number >= 0; number--) findIn(cache, "/srv", [String(number)]);
  assertEquals([before, opened.length - before > count / 2], [count, true]);
});

Deno.test("find() evicts unused files before used ones", () => {
  const { disk, opened } = bottomlessDisk(() => TINY);
  const { cache } = cacheOf(disk);
  for (let number = 0; number < 20_000; number++) {
    findIn(cache, "/srv", ["0"]); // This file is always in use.
    findIn(cache, "/srv", [String(number)]);
  }
  assertEquals(opened.filter((path) => path === "/srv/0").length, 1);
});

Deno.test("find() caches nothing if the cache has no memory", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "one");
    const disk = new WatchedDisk();
    const clock = new VirtualClock(Date.now() + HOUR_MS);
    const cache = makeCache({ disk, clock, media: {}, bytesMax: 0, revalidateMs: 100 });
    assertEquals([read(cache, folder, "a.txt"), read(cache, folder, "a.txt"), disk.opened.length], ["one", "one", 2]);
  });
});
