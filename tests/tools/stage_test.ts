/** What a binary is compiled from: the sources, and for an embedded site its files, but none that would never be served. */

import { readdir } from "node:fs/promises";
import { assertEquals, assertRejects } from "@std/assert";
import { allowFlags, permit } from "../../src/config/permissions.ts";
import { join, relative, SEPARATOR } from "@std/path";
import { type Stage, withStage } from "../../tools/stage.ts";
import { Mistake } from "../../tools/mistake.ts";
import { exchange, get } from "../client.ts";
import { basic, PASSWORD, SCRYPT_LINE } from "../site/passwords.ts";
import { freePort, planOf, withFiles, withRunning } from "./staged.ts";

/** Every file below a folder, with slashes. */
async function pathsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const paths = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
  return paths.map((path) => path.replaceAll(SEPARATOR, "/")).toSorted();
}

async function buildOf({ folder }: Stage) {
  return JSON.parse(await Deno.readTextFile(join(folder, "build.json")));
}

Deno.test("withStage() gathers the sources and nothing else, and takes them away again", async () => {
  let where = "";
  await withStage(planOf("host default www"), async (stage) => {
    where = stage.folder;
    const paths = await pathsBelow(where);
    assertEquals(paths.filter((path) => !/^src\/[\w/.]+\.ts$/.test(path)), [
      "build.json",
      "deno.json",
      "deno.lock",
      "main.ts",
    ]);
    assertEquals(paths.includes("src/process/worker.ts"), true);
  });
  await assertRejects(() => Deno.stat(where), Deno.errors.NotFound);
});

Deno.test("withStage() notes what the binary is built with", async () => {
  await withStage(planOf("host default www", "scoped"), async (stage) => {
    assertEquals(await buildOf(stage), {
      flavour: "scoped",
      config: "web.conf",
      permissions: permit({
        read: [{ what: "web.conf", origin: "configuration" }, { what: "www", origin: "web.conf:1" }],
        net: [{ what: "[::]:8080", origin: "default" }, { what: "0.0.0.0:8080", origin: "default" }],
        sys: [
          { what: "networkInterfaces", origin: "banner" },
          { what: "systemMemoryInfo", origin: "cache auto" },
        ],
      }),
      roots: {},
    });
    assertEquals(stage.argv, []);
  });
});

Deno.test("withStage() has a binary for another web.conf start with that", async () => {
  await withStage(planOf("host default www", "scoped", { configFile: "lab/my.conf" }), (stage) => {
    assertEquals(stage.argv, ["-c", "lab/my.conf"]);
    assertEquals(allowFlags(stage.build.permissions)[0], "--allow-read=lab/my.conf,www");
    return Promise.resolve();
  });
});

Deno.test("withStage() embeds web.conf as it is, and each root once under a number", async () => {
  await withFiles({ "a/index.html": "A", "a/deep/x.ts": "not a module", "b/y": "B" }, async (top) => {
    const text = `host default "${top}/a"\nhost b.org "${top}/b"\nhost c.org "${top}/a"\n`;
    await withStage(planOf(text, "embedded"), async (stage) => {
      const inside = join(stage.folder, "embedded");
      assertEquals(await pathsBelow(inside), ["0/deep/x.ts", "0/index.html", "1/y", "web.conf"]);
      assertEquals([...stage.embeddedFiles].toSorted(), await pathsBelow(inside));
      assertEquals(await Deno.readTextFile(join(inside, "web.conf")), text);
      assertEquals((await buildOf(stage)).roots, { [`${top}/a`]: "0", [`${top}/b`]: "1" });
    });
  });
});

Deno.test("withStage() embeds password files beside the roots, and never as a part of one", async () => {
  await withFiles({ "www/index.html": "A", "www/staff": SCRYPT_LINE }, async (top) => {
    const text = `host default "${top}/www"\n  auth Staff "${top}/www/staff"\n`;
    await withStage(planOf(text, "embedded"), async (stage) => {
      const inside = join(stage.folder, "embedded");
      assertEquals(await pathsBelow(inside), ["0/index.html", "passwords/0", "web.conf"]);
      assertEquals([...stage.embeddedFiles].toSorted(), await pathsBelow(inside));
      assertEquals((await buildOf(stage)).roots, { [`${top}/www`]: "0", [`${top}/www/staff`]: "passwords/0" });
      assertEquals(stage.leftOut, [`${top}/www/staff: a password file`]);
    });
  });
});

Deno.test("a program with its site inside asks for the passwords inside", async () => {
  await withFiles({ "www/index.html": "A", "staff": SCRYPT_LINE }, async (top) => {
    const port = freePort();
    const text = `parameter port ${port}\nparameter address 127.0.0.1\nparameter workers 1\n` +
      `host default "${top}/www"\n  auth Staff "${top}/staff"\n`;
    await withStage(planOf(text, "embedded", { lan: false }), async (stage) => {
      await Deno.remove(join(top, "staff"));
      await withRunning(stage, async () => {
        assertEquals((await exchange(port, get("/", { Connection: "close" }))).status, 401);
        const fields = { Authorization: basic(`bob:${PASSWORD}`), Connection: "close" };
        assertEquals((await exchange(port, get("/", fields))).text, "A");
      });
    });
  });
});

Deno.test("a program with its site inside lists a folder, and shows its README", async () => {
  await withFiles({ "www/a.txt": "A", "www/README.md": "# Inside", "www/.env": "secret" }, async (top) => {
    const port = freePort();
    const text = `parameter port ${port}\nparameter address 127.0.0.1\nparameter workers 1\nlisting on\n` +
      `host default "${top}/www"\n`;
    await withStage(planOf(text, "embedded", { lan: false }), async (stage) => {
      await withRunning(stage, async () => {
        const page = await exchange(port, get("/", { Connection: "close" }));
        assertEquals([page.status, page.text.includes("<h2>Inside</h2>")], [200, true], page.text);
        const { text } = await exchange(port, get("/?format=json", { Connection: "close" }));
        assertEquals(JSON.parse(text).entries.map(({ name }: { name: string }) => name), ["a.txt", "README.md"]);
      });
    });
  });
});

Deno.test("withStage() refuses a password file that would keep the binary from starting", async () => {
  await withFiles({ "www/index.html": "A", "staff": "bob:plain" }, async (top) => {
    const text = `host default "${top}/www"\n  auth Staff "${top}/FILE"\n`;
    for (const [file, told] of [["staff", "staff:1:5: "], ["missing", "cannot be embedded"]] as const) {
      const staged = withStage(planOf(text.replace("FILE", file), "embedded"), () => Promise.resolve());
      await assertRejects(() => staged, Mistake, told);
    }
  });
});

Deno.test("withStage() leaves out what would never be served, and says why", async () => {
  const files = { "www/.env": "x", "www/.git/config": "x", "www/.well-known/x": "x", "www/ok": "x", "secret": "x" };
  await withFiles(files, async (top) => {
    await Deno.symlink(`${top}/secret`, `${top}/www/link-out`);
    await Deno.symlink(`${top}/www/ok`, `${top}/www/link-in`);
    await Deno.symlink(`${top}/nowhere`, `${top}/www/link-to-nothing`);
    await Deno.symlink(`${top}/www`, `${top}/www/circle`);
    await Deno.symlink(`${top}`, `${top}/www/up`);
    await Deno.symlink(".env", `${top}/www/shown`);
    await Deno.symlink(".git", `${top}/www/git`);
    await withStage(planOf(`host default "${top}/www"`, "embedded"), async (stage) => {
      assertEquals(stage.embeddedFiles, ["web.conf", "0/.well-known/x", "0/link-in", "0/ok"]);
      assertEquals(await Deno.readTextFile(join(stage.folder, "embedded/0/link-in")), "x");
      const reasons = stage.leftOut.map((line) => line.replace(`${top}/www/`, ""));
      assertEquals(reasons, [
        ".env: hidden",
        ".git/config: hidden",
        "git/config: a link to a hidden file",
        "link-out: a link that leads out of its root",
        "link-to-nothing: a link that leads out of its root",
        "shown: a link to a hidden file",
        "up: a link that leads out of its root",
      ]);
    });
  });
});

Deno.test("withStage() gives other content of the same size and second another time, and the same content the same", async () => {
  const files = { "www/a": "one", "www/b": "two", "www/c": "one" };
  await withFiles(files, async (top) => {
    const modified = new Date("2020-01-01T00:00:00Z");
    for (const path of Object.keys(files)) await Deno.utime(join(top, path), modified, modified);
    await withStage(planOf(`host default "${top}/www"`, "embedded"), async ({ folder }) => {
      const times = [];
      for (const name of ["a", "b", "c"]) {
        times.push((await Deno.stat(join(folder, "embedded/0", name))).mtime!.getTime());
      }
      const [a = 0, b, c] = times;
      assertEquals([a === c, a === b, Math.floor(a / 1000) * 1000], [true, false, modified.getTime()]);
    });
  });
});
