/** Live reload on real sockets: pages with the script, and the stream of changes. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { LIVE_SCRIPT } from "../../src/live/script.ts";
import { exchange, get, RawClient } from "../client.ts";
import { type TestSite, withSite } from "../site.ts";

const PAGE = "<!doctype html><body><p>Hello</body></html>";
const FILES = { "index.html": PAGE, "a.txt": "text", "a.css": "p {}", "big.html": "<p>" + "x".repeat(300_000) };
const CONF = "host default ROOT\n  cache *.txt immutable\n  error 404 /index.html\n";

function withLiveSite(test: (site: TestSite) => Promise<void>, conf = CONF): Promise<void> {
  return withSite({ files: FILES, conf, live: true }, test);
}

Deno.test("a page has the script before the end of body, the right length, and nothing that names other bytes", async () => {
  await withLiveSite(async ({ port }) => {
    const { status, text, content, field } = await exchange(port, get("/"));
    assertEquals(status, 200);
    assertMatch(
      text,
      /^<!doctype html><body><p>Hello<script src="\/\.sweepd\/live\.js\?v=7"><\/script><\/body><\/html>$/,
    );
    assertEquals(field("content-length"), String(content.length));
    assertEquals([field("etag"), field("last-modified"), field("accept-ranges")], [undefined, undefined, undefined]);
    assertEquals(field("cache-control"), "no-store");
  });
});

Deno.test("HEAD for a page has the length that GET has", async () => {
  await withLiveSite(async ({ port }) => {
    const whole = await exchange(port, get("/"));
    const head = await exchange(port, get("/").replace("GET", "HEAD"));
    assertEquals(head.field("content-length"), whole.field("content-length"));
  });
});

Deno.test("a page larger than an outbox has the script and the right length", async () => {
  await withLiveSite(async ({ port }) => {
    const { text, field } = await exchange(port, get("/big.html"));
    assert(text.endsWith('x<script src="/.sweepd/live.js?v=7"></script>'));
    assertEquals(field("content-length"), String(text.length));
  });
});

for (
  const [what, fields] of [
    ["Range", { Range: "bytes=0-4" }],
    ["If-None-Match", { "If-None-Match": "*" }],
    ["If-Modified-Since", { "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT" }],
    ["Accept-Encoding", { "Accept-Encoding": "gzip, br" }],
  ] as const
) {
  Deno.test(`${what} does not count for a page`, async () => {
    await withLiveSite(async ({ port }) => {
      const { status, text, field } = await exchange(port, get("/", fields));
      assertEquals([status, field("content-encoding")], [200, undefined]);
      assertStringIncludes(text, "live.js");
    });
  });
}

Deno.test("If-Match for other bytes than those of the file is still 412", async () => {
  await withLiveSite(async ({ port }) => {
    assertEquals((await exchange(port, get("/", { "If-Match": '"other"' }))).status, 412);
  });
});

Deno.test("other files keep their bytes, validators and ranges, and are asked for again at a reload", async () => {
  await withLiveSite(async ({ port }) => {
    const whole = await exchange(port, get("/a.txt"));
    assertEquals([whole.text, whole.field("cache-control")], ["text", "no-cache"]);
    const again = await exchange(port, get("/a.txt", { "If-None-Match": whole.field("etag")! }));
    assertEquals(again.status, 304);
    assertEquals((await exchange(port, get("/a.txt", { Range: "bytes=1-2" }))).text, "ex");
  });
});

Deno.test("the page of an error has the script, so that it is replaced when the file is there", async () => {
  await withLiveSite(async ({ port }) => {
    const missing = await exchange(port, get("/missing"));
    assertEquals(missing.status, 404);
    assertStringIncludes(missing.text, "Hello<script");
  });
});

Deno.test("the page that lists a folder has the script at its end, and a policy that permits it", async () => {
  await withLiveSite(async ({ port }) => {
    const { text, field } = await exchange(port, get("/", { Accept: "text/html" }));
    assertMatch(text, /<\/html>\n?<script src="\/\.sweepd\/live\.js\?v=7"><\/script>$/);
    assertMatch(field("content-security-policy")!, /script-src [^;]* localhost\/\.sweepd\/live\.js/);
    assertEquals([field("etag"), field("cache-control")], [undefined, "no-store"]);
  }, "host default ROOT\n  listing on\n  index none.html\n");
});

Deno.test("the policy that a header line sets permits the script", async () => {
  await withLiveSite(async ({ port }) => {
    const policy = (await exchange(port, get("/"))).field("content-security-policy");
    assertEquals(policy, "script-src localhost/.sweepd/live.js");
  }, "host default ROOT\n  header * Content-Security-Policy \"script-src 'none'\"\n");
});

Deno.test("without live reload, a page is as it is on disk and the addresses of the script are 404", async () => {
  await withSite({ files: FILES, conf: CONF }, async ({ port }) => {
    assertEquals((await exchange(port, get("/"))).text, PAGE);
    assertEquals((await exchange(port, get("/.sweepd/live.js"))).status, 404);
    assertEquals((await exchange(port, get("/.sweepd/events"))).status, 404);
  });
});

Deno.test("the script is sent, and is not stored", async () => {
  await withLiveSite(async ({ port }) => {
    const { text, field } = await exchange(port, get("/.sweepd/live.js?v=7"));
    assertEquals([text, field("cache-control")], [LIVE_SCRIPT, "no-store"]);
    assertEquals((await exchange(port, get("/.sweepd/other"))).status, 404);
    assertEquals((await exchange(port, "POST /.sweepd/events HTTP/1.1\r\nHost: a\r\n\r\n")).status, 405);
  });
});

Deno.test("addresses that are denied get no events", async () => {
  await withLiveSite(async ({ port }) => {
    assertEquals((await exchange(port, get("/.sweepd/events"))).status, 403);
    assertEquals((await exchange(port, get("/.sweepd/live.js"))).status, 403);
  }, `${CONF}  deny 127.0.0.1\n`);
});

/** An open stream of events. */
async function openEvents(port: number): Promise<{ client: RawClient; next: () => Promise<string> }> {
  const client = await RawClient.connect(port);
  await client.send(get("/.sweepd/events"));
  let text = "";
  const until = async (end: string) => {
    while (!text.includes(end)) text += new TextDecoder().decode(await client.take(1));
    const found = text.slice(0, text.indexOf(end));
    text = text.slice(text.indexOf(end) + end.length);
    return found;
  };
  assertMatch(await until("\r\n\r\n"), /200 OK[^]*Content-Type: text\/event-stream/);
  const next = async (): Promise<string> => {
    const event = await until("\n\n");
    return event.includes("event: ") ? event.slice(event.indexOf("event: ")) : await next();
  };
  return { client, next };
}

for (
  const [what, paths, event] of [
    ["a page", ["/index.html"], "page"],
    ["a style sheet", ["/a.css"], "style"],
    ["a style sheet and a page", ["/a.css", "/index.html"], "page"],
    ["a file of another root", ["/../elsewhere/index.html"], "other"],
  ] as const
) {
  Deno.test(`a change of ${what} is told as ${event}, with its version`, async () => {
    await withLiveSite(async ({ port, root, changes }) => {
      const { client, next } = await openEvents(port);
      using _ = client;
      assertEquals(await next(), "event: version\ndata: 7");
      changes!.announce({ version: 8, paths: paths.map((path) => new URL(`file://${root}${path}`).pathname) });
      assertEquals(await next(), `event: ${event}\ndata: 8`);
      changes!.announce({ version: 9, paths: "everything" });
      assertEquals(await next(), "event: page\ndata: 9");
      assertStringIncludes((await exchange(port, get("/"))).text, "live.js?v=9");
    });
  });
}

Deno.test("the streams end when the server ends, so that they do not hold up the drain", async () => {
  let client: RawClient | null = null;
  await withLiveSite(async ({ port, changes }) => {
    const events = await openEvents(port);
    client = events.client;
    await events.next();
    changes!.close();
  });
  assertMatch(new TextDecoder().decode(await client!.end()), /0\r\n\r\n$/);
  client!.close();
});

Deno.test("a stream whose browser has gone is closed, and makes room for another", async () => {
  await withLiveSite(async ({ port, changes }) => {
    for (let round = 0; round < 300; round++) {
      const { client, next } = await openEvents(port);
      await next();
      client.close();
      if (round % 100 === 99) {
        for (let version = 8; version < 11; version++) {
          changes!.announce({ version, paths: "everything" });
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    }
  });
});
