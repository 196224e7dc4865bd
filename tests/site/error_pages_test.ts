/** The setting error over real sockets: which page is sent, with what, and what when it is missing. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Files } from "../site.ts";
import { withHosts } from "./hosts.ts";

const FILES: Files = {
  "index.html": "index",
  "a.txt": "0123456789",
  "errors/404.html": "<h1>nothing here",
  "errors/4xx.html": "<h1>your mistake",
  "errors/other.svgz": new Uint8Array([0x1f, 0x8b, 8, 0]),
  "errors/large.html": "x".repeat(300_000),
  "sub/page.html": "page",
};

const TWO_HOSTS = `error 404 /errors/404.html
host a ROOT
  error 4xx /errors/4xx.html
host b ROOT
  error none
  error 404 /errors/other.svgz
host c ROOT
  error 404 /errors/large.html
`;

Deno.test("error: an exact status goes before a class, whichever line comes first, and the status stays", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    for (let round = 0; round < 3; round++) {
      const none = await ask("a", "/none");
      assertEquals([none.status, none.text], [404, "<h1>nothing here"]);
      const post = await ask("a", "POST /a.txt", "Content-Length: 0");
      assertEquals([post.status, post.text, post.field("allow")], [405, "<h1>your mistake", "GET, HEAD, OPTIONS"]);
    }
    const range = await ask("a", "/a.txt", "Range: bytes=99-");
    assertEquals([range.status, range.text, range.field("content-range")], [416, "<h1>your mistake", "bytes */10"]);
    const match = await ask("a", "/a.txt", 'If-Match: "x"');
    assertEquals([match.status, match.text], [412, "<h1>your mistake"]);
    const unknown = await ask("a", "PURGE /a.txt");
    assertEquals([unknown.status, unknown.text.includes("501 Not Implemented")], [501, true]);
  });
});

Deno.test("error: another host of the same root has a page of its own, with its type and coding", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    for (let round = 0; round < 3; round++) {
      const { status, field, content } = await ask("b", "/none");
      assertEquals([status, content.length], [404, 4]);
      assertEquals([field("content-type"), field("content-encoding")], ["image/svg+xml", "gzip"]);
      assertEquals((await ask("a", "/none")).text, "<h1>nothing here");
    }
    const other = await ask("b", "POST /a.txt", "Content-Length: 0");
    assertStringIncludes(other.text, "405 Method Not Allowed");
  });
});

Deno.test("error: a page has no validators, is not kept, and is whole whatever the request asks", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    const page = await ask("a", "/errors/404.html");
    const wanted = [[], ["Range: bytes=0-3"], [`If-None-Match: ${page.field("etag")}`], ["If-None-Match: *"]];
    for (const fields of wanted) {
      const { status, field, text } = await ask("a", "/none", ...fields);
      assertEquals([status, text], [404, "<h1>nothing here"]);
      assertEquals([field("etag"), field("last-modified"), field("accept-ranges")], [undefined, undefined, undefined]);
      assertEquals(field("cache-control"), "no-cache");
    }
    const ok = await ask("a", "/errors/404.html");
    assertEquals([ok.status, ok.field("etag")], [200, page.field("etag")]);
  });
});

Deno.test("error: HEAD has the fields and the length of GET, and large pages are sent whole", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    for (const [host, length] of [["a", 16], ["c", 300_000]] as const) {
      const got = await ask(host, "/none");
      const head = await ask(host, "HEAD /none");
      assertEquals([got.content.length, head.content.length, head.status], [length, 0, 404]);
      const without = (fields: typeof got.fields) => fields.filter(([name]) => name !== "Date");
      assertEquals(without(head.fields), without(got.fields));
    }
  });
});

Deno.test("error: a page that is missing is told of once, and the built-in page is sent until it is there", async () => {
  const conf = "host a ROOT\n  error 404 /soon.html\nhost b ROOT\n  error 403 /errors\n";
  await withHosts({ files: FILES, conf }, async (ask, { problems, root }) => {
    for (let round = 0; round < 3; round++) assertStringIncludes((await ask("a", "/none")).text, "404 Not Found");
    assertEquals(problems, [{ problem: "cannot send /soon.html of host a", error: "it is not there" }]);
    Deno.writeTextFileSync(`${root}/soon.html`, "soon");
    const deadlineMs = Date.now() + 10_000;
    while ((await ask("a", "/none")).text !== "soon") assert(Date.now() < deadlineMs, "the page never comes");
    Deno.removeSync(`${root}/soon.html`);
    while ((await ask("a", "/none")).text === "soon") assert(Date.now() < deadlineMs, "the page never goes");
    assertEquals(problems.length, 2);
  });
});

Deno.test("error: an edit of a page shows", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask, { root }) => {
    await ask("a", "/none");
    Deno.writeTextFileSync(`${root}/errors/404.html`, "edited");
    const deadlineMs = Date.now() + 10_000;
    while ((await ask("a", "/none")).text !== "edited") assert(Date.now() < deadlineMs, "the edit never shows");
  });
});

Deno.test("error: header lines are compared with the path of the request, and do not say what the page is", async () => {
  const conf = "host a ROOT\n  error 404 /errors/404.html\n  header /x/** X-A yes\n  header * Content-Type text/x\n";
  await withHosts({ files: FILES, conf }, async (ask) => {
    for (let round = 0; round < 2; round++) {
      for (const [target, value] of [["/x/none", "yes"], ["/none", undefined]] as const) {
        const { field, text } = await ask("a", target);
        assertEquals([field("x-a"), field("content-type"), text], [
          value,
          "text/html; charset=utf-8",
          "<h1>nothing here",
        ]);
      }
    }
  });
});

Deno.test("error: a folder without an index has the page of 404, and 410 has its own", async () => {
  const conf = "host a ROOT\n  error 404 /errors/404.html\n  error 410 /errors/4xx.html\n  redirect /old -\n";
  await withHosts({ files: FILES, conf }, async (ask) => {
    assertEquals((await ask("a", "/sub/")).text, "<h1>nothing here");
    const gone = await ask("a", "/old");
    assertEquals([gone.status, gone.text], [410, "<h1>your mistake"]);
  });
});

Deno.test("error: a page has the fields of its own error, whichever came before", async () => {
  await withHosts(
    { files: FILES, conf: "fallback /index.html\nerror 404 /errors/404.html\nhost a ROOT\n" },
    async (ask) => {
      const varies: unknown[] = [];
      for (const target of ["/a.js", "/users/7", "/b.js", "/users/8"]) {
        const { field, text } = await ask("a", target);
        assertEquals(text, "<h1>nothing here");
        varies.push(field("vary"));
      }
      assertEquals(varies, [
        "Accept-Encoding",
        "Accept, Accept-Encoding",
        "Accept-Encoding",
        "Accept, Accept-Encoding",
      ]);
    },
  );
});

Deno.test("error: a request that is no request of a host has the built-in page", async () => {
  await withHosts({ files: FILES, conf: TWO_HOSTS }, async (ask) => {
    const { status, text } = await ask("a", "/%");
    assertEquals([status, text.includes("400 Bad Request")], [400, true]);
  });
});
