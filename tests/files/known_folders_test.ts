/**
 * The short look-up in known folders: which calls it needs, and that it never takes a file from another place, however
 * folders and names change between two requests or during one.
 */

import { assert, assertEquals } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { KnownFolders } from "../../src/files/known_folders.ts";
import { lookUp } from "../../src/files/look_up.ts";
import { Random } from "../simulation/random.ts";
import { contentOf, type Folder, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** Elsewhere every look-up is complete, and there is nothing to test. */
const ignore = Deno.build.os !== "linux";

const HOUR_MS = 3_600_000;

/** A disk that records its calls. `before` is called before each, and may change the files. */
function recording(calls: string[], before: (call: string) => void = () => {}): WatchedDisk {
  const noting = <Result>(name: "stat" | "lstat" | "realPath" | "open", act: (path: string) => Result) => {
    return (path: string) => {
      const call = `${name} ${path.split("/").at(-1)}`;
      calls.push(call);
      before(call);
      return act(path);
    };
  };
  const { stat, lstat, realPath, open } = systemDisk;
  return new WatchedDisk({
    stat: noting("stat", stat),
    lstat: noting("lstat", lstat),
    realPath: noting("realPath", realPath),
    open: noting("open", open),
  });
}

/** Looks up as a cache does, an hour after the files were written unless `wallMs` says otherwise. */
class Finder {
  readonly calls: string[] = [];
  readonly disk: WatchedDisk;
  readonly #root: string;
  readonly #folders: KnownFolders;
  #before: (call: string) => void = () => {};

  constructor(root: string) {
    this.#root = root;
    this.disk = recording(this.calls, (call) => this.#before(call));
    this.#folders = new KnownFolders(this.disk);
  }

  find(path: string, wallMs = Date.now() + HOUR_MS): string {
    this.calls.length = 0;
    const known = { folders: this.#folders, wallMs };
    return contentOf(lookUp(this.disk, this.#root, path.split("/"), { realRoot: Deno.realPathSync, known }));
  }

  /** Looks up while `change` is made just before the call `at`. */
  findDuring(path: string, at: string, change: () => void, wallMs?: number): string {
    let isDone = false;
    this.#before = (call) => {
      if (call === at && !isDone) {
        isDone = true;
        change();
      }
    };
    const found = this.find(path, wallMs);
    this.#before = () => {};
    assertEquals(isDone, true, `${at} was not called`);
    return found;
  }
}

Deno.test({
  name: "lookUp() needs no real path for a file in a known folder, and one look at each folder on the way",
  ignore,
  async fn() {
    await withFolder((folder) => {
      for (const path of ["a/b/1", "a/b/2", "3", "4"]) folder.write(path);
      const finder = new Finder(folder.root);
      assertEquals(finder.find("a/b/1"), "a/b/1");
      assertEquals(finder.find("a/b/2"), "a/b/2");
      assertEquals(finder.calls, ["lstat 2", "open 2", "lstat b", "lstat a"]);
      finder.find("3");
      assertEquals(finder.find("4"), "4");
      assertEquals(finder.calls, ["lstat 4", "open 4", "stat www"]);
      assertEquals(finder.disk.openFiles, 0);
    });
  },
});

Deno.test({
  name: "lookUp() looks completely in a folder that has just changed, or through a link",
  ignore,
  async fn() {
    await withFolder((folder) => {
      folder.write("a/b/1", "one");
      folder.link("a", "link");
      folder.link("1", "a/b/2");
      const finder = new Finder(folder.root);
      const complete = (name: string) => finder.calls.includes(`realPath ${name}`);
      for (let pass = 0; pass < 3; pass++) assertEquals(finder.find("a/b/1"), "one");
      assertEquals(complete("1"), false);
      for (let pass = 0; pass < 3; pass++) assertEquals(finder.find("a/b/1", Date.now()), "one");
      assertEquals(complete("1"), true);
      for (let pass = 0; pass < 3; pass++) assertEquals(finder.find("link/b/1"), "one");
      assertEquals(complete("1"), true);
      for (let pass = 0; pass < 3; pass++) assertEquals(finder.find("a/b/2"), "one");
      assertEquals(complete("2"), true);
    });
  },
});

/** A root with `a/b/file`, and the same names in a folder outside. */
class Site {
  readonly root: string;
  readonly outside: string;
  readonly finder: Finder;

  constructor({ root }: Folder, name: string) {
    this.root = `${root}/${name}/root`;
    this.outside = `${root}/${name}/outside`;
    Deno.mkdirSync(`${this.root}/a/b`, { recursive: true });
    Deno.mkdirSync(`${this.outside}/b`, { recursive: true });
    Deno.writeTextFileSync(`${this.root}/a/b/file`, "inside");
    for (const path of ["file", "b/file"]) Deno.writeTextFileSync(`${this.outside}/${path}`, "secret");
    this.finder = new Finder(this.root);
  }

  /** Makes `a/b` a known folder, in which look-ups are short. */
  learn(): void {
    for (let pass = 0; pass < 2; pass++) assertEquals(this.finder.find("a/b/file", Date.now()), "inside");
    assertEquals(this.finder.calls, ["lstat file", "open file", "lstat b", "lstat a"]);
  }

  /** Replaces a folder below the root by a link out of it. */
  swapOut(path: string): void {
    Deno.renameSync(`${this.root}/${path}`, `${this.root}/kept`);
    Deno.symlinkSync(this.outside, `${this.root}/${path}`);
  }

  /** Undoes `swapOut`. */
  swapBack(path: string): void {
    Deno.removeSync(`${this.root}/${path}`);
    Deno.renameSync(`${this.root}/kept`, `${this.root}/${path}`);
  }
}

const FOLDERS = ["a", "a/b"];
const CALLS = ["lstat file", "open file", "lstat b", "lstat a"];

/** Longer than a folder counts as changed: 2.5 s, and a second because change times are whole seconds. */
const OLD_MS = 4_000;

/** Runs `test` with sites whose folders were changed some seconds ago, one for each name. */
async function withOldSites(names: readonly string[], test: (site: Site, name: string) => void): Promise<void> {
  await withFolder(async (folder) => {
    const sites = names.map((name, index) => [new Site(folder, `${index}`), name] as const);
    await new Promise((resolve) => setTimeout(resolve, OLD_MS));
    for (const [site, name] of sites) {
      site.learn();
      test(site, name);
      assertEquals(site.finder.disk.openFiles, 0, name);
    }
  });
}

Deno.test({
  name: "lookUp() refuses a file if a known folder was replaced by a link out of the root",
  ignore,
  async fn() {
    await withOldSites(FOLDERS, (site, path) => {
      site.swapOut(path);
      for (let pass = 0; pass < 3; pass++) assertEquals(site.finder.find("a/b/file", Date.now()), "(forbidden)", path);
      site.swapBack(path);
      assertEquals(site.finder.find("a/b/file", Date.now()), "inside", path);
    });
  },
});

Deno.test({
  name: "lookUp() sends nothing from outside if a known folder becomes a link before any of its calls",
  ignore,
  async fn() {
    const cases = FOLDERS.flatMap((path) => CALLS.map((call) => `${path}: ${call}`));
    await withOldSites(cases, (site, name) => {
      const [path, call] = name.split(": ") as [string, string];
      const found = site.finder.findDuring("a/b/file", call, () => site.swapOut(path), Date.now());
      assertEquals(found, "(forbidden)", name);
    });
  },
});

Deno.test({
  name: "lookUp() refuses a file that was opened while a known folder was a link, even if it is a folder again",
  ignore,
  async fn() {
    await withOldSites(FOLDERS, (site, path) => {
      site.swapOut(path);
      const found = site.finder.findDuring("a/b/file", "lstat b", () => site.swapBack(path), Date.now());
      assertEquals(found, "(forbidden)", path);
    });
  },
});

Deno.test({
  name: "lookUp() does not give a file the state of another one that takes its name before it is opened",
  ignore,
  async fn() {
    await withFolder((folder) => {
      folder.write("a/b/file", "inside");
      folder.write("a/b/new", "a longer content");
      const finder = new Finder(folder.root);
      for (let pass = 0; pass < 3; pass++) finder.find("a/b/file");
      const rename = () => Deno.renameSync(`${folder.root}/a/b/new`, `${folder.root}/a/b/file`);
      assertEquals(finder.findDuring("a/b/file", "open file", rename, Date.now()), "a longer content");
      assertEquals(finder.calls.includes("realPath file"), true);
    });
  },
});

Deno.test({
  name: "lookUp() does not mix two roots if the link to the root changes before the file is opened",
  ignore,
  async fn() {
    await withFolder((folder) => {
      folder.write("one/a/file", "one");
      folder.write("two/a/file", "two");
      folder.link("one", "current");
      const finder = new Finder(`${folder.root}/current`);
      for (let pass = 0; pass < 3; pass++) assertEquals(finder.find("a/file"), "one");
      assertEquals(finder.calls, ["lstat file", "open file", "lstat a"]);
      const swap = () => {
        Deno.removeSync(`${folder.root}/current`);
        folder.link("two", "current");
      };
      finder.findDuring("a/file", "open file", swap);
      assertEquals(finder.calls.includes("realPath file"), true);
      for (let pass = 0; pass < 3; pass++) assertEquals(finder.find("a/file"), "two");
      assertEquals(finder.calls, ["lstat file", "open file", "lstat a"]);
    });
  },
});

Deno.test({
  name: "a rename changes the change time of the folder on this system, which the short look-up relies on",
  ignore,
  async fn() {
    await withFolder((folder) => {
      folder.write("a/file");
      const secondsBefore = Math.floor(Date.now() / 1000);
      const clock = Date.now() + 1100; // The runtime tells change times in whole seconds.
      while (Date.now() < clock) Deno.statSync(folder.root);
      Deno.renameSync(`${folder.root}/a`, `${folder.root}/b`);
      const { ctime } = Deno.lstatSync(`${folder.root}/b`);
      assertEquals(Math.floor(ctime!.getTime() / 1000) > secondsBefore, true);
    });
  },
});

/** A disk on which `a` is sometimes the folder of the root, and sometimes a link to the one outside. */
function exchanging(site: Site, isOut: (call: "path" | "file") => boolean): WatchedDisk {
  const seen = (path: string, call: "path" | "file") => {
    return isOut(call) ? path.replace(`${site.root}/a/b`, `${site.outside}/b`) : path;
  };
  return new WatchedDisk({
    stat: (path) => systemDisk.stat(seen(path, "file")),
    lstat: (path) => systemDisk.lstat(seen(path, "file")),
    open: (path) => systemDisk.open(seen(path, "file")),
    realPath: (path) => systemDisk.realPath(seen(path, "path")),
  });
}

Deno.test("lookUp() sends nothing from outside while a folder and a link out of the root are exchanged in a loop", async () => {
  await withFolder((folder) => {
    const site = new Site(folder, "site");
    const random = new Random(7);
    let calls = 0;
    const patterns: Record<string, (call: "path" | "file") => boolean> = {
      "at random": () => random.chance(0.5),
      "before each call": () => calls++ % 2 === 0,
      "before each second call": () => calls++ % 4 < 2,
      "before each fourth call": () => calls++ % 8 < 4,
    };
    for (const [pattern, isOut] of Object.entries(patterns)) {
      const disk = exchanging(site, isOut);
      const known = { folders: new KnownFolders(disk), wallMs: Date.now() };
      for (let pass = 0; pass < 500; pass++) {
        calls += random.integer(0, 7);
        const found = lookUp(disk, site.root, ["a", "b", "file"], { realRoot: Deno.realPathSync, known });
        assert(contentOf(found) !== "secret", pattern);
      }
      assertEquals(disk.openFiles, 0);
    }
    const steady = exchanging(site, () => false);
    assertEquals(contentOf(lookUp(steady, site.root, ["a", "b", "file"], { realRoot: Deno.realPathSync })), "inside");
  });
});
