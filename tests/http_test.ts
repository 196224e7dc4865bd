/**
 * HTTP over real sockets and real files: what a client sees of the whole server.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get, RawClient, type RawResponse } from "./client.ts";
import { type TestSite, withSite } from "./site.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const FILES = {
  "index.html": "<p>index</p>",
  "letters.txt": LETTERS,
  "empty.txt": "",
  "dir/index.html": "dir",
  "dir/a.txt": "a",
  ".hidden": "secret",
  ".well-known/security.txt": "contact",
  "two words.txt": "blank",
  "100%.txt": "percent",
  "a#b.txt": "hash",
  "a?b.txt": "question",
  "a+b.txt": "plus",
  "naïve/ü.txt": "umlaut",
};

async function statusOf(site: TestSite, target: string): Promise<number> {
  return (await exchange(site.port, get(target))).status;
}

Deno.test("/ is index.html", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const response = await exchange(port, get("/"));
    assertEquals([response.status, response.text], [200, "<p>index</p>"]);
    assertEquals(response.field("content-type"), "text/html; charset=utf-8");
  });
});

Deno.test("HEAD has the fields of GET and no content", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send("HEAD /letters.txt HTTP/1.1\r\nHost: a\r\n\r\n" + get("/letters.txt"));
    const head = await client.response(true);
    const whole = await client.response();
    assertEquals(head.fields.filter(([name]) => name !== "Date"), whole.fields.filter(([name]) => name !== "Date"));
    assertEquals(whole.text, LETTERS);
  });
});

Deno.test("an empty file is 200 with Content-Length 0", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const { status, field } = await exchange(port, get("/empty.txt"));
    assertEquals([status, field("content-length")], [200, "0"]);
  });
});

Deno.test("a directory without its slash is redirected to it, keeping the query", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    for (const [target, location] of [["/dir", "/dir/"], ["/dir?a=b", "/dir/?a=b"], ["/na%C3%AFve", "/na%C3%AFve/"]]) {
      const { status, field } = await exchange(port, get(target!));
      assertEquals([status, field("location")], [301, location]);
    }
  });
});

Deno.test("a redirect cannot lead to another host", async () => {
  await withSite({ files: { "evil/index.html": "", "evil.com/index.html": "" } }, async ({ port }) => {
    for (const target of ["//evil", "///evil", "//evil.com?x", "/.//evil", "/%2e//evil", "http://a//evil"]) {
      const { status, field } = await exchange(port, get(target));
      assertEquals(status, 301, target);
      assertMatch(field("location") ?? "", /^\/evil(?:\.com)?\/(?:\?x)?$/);
    }
    assertEquals((await exchange(port, get("/\\evil"))).status, 400);
  });
});

Deno.test("names with blanks, percent, hash, question mark, plus and umlauts are found by their encoding", async () => {
  await withSite({ files: FILES }, async (site) => {
    const targets = [
      "/two%20words.txt",
      "/100%25.txt",
      "/a%23b.txt",
      "/a%3Fb.txt",
      "/a+b.txt",
      "/na%C3%AFve/%C3%BC.txt",
    ];
    for (const target of targets) assertEquals(await statusOf(site, target), 200, target);
  });
});

Deno.test("percent-encoding is decoded once", async () => {
  await withSite({ files: FILES }, async (site) => {
    assertEquals(await statusOf(site, "/letters%252etxt"), 404);
    assertEquals(await statusOf(site, "/%2565mpty.txt"), 404);
    assertEquals(await statusOf(site, "/%65mpty.txt"), 200);
  });
});

Deno.test("encodings that could be read in two ways are refused", async () => {
  await withSite({ files: FILES }, async (site) => {
    const targets = ["/dir%2fa.txt", "/dir%5ca.txt", "/dir\\a.txt", "/letters.txt%00", "/%", "/%zz"];
    for (const target of targets) assertEquals(await statusOf(site, target), 400, target);
  });
});

Deno.test("dot segments are resolved and end at the root", async () => {
  await withSite({ files: FILES }, async (site) => {
    for (const target of ["/dir/../letters.txt", "/./letters.txt", "/../letters.txt", "/dir/%2e%2e/letters.txt"]) {
      assertEquals(await statusOf(site, target), 200, target);
    }
    const name = site.root.split("/").at(-1);
    assertEquals(await statusOf(site, `/../${name}/letters.txt`), 404);
  });
});

Deno.test("dot files are not found, /.well-known/ is", async () => {
  await withSite({ files: FILES }, async (site) => {
    assertEquals(await statusOf(site, "/.hidden"), 404);
    assertEquals(await statusOf(site, "/dir/.hidden"), 404);
    assertEquals(await statusOf(site, "/.well-known/security.txt"), 200);
    assertEquals(await statusOf(site, "/dir/.well-known/security.txt"), 404);
  });
});

Deno.test("links inside the root are followed, links out of it are refused", async () => {
  await withSite({ files: FILES }, async (site) => {
    await Deno.symlink("letters.txt", `${site.root}/inside`);
    await Deno.symlink("/etc/hostname", `${site.root}/outside`);
    await Deno.symlink("/etc", `${site.root}/etc`);
    await Deno.symlink("loop", `${site.root}/loop`);
    const expected = { "/inside": 200, "/outside": 403, "/etc": 403, "/etc/": 403, "/etc/hostname": 403, "/loop": 404 };
    for (const [target, status] of Object.entries(expected)) {
      const actual = await statusOf(site, target);
      assert(actual === status || (target === "/etc/" && actual === 404), `${actual} for ${target}`);
    }
  });
});

Deno.test("a FIFO is refused without waiting for a writer", async () => {
  await withSite({ files: FILES }, async (site) => {
    await new Deno.Command("mkfifo", { args: [`${site.root}/pipe`] }).output();
    assertEquals(await statusOf(site, "/pipe"), 403);
  });
});

Deno.test("ranges: first, open, suffix, beyond the end, unsatisfiable, malformed", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const ask = (range: string) => exchange(port, get("/letters.txt", { Range: range }));
    const expected: readonly (readonly [string, number, string, string | undefined])[] = [
      ["bytes=0-4", 206, "abcde", "bytes 0-4/26"],
      ["bytes=20-", 206, "uvwxyz", "bytes 20-25/26"],
      ["bytes=-3", 206, "xyz", "bytes 23-25/26"],
      ["bytes=-100", 206, LETTERS, "bytes 0-25/26"],
      ["bytes=24-99", 206, "yz", "bytes 24-25/26"],
      ["bytes=4-0", 200, LETTERS, undefined],
      ["lines=1-2", 200, LETTERS, undefined],
    ];
    for (const [range, status, text, contentRange] of expected) {
      const response = await ask(range);
      assertEquals(
        [response.status, response.text, response.field("content-range")],
        [status, text, contentRange],
        range,
      );
    }
    const refused = await ask("bytes=26-");
    assertEquals([refused.status, refused.field("content-range")], [416, "bytes */26"]);
  });
});

Deno.test("several ranges are multipart/byteranges, each part with type and range", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const { status, field, text } = await exchange(port, get("/letters.txt", { Range: "bytes=0-1, 10-11,-1" }));
    assertEquals(status, 206);
    const [, boundary] = /^multipart\/byteranges; boundary=(\S+)$/.exec(field("content-type") ?? "") ?? [];
    const part = (range: string, letters: string) =>
      `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/26\r\n\r\n${letters}\r\n`;
    assertEquals(text, part("0-1", "ab") + part("10-11", "kl") + part("25-25", "z") + `--${boundary}--\r\n`);
  });
});

Deno.test("If-Range sends the range only while the file is the same", async () => {
  await withSite({ files: FILES }, async ({ port, root }) => {
    await Deno.utime(`${root}/letters.txt`, 1_000_000_000, 1_000_000_000); // The date of this second would be weak.
    const { field } = await exchange(port, get("/letters.txt"));
    const ask = async (validator: string) =>
      (await exchange(port, get("/letters.txt", { Range: "bytes=0-0", "If-Range": validator }))).status;
    assertEquals(await ask(field("etag")!), 206);
    assertEquals(await ask(field("last-modified")!), 206);
    assertEquals(await ask('"other"'), 200);
    assertEquals(await ask(`W/${field("etag")}`), 200);
    assertEquals(await ask("Sat, 01 Jan 2000 00:00:00 GMT"), 200);
  });
});

Deno.test("conditional requests: 304 and 412 in the order of RFC 9110, section 13.2.2", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const { field } = await exchange(port, get("/letters.txt"));
    const [etag, modified, past] = [field("etag")!, field("last-modified")!, "Sat, 01 Jan 2000 00:00:00 GMT"];
    const expected: readonly (readonly [Record<string, string>, number])[] = [
      [{ "If-None-Match": etag }, 304],
      [{ "If-None-Match": `"x", W/${etag}` }, 304],
      [{ "If-None-Match": "*" }, 304],
      [{ "If-None-Match": '"x"' }, 200],
      [{ "If-Modified-Since": modified }, 304],
      [{ "If-Modified-Since": past }, 200],
      [{ "If-None-Match": '"x"', "If-Modified-Since": modified }, 200],
      [{ "If-Match": etag }, 200],
      [{ "If-Match": '"x"' }, 412],
      [{ "If-Match": `W/${etag}` }, 412],
      [{ "If-Unmodified-Since": modified }, 200],
      [{ "If-Unmodified-Since": past }, 412],
      [{ "If-Match": etag, "If-Unmodified-Since": past, "If-None-Match": etag }, 304],
      [{ "If-None-Match": etag, Range: "bytes=0-0" }, 304],
    ];
    for (const [fields, status] of expected) {
      assertEquals((await exchange(port, get("/letters.txt", fields))).status, status, JSON.stringify(fields));
    }
  });
});

Deno.test("OPTIONS names the methods, for a file and for the server", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    for (const target of ["/", "*"]) {
      const { status, field } = await exchange(port, `OPTIONS ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assertEquals([status, field("allow")], [200, "GET, HEAD, OPTIONS"]);
    }
  });
});

Deno.test("TRACE echoes nothing", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const { status, text } = await exchange(port, "TRACE /mark HTTP/1.1\r\nHost: a\r\nCookie: mark\r\n\r\n");
    assertEquals(status, 405);
    assert(!text.includes("mark"));
  });
});

Deno.test("an error page repeats nothing of the request and shows no path of the machine", async () => {
  await withSite({ files: FILES }, async (site) => {
    const { text } = await exchange(site.port, get("/<script>alert(1)</script>", { Cookie: "<script>" }));
    assert(!text.includes("<script>") && !text.includes(site.root));
  });
});

Deno.test("Expect: 100-continue is answered before the content comes", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send("GET /letters.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    assertEquals(new TextDecoder().decode(await client.take(25)), "HTTP/1.1 100 Continue\r\n\r\n");
    await client.send("body" + get("/empty.txt"));
    assertEquals((await client.response()).text, LETTERS);
    assertEquals((await client.response()).status, 200);
  });
});

Deno.test("content is never read as the next request", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using client = await RawClient.connect(port);
    const smuggled = get("/.hidden");
    await client.send(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}` + get("/empty.txt"),
    );
    assertEquals([(await client.response()).status, (await client.response()).status], [405, 200]);
  });
});

Deno.test("HTTP/1.0 closes unless keep-alive is asked for, and needs no Host", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using closing = await RawClient.connect(port);
    await closing.send("GET /letters.txt HTTP/1.0\r\n\r\n");
    assertEquals((await closing.response()).field("connection"), "close");
    assertEquals((await closing.end()).length, 0);
    using keeping = await RawClient.connect(port);
    for (let turn = 0; turn < 2; turn++) {
      await keeping.send("GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertEquals((await keeping.response()).field("connection"), "keep-alive");
    }
  });
});

Deno.test("a peer that half-closes after its request gets its answer", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(get("/letters.txt"));
    await client.closeWrite();
    assertEquals((await client.response()).text, LETTERS);
    assertEquals((await client.end()).length, 0);
  });
});

Deno.test("a refused client that is still sending gets the answer instead of a reset", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(`GET /letters.txt HTTP/1.1\r\n\r\n${"x".repeat(200_000)}`);
    const response: RawResponse = await client.response();
    assertEquals([response.status, response.field("connection")], [400, "close"]);
  });
});

Deno.test("a request that does not arrive within head-timeout is answered with 408", async () => {
  await withSite({ files: FILES, conf: "host default ROOT\nparameter head-timeout 0.2\n" }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send("GET /letters.txt HTTP/1.1\r\nHo");
    assertEquals((await client.response()).status, 408);
    assertEquals((await client.end()).length, 0);
  });
});

Deno.test("a file over 4 GiB is served by ranges at its end", async () => {
  await withSite({}, async ({ port, root }) => {
    const length = 5 * 1024 ** 3;
    using file = await Deno.create(`${root}/huge.bin`);
    await file.truncate(length);
    await file.seek(-3, Deno.SeekMode.End);
    await file.write(new TextEncoder().encode("end"));
    const { text, field } = await exchange(port, get("/huge.bin", { Range: "bytes=-3" }));
    assertEquals([text, field("content-range")], ["end", `bytes ${length - 3}-${length - 1}/${length}`]);
    const { field: headField } = await exchange(port, "HEAD /huge.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals(headField("content-length"), String(length));
  });
});

Deno.test("a file that shrinks while it is sent ends the connection, and nothing is made up", async () => {
  await withSite({}, async ({ port, root, access, problems }) => {
    const length = 32 * 1024 * 1024;
    using file = await Deno.create(`${root}/shrinking.bin`);
    await file.truncate(length);
    using client = await RawClient.connect(port);
    await client.send(get("/shrinking.bin"));
    await client.take(1000);
    await file.truncate(100_000);
    assert((await client.end()).length < length);
    assertEquals(problems, []);
    assertStringIncludes(access.join(""), '"GET /shrinking.bin HTTP/1.1" 200 ');
  });
});

Deno.test("a file that vanishes while it is sent is sent to its end", async () => {
  await withSite({}, async ({ port, root }) => {
    const length = 32 * 1024 * 1024;
    await Deno.writeFile(`${root}/v`, new Uint8Array(length));
    using client = await RawClient.connect(port);
    await client.send(get("/v", { Connection: "close" }));
    const first = await client.take(1000);
    await Deno.remove(`${root}/v`);
    const rest = await client.end();
    assert(first.length + rest.length > length);
  });
});
