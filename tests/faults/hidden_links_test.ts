/**
 * Links to what is hidden: a link shows nothing that its target would not show when it is asked for by its own name. Judged is
 * where a file really lies below its root, whatever way led there.
 */

import { assertEquals } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { lookUp } from "../../src/files/look_up.ts";
import { asking } from "../site/asking.ts";
import { contentOf, type Folder, WatchedDisk, withFolder } from "../files/folder.ts";

Deno.test.sanitizer({ ops: true, resources: true }); // A file that is not served must be closed.

/** What is found, dot files hidden. */
function find({ root }: Folder, path: string): string {
  return contentOf(lookUp(systemDisk, root, path.split("/")));
}

function prepare(folder: Folder): void {
  for (const path of [".env", ".git/config", ".git/deep/a.txt", "sub/.htpasswd", "sub/page.html"]) folder.write(path);
  for (const path of [".well-known/security.txt", "sub/.well-known/inner.txt", ".well-known/.secret"]) {
    folder.write(path);
  }
}

/** Where links lead, and what is asked for below them. */
const HIDDEN: readonly (readonly [target: string, below?: string])[] = [
  [".env"],
  [".git/config"],
  [".git", "config"],
  [".git/deep", "a.txt"],
  ["sub/.htpasswd"],
  ["sub/.well-known/inner.txt"],
  ["sub/.well-known", "inner.txt"],
  [".well-known/.secret"],
  ["../www/.env"],
  ["sub/../.env"],
  [".git/../.env"],
];

for (const [target, below = ""] of HIDDEN) {
  Deno.test(`a link to ${target} does not show what is hidden`, async () => {
    await withFolder((folder) => {
      prepare(folder);
      folder.link(target, "link");
      folder.link(`../${target}`, "sub/link");
      folder.link("link", "link to link");
      folder.link(`${folder.root}/${target}`, "absolute");
      for (const link of ["link", "sub/link", "link to link", "absolute"]) {
        const path = below === "" ? link : `${link}/${below}`;
        assertEquals(find(folder, path), "(forbidden)", path);
      }
    });
  });
}

Deno.test("a link to a hidden folder is no folder, so that no redirect tells of it", async () => {
  await withFolder(async (folder) => {
    prepare(folder);
    folder.link(".git", "link");
    assertEquals(find(folder, "link"), "(forbidden)");
    assertEquals(await asking(folder.root).status("GET /link HTTP/1.1"), 403);
  });
});

Deno.test("a link through a hidden folder to what is not hidden is followed: where the file is decides", async () => {
  await withFolder((folder) => {
    prepare(folder);
    folder.link(".git/../sub/page.html", "through");
    folder.link("../../sub/page.html", ".git/deep/back");
    folder.link(".git/deep/back", "there and back");
    assertEquals([find(folder, "through"), find(folder, "there and back")], ["sub/page.html", "sub/page.html"]);
  });
});

Deno.test("what lies in .well-known at the top is shown under every name that leads there", async () => {
  await withFolder((folder) => {
    prepare(folder);
    folder.link(".well-known", "known");
    folder.link("../.well-known/security.txt", "sub/security.txt");
    assertEquals(find(folder, "known/security.txt"), ".well-known/security.txt");
    assertEquals(find(folder, "sub/security.txt"), ".well-known/security.txt");
  });
});

Deno.test("a .well-known that is a link to a hidden folder shows nothing of it", async () => {
  await withFolder((folder) => {
    folder.write(".acme/token");
    folder.link(".acme", ".well-known");
    assertEquals(find(folder, ".well-known/token"), "(forbidden)");
  });
});

Deno.test("an index that is a link to a hidden file is not shown", async () => {
  await withFolder(async (folder) => {
    folder.write(".index.html", "secret");
    folder.link(".index.html", "index.html");
    const { status, text } = await asking(folder.root).ask("GET / HTTP/1.1");
    assertEquals([status, text.includes("secret")], [403, false]);
  });
});

Deno.test("a root in a hidden folder is served: only what is below it counts", async () => {
  await withFolder(async (folder) => {
    folder.write(".site/www/page.html", "page");
    folder.write(".site/www/.env", "secret");
    const root = `${folder.root}/.site/www`;
    Deno.symlinkSync("page.html", `${root}/link`);
    Deno.symlinkSync(".env", `${root}/hidden`);
    const asked = asking(root);
    const statuses = await Promise.all(
      ["/page.html", "/link", "/hidden"].map((path) => asked.status(`GET ${path} HTTP/1.1`)),
    );
    assertEquals(statuses, [200, 200, 403]);
  });
});

Deno.test("a file that is remembered is not shown any more once its name leads to what is hidden", async () => {
  await withFolder(async (folder) => {
    folder.write("page.html", "page");
    folder.write(".env", "secret");
    folder.write("open/page.html", "page");
    folder.link("page.html", "link");
    folder.link("open", "folder");
    const asked = asking(folder.root);
    const targets = ["/link", "/folder/page.html"];
    for (const target of targets) assertEquals((await asked.ask(`GET ${target} HTTP/1.1`)).text, "page");
    Deno.removeSync(`${folder.root}/link`);
    folder.link(".env", "link");
    Deno.renameSync(`${folder.root}/open`, `${folder.root}/.closed`);
    Deno.removeSync(`${folder.root}/folder`);
    folder.link(".closed", "folder");
    for (const target of targets) assertEquals(await asked.status(`GET ${target} HTTP/1.1`), 403, target);
  });
});

Deno.test("a link that comes to lead to a hidden file while it is looked at shows nothing", async () => {
  for (const moment of ["open", "realPath"] as const) {
    await withFolder((folder) => {
      folder.write("page.html", "page");
      folder.write(".env", "secret");
      folder.link("page.html", "link");
      let isSwapped = false;
      const swap = (path: string) => {
        if (isSwapped || !path.endsWith("link")) return;
        isSwapped = true;
        Deno.removeSync(`${folder.root}/link`);
        folder.link(".env", "link");
      };
      const disk = new WatchedDisk({
        open: (path) => (moment === "open" && swap(path), systemDisk.open(path)),
        realPath: (path) => (moment === "realPath" && swap(path), systemDisk.realPath(path)),
      });
      assertEquals([contentOf(lookUp(disk, folder.root, ["link"])), disk.openFiles], ["(forbidden)", 0], moment);
    });
  }
});

Deno.test("where dot files are served, they are, by their names and by links, and nothing outside is", async () => {
  await withFolder((folder) => {
    prepare(folder);
    folder.link(".env", "link");
    folder.link("../outside/secret.txt", ".out");
    const found = [".env", ".git/config", "link", ".out"].map((path) =>
      contentOf(lookUp(systemDisk, folder.root, path.split("/"), { dotFiles: "served" }))
    );
    assertEquals(found, [".env", ".git/config", ".env", "(forbidden)"]);
  });
});
