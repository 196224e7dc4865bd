/**
 * Missing names in folders that are scanned: a short call each, and never another result than that of a complete
 * look-up.
 */

import { assert, assertEquals } from "@std/assert";
import { type Disk, systemDisk } from "../../src/files/disk.ts";
import type { FileCache } from "../../src/files/cache.ts";
import { systemClock } from "../../src/net/clock.ts";
import { Random } from "../simulation/random.ts";
import { findIn, makeCache } from "./cached.ts";
import { type Folder, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** Elsewhere every look-up is complete, and there is nothing to test. */
const ignore = Deno.build.os !== "linux";

const HOUR_MS = 3_600_000;
const REVALIDATE_MS = 100;

/** Longer than a tick of the file system's clock, so that the next change gives a folder another time. */
const TICK_MS = 25;

/** The system's disk with `changes`, which counts its calls. */
function countingDisk(changes: Partial<Disk> = {}) {
  const disk = { ...systemDisk, ...changes };
  const calls = { exists: 0, lstat: 0, hasLinks: 0 };
  const counted = <Result>(name: keyof typeof calls, call: (path: string) => Result) => (path: string) => {
    calls[name]++;
    return call(path);
  };
  const exists = counted("exists", disk.exists!);
  const lstat = counted("lstat", disk.lstat);
  const hasLinks = counted("hasLinks", disk.hasLinks!);
  return { disk: { ...disk, exists, lstat, hasLinks }, calls };
}

/** Runs `test` with a cache and a folder that was changed an hour ago. */
async function withCache(
  changes: Partial<Disk>,
  test: (
    scanned: Folder & {
      find: (name: string, nowMs: number) => string;
      calls: ReturnType<typeof countingDisk>["calls"];
    },
  ) => void | Promise<void>,
  ageMs = HOUR_MS,
): Promise<void> {
  await withFolder(async (folder) => {
    const { disk, calls } = countingDisk(changes);
    const clock = { ...systemClock, wall: () => Date.now() + ageMs };
    const cache = makeCache({ disk, clock, revalidateMs: REVALIDATE_MS });
    folder.write("there.txt");
    await test({ ...folder, calls, find: (name, nowMs) => kindOf(cache, folder.root, name, nowMs) });
    cache.close();
  });
}

function kindOf(cache: FileCache, root: string, name: string, nowMs: number): string {
  const found = findIn(cache, root, name.split("/"), nowMs);
  if (typeof found === "string") return found;
  found.close();
  return "file";
}

Deno.test({
  name: "find() makes one complete look-up for all names that are missing in a folder within revalidateMs",
  ignore,
  fn: () =>
    withCache({}, ({ find, calls }) => {
      for (let nowMs = 0; nowMs < 1000; nowMs++) assertEquals(find(`none${nowMs}`, nowMs), "absent");
      assertEquals([calls.lstat, calls.hasLinks], [11, 1], "two at first, then one each 100 ms");
      assert(calls.exists < 1020, `${calls.exists}`);
      const before = calls.lstat;
      for (let nowMs = 5000; nowMs < 100_000; nowMs += 5000) assertEquals(find(`none${nowMs}`, nowMs), "absent");
      assertEquals(calls.lstat, before + 19, "names that are seldom missing are looked up");
    }),
});

Deno.test({
  name: "find() finds a name at once that was missing in a scanned folder",
  ignore,
  fn: () =>
    withCache({}, ({ find, write }) => {
      for (let nowMs = 0; nowMs < 10; nowMs++) find(`none${nowMs}`, nowMs);
      write("none11");
      assertEquals([find("none11", 10), find("there.txt", 10), find("none12", 10)], ["file", "file", "absent"]);
    }),
});

/** A disk on which `closed` cannot be followed. */
const CLOSED: Partial<Disk> = {
  stat(path) {
    if (Deno.lstatSync(path).isSymlink) throw new Deno.errors.PermissionDenied("closed");
    return systemDisk.stat(path);
  },
};

Deno.test({
  name: "find() tells a link that must not be followed from a missing name, also in a scanned folder",
  ignore,
  fn: () =>
    withCache(CLOSED, ({ find, link, calls }) => {
      link("/nowhere", "closed");
      for (let nowMs = 0; nowMs < 10; nowMs++) assertEquals(find(`none${nowMs}`, nowMs), "absent");
      assertEquals([find("closed", 10), calls.hasLinks], ["forbidden", 1]);
      assertEquals(calls.lstat, 11);
    }),
});

Deno.test({
  name: "find() notices a link that is made in a scanned folder, after revalidateMs",
  ignore,
  fn: () =>
    withCache(CLOSED, async ({ find, link, calls }) => {
      for (let nowMs = 0; nowMs < 10; nowMs++) find(`none${nowMs}`, nowMs);
      await systemClock.sleep(TICK_MS);
      link("/nowhere", "closed");
      find("none10", 150); // It examines the folder again, because its change time is another one.
      assertEquals([find("closed", 151), calls.hasLinks], ["forbidden", 2]);
    }),
});

Deno.test({
  name: "find() notices that a scanned folder was closed, after revalidateMs",
  ignore,
  fn() {
    let isClosed = false;
    const refuse = () => {
      throw new Deno.errors.PermissionDenied("closed");
    };
    const disk: Partial<Disk> = {
      lstat: (path) => isClosed ? refuse() : systemDisk.lstat(path),
      exists: (path) => !isClosed && systemDisk.exists!(path),
    };
    return withCache(disk, ({ find }) => {
      for (let nowMs = 0; nowMs < 10; nowMs++) find(`none${nowMs}`, nowMs);
      isClosed = true;
      assertEquals(find("none10", 102), "forbidden");
      assertEquals(find("none11", 103), "forbidden");
    });
  },
});

Deno.test({
  name: "find() looks completely in folders that have just changed, are large, are missing, or cannot be read",
  ignore,
  async fn() {
    const scan = (find: (name: string, nowMs: number) => string, path = "none") => {
      for (let nowMs = 0; nowMs < 10; nowMs++) assertEquals(find(`${path}${nowMs}`, nowMs), "absent");
    };
    const expectAll = (calls: { readonly lstat: number }) => assertEquals(calls.lstat, 10);
    await withCache({}, ({ find, calls }) => expectAll((scan(find), calls)), 0);
    await withCache({}, ({ find, calls }) => expectAll((scan(find, "a/b/none"), calls)));
    const stat = (path: string) => ({ ...systemDisk.stat(path), size: 33 * 1024 });
    await withCache({ stat }, ({ find, calls }) => expectAll((scan(find), calls)));
    const hasLinks = () => {
      throw new Deno.errors.PermissionDenied("unreadable");
    };
    await withCache({ hasLinks }, ({ find, calls }) => expectAll((scan(find), calls)));
  },
});

Deno.test({
  name: "find() never looks for hidden names, and they prove nothing about their folder",
  ignore,
  fn: () =>
    withCache({}, ({ find, write, calls }) => {
      write(".hidden");
      for (let nowMs = 0; nowMs < 10; nowMs++) assertEquals(find(`.none${nowMs}`, nowMs), "absent");
      assertEquals([calls.exists, calls.lstat], [0, 0]);
      for (let nowMs = 0; nowMs < 10; nowMs++) find(`none${nowMs}`, nowMs);
      assertEquals(find(".hidden", 10), "absent");
    }),
});

Deno.test({
  name: "find() gives the same results with `exists` as without, while names of a folder come and go",
  ignore,
  async fn() {
    const random = new Random(7);
    await withFolder(async (folder) => {
      const clock = { ...systemClock, wall: () => Date.now() + HOUR_MS };
      const make = (disk: Disk) => makeCache({ disk, clock, revalidateMs: REVALIDATE_MS });
      const { disk, calls } = countingDisk(CLOSED);
      const { exists: _, ...slow } = disk;
      const [one, other] = [make(disk), make(slow)];
      const names = ["a", "b", "d/a", "d/b"];
      const changes: readonly ((path: string) => void)[] = [
        () => {},
        (path) => Deno.writeTextFileSync(path, "file"),
        (path) => Deno.mkdirSync(path),
        (path) => Deno.symlinkSync("/nowhere", path),
      ];
      folder.mkdir("d");
      let nowMs = 0;
      for (let round = 0; round < 40; round++) {
        const path = `${folder.root}/${random.pick(names)}`;
        if (!isFree(path)) Deno.removeSync(path);
        random.pick(changes)(path);
        await systemClock.sleep(TICK_MS);
        nowMs += 2 * REVALIDATE_MS;
        for (let look = 0; look < 30; look++) {
          const name = random.chance(0.3) ? random.pick(names) : `${random.chance(0.5) ? "d/" : ""}none${look}`;
          assertEquals(kindOf(one, folder.root, name, nowMs), kindOf(other, folder.root, name, nowMs), name);
        }
      }
      assert(calls.exists > 500, `${calls.exists}`);
      one.close();
      other.close();
    });
  },
});

function isFree(path: string): boolean {
  try {
    return Deno.lstatSync(path) === null;
  } catch {
    return true;
  }
}
