/**
 * Opening the file for a root and segments: names, links, folders and devices, errors of the system, and links that change
 * at the same time. containment_test.ts tests the two checks on the root separately.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { lookUp, type OpenedFile } from "../../src/files/look_up.ts";
import { pathBelow } from "../../src/paths.ts";
import { contentOf, type Folder, SECRET, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true }); // `lookUp` must close files that it does not return.

const ON_WINDOWS = Deno.build.os === "windows";

/** The content of the file below the root, as text. */
function find({ root }: Folder, ...segments: readonly string[]): string {
  return contentOf(lookUp(systemDisk, root, segments));
}

Deno.test("lookUp() opens a file, with its length and time", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "12345");
    Deno.utimeSync(`${folder.root}/page.html`, 1_000_000, 1_000_000);
    const found = lookUp(systemDisk, folder.root, ["page.html"]) as OpenedFile;
    assertEquals([found.length, found.info.mtime?.getTime(), found.info.size], [5, 1_000_000_000, 5]);
    assertEquals(contentOf(found), "12345");
  });
});

Deno.test("lookUp() opens an empty file", async () => {
  await withFolder((folder) => {
    folder.write("empty", "");
    assertEquals(find(folder, "empty"), "");
  });
});

for (
  const name of [
    "name with blanks",
    " leading and trailing ",
    "100% & more?",
    "a#b",
    "a+b",
    "naïve café",
    "日本語",
    "😀",
    "quo'te\"s",
    "semi;colon, comma",
    "[brackets]{braces}|^`",
    "trailing dot.",
    "a..b",
    "~user",
    "-rf",
    "page.html~",
    "%2e%2e",
    "a".repeat(255),
  ]
) {
  Deno.test({
    name: `lookUp() uses a name unchanged: ${name.slice(0, 40)}`,
    ignore: ON_WINDOWS, // Windows does not permit some of these names.
    async fn() {
      await withFolder((folder) => {
        folder.write(name, "in a file");
        folder.write(`folder of ${name.slice(0, 200)}/${name}`, "in a folder");
        assertEquals(find(folder, name), "in a file");
        assertEquals(find(folder, `folder of ${name.slice(0, 200)}`, name), "in a folder");
      });
    },
  });
}

for (
  const [what, segments] of [
    ["a name that is not there", ["gone.html"]],
    ["a folder that is not there", ["gone", "page.html"]],
    ["a path below a file", ["page.html", "index.html"]],
    ["a name that is too long for the system", ["a".repeat(256)]],
    ["a path that is too long for the system", Array.from({ length: 3000 }, () => "ab")],
    ["a link to nothing", ["dangling"]],
    ["a link that leads to itself", ["loop"]],
    ["links that lead to each other", ["ping"]],
    ["a name below a link that leads to itself", ["loop", "page.html"]],
  ] as const
) {
  Deno.test(`lookUp() does not find ${what}`, async () => {
    await withFolder((folder) => {
      folder.write("page.html", "page");
      folder.link("gone", "dangling");
      folder.link("loop", "loop");
      folder.link("pong", "ping");
      folder.link("ping", "pong");
      assertEquals(find(folder, ...segments), "(absent)");
    });
  });
}

Deno.test("lookUp() returns not found for dot files and files in dot folders", async () => {
  await withFolder((folder) => {
    for (const path of [".env", ".git/config", "sub/.htpasswd", "sub/.well-known/a", ".well-known/.secret", "..."]) {
      folder.write(path);
      assertEquals(find(folder, ...path.split("/")), "(absent)", path);
    }
    assertEquals(find(folder, ".gone"), "(absent)");
    assertEquals(find(folder, ".git"), "(absent)");
  });
});

Deno.test("lookUp() does not use the disk for a dot file", () => {
  const disk = new WatchedDisk({
    stat() {
      throw new Error("looked at");
    },
  });
  assertEquals(contentOf(lookUp(disk, "/srv", [".env"])), "(absent)");
});

Deno.test("lookUp() finds files below .well-known in the root", async () => {
  await withFolder((folder) => {
    folder.write(".well-known/security.txt", "contact");
    assertEquals(find(folder, ".well-known", "security.txt"), "contact");
    assertEquals(find(folder, ".well-known"), "(folder)");
  });
});

Deno.test("lookUp() distinguishes folders from files, including the root", async () => {
  await withFolder((folder) => {
    folder.mkdir("sub");
    folder.link("sub", "link");
    assertEquals([find(folder, "sub"), find(folder, "link"), find(folder)], [
      "(folder)",
      "(folder)",
      "(folder)",
    ]);
  });
});

Deno.test("lookUp() follows any number of links that stay inside", async () => {
  await withFolder((folder) => {
    folder.write("sub/page.html", "page");
    folder.link("sub", "a");
    folder.link("a", "b");
    folder.link("../b/page.html", "sub/c.html");
    folder.link(`${folder.root}/sub/c.html`, "absolute.html");
    assertEquals([find(folder, "b", "c.html"), find(folder, "absolute.html")], ["page", "page"]);
  });
});

Deno.test("lookUp() follows a link that leads out of the root and back", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    Deno.symlinkSync("../www/page.html", `${folder.outside}/back`);
    folder.link("../outside/back", "there and back");
    assertEquals(find(folder, "there and back"), "page");
  });
});

Deno.test("lookUp() refuses a link to a folder whose name begins like the root's", async () => {
  await withFolder((folder) => {
    Deno.mkdirSync(`${folder.root}-old`);
    Deno.writeTextFileSync(`${folder.root}-old/page.html`, "old");
    folder.link("../www-old/page.html", "old.html");
    assertEquals(find(folder, "old.html"), "(forbidden)");
  });
});

Deno.test("lookUp() accepts a root that is a link, ends in slashes, or is relative", async () => {
  await withFolder((folder) => {
    folder.write("sub/page.html", "page");
    Deno.symlinkSync(folder.root, `${folder.outside}/www`);
    const roots = [`${folder.outside}/www`, `${folder.root}/`, `${folder.root}///`, `${folder.root}/sub/..`];
    const before = Deno.cwd();
    try {
      Deno.chdir(folder.outside);
      for (const root of [...roots, "../www", "./../www/", "www"]) {
        assertEquals(contentOf(lookUp(systemDisk, root, ["sub", "page.html"])), "page", root);
        assertEquals(contentOf(lookUp(systemDisk, root, ["sub"])), "(folder)", root);
      }
    } finally {
      Deno.chdir(before);
    }
  });
});

Deno.test("lookUp() finds nothing below a root that does not exist or is a file", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    for (const root of [`${folder.root}/gone`, `${folder.root}/page.html`]) {
      assertEquals(contentOf(lookUp(systemDisk, root, ["index.html"])), "(absent)");
    }
  });
});

Deno.test({
  name: "lookUp() refuses a FIFO without opening it, which would wait for a writer",
  ignore: ON_WINDOWS,
  async fn() {
    await withFolder(async (folder) => {
      await new Deno.Command("mkfifo", { args: [`${folder.root}/fifo`] }).output();
      folder.link("fifo", "link");
      const disk = new WatchedDisk({
        open() {
          throw new Error("opened");
        },
      });
      assertEquals(contentOf(lookUp(disk, folder.root, ["fifo"])), "(forbidden)");
      assertEquals(contentOf(lookUp(disk, folder.root, ["link"])), "(forbidden)");
    });
  },
});

Deno.test({
  name: "lookUp() refuses a Unix socket",
  ignore: ON_WINDOWS,
  async fn() {
    await withFolder((folder) => {
      const listener = Deno.listen({ transport: "unix", path: `${folder.root}/socket` });
      assertEquals(find(folder, "socket"), "(forbidden)");
      listener.close();
    });
  },
});

Deno.test({
  name: "lookUp() refuses a device",
  ignore: ON_WINDOWS,
  fn() {
    assertEquals(contentOf(lookUp(systemDisk, "/dev", ["null"])), "(forbidden)");
  },
});

/** A disk on which one operation fails. On a real disk, the superuser may open all files. */
function failing(operation: "stat" | "open" | "realPath", error: Error): WatchedDisk {
  return new WatchedDisk({
    [operation]: () => {
      throw error;
    },
  });
}

function coded(code: string): Error {
  return Object.assign(new Error("text"), { code });
}

for (const operation of ["stat", "open", "realPath"] as const) {
  for (
    const [error, missing] of [
      [new Deno.errors.NotFound("text"), "absent"],
      [coded("ENOENT"), "absent"],
      [coded("ENOTDIR"), "absent"],
      [coded("ELOOP"), "absent"],
      [coded("ENAMETOOLONG"), "absent"],
      [coded("EACCES"), "forbidden"],
      [coded("EMFILE"), "busy"],
      [new Deno.errors.PermissionDenied("text"), "forbidden"],
      [new Deno.errors.NotCapable("text"), "forbidden"],
    ] as const satisfies readonly (readonly [Error, string])[]
  ) {
    Deno.test(`lookUp() turns ${nameOf(error)} of ${operation} into ${missing}, and leaves no file open`, async () => {
      await withFolder((folder) => {
        folder.write("page.html", "page");
        const disk = failing(operation, error);
        assertEquals([contentOf(lookUp(disk, folder.root, ["page.html"])), disk.openFiles], [`(${missing})`, 0]);
      });
    });
  }

  Deno.test(`lookUp() throws the error of ${operation} on a broken disk, and leaves no file open`, async () => {
    await withFolder((folder) => {
      folder.write("page.html", "page");
      const disk = failing(operation, Object.assign(new Error("Input/output error"), { code: "EIO" }));
      assertThrows(() => lookUp(disk, folder.root, ["page.html"]), Error, "Input/output error");
      assertEquals(disk.openFiles, 0);
    });
  });
}

function nameOf(error: Error): string {
  return "code" in error ? String(error.code) : error.constructor.name;
}

/** A disk that calls `swap` between two operations on the requested file. */
function swapping(moment: "before open" | "after open" | "before realPath", swap: () => void): WatchedDisk {
  let isDone = false;
  const once = (now: typeof moment) => {
    if (now === moment && !isDone) swap();
    isDone ||= now === moment;
  };
  return new WatchedDisk({
    open(path) {
      once("before open");
      const file = systemDisk.open(path);
      once("after open");
      return file;
    },
    realPath(path) {
      if (path.endsWith("page.html")) once("before realPath");
      return systemDisk.realPath(path);
    },
  });
}

for (const moment of ["before open", "after open", "before realPath"] as const) {
  Deno.test(`lookUp() refuses a file whose name becomes a link out of the root ${moment}`, async () => {
    await withFolder((folder) => {
      folder.write("page.html", "page");
      const disk = swapping(moment, () => {
        Deno.removeSync(`${folder.root}/page.html`);
        folder.link("../outside/secret.txt", "page.html");
      });
      assertEquals([contentOf(lookUp(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
    });
  });
}

Deno.test("lookUp() refuses a file outside that was opened through a link, even if the link is a file again", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    const disk = new WatchedDisk({
      open: () => systemDisk.open(`${folder.outside}/secret.txt`), // The target of the link for a moment.
    });
    assertEquals([contentOf(lookUp(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
    assertEquals(Deno.readTextFileSync(`${folder.outside}/secret.txt`), SECRET);
  });
});

Deno.test("lookUp() refuses a folder that replaces a file before it is opened", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    const disk = swapping("before open", () => {
      Deno.removeSync(`${folder.root}/page.html`);
      folder.mkdir("page.html");
    });
    assertEquals([contentOf(lookUp(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
  });
});

Deno.test("pathBelow() joins with exactly one slash", () => {
  assertEquals(["www", "www/", "www//", "/"].map((root) => pathBelow(root, ["a", "b"])), [
    "www/a/b",
    "www/a/b",
    "www/a/b",
    "/a/b",
  ]);
});
