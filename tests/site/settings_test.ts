/** Settings of hosts over real sockets: two hosts of one configuration that differ, and the defaults above them. */

import { assertEquals } from "@std/assert";
import { RawClient } from "../client.ts";
import { type Files, withSite } from "../site.ts";

const FILES: Files = {
  "index.html": "index",
  "home.html": "home",
  ".env": "secret",
  ".well-known/note.txt": "note",
  "sub/start.htm": "start",
  "sub/index.html": "sub index",
  ".hidden/page.html": "hidden page",
};

/** For a host what each target answers: the content, or a status other than 200. */
async function ask(conf: string, host: string, targets: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  await withSite({ files: FILES, conf }, async ({ port }) => {
    for (const target of targets) {
      using client = await RawClient.connect(port);
      await client.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      const { status, text } = await client.response();
      answers.push(status === 200 ? text : String(status));
    }
  });
  return answers;
}

const TWO_HOSTS = "index home.html\nhost a ROOT\n  index start.htm index.html\n  dotfiles on\nhost b ROOT\n";

Deno.test("index: a host tries the names of its own line in their order", async () => {
  assertEquals(await ask(TWO_HOSTS, "a", ["/", "/sub/"]), ["index", "start"]);
});

Deno.test("index: a host without a line of its own tries the names above the first host", async () => {
  assertEquals(await ask(TWO_HOSTS, "b", ["/", "/sub/", "/home.html"]), ["home", "404", "home"]);
});

Deno.test("index none: no folder has an index, and files are served as before", async () => {
  assertEquals(await ask("index none\nhost a ROOT", "a", ["/", "/sub/", "/index.html", "/sub"]), [
    "404",
    "404",
    "index",
    "301",
  ]);
});

Deno.test("dotfiles on: a host serves hidden files and folders, and the other host of the same root does not", async () => {
  const targets = ["/.env", "/.hidden/page.html", "/.well-known/note.txt"];
  assertEquals(await ask(TWO_HOSTS, "a", targets), ["secret", "hidden page", "note"]);
  assertEquals(await ask(TWO_HOSTS, "b", targets), ["404", "404", "note"]);
});

Deno.test("two hosts of one root that differ do not answer for each other on one connection", async () => {
  await withSite({ files: FILES, conf: TWO_HOSTS }, async ({ port }) => {
    using client = await RawClient.connect(port);
    const texts: string[] = [];
    for (const host of ["a", "b", "a", "b", "A:80", "b"]) {
      await client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      texts.push((await client.response()).text);
    }
    assertEquals(texts, ["index", "home", "index", "home", "index", "home"]);
  });
});
