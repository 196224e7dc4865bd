/** Content codings of answers: which one, with which fields, and what the content decodes to. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { decoded, noise, page, stored, withCoded } from "./coded.ts";
import { preferred, VALUES } from "../http/codings.ts";
import { Site } from "../../src/site/host.ts";
import { files as handlerOf } from "../../src/site/handler.ts";
import { FileCache } from "../../src/files/cache.ts";
import { requestOf } from "./asking.ts";
import { withFolder } from "../files/folder.ts";
import { Tally } from "../../src/net/tally.ts";
import { VirtualClock } from "../virtual_clock.ts";

const PAGE = page(300);

Deno.test("a page is sent in the first coding that the client accepts, and decodes to the file", async () => {
  await withCoded({ files: { "a.html": PAGE } }, async (ask) => {
    const tags = new Set<string>();
    for (
      const [accepted, coding] of [["br, zstd, gzip", "br"], ["zstd, gzip", "zstd"], ["gzip", "gzip"], [
        "",
        null,
      ]] as const
    ) {
      const response = await ask("/a.html", accepted);
      const { status, field, content } = response;
      assertEquals([status, field("content-encoding") ?? null, decoded(response)], [200, coding, PAGE]);
      assertEquals([field("vary"), field("content-length")], ["Accept-Encoding", String(content.length)]);
      assertEquals(field("content-type"), "text/html; charset=utf-8");
      assertMatch(field("etag")!, /^"/);
      tags.add(field("etag")!);
      const head = await ask("HEAD /a.html", accepted);
      const lasting = (fields: RawFields) => fields.filter(([name]) => name !== "Date");
      assertEquals(lasting(head.fields), lasting(response.fields));
      assertEquals(head.content.length, 0);
    }
    assertEquals(tags.size, 4);
  });
});

type RawFields = readonly (readonly [string, string])[];

Deno.test("each of 240 values gets the coding of the reference, and each answer decodes to the file", async () => {
  await withCoded({ files: { "a.html": PAGE, "b.bin": noise(2000) } }, async (ask) => {
    for (const value of VALUES) {
      const response = await ask("/a.html", value);
      const expected = preferred(value, ["br", "zstd", "gzip"]);
      const actual = response.status === 406 ? "406" : response.field("content-encoding") ?? "identity";
      assertEquals(actual, expected, value);
      if (response.status === 200) assertEquals(decoded(response), PAGE, value);
      const other = await ask("/b.bin", value);
      assertEquals(other.status === 200 ? "identity" : "406", preferred(value, []), value);
    }
  });
});

for (
  const [name, isCoded] of [
    ["a.css", true],
    ["a.js", true],
    ["a.mjs", true],
    ["a.json", true],
    ["a.svg", true],
    ["a.xml", true],
    ["a.txt", true],
    ["a.md", true],
    ["a.csv", true],
    ["a.wasm", true],
    ["a.ttf", true],
    ["a.otf", true],
    ["a.eot", true],
    ["a.ico", true],
    ["a.webmanifest", true],
    ["a.geojson", true],
    ["feed.rss", true],
    ["LICENSE", true],
    ["a.woff2", false],
    ["a.png", false],
    ["a.mp4", false],
    ["a.zip", false],
    ["a.pdf", false],
    ["a.gz", false],
    ["a.br", false],
  ] as const
) {
  Deno.test(`${name} is ${isCoded ? "" : "not "}encoded`, async () => {
    await withCoded({ files: { [name]: PAGE } }, async (ask) => {
      const response = await ask(`/${name}`, "gzip");
      assertEquals([response.field("content-encoding"), response.field("vary")], [
        isCoded ? "gzip" : undefined,
        isCoded ? "Accept-Encoding" : undefined,
      ]);
      assertEquals(decoded(response), PAGE);
    });
  });
}

Deno.test("content that is short or gains less than 5 % is sent as it is, unless the client excludes that", async () => {
  await withCoded(
    { files: { "short.txt": "a".repeat(511), "long.txt": "a".repeat(512), "noise.txt": noise(4000) } },
    async (ask) => {
      const codingOf = async (target: string, accepted: string) => {
        const { status, field } = await ask(target, accepted);
        return [status, field("content-encoding"), field("vary")];
      };
      assertEquals(await codingOf("/short.txt", "br"), [200, undefined, "Accept-Encoding"]);
      assertEquals(await codingOf("/long.txt", "br"), [200, "br", "Accept-Encoding"]);
      assertEquals(await codingOf("/noise.txt", "br"), [200, undefined, "Accept-Encoding"]);
      assertEquals(await codingOf("/short.txt", "br, identity;q=0"), [200, "br", "Accept-Encoding"]);
      assertEquals(await codingOf("/noise.txt", "gzip, *;q=0"), [200, "gzip", "Accept-Encoding"]);
      assertEquals(await codingOf("/noise.txt", "*;q=0"), [406, undefined, "Accept-Encoding"]);
    },
  );
});

Deno.test("an empty file is sent as it is, and in a coding if nothing else is accepted", async () => {
  await withCoded({ files: { "empty.txt": "" } }, async (ask) => {
    const { status, field, content } = await ask("/empty.txt", "gzip");
    assertEquals([status, field("content-encoding"), content.length], [200, undefined, 0]);
    const coded = await ask("/empty.txt", "gzip, identity;q=0");
    assertEquals([coded.status, coded.field("content-encoding"), decoded(coded)], [200, "gzip", ""]);
  });
});

Deno.test("406 has Vary and a page, also for HEAD, and comes before preconditions", async () => {
  await withCoded({ files: { "a.png": noise(100) } }, async (ask) => {
    const { status, field, text } = await ask("/a.png", "identity;q=0, br", "If-None-Match: *");
    assertEquals([status, field("vary"), text.includes("406 Not Acceptable")], [406, "Accept-Encoding", true]);
    assertEquals((await ask("HEAD /a.png", "*;q=0")).status, 406);
    assertEquals((await ask("/a.png", "identity;q=0, *")).status, 406);
    assertEquals((await ask("/gone.png", "*;q=0")).status, 404);
  });
});

Deno.test("preconditions are compared with the validators of the coding that would be sent", async () => {
  await withCoded({ files: { "a.html": PAGE } }, async (ask) => {
    const plain = (await ask("/a.html", null)).field("etag")!;
    const br = (await ask("/a.html", "br")).field("etag")!;
    const gzip = (await ask("/a.html", "gzip")).field("etag")!;
    const status = async (accepted: string | null, ...fields: string[]) => {
      const { status, field } = await ask("/a.html", accepted, ...fields);
      assertEquals(field("vary"), "Accept-Encoding");
      return status;
    };
    assertEquals(await status("br", `If-None-Match: ${br}`), 304);
    assertEquals(await status("br", `If-None-Match: ${plain}`), 200);
    assertEquals(await status("br", `If-None-Match: ${gzip}, ${br}`), 304);
    assertEquals(await status("gzip", `If-None-Match: ${br}`), 200);
    assertEquals(await status(null, `If-None-Match: ${br}`), 200);
    assertEquals(await status(null, `If-None-Match: ${plain}`), 304);
    assertEquals(await status("gzip", `If-Match: ${gzip}`), 200);
    assertEquals(await status("gzip", `If-Match: ${plain}`), 412);
    assertEquals(await status("gzip", "If-None-Match: *"), 304);
    const { field } = await ask("/a.html", "br", `If-None-Match: ${br}`);
    assertEquals([field("etag"), field("content-encoding")], [br, undefined]);
  });
});

Deno.test("ranges are those of the coding that is sent, and If-Range names its tag", async () => {
  await withCoded({ files: { "a.html": PAGE } }, async (ask) => {
    const whole = await ask("/a.html", "br");
    const tag = whole.field("etag")!;
    const part = await ask("/a.html", "br", "Range: bytes=10-19");
    assertEquals([part.status, part.field("content-encoding"), part.field("etag"), part.field("vary")], [
      206,
      "br",
      tag,
      "Accept-Encoding",
    ]);
    assertEquals(part.field("content-range"), `bytes 10-19/${whole.content.length}`);
    assertEquals(part.content, whole.content.subarray(10, 20));
    assertEquals((await ask("/a.html", "br", "Range: bytes=10-19", `If-Range: ${tag}`)).status, 206);
    const plain = await ask("/a.html", null, "Range: bytes=10-19", `If-Range: ${tag}`);
    assertEquals([plain.status, decoded(plain)], [200, PAGE]);
    const other = await ask("/a.html", "gzip", "Range: bytes=10-19", `If-Range: ${tag}`);
    assertEquals([other.status, other.field("content-encoding"), decoded(other)], [200, "gzip", PAGE]);
    const beyond = await ask("/a.html", "br", `Range: bytes=${whole.content.length}-`);
    assertEquals([beyond.status, beyond.field("vary")], [416, "Accept-Encoding"]);
    assertEquals(beyond.field("content-range"), `bytes */${whole.content.length}`);
    const several = await ask("/a.html", "br", "Range: bytes=0-1,5-6");
    assertEquals([several.status, several.field("vary")], [206, "Accept-Encoding"]);
    assertMatch(several.text, /Content-Encoding: br/);
  });
});

Deno.test("compress off: neither encoded nor from siblings, and no Vary", async () => {
  const conf = "compress off\nhost a ROOT\nhost b ROOT\n  compress on\n";
  const files = { "a.html": PAGE, "a.html.gz": stored(PAGE, "gz") };
  await withCoded({ files, conf: conf.replace("host a", "host default") }, async (ask, site) => {
    const { field, text } = await ask("/a.html", "gzip, br");
    assertEquals([field("content-encoding"), field("vary"), text], [undefined, undefined, PAGE]);
    assertEquals((await ask("/a.html", "gzip, identity;q=0")).status, 406);
    assertEquals(site.problems, []);
  });
});

Deno.test('header * Vary "" leaves the Vary of answers that depend on codings', async () => {
  const conf = 'host default ROOT\n  header * Vary ""\n';
  const files = { "a.html": PAGE, "a.html.gz": stored(PAGE, "gz"), "a.bin": "\0" };
  await withCoded({ files, conf }, async (ask) => {
    const coded = await ask("/a.html", "gzip");
    assertEquals([coded.field("content-encoding"), coded.field("vary")], ["gzip", "Accept-Encoding"]);
    assertEquals((await ask("/a.html", "identity")).field("vary"), "Accept-Encoding");
    const unchanged = await ask("/a.html", "gzip", `If-None-Match: ${coded.field("etag")}`);
    assertEquals([unchanged.status, unchanged.field("vary")], [304, "Accept-Encoding"]);
    assertEquals((await ask("/a.bin", "gzip")).field("vary"), undefined);
  });
});

Deno.test("a header line about Content-Encoding leaves codings to the administrator", async () => {
  const conf = 'host default ROOT\n  header *.gz.js Content-Encoding gzip\n  header *.raw.js Content-Encoding ""\n';
  const files = { "a.gz.js": stored(PAGE, "gz"), "a.raw.js": PAGE, "a.raw.js.gz": stored(PAGE, "gz") };
  await withCoded({ files, conf }, async (ask) => {
    const stays = await ask("/a.gz.js", "br, gzip");
    assertEquals([stays.field("content-encoding"), decoded(stays)], ["gzip", PAGE]);
    const raw = await ask("/a.raw.js", "br, gzip");
    assertEquals([raw.field("content-encoding"), raw.field("vary"), raw.text], [undefined, undefined, PAGE]);
  });
});

Deno.test("pages of errors and the fallback page are coded like files, errors never with 406", async () => {
  const conf = "host default ROOT\n  error 404 /404.html\n  fallback /index.html\n";
  await withCoded({
    files: { "404.html": PAGE, "index.html": page(200, "app"), "404.html.gz": stored(PAGE, "gz") },
    conf,
  }, async (ask) => {
    for (const accepted of ["br", "gzip", "zstd", "*;q=0", null]) {
      const response = await ask("/gone.js", accepted);
      const expected = accepted === "*;q=0" || accepted === null ? undefined : accepted;
      assertEquals([response.status, response.field("content-encoding"), decoded(response)], [404, expected, PAGE]);
      assertEquals(response.field("vary"), "Accept-Encoding");
    }
    const app = await ask("/users/7", "zstd", "Accept: text/html");
    assertEquals([app.status, app.field("content-encoding"), app.field("vary")], [
      200,
      "zstd",
      "Accept-Encoding, Accept",
    ]);
    assertEquals(decoded(app), page(200, "app"));
    assertEquals((await ask("/users/7", "*;q=0", "Accept: text/html")).status, 406);
  });
});

Deno.test("a file that has just changed is encoded with a weak tag, and its ranges are those of the file", async () => {
  await withFolder(async (folder) => {
    folder.write("a.html", PAGE);
    const handler = handlerOf(new Site([{ name: "default", root: folder.root }]), { cache: new FileCache() });
    const ask = async (...fields: string[]) =>
      await handler(requestOf("GET /a.html HTTP/1.1", "Accept-Encoding: br", ...fields));
    const valueOf = ({ fields }: Awaited<ReturnType<typeof ask>>, name: string) =>
      fields.find(([each]) => each === name)?.[1];
    const [first, second] = [await ask(), await ask()];
    for (const response of [first, second]) {
      assertEquals([response.status, valueOf(response, "Content-Encoding")], [200, "br"]);
      assertMatch(valueOf(response, "ETag")!, /^W\/"/);
      response.content.close();
    }
    const part = await ask("Range: bytes=0-9");
    assertEquals([part.status, valueOf(part, "Content-Encoding"), valueOf(part, "Vary")], [
      206,
      undefined,
      "Accept-Encoding",
    ]);
    part.content.close();
    assertNotEquals(valueOf(part, "ETag"), valueOf(first, "ETag"));
  });
});

Deno.test("answers in codings and encodings are counted, and siblings are no look-ups of files", async () => {
  await withFolder(async (folder) => {
    folder.write("a.html", PAGE);
    const tally = new Tally();
    const clock = new VirtualClock(Date.now() + 3_600_000);
    const handler = handlerOf(new Site([{ name: "default", root: folder.root }]), {
      cache: new FileCache({ tally, clock }),
      clock,
    });
    for (const accepted of ["br", "br", "gzip", "identity"]) {
      const request = requestOf("GET /a.html HTTP/1.1", `Accept-Encoding: ${accepted}`);
      (await handler({ ...request, nowMs: clock.now() })).content.close();
    }
    const { codedBr, codedZstd, codedGzip, encodings, cacheHits, cacheMisses } = tally.counts;
    assertEquals([codedBr, codedZstd, codedGzip, encodings, cacheHits, cacheMisses], [2, 0, 1, 2, 3, 1]);
  });
});
