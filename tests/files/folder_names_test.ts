/**
 * The entries of a folder, while somebody who may write below the root exchanges the folder and a link to another place:
 * nothing from there is told, not even the size of a file.
 */

import { assertEquals } from "@std/assert";
import { FileCache } from "../../src/files/cache.ts";
import { systemDisk } from "../../src/files/disk.ts";
import { filePathBelow } from "../../src/files/file_path.ts";
import { Folder } from "../../src/files/folder.ts";
import { Slices } from "../../src/files/slices.ts";
import { systemClock } from "../../src/net/clock.ts";
import { type Folder as TestFolder, SECRET, WatchedDisk, withFolder } from "./folder.ts";

const ignore = Deno.build.os === "windows"; // Links need a privilege there.

/** Longer than a folder counts as changed: 2.5 s, and a second because change times are whole seconds. */
const OLD_MS = 4_000;

/** A file outside of the root that is also in the folder, with less content. */
const BOTH = "both.txt";

/** The folder `p/d` with a file, and beside it the link `p/l`, which leads to another folder with more files. */
function exchangeable({ root, outside, write, link }: TestFolder) {
  write(`p/d/${BOTH}`, "1");
  Deno.writeTextFileSync(`${outside}/${BOTH}`, SECRET);
  link(outside, "p/l");
  const exchange = () => {
    for (const [from, to] of [["d", "t"], ["l", "d"], ["t", "l"]]) {
      Deno.renameSync(`${root}/p/${from}`, `${root}/p/${to}`);
    }
  };
  const during = <Result>(call: () => Result): Result => {
    exchange();
    try {
      return call();
    } finally {
      exchange();
    }
  };
  return during;
}

/** What is told of the folder, or why nothing is. It is examined again if it has become unsteady, as a listing is. */
async function told(disk: WatchedDisk, { root }: TestFolder): Promise<string> {
  const cache = new FileCache({ disk });
  const folder = cache.openFolder(filePathBelow({ root, dotFiles: "hidden" }, ["p", "d"]));
  const names = folder instanceof Folder ? await folder.read(new Slices(systemClock), () => true) : folder;
  if (!(folder instanceof Folder) || !Array.isArray(names)) return "(nothing)";
  const examine = () => names.map(({ name }) => folder.examine(name)).filter((entry) => entry !== null);
  let entries = examine();
  if (folder.becomesUnsteady()) entries = examine();
  cache.close();
  return entries.map(({ name, size }) => `${name} ${size}`).join();
}

Deno.test({
  name:
    "names of another folder are not told that was in the place of the folder only while names were read or examined",
  ignore,
  async fn() {
    await withFolder(async (folder) => {
      const during = exchangeable(folder);
      const disk = new WatchedDisk({
        readFolder: (path) => during(() => Deno.readDirSync(path).toArray()) as unknown as AsyncIterable<Deno.DirEntry>,
        lstat: (path) => path.endsWith(".txt") ? during(() => systemDisk.lstat(path)) : systemDisk.lstat(path),
      });
      assertEquals(await told(disk, folder), `${BOTH} 1`);
    });
  },
});

Deno.test({
  name:
    "sizes of files in another folder are not told, also if it takes the folder's place for the first time since long",
  ignore,
  async fn() {
    await withFolder(async (folder) => {
      const during = exchangeable(folder);
      await new Promise((resolve) => setTimeout(resolve, OLD_MS));
      const lstats: string[] = [];
      const disk = new WatchedDisk({
        lstat(path) {
          lstats.push(path);
          return path.endsWith(BOTH) && lstats.length < 10
            ? during(() => systemDisk.lstat(path))
            : systemDisk.lstat(path);
        },
      });
      assertEquals(await told(disk, folder), `${BOTH} 1`);
      const steady = new WatchedDisk();
      await new Promise((resolve) => setTimeout(resolve, OLD_MS));
      assertEquals([await told(steady, folder), steady.opened], [`${BOTH} 1`, []], "nothing is looked up one by one");
    });
  },
});
