/** Ways around a password, and what can be learned without one: other ways to write a path, other names, conditions, fields. */

import { assert, assertEquals } from "@std/assert";
import { RawClient } from "../client.ts";
import { ALICE, BOB, CONF, FILES, SECRETS, withHosts } from "../site/guarded.ts";
import { SCRYPT_LINE } from "../site/passwords.ts";
import { withSite } from "../site.ts";

/** Ways to write a path below /secret/, with what each is answered without a password. */
const DODGES: readonly (readonly [target: string, status: number])[] = [
  ["/secret/a.txt", 401],
  ["/secret/deep/b.txt", 401],
  ["/secret/", 401],
  ["/secret", 401],
  ["/secret?x", 401],
  ["/secret/?x=/docs/", 401],
  ["//secret///a.txt", 401],
  ["/./secret/./a.txt", 401],
  ["/docs/../secret/a.txt", 401],
  ["/docs/%2e%2E/secret/a.txt", 401],
  ["/%2e/secret/a.txt", 401],
  ["/../../secret/a.txt", 401],
  ["/secret/%2e", 401],
  ["/secret/deep/..", 401],
  ["/secret/deep/%2e%2e/a.txt", 401],
  ["/%73ecret/a.txt", 401],
  ["/%53ECRET/a.txt", 401],
  ["/Secret/a.txt", 401],
  ["/SECRET", 401],
  ["/%C5%BFecret/a.txt", 401], // The long s, which is an s where letter case does not count.
  ["/secret/a.txt/", 401],
  ["/secret/missing", 401],
  ["/secret/.htaccess", 401],
  ["/secret/%FF", 401],
  ["http://a/secret/a.txt", 401],
  ["HTTP://A:80//secret/a.txt", 401],
  ["/secret%2fa.txt", 400],
  ["/docs/..%2fsecret/a.txt", 400],
  ["/docs\\..\\secret/a.txt", 400],
  ["/secret/a.txt%00", 400],
  ["/%252e%252e/secret/a.txt", 404],
  ["/%2573ecret/a.txt", 404],
  ["/secret;x/a.txt", 404],
  ["/secret%20/a.txt", 404],
  ["/secret/..", 200],
  ["/secrets", 404],
];

Deno.test("auth: no way to write a path leads around its pattern", async () => {
  await withSite({ files: FILES, conf: CONF, secrets: SECRETS }, async ({ port }) => {
    for (const [target, status] of DODGES) {
      using client = await RawClient.connect(port);
      await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const response = await client.response();
      assertEquals([target, response.status], [target, status]);
      assert(!response.text.includes("SECRET"), target);
    }
  });
});

Deno.test("auth: a pattern for names also guards the folder that such a file is the index of", async () => {
  const conf = "host a ROOT\n  auth Pages SECRETS/lab *.html\nhost b ROOT\n  auth Index SECRETS/lab /docs/index.html\n";
  await withHosts(async (ask) => {
    const statuses = async (host: string) => {
      const all = [];
      for (const target of ["/docs/", "/docs/index.html", "/docs/plain.txt", "/", "/DOCS/INDEX.HTML"]) {
        all.push((await ask(target, { Host: host })).status);
      }
      return all;
    };
    assertEquals(await statuses("a"), [401, 401, 200, 401, 401]);
    assertEquals(await statuses("b"), [401, 401, 200, 200, 401]);
  }, { conf });
});

Deno.test("auth: a pattern for a folder, a page without its extension or a fallback is no way around", async () => {
  const conf = "host a ROOT\n  auth Folder SECRETS/lab /docs/\n" +
    "host b ROOT\n  clean-urls on\n  auth Page SECRETS/lab /about\nhost c ROOT\n  clean-urls on\n  auth Page SECRETS/lab /about.html\n" +
    "host d ROOT\n  fallback /index.html\n  auth App SECRETS/lab /index.html\n";
  const asked = [
    "/docs/",
    "/docs/index.html",
    "/docs",
    "/docs/plain.txt",
    "/about",
    "/about.html",
    "/ABOUT.HTML",
    "/deep/link",
  ];
  await withHosts(async (ask) => {
    const statuses = async (host: string) => {
      const all = [];
      for (const target of asked) all.push((await ask(target, { Host: host, Accept: "text/html" })).status);
      return all;
    };
    assertEquals(await statuses("a"), [401, 401, 401, 200, 404, 200, 404, 404]);
    assertEquals(await statuses("b"), [200, 301, 301, 200, 401, 401, 401, 404]);
    assertEquals(await statuses("c"), [200, 301, 301, 200, 401, 401, 401, 404]);
    assertEquals(await statuses("d"), [401, 200, 401, 200, 401, 200, 404, 401]);
  }, { conf, files: { ...FILES, "about.html": "about" } });
});

Deno.test("auth: preconditions, ranges and HEAD tell nothing without a password", async () => {
  await withHosts(async (ask) => {
    const whole = await ask("/secret/a.txt", { Authorization: ALICE });
    const etag = whole.field("etag")!;
    const selecting: readonly Record<string, string>[] = [
      {},
      { Range: "bytes=0-0" },
      { "If-None-Match": etag },
      { "If-None-Match": "*" },
      { "If-Match": '"x"' },
      { "If-Modified-Since": "Fri, 27 Nov 2099 00:00:00 GMT" },
      { "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" },
    ];
    for (const line of ["GET", "HEAD"]) {
      // The page has links that depend on the form of the address, not on which files exist.
      for (const targets of [["a.txt", "missing", "deep", ".env"], ["missing/", "deep/"], [""]]) {
        const answers = new Set<string>();
        for (const fields of selecting) {
          for (const target of targets) {
            const { status, fields: sent, text } = await ask(`${line} /secret/${target}`, fields);
            const named = sent.filter(([name]) => name.toLowerCase() !== "date");
            answers.add(`${status} ${JSON.stringify(named)} ${text}`);
          }
        }
        assertEquals([...answers].map((answer) => answer.slice(0, 3)), ["401"]);
      }
    }
    assertEquals((await ask("/secret/a.txt", { Authorization: ALICE, "If-None-Match": etag })).status, 304);
    assertEquals((await ask("/secret/a.txt", { Authorization: ALICE, Range: "bytes=0-1" })).text, "SE");
    assertEquals((await ask("HEAD /secret/a.txt", { Authorization: ALICE })).status, 200);
    assertEquals((await ask("/secret/missing", { Authorization: ALICE })).status, 404);
  });
});

Deno.test("auth: two Authorization fields let nobody in", async () => {
  await withSite({ files: FILES, conf: CONF, secrets: SECRETS }, async ({ port }) => {
    using client = await RawClient.connect(port);
    for (const lines of [[ALICE, ALICE], [ALICE, ""], ["", ALICE], [BOB, ALICE]]) {
      const fields = lines.map((value) => `Authorization: ${value}\r\n`).join("");
      await client.send(`GET /secret/a.txt HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
      assertEquals((await client.response()).status, 401);
    }
  });
});

Deno.test("auth: the password file is never served, by whatever name it is asked for", async () => {
  const conf = "parameter revalidate 0\nhost a ROOT\n  dotfiles on\n  auth Lab ROOT/lab /none\nhost b ROOT\n";
  await withSite({ files: { ...FILES, lab: SCRYPT_LINE }, conf }, async ({ port, root }) => {
    await Deno.symlink("lab", `${root}/link`);
    await Deno.link(`${root}/lab`, `${root}/hard`);
    const statuses = async () => {
      const all = [];
      for (const target of ["/lab", "/link", "/hard", "/lab.new", "/./lab", "/index.html"]) {
        for (const host of ["a", "b"]) {
          using client = await RawClient.connect(port);
          await client.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
          all.push((await client.response()).status);
        }
      }
      return all;
    };
    assertEquals(await statuses(), [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 200]);
    await Deno.writeTextFile(`${root}/lab.new`, SCRYPT_LINE); // As an editor, and `sweepd passwd`, replace it.
    assertEquals(await statuses(), [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 200]);
    await Deno.rename(`${root}/lab.new`, `${root}/lab`);
    assertEquals(await statuses(), [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 200]);
  });
});
