/** Settings that change fields, over real sockets: header, cache and charset, for two hosts of one root that differ. */

import { assertEquals } from "@std/assert";
import type { Files } from "../site.ts";
import { type Ask, withHosts } from "./hosts.ts";

const FILES: Files = {
  "index.html": "<p>index",
  "a.txt": "0123456789",
  "data.json": "{}",
  "assets/app-1.js": "1",
  "assets/app.css": "p{}",
  "sub/page.html": "<p>page",
  "large.bin": new Uint8Array(300_000),
};

async function withConf(conf: string, test: (ask: Ask) => Promise<void>): Promise<void> {
  await withHosts({ files: FILES, conf }, test);
}

/** The values of a field that a host sends with each target. */
async function valuesOf(name: string, conf: string, asked: readonly (readonly [host: string, request: string])[]) {
  const values: (string | undefined)[] = [];
  await withConf(conf, async (ask) => {
    for (const [host, request] of asked) values.push((await ask(host, request)).field(name));
  });
  return values;
}

const TWO_HOSTS = `header * X-All every
cache *.css 60
host a ROOT
  header **.html X-Frame-Options SAMEORIGIN
  header /assets/** X-All assets
  header * Server ""
  cache /assets/** immutable
  cache *.json off
  charset iso-8859-1
host b ROOT
  header none
  header * Last-Modified ""
  cache none
  cache *.txt no-store
  charset off
`;

Deno.test("header: a host's own line for a name stands before that for every host, and another host has none of it", async () => {
  const asked = [["a", "/"], ["a", "/assets/app-1.js"], ["b", "/"], ["a", "/sub/page.html"]] as const;
  assertEquals(await valuesOf("x-all", TWO_HOSTS, asked), ["every", "assets", undefined, "every"]);
  assertEquals(await valuesOf("x-frame-options", TWO_HOSTS, asked), ["SAMEORIGIN", undefined, undefined, "SAMEORIGIN"]);
});

Deno.test("header: a folder's index is compared by its own path, and an error by the path of the request", async () => {
  const conf = "host a ROOT\n  header /index.html X-A index\n  header / X-B slash\n  header /sub/** X-C sub\n";
  const asked = [["a", "/"], ["a", "/sub/none"], ["a", "/sub/"], ["a", "/sub"]] as const;
  assertEquals(await valuesOf("x-a", conf, asked), ["index", undefined, undefined, undefined]);
  assertEquals(await valuesOf("x-b", conf, asked), [undefined, undefined, undefined, undefined]);
  assertEquals(await valuesOf("x-c", conf, asked), [undefined, "sub", "sub", undefined]);
});

Deno.test("header: every kind of answer has the field: 200, 206, 304, 301, 404, 405, 412, 416, 501 and OPTIONS", async () => {
  await withConf("host a ROOT\n  header * X-A yes\n", async (ask) => {
    const { "field": etag } = await ask("a", "/a.txt");
    const answers = [
      await ask("a", "/a.txt"),
      await ask("a", "HEAD /large.bin"),
      await ask("a", "/a.txt", "Range: bytes=0-1"),
      await ask("a", "/a.txt", "Range: bytes=0-1,4-5"),
      await ask("a", "/a.txt", `If-None-Match: ${etag("etag")}`),
      await ask("a", "/sub"),
      await ask("a", "/none"),
      await ask("a", "POST /a.txt", "Content-Length: 0"),
      await ask("a", "/a.txt", 'If-Match: "x"'),
      await ask("a", "/a.txt", "Range: bytes=99-"),
      await ask("a", "PURGE /a.txt"),
      await ask("a", "OPTIONS /a.txt"),
    ];
    assertEquals(
      answers.map(({ status, field }) => `${status} ${field("x-a")}`),
      [200, 200, 206, 206, 304, 301, 404, 405, 412, 416, 501, 200].map((status) => `${status} yes`),
    );
  });
});

Deno.test("header: a host's fields are not on the errors of another host", async () => {
  await withConf("host a ROOT\n  header * X-A yes\nhost b ROOT\n", async (ask) => {
    const values: unknown[] = [];
    for (const host of ["a", "b", "a", "b"]) values.push((await ask(host, "/none")).field("x-a"));
    for (const host of ["b", "a", "b"]) values.push((await ask(host, "/none/")).field("x-a"));
    assertEquals(values, ["yes", undefined, "yes", undefined, undefined, "yes", undefined]);
  });
});

Deno.test("header: an empty value removes a field of the server's", async () => {
  assertEquals(await valuesOf("server", TWO_HOSTS, [["a", "/"], ["a", "/none"], ["b", "/"]]), [
    undefined,
    undefined,
    "sweepd",
  ]);
  assertEquals(await valuesOf("last-modified", TWO_HOSTS, [["b", "/"], ["b", "/large.bin"]]), [undefined, undefined]);
  const conf =
    'host a ROOT\n  header *.txt ETag ""\n  header *.txt Accept-Ranges ""\n  header *.txt Cache-Control ""\n';
  for (const name of ["etag", "accept-ranges", "cache-control"]) {
    assertEquals((await valuesOf(name, conf, [["a", "/a.txt"], ["a", "/"]])).map((value) => value !== undefined), [
      false,
      true,
    ]);
  }
});

Deno.test("header: a name is compared without regard to case, and replaces the field of the server", async () => {
  const conf = "host a ROOT\n  header *.json content-type application/ld+json\n  header *.js* CONTENT-TYPE text/x\n";
  assertEquals(await valuesOf("content-type", conf, [["a", "/data.json"], ["a", "/a.txt"]]), [
    "application/ld+json",
    "text/plain; charset=utf-8",
  ]);
});

Deno.test("header: fields that describe the content are not those of an error, a redirect or a 304", async () => {
  const conf = "host a ROOT\n  header * Content-Type application/x\n  header * Content-Disposition attachment\n";
  await withConf(conf, async (ask) => {
    const ok = await ask("a", "/a.txt");
    assertEquals([ok.field("content-type"), ok.field("content-disposition")], ["application/x", "attachment"]);
    for (const [target, status] of [["/none.txt", 404], ["/sub", 301]] as const) {
      const answer = await ask("a", target);
      assertEquals(answer.status, status);
      assertEquals(answer.field("content-type"), "text/html; charset=utf-8");
      assertEquals(answer.field("content-disposition"), undefined);
    }
    const unchanged = await ask("a", "/a.txt", `If-None-Match: ${ok.field("etag")}`);
    assertEquals([unchanged.status, unchanged.field("content-type")], [304, undefined]);
  });
});

Deno.test("header: a type goes into each part of a multipart answer, whose own type stays", async () => {
  await withConf("host a ROOT\n  header *.txt Content-Type text/x-log\n", async (ask) => {
    const { status, field, text } = await ask("a", "/a.txt", "Range: bytes=0-1,5-6");
    assertEquals([status, field("content-type")?.startsWith("multipart/byteranges; boundary=")], [206, true]);
    assertEquals(text.match(/Content-Type: .*/g), ["Content-Type: text/x-log", "Content-Type: text/x-log"]);
  });
});

Deno.test("header: no line makes a cache keep an error", async () => {
  const conf = "host a ROOT\n  header * Cache-Control max-age=9999\n  header * Expires never\n";
  assertEquals(await valuesOf("cache-control", conf, [["a", "/a.txt"], ["a", "/none"]]), ["max-age=9999", "no-cache"]);
  assertEquals(await valuesOf("expires", conf, [["a", "/a.txt"], ["a", "/none"]]), ["never", undefined]);
});

Deno.test("cache: the first line that matches decides, a host's own before those for every host and the default", async () => {
  const asked = [
    ["a", "/assets/app.css"],
    ["a", "/assets/app-1.js"],
    ["a", "/data.json"],
    ["a", "/"],
    ["b", "/assets/app.css"],
    ["b", "/a.txt"],
    ["b", "/"],
  ] as const;
  assertEquals(await valuesOf("cache-control", TWO_HOSTS, asked), [
    "max-age=31536000, immutable",
    "max-age=31536000, immutable",
    undefined,
    "no-cache",
    undefined,
    "no-store",
    undefined,
  ]);
});

Deno.test("cache: it holds for 206 and 304, and errors are asked for again", async () => {
  await withConf("host a ROOT\n  cache /** 60\n", async (ask) => {
    const { field } = await ask("a", "/a.txt");
    const answers = [
      await ask("a", "/a.txt", "Range: bytes=0-1"),
      await ask("a", "/a.txt", `If-None-Match: ${field("etag")}`),
      await ask("a", "/none"),
      await ask("a", "/sub"),
      await ask("a", "OPTIONS /a.txt"),
    ];
    assertEquals(answers.map(({ status, field }) => [status, field("cache-control")]), [
      [206, "max-age=60"],
      [304, "max-age=60"],
      [404, "no-cache"],
      [301, undefined],
      [200, undefined],
    ]);
  });
});

Deno.test("cache: a host without a line has files asked for each time", async () => {
  assertEquals(await valuesOf("cache-control", "host a ROOT\n", [["a", "/"], ["a", "/large.bin"]]), [
    "no-cache",
    "no-cache",
  ]);
});

Deno.test("charset: of text files only, of each host its own", async () => {
  const asked = [["a", "/"], ["b", "/"], ["a", "/data.json"], ["a", "/a.txt"], ["a", "/none"]] as const;
  assertEquals(await valuesOf("content-type", TWO_HOSTS, asked), [
    "text/html; charset=iso-8859-1",
    "text/html",
    "application/json",
    "text/plain; charset=iso-8859-1",
    "text/html; charset=utf-8",
  ]);
});

Deno.test("two hosts of one root never send each other's fields, however often they are asked in turn", async () => {
  await withConf(TWO_HOSTS, async (ask) => {
    for (let round = 0; round < 5; round++) {
      for (const [host, policy] of [["a", "no-cache"], ["b", "no-store"]] as const) {
        const { field, text } = await ask(host, "/a.txt");
        assertEquals([field("cache-control"), text], [policy, "0123456789"]);
      }
    }
  });
});

Deno.test("header: an error that another host has sent before has the fields of its own host", async () => {
  const asked = ["b", "a", "b", "a"].map((host) => [host, "/missing"] as const);
  const conf = "host a ROOT\n  header ** X-Host a\nhost b ROOT\n";
  assertEquals(await valuesOf("x-host", conf, asked), [undefined, "a", undefined, "a"]);
});
