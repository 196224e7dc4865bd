/**
 * From root and segments to an open file or the reason why there is none: names, links, what is not a file, errors of the
 * system, and links that change while they are looked at. The locks one by one are in locks_test.ts.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { type Missing, pathBelow, type Representation, select } from "../../src/files/representation.ts";
import { contentOf, type Folder, SECRET, WatchedDisk, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true }); // A file that is not served must be closed.

const ON_WINDOWS = Deno.build.os === "windows";

/** What is found below the root, as text. */
function find({ root }: Folder, ...segments: readonly string[]): string {
  return contentOf(select(systemDisk, root, segments));
}

Deno.test("select() opens a file, with its length and time", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "12345");
    Deno.utimeSync(`${folder.root}/page.html`, 1_000_000, 1_000_000);
    const found = select(systemDisk, folder.root, ["page.html"]) as Representation;
    assertEquals([found.length, found.modifiedMs, found.info.size], [5, 1_000_000_000, 5]);
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
    name: `select() takes a name as it is: ${name.slice(0, 40)}`,
    ignore: ON_WINDOWS, // Which has its own opinion of names.
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
    ["a file that is taken for a folder", ["page.html", "index.html"]],
    ["a name beyond what the system takes", ["a".repeat(256)]],
    ["a path beyond what the system takes", Array.from({ length: 3000 }, () => "ab")],
    ["a link to nothing", ["dangling"]],
    ["a link that leads to itself", ["loop"]],
    ["links that lead to each other", ["ping"]],
    ["a name below a link that leads to itself", ["loop", "page.html"]],
  ] as const
) {
  Deno.test(`select() finds ${what} to be not there`, async () => {
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

Deno.test("select() hides dot files and what is in dot folders, and does not say that they are there", async () => {
  await withFolder((folder) => {
    for (const path of [".env", ".git/config", "sub/.htpasswd", "sub/.well-known/a", ".well-known/.secret", "..."]) {
      folder.write(path);
      assertEquals(find(folder, ...path.split("/")), "(not found)", path);
    }
    assertEquals(find(folder, ".gone"), "(not found)");
    assertEquals(find(folder, ".git"), "(not found)");
  });
});

Deno.test("select() never touches the disk for a dot file", () => {
  const disk = new WatchedDisk({
    stat() {
      throw new Error("looked at");
    },
  });
  assertEquals(select(disk, "/srv", [".env"]), "not found");
});

Deno.test("select() finds what is below .well-known at the root", async () => {
  await withFolder((folder) => {
    folder.write(".well-known/security.txt", "contact");
    assertEquals(find(folder, ".well-known", "security.txt"), "contact");
    assertEquals(find(folder, ".well-known"), "(directory)");
  });
});

Deno.test("select() tells a folder from a file, the root itself included", async () => {
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

Deno.test("select() follows links that stay inside, however many", async () => {
  await withFolder((folder) => {
    folder.write("sub/page.html", "page");
    folder.link("sub", "a");
    folder.link("a", "b");
    folder.link("../b/page.html", "sub/c.html");
    folder.link(`${folder.root}/sub/c.html`, "absolute.html");
    assertEquals([find(folder, "b", "c.html"), find(folder, "absolute.html")], ["page", "page"]);
  });
});

Deno.test("select() follows a link that goes out of the root and comes back", async () => {
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

Deno.test("select() takes a root that is a link, has slashes at its end, or is relative", async () => {
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

Deno.test("select() finds nothing below a root that is not there, or is a file", async () => {
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

/** A disk on which one operation fails. The superuser, who may run these tests, is refused nothing by a real one. */
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
    Deno.test(`select() takes ${nameOf(error)} of ${operation} for ${missing}, and leaves nothing open`, async () => {
      await withFolder((folder) => {
        folder.write("page.html", "page");
        const disk = failing(operation, error);
        assertEquals([select(disk, folder.root, ["page.html"]), disk.openFiles], [missing, 0]);
      });
    });
  }

  Deno.test(`select() throws what ${operation} says of a disk that is broken, and leaves nothing open`, async () => {
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

/** A disk on which `swap` happens between two operations on the one file that is asked for. */
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
  Deno.test(`select() refuses a file whose name is made a link out of the root ${moment}`, async () => {
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

Deno.test("select() refuses a file from outside that was opened through a link which is a file again when it is checked", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    const disk = new WatchedDisk({
      open: () => systemDisk.open(`${folder.outside}/secret.txt`), // What the link led to for a moment.
    });
    assertEquals([contentOf(select(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
    assertEquals(Deno.readTextFileSync(`${folder.outside}/secret.txt`), SECRET);
  });
});

Deno.test("select() refuses a folder that has taken a file's place before it was opened", async () => {
  await withFolder((folder) => {
    folder.write("page.html", "page");
    const disk = swapping("before open", () => {
      Deno.removeSync(`${folder.root}/page.html`);
      folder.mkdir("page.html");
    });
    assertEquals([contentOf(select(disk, folder.root, ["page.html"])), disk.openFiles], ["(forbidden)", 0]);
  });
});

Deno.test("pathBelow() joins with one slash, whatever the root ends with", () => {
  assertEquals(["www", "www/", "www//", "/"].map((root) => pathBelow(root, ["a", "b"])), [
    "www/a/b",
    "www/a/b",
    "www/a/b",
    "/a/b",
  ]);
});
