/** How the file cache checks on disk whether a cached file has changed. */

import { assertEquals } from "@std/assert";
import type { FileCache } from "../../src/files/cache.ts";
import { type FileState, type OpenFile, systemDisk } from "../../src/files/disk.ts";
import { filePathBelow } from "../../src/files/file_path.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { findIn, makeCache } from "./cached.ts";
import { type Folder, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HOUR_MS = 3_600_000;

/** The content of a cached file, as text. */
function read(cache: FileCache, { root }: Folder, path: string): string {
  const found = findIn(cache, root, path.split("/"));
  if (typeof found === "string") return `(${found})`;
  const piece = found.slice(0, found.length);
  if (!(piece instanceof Uint8Array)) throw new TypeError(`${path} is not in memory`);
  found.close();
  return new TextDecoder().decode(piece);
}

Deno.test("find() does not check the disk again within revalidateMs", async () => {
  await withFolder((folder) => {
    folder.write("a.txt", "one");
    const clock = new VirtualClock(Date.now() + HOUR_MS);
    const cache = makeCache({ disk: new WatchedDisk(), clock, media: {}, revalidateMs: 100 });
    assertEquals(read(cache, folder, "a.txt"), "one");
    folder.write("a.txt", "three");
    clock.advance(99);
    assertEquals(read(cache, folder, "a.txt"), "one");
    clock.advance(1);
    assertEquals(read(cache, folder, "a.txt"), "three");
  });
});

/** A disk that records all calls, except those that open files. */
function askedDisk(asked: string[]): WatchedDisk {
  const noting = <Result>(name: "stat" | "lstat" | "realPath", ask: (path: string) => Result) => (path: string) => {
    asked.push(`${name} ${path.split("/").at(-1)}`);
    return ask(path);
  };
  const { stat, lstat, realPath } = systemDisk;
  return new WatchedDisk({
    stat: noting("stat", stat),
    lstat: noting("lstat", lstat),
    realPath: noting("realPath", realPath),
  });
}

Deno.test("find() checks each file of a folder, and the path of the folder only once", async () => {
  await withFolder((folder) => {
    const asked: string[] = [];
    const names = ["a", "b", "c"];
    for (const name of names) folder.write(`sub/${name}`, name);
    const clock = new VirtualClock(Date.now() + HOUR_MS);
    const cache = makeCache({ disk: askedDisk(asked), clock, media: {}, revalidateMs: 100 });
    for (const name of names) read(cache, folder, `sub/${name}`);
    clock.advance(100);
    asked.length = 0;
    for (const name of names) assertEquals(read(cache, folder, `sub/${name}`), name);
    assertEquals(asked, ["realPath www", "lstat a", "realPath sub", "lstat b", "lstat c"]);
  });
});

Deno.test("find() checks a file directly in its root by one call, and notices that another folder is the root", async () => {
  await withFolder((folder) => {
    for (const version of ["v1", "v2"]) folder.write(`${version}/a`, version);
    folder.link("v1", "live");
    const asked: string[] = [];
    const clock = new VirtualClock(Date.now() + HOUR_MS);
    const cache = makeCache({ disk: askedDisk(asked), clock, media: {}, revalidateMs: 100 });
    const live = { ...folder, root: `${folder.root}/live` };
    assertEquals(read(cache, live, "a"), "v1");
    clock.advance(100);
    asked.length = 0;
    assertEquals([read(cache, live, "a"), asked], ["v1", ["lstat a"]]);
    Deno.removeSync(live.root);
    folder.link("v2", "live");
    clock.advance(100);
    assertEquals(read(cache, live, "a"), "v2");
    Deno.removeSync(`${live.root}/a`);
    folder.link("../v1/a", "v2/a"); // The file that was cached first, in another folder.
    clock.advance(100);
    assertEquals(read(cache, live, "a"), "(forbidden)");
  });
});

Deno.test("find() caches a file whose link has the same name, and notices a change of the link", async () => {
  await withFolder((folder) => {
    folder.write("v1/a.txt", "one");
    folder.write("v2/a.txt", "two");
    folder.mkdir("sub");
    folder.link("../v1/a.txt", "sub/a.txt");
    folder.link("v1", "current");
    const disk = new WatchedDisk();
    const cache = makeCache({ disk, clock: new VirtualClock(Date.now() + HOUR_MS), media: {} });
    const readBoth = () => [read(cache, folder, "sub/a.txt"), read(cache, folder, "current/a.txt")];
    assertEquals([readBoth(), readBoth(), disk.opened.length], [["one", "one"], ["one", "one"], 2]);
    for (const name of ["sub/a.txt", "current"]) Deno.removeSync(`${folder.root}/${name}`);
    folder.link("../v2/a.txt", "sub/a.txt");
    folder.link("v2", "current");
    assertEquals(readBoth(), ["two", "two"]);
  });
});

Deno.test("find() checks the disk each time if revalidateMs is 0, even for an earlier time", async () => {
  await withFolder((folder) => {
    const clock = new VirtualClock(Date.now() + HOUR_MS);
    const cache = makeCache({ disk: new WatchedDisk(), clock, media: {}, revalidateMs: 0 });
    const length = (name: string, nowMs: number) => {
      const found = findIn(cache, folder.root, [name], nowMs);
      return typeof found === "string" ? found : found.length;
    };
    folder.write("a.txt", "one");
    const earlyMs = clock.now(); // The time of a request that has waited for its turn.
    clock.advance(5);
    assertEquals([length("a.txt", clock.now()), length("b.txt", clock.now())], [3, "absent"]);
    for (const name of ["a.txt", "b.txt"]) folder.write(name, "three");
    assertEquals([length("a.txt", earlyMs), length("b.txt", earlyMs)], [5, 5]);
  });
});

Deno.test("find() does not cache a file's place longer than its folder's, even if the root was checked later", async () => {
  await withFolder((folder) => {
    folder.write("top", "top");
    folder.write("sub/a", "content");
    const clock = new VirtualClock(Date.now() + HOUR_MS);
    const cache = makeCache({ disk: new WatchedDisk(), clock, media: {}, revalidateMs: 100 });
    read(cache, folder, "top"); // This checks the root one millisecond before the folder.
    clock.advance(1);
    read(cache, folder, "sub/a");
    Deno.renameSync(`${folder.root}/sub`, `${folder.outside}/sub`);
    folder.link("../outside/sub", "sub");
    clock.advance(99);
    assertEquals(read(cache, folder, "sub/a"), "content");
    clock.advance(1);
    assertEquals(read(cache, folder, "sub/a"), "(forbidden)");
  });
});

/** A disk with a file at every path. The root is a link to `target`, and `/p/A/d` is a link to `/p/d`. */
class LinkedDisk extends WatchedDisk {
  target = "/p";

  override realPath(path: string): string {
    return path.replace(/^\/live/, this.target).replace(/^\/p\/A\/d/, "/p/d");
  }

  override stat(path: string): FileState {
    const ino = [...this.realPath(path)].reduce((sum, char) => sum * 31 + char.charCodeAt(0) | 0, 7);
    const time = new Date(0);
    return { isFile: true, isDirectory: false, size: 1, mtime: time, ctime: time, dev: 1, ino };
  }

  override lstat(path: string): FileState {
    return this.stat(path);
  }

  override open(path: string): OpenFile {
    return { stat: () => this.stat(path), readAt: (_, into) => into.length, close: () => {} };
  }
}

Deno.test("find() does not cache a root's place longer when it has forgotten the places of folders", () => {
  for (const folders of [16_382, 16_383, 16_384]) {
    const disk = new LinkedDisk();
    const clock = new VirtualClock(HOUR_MS);
    const cache = makeCache({ disk, clock, media: {}, revalidateMs: 100 });
    for (let folder = 0; folder < folders; folder++) findIn(cache, "/live", ["many", String(folder), "f"]);
    disk.target = "/p/A"; // Its files are outside the root now.
    clock.advance(99);
    findIn(cache, "/live", ["d", "x"]);
    clock.advance(1);
    assertEquals(findIn(cache, "/live", ["d", "x"]), "forbidden");
  }
});

Deno.test("hasFolder() opens no file, and throws no error of the disk", async () => {
  await withFolder((folder) => {
    folder.mkdir("sub");
    folder.mkdir(".hidden");
    folder.write("a.txt");
    folder.link("../outside", "out");
    folder.link(".hidden", "link");
    const disk = new WatchedDisk();
    const cache = makeCache({ disk });
    const has = (...segments: string[]) => {
      return cache.hasFolder(filePathBelow({ root: folder.root, dotFiles: "hidden" }, segments));
    };
    assertEquals([has(), has("sub"), disk.opened], [true, true, []]);
    const others = [["a.txt"], ["none"], ["a.txt", "b"], [".hidden"], ["out"], ["link"]];
    for (const segments of others) assertEquals(has(...segments), false, segments.join("/"));
  });
  const broken = new WatchedDisk({
    stat: () => {
      throw new Error("EIO");
    },
  });
  assertEquals(makeCache({ disk: broken }).hasFolder(filePathBelow({ root: "/r", dotFiles: "hidden" }, ["a"])), false);
});
