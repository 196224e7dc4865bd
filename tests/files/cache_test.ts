/** Small files in memory: what is remembered, every change on disk that must show, and the bounds. */

import { assertEquals, assertThrows } from "@std/assert";
import type { FileCache } from "../../src/files/cache.ts";
import { makeCache } from "./cached.ts";
import { systemDisk } from "../../src/files/disk.ts";
import type { Missing } from "../../src/files/representation.ts";
import type { ServedFile } from "../../src/files/served_file.ts";
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

/** A cache to which every file that is on disk now is an hour old. */
function cacheOf(disk = new WatchedDisk()): Cached {
  const clock = new VirtualClock(Date.now() + HOUR_MS);
  return { cache: makeCache({ disk, clock, media: { x: "text/x-of-the-table" } }), disk, clock };
}

/** The content that is found, as text. */
function read(cache: FileCache, { root }: Folder, path: string): string {
  const found = cache.find(root, path.split("/"));
  if (typeof found === "string") return `(${found})`;
  const piece = found.slice(0, found.length);
  const bytes = piece instanceof Uint8Array ? piece : new Uint8Array(piece.length);
  if (!(piece instanceof Uint8Array)) piece.source.readAt(piece.position, bytes);
  found.close();
  return new TextDecoder().decode(bytes);
}

function isInMemory(found: ServedFile | Missing): boolean {
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

Deno.test("find() says the same of a file from memory as from disk", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const [small, large] = [cacheOf().cache, cacheOf()];
    large.clock.advance(-2 * HOUR_MS); // Too new to be remembered.
    const describe = (found: ServedFile | Missing) => {
      if (typeof found === "string") return found;
      found.close();
      return [found.length, found.type, found.validator.etag];
    };
    assertEquals(describe(small.find(folder.root, ["a.txt"])), describe(large.cache.find(folder.root, ["a.txt"])));
  });
});

Deno.test("find() takes the media type of the table", async () => {
  await withFolder((folder) => {
    folder.write("a.x");
    const found = cacheOf().cache.find(folder.root, ["a.x"]);
    assertEquals(typeof found === "string" ? found : found.type, "text/x-of-the-table; charset=utf-8");
  });
});

Deno.test("find() remembers an empty file", async () => {
  await withFolder((folder) => {
    folder.write("empty", "");
    const { cache, disk } = cacheOf();
    assertEquals([read(cache, folder, "empty"), read(cache, folder, "empty"), disk.opened.length], ["", "", 1]);
  });
});

Deno.test("find() remembers files up to 256 KiB, and leaves larger ones on disk", async () => {
  await withFolder((folder) => {
    folder.write("small", "x".repeat(SMALL));
    folder.write("large", "x".repeat(SMALL + 1));
    const { cache } = cacheOf();
    assertEquals([isInMemory(cache.find(folder.root, ["small"])), isInMemory(cache.find(folder.root, ["large"]))], [
      true,
      false,
    ]);
    cache.close();
  });
});

Deno.test("find() remembers a file only when its last change is longer ago than any file system's tick", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache, clock } = cacheOf();
    clock.advance(Deno.statSync(`${folder.root}/a.txt`).mtime!.getTime() + 2500 - clock.wall());
    assertEquals(isInMemory(cache.find(folder.root, ["a.txt"])), false);
    clock.advance(1);
    assertEquals(isInMemory(cache.find(folder.root, ["a.txt"])), true);
  });
});

/** Sets the time of modification back to what it was. */
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
      "got longer and kept its time",
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
      Deno.utimeSync(path, 1_000_000, 1_000_000); // So that another time is one for every file system's clock.
      read(cache, folder, "a.txt");
      change(path);
      assertEquals([read(cache, folder, "a.txt"), disk.opened.length], [Deno.readTextFileSync(path), 2]);
      assertEquals(disk.openFiles, 0);
    });
  });
}

Deno.test("find() reads again a file that kept its size and its time, but not the time of its last change", async () => {
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

Deno.test("find() reads again a file behind a link that now leads elsewhere", async () => {
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

Deno.test("find() refuses a remembered file that became a link out of the root", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache } = cacheOf();
    read(cache, folder, "a.txt");
    Deno.removeSync(`${folder.root}/a.txt`);
    folder.link("../outside/secret.txt", "a.txt");
    assertEquals(read(cache, folder, "a.txt"), "(forbidden)");
  });
});

Deno.test("find() finds a remembered file no longer when it is gone, and again when it is back", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache } = cacheOf();
    read(cache, folder, "a.txt");
    Deno.removeSync(`${folder.root}/a.txt`);
    assertEquals(read(cache, folder, "a.txt"), "(not found)");
    folder.write("a.txt", "back");
    assertEquals(read(cache, folder, "a.txt"), "back");
  });
});

Deno.test("find() gives a remembered file no longer when the system refuses to look at it", async () => {
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

Deno.test("find() does not remember what is not there, is a folder, or is forbidden", async () => {
  await withFolder((folder) => {
    folder.mkdir("sub");
    folder.link("../outside/secret.txt", "link");
    const { cache } = cacheOf();
    for (let times = 0; times < 2; times++) {
      assertEquals([read(cache, folder, "gone"), read(cache, folder, "sub"), read(cache, folder, "link")], [
        "(not found)",
        "(directory)",
        "(forbidden)",
      ]);
    }
  });
});

Deno.test("find() keeps files of two roots apart", async () => {
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

/** A disk on which reading an open file goes wrong. */
function readingDisk(readAt: (position: number, into: Uint8Array) => number): WatchedDisk {
  return new WatchedDisk({
    open(path) {
      const file = systemDisk.open(path);
      return { stat: file.stat, readAt, close: file.close };
    },
  });
}

Deno.test("find() does not remember a file that got shorter while it was read", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache, disk } = cacheOf(readingDisk((position) => position === 0 ? 3 : 0));
    assertEquals([isInMemory(cache.find(folder.root, ["a.txt"])), disk.openFiles], [false, 0]);
  });
});

Deno.test("find() reads a small file in full, however little comes at a time", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache } = cacheOf(readingDisk((position, into) => {
      into[0] = "content".charCodeAt(position);
      return 1;
    }));
    assertEquals(read(cache, folder, "a.txt"), "content");
  });
});

Deno.test("find() throws what reading says, and leaves nothing open", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "content");
    const { cache, disk } = cacheOf(readingDisk(() => {
      throw new Error("Input/output error");
    }));
    assertThrows(() => cache.find(folder.root, ["a.txt"]), Error, "Input/output error");
    assertEquals(disk.openFiles, 0);
  });
});

Deno.test("find() holds no more than 64 MiB of files", () => {
  const { disk, opened } = bottomlessDisk(() => TINY);
  const { cache } = cacheOf(disk);
  const count = 2 * 64 * 1024 * 1024 / TINY;
  for (let number = 0; number < count; number++) cache.find("/srv", [String(number)]);
  const before = opened.length;
  cache.closeKept(); // What is kept open takes no memory.
  for (let number = count - 1; number >= 0; number--) cache.find("/srv", [String(number)]);
  assertEquals([before, opened.length - before > count / 2], [count, true]);
});

Deno.test("find() throws out what is not used before what is", () => {
  const { disk, opened } = bottomlessDisk(() => TINY);
  const { cache } = cacheOf(disk);
  for (let number = 0; number < 20_000; number++) {
    cache.find("/srv", ["0"]); // In use all the time.
    cache.find("/srv", [String(number)]);
  }
  assertEquals(opened.filter((path) => path === "/srv/0").length, 1);
});

Deno.test("find() puts out no small files for a larger one, which stays on disk", () => {
  const { disk, opened } = bottomlessDisk((path) => path === "/srv/0" ? TINY + 1 : TINY);
  const { cache } = cacheOf(disk);
  for (let number = 1; number <= 5000; number++) cache.find("/srv", [String(number)]); // More than it may hold.
  assertEquals(isInMemory(cache.find("/srv", ["0"])), false);
  const before = opened.length;
  cache.find("/srv", ["5000"]);
  assertEquals(opened.length, before);
});

Deno.test("find() keeps nothing where the cache may hold nothing", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "one");
    const disk = new WatchedDisk();
    const clock = new VirtualClock(Date.now() + HOUR_MS);
    const cache = makeCache({ disk, clock, media: {}, bytesMax: 0, revalidateMs: 100 });
    assertEquals([read(cache, folder, "a.txt"), read(cache, folder, "a.txt"), disk.opened.length], ["one", "one", 2]);
  });
});
