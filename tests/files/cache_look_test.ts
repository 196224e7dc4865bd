/** What the file cache asks of the disk to know whether a file is still the one that it remembers. */

import { assertEquals } from "@std/assert";
import type { FileCache } from "../../src/files/cache.ts";
import { systemDisk } from "../../src/files/disk.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { makeCache } from "./cached.ts";
import { type Folder, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HOUR_MS = 3_600_000;

/** The content that is found in memory, as text. */
function read(cache: FileCache, { root }: Folder, path: string): string {
  const found = cache.find(root, path.split("/"));
  if (typeof found === "string") return `(${found})`;
  const piece = found.slice(0, found.length);
  if (!(piece instanceof Uint8Array)) throw new TypeError(`${path} is not in memory`);
  found.close();
  return new TextDecoder().decode(piece);
}

Deno.test("find() does not look at the disk again before revalidateMs has passed", async () => {
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

/** A disk that notes what it is asked, but for what opens files. */
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

Deno.test("find() looks at the files of a folder one by one, and once for all at where it is", async () => {
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
    assertEquals(asked, ["lstat a", "realPath sub", "realPath www", "lstat b", "lstat c"]);
  });
});

Deno.test("find() remembers a file behind a link that has its name, and sees where the link leads now", async () => {
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
