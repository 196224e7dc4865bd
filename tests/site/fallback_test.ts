/** The settings fallback and clean-urls over real sockets. */

import { assertEquals } from "@std/assert";
import { namesType } from "../../src/http/semantics/accept.ts";
import type { Files } from "../site.ts";
import { withHosts } from "./hosts.ts";

const FILES: Files = {
  "index.html": "app",
  "other.html": "other app",
  "assets/app-1.js": "1",
  "empty/a.txt": "a",
  "about.html": "about",
  "docs/index.html": "docs",
  "docs/guide.html": "guide",
  "docs/guide/index.html": "guide folder",
  "both": "no extension",
  "both.html": "with extension",
  "folder.html/a.txt": "a",
  ".hidden.html": "hidden",
};

const BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

const TWO_HOSTS = `fallback /index.html
host a ROOT
host b ROOT
  fallback /other.html
host c ROOT
  fallback none
`;

Deno.test("fallback: a browser gets the page of its host where nothing is, and what is there as before", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    for (let round = 0; round < 3; round++) {
      for (
        const [host, target, answer] of [
          ["a", "/users/7", "200 app"],
          ["b", "/users/7", "200 other app"],
          ["c", "/users/7", "404"],
          ["a", "/users/7/", "200 app"],
          ["a", "/empty/", "200 app"],
          ["a", "/assets/app-1.js", "200 1"],
          ["a", "/assets/app-2.js", "404"],
          ["a", "/favicon.ico", "404"],
          ["a", "/v1.2/users", "200 app"],
          ["a", "/users/7?tab=1", "200 app"],
        ] as const
      ) {
        const { status, text } = await ask(host, target, BROWSER);
        assertEquals(status === 200 ? `200 ${text}` : String(status), answer, `${host}${target}`);
      }
    }
  });
});

Deno.test("fallback: who does not name HTML gets 404, and both answers say that they depend on it", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    for (
      const fields of [[], ["Accept: */*"], ["Accept: text/*"], ["Accept: application/json"], ["Accept: text/html;q=0"]]
    ) {
      const { status, field } = await ask("a", "/users/7", ...fields);
      assertEquals([status, field("vary")], [404, "Accept"]);
    }
    for (const accept of ["text/html", "TEXT/HTML;q=0.1", "application/xhtml+xml", "image/png, text/html;level=1"]) {
      const { status, field } = await ask("a", "/users/7", `Accept: ${accept}`);
      assertEquals([status, field("vary"), field("cache-control")], [200, "Accept-Encoding, Accept", "no-cache"]);
    }
    assertEquals((await ask("a", "/assets/app-2.js", BROWSER)).field("vary"), undefined);
    assertEquals((await ask("a", "/", BROWSER)).field("vary"), "Accept-Encoding");
    assertEquals((await ask("c", "/users/7", BROWSER)).field("vary"), undefined);
  });
});

Deno.test("fallback: HEAD, preconditions and ranges are answered as for the page, other methods with 405", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    const { field } = await ask("a", "/users/7", BROWSER);
    const head = await ask("a", "HEAD /users/7", BROWSER);
    assertEquals([head.status, head.field("content-length")], [200, "3"]);
    const unchanged = await ask("a", "/users/8", BROWSER, `If-None-Match: ${field("etag")}`);
    assertEquals([unchanged.status, unchanged.field("vary")], [304, "Accept-Encoding, Accept"]);
    const part = await ask("a", "/users/9", BROWSER, "Range: bytes=1-");
    assertEquals([part.status, part.text], [206, "pp"]);
    assertEquals((await ask("a", "POST /users/7", BROWSER, "Content-Length: 0")).status, 405);
  });
});

Deno.test("fallback: a file that comes into being answers for itself, and one that goes leaves the page", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask, { root }) => {
    assertEquals((await ask("a", "/late", BROWSER)).text, "app");
    Deno.writeTextFileSync(`${root}/late`, "late");
    await until(async () => (await ask("a", "/late", BROWSER)).text === "late");
    Deno.removeSync(`${root}/late`);
    await until(async () => (await ask("a", "/late", BROWSER)).text === "app");
    Deno.removeSync(`${root}/index.html`);
    await until(async () => (await ask("a", "/late", BROWSER)).status === 404);
  });
});

Deno.test("fallback: fields are those of the page's own path", async () => {
  const conf =
    "host a ROOT\n  fallback /index.html\n  cache /index.html 5\n  header /users/** X-A no\n  header *.html Vary Cookie\n";
  await withHosts({ files: FILES, conf }, async (ask) => {
    const { field } = await ask("a", "/users/7", BROWSER);
    assertEquals([field("cache-control"), field("x-a"), field("vary")], [
      "max-age=5",
      undefined,
      "Accept-Encoding, Cookie, Accept",
    ]);
    assertEquals((await ask("a", "/", BROWSER)).field("vary"), "Accept-Encoding, Cookie");
  });
});

for (
  const [accept, names] of [
    ["text/html", true],
    ["a/b, text/html ; q=0.001", true],
    ["text/html;q=0.000", false],
    ["text/html;q=2", false],
    ["text/html;q=", false],
    ["text/htmlx", false],
    ["*/*", false],
    ["", false],
    [",,;q=1,", false],
  ] as const
) {
  Deno.test(`namesType() ${names ? "finds" : "does not find"} HTML in ${JSON.stringify(accept)}`, () => {
    assertEquals(namesType(accept, ["text/html"]), names);
  });
}

const CLEAN = "clean-urls on\nhost a ROOT\nhost b ROOT\n  clean-urls off\nhost c ROOT\n  index start.html index.html\n";

Deno.test("clean-urls: an address without .html is answered, and that with .html redirected, if the file is there", async () => {
  await withHosts({ files: FILES, conf: CLEAN }, async (ask) => {
    for (let round = 0; round < 3; round++) {
      for (
        const [host, target, answer] of [
          ["a", "/about", "200 about"],
          ["a", "/about.html", "301 /about"],
          ["a", "/about.html?x=1&y", "301 /about?x=1&y"],
          ["a", "/about/", "404"],
          ["a", "/none", "404"],
          ["a", "/none.html", "404"],
          ["a", "/index.html", "301 /"],
          ["a", "/docs/index.html?x", "301 /docs/?x"],
          ["a", "/index", "301 /"],
          ["a", "/docs/index?x", "301 /docs/?x"],
          ["a", "/folder/index", "404"],
          ["a", "/docs", "301 /docs/"],
          ["a", "/both", "200 no extension"],
          ["a", "/both.html", "200 with extension"],
          ["a", "/docs/guide", "301 /docs/guide/"],
          ["a", "/docs/guide.html", "200 guide"],
          ["a", "/folder", "404"],
          ["a", "/.hidden", "404"],
          ["a", "/.html", "404"],
          ["b", "/about", "404"],
          ["b", "/about.html", "200 about"],
          ["b", "/index", "404"],
          ["c", "/index.html", "301 /"],
          ["c", "/index", "301 /"],
        ] as const
      ) {
        const { status, text, field } = await ask(host, target);
        const words = [status, status === 200 ? text : field("location")].filter((word) => word !== undefined);
        assertEquals(words.join(" "), answer, `${host}${target}`);
      }
    }
  });
});

Deno.test("clean-urls: what comes into being later counts", async () => {
  await withHosts({ files: FILES, conf: CLEAN }, async (ask, { root }) => {
    assertEquals((await ask("a", "/about")).text, "about");
    Deno.writeTextFileSync(`${root}/about`, "exact");
    await until(async () => (await ask("a", "/about")).text === "exact");
    await until(async () => (await ask("a", "/about.html")).status === 200);
    Deno.removeSync(`${root}/about`);
    await until(async () => (await ask("a", "/about.html")).status === 301);
    Deno.writeTextFileSync(`${root}/start.html`, "start");
    await until(async () => (await ask("c", "/index.html")).status === 200);
    assertEquals([(await ask("c", "/index")).text, (await ask("c", "/start")).status], ["app", 301]);
    assertEquals((await ask("a", "/index")).status, 301);
    Deno.writeTextFileSync(`${root}/index`, "exact");
    await until(async () => (await ask("a", "/index")).text === "exact");
  });
});

Deno.test("index: a name that comes first answers as soon as its file is there", async () => {
  await withHosts({ files: FILES, conf: "host a ROOT\n  index first.html index.html\n" }, async (ask, { root }) => {
    for (let round = 0; round < 3; round++) assertEquals((await ask("a", "/")).text, "app");
    Deno.writeTextFileSync(`${root}/first.html`, "first");
    await until(async () => (await ask("a", "/")).text === "first");
  });
});

/** Waits for a condition: not as long as the ten seconds after which memory is read again in any case. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 8_000;
  while (!await holds()) if (Date.now() > deadlineMs) throw new Error("It does not come about");
}
