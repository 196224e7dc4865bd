/**
 * Opening the file for a root and segments: names, links, folders and devices, errors of the system, and links that change
 * at the same time. locks_test.ts tests the two checks on the root separately.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { type Missing, pathBelow, type Representation, select } from "../../src/files/representation.ts";
import { contentOf, type Folder, SECRET, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true }); // `select` must close files that it does not return.

const ON_WINDOWS = Deno.build.os === "windows";

/** The content of the file below the root, as text. */
function find({ root }: Folder, ...segments: readonly string[]): string {
  return contentOf(select(systemDisk, root, segments));
}

Deno.test("select() opens a file, with its length and time", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "12345");
    Deno.utimeSync(`${folder.root}/page.html`, 1_000_000, 1_000_000);
    const found = select(systemDisk, folder.root, ["page.html"]) as Representation;
    assertEquals([found.length, found.info.mtime?.getTime(), found.info.size], [5, 1_000_000_000, 5]);
    assertEquals(contentOf(found), "12345");
  });
});

Deno.test("select() opens an empty file", async () => {
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
    name: `select() uses a name unchanged: ${name.slice(0, 40)}`,
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
  Deno.test(`select() does not find ${what}`, async () => {
    await withFolder((folder) => {
      folder.write("page.html", "page");
      folder.link("gone", "dangling");
      folder.link("loop", "loop");
      folder.link("pong", "ping");
      folder.link("ping", "pong");
      assertEquals(find(folder, ...segments), "(not found)");
    });
  });
}

Deno.test("select() returns not found for dot files and files in dot folders", async () => {
  await withFolder((folder) => {
    for (const path of [".env", ".git/config", "sub/.htpasswd", "sub/.well-known/a", ".well-known/.secret", "..."]) {
      folder.write(path);
      assertEquals(find(folder, ...path.split("/")), "(not found)", path);
    }
    assertEquals(find(folder, ".gone"), "(not found)");
    assertEquals(find(folder, ".git"), "(not found)");
  });
});

Deno.test("select() does not use the disk for a dot file", () => {
  const disk = new WatchedDisk({
    stat() {
      throw new Error("looked at");
    },
  });
  assertEquals(select(disk, "/srv", [".env"]), "not found");
});

Deno.test("select() finds files below .well-known in the root", async () => {
  await withFolder((folder) => {
    folder.write(".well-known/security.txt", "contact");
    assertEquals(find(folder, ".well-known", "security.txt"), "contact");
    assertEquals(find(folder, ".well-known"), "(directory)");
  });
});

Deno.test("select() distinguishes folders from files, including the root", async () => {
  await withFolder((folder) => {
    folder.mkdir("sub");
    folder.link("sub", "link");
    assertEquals([find(folder, "sub"), find(folder, "link"), find(folder)], [
      "(directory)",
      "(directory)",
      "(directory)",
    ]);
  });
});

Deno.test("select() follows any number of links that stay inside", async () => {
  await withFolder((folder) => {
    folder.write("sub/page.html", "page");
    folder.link("sub", "a");
    folder.link("a", "b");
    folder.link("../b/page.html", "sub/c.html");
    folder.link(`${folder.root}/sub/c.html`, "absolute.html");
    assertEquals([find(folder, "b", "c.html"), find(folder, "absolute.html")], ["page", "page"]);
  });
});

Deno.test("select() follows a link that leads out of the root and back", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    Deno.symlinkSync("../www/page.html", `${folder.outside}/back`);
    folder.link("../outside/back", "there and back");
    assertEquals(find(folder, "there and back"), "page");
  });
});

Deno.test("select() refuses a link to a folder whose name begins like the root's", async () => {
  await withFolder((folder) => {
    Deno.mkdirSync(`${folder.root}-old`);
    Deno.writeTextFileSync(`${folder.root}-old/page.html`, "old");
    folder.link("../www-old/page.html", "old.html");
    assertEquals(find(folder, "old.html"), "(forbidden)");
  });
});

Deno.test("select() accepts a root that is a link, ends in slashes, or is relative", async () => {
  await withFolder((folder) => {
    folder.write("sub/page.html", "page");
    Deno.symlinkSync(folder.root, `${folder.outside}/www`);
    const roots = [`${folder.outside}/www`, `${folder.root}/`, `${folder.root}///`, `${folder.root}/sub/..`];
    const before = Deno.cwd();
    try {
      Deno.chdir(folder.outside);
      for (const root of [...roots, "../www", "./../www/", "www"]) {
        assertEquals(contentOf(select(systemDisk, root, ["sub", "page.html"])), "page", root);
        assertEquals(select(systemDisk, root, ["sub"]), "directory", root);
      }
    } finally {
      Deno.chdir(before);
    }
  });
});

Deno.test("select() finds nothing below a root that does not exist or is a file", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    for (const root of [`${folder.root}/gone`, `${folder.root}/page.html`]) {
      assertEquals(contentOf(select(systemDisk, root, ["index.html"])), "(not found)");
    }
  });
});

Deno.test({
  name: "select() refuses a FIFO without opening it, which would wait for a writer",
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
      assertEquals(select(disk, folder.root, ["fifo"]), "forbidden");
      assertEquals(select(disk, folder.root, ["link"]), "forbidden");
    });
  },
});

Deno.test({
  name: "select() refuses a Unix socket",
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
  name: "select() refuses a device",
  ignore: ON_WINDOWS,
  fn() {
    assertEquals(contentOf(select(systemDisk, "/dev", ["null"])), "(forbidden)");
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
      [new Deno.errors.NotFound("text"), "not found"],
      [coded("ENOENT"), "not found"],
      [coded("ENOTDIR"), "not found"],
      [coded("ELOOP"), "not found"],
      [coded("ENAMETOOLONG"), "not found"],
      [coded("EACCES"), "forbidden"],
      [coded("EMFILE"), "busy"],
      [new Deno.errors.PermissionDenied("text"), "forbidden"],
      [new Deno.errors.NotCapable("text"), "forbidden"],
    ] as const satisfies readonly (readonly [Error, Missing])[]
  ) {
    Deno.test(`select() turns ${nameOf(error)} of ${operation} into ${missing}, and leaves no file open`, async () => {
      await withFolder((folder) => {
        folder.write("page.html", "page");
        const disk = failing(operation, error);
        assertEquals([select(disk, folder.root, ["page.html"]), disk.openFiles], [missing, 0]);
      });
    });
  }

  Deno.test(`select() throws the error of ${operation} on a broken disk, and leaves no file open`, async () => {
    await withFolder((folder) => {
      folder.write("page.html", "page");
      const disk = failing(operation, Object.assign(new Error("Input/output error"), { code: "EIO" }));
      assertThrows(() => select(disk, folder.root, ["page.html"]), Error, "Input/output error");
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
  Deno.test(`select() refuses a file whose name becomes a link out of the root ${moment}`, async () => {
    await withFolder((folder) => {
      folder.write("page.html", "page");
      const disk = swapping(moment, () => {
        Deno.removeSync(`${folder.root}/page.html`);
        folder.link("../outside/secret.txt", "page.html");
      });
      assertEquals([contentOf(select(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
    });
  });
}

Deno.test("select() refuses a file outside that was opened through a link, even if the link is a file again", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    const disk = new WatchedDisk({
      open: () => systemDisk.open(`${folder.outside}/secret.txt`), // The target of the link for a moment.
    });
    assertEquals([contentOf(select(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
    assertEquals(Deno.readTextFileSync(`${folder.outside}/secret.txt`), SECRET);
  });
});

Deno.test("select() refuses a folder that replaces a file before it is opened", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    const disk = swapping("before open", () => {
      Deno.removeSync(`${folder.root}/page.html`);
      folder.mkdir("page.html");
    });
    assertEquals([contentOf(select(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
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
