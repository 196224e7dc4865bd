/** Files beside others that store their content in a coding. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { ALICE, SECRETS } from "./guarded.ts";
import { FileCache } from "../../src/files/cache.ts";
import type { Response } from "../../src/http/response.ts";
import { files } from "../../src/site/handler.ts";
import { withFolder } from "../files/folder.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { requestOf } from "./asking.ts";
import { type AskCoded, decoded, noise, page, stored, withCoded } from "./coded.ts";

const PAGE = page(300);
const OTHER = page(300, "other");

/** Sets the modification time of a file, in seconds before now. */
function age(path: string, seconds: number): void {
  const time = new Date(Date.now() - seconds * 1000);
  Deno.utimeSync(path, time, time);
}

async function codingOf(ask: AskCoded, target: string, accepted: string | null): Promise<string | undefined> {
  return (await ask(target, accepted)).field("content-encoding");
}

Deno.test("a sibling is sent in place of its file, with its own tag and length, and the file's type", async () => {
  const files = {
    "a.html": PAGE,
    "a.html.br": stored(PAGE, "br"),
    "a.html.zst": stored(PAGE, "zst"),
    "a.html.gz": stored(PAGE, "gz"),
  };
  await withCoded({ files }, async (ask) => {
    for (const [coding, extension] of [["br", "br"], ["zstd", "zst"], ["gzip", "gz"]] as const) {
      const response = await ask("/a.html", coding);
      assertEquals(response.content, stored(PAGE, extension));
      assertEquals([response.field("content-encoding"), response.field("content-type")], [
        coding,
        "text/html; charset=utf-8",
      ]);
      assertEquals([response.field("vary"), decoded(response)], ["Accept-Encoding", PAGE]);
      const range = await ask("/a.html", coding, "Range: bytes=0-3", `If-Range: ${response.field("etag")}`);
      assertEquals([range.status, range.content], [206, response.content.subarray(0, 4)]);
    }
    assertEquals((await ask("/a.html", "deflate")).text, PAGE);
  });
});

Deno.test("a sibling asked for by its own name is a file like others, and is not coded", async () => {
  await withCoded(
    { files: { "a.html": PAGE, "a.html.gz": stored(PAGE, "gz"), "a.svgz": stored(PAGE, "gz") } },
    async (ask) => {
      const { field, content } = await ask("/a.html.gz", "gzip, br");
      assertEquals([field("content-type"), field("content-encoding"), field("vary")], [
        "application/gzip",
        undefined,
        undefined,
      ]);
      assertEquals(content, stored(PAGE, "gz"));
      for (const accepted of [null, "br", "gzip;q=0", "*;q=0"]) {
        const drawing = await ask("/a.svgz", accepted);
        assertEquals([drawing.status, drawing.field("content-encoding"), drawing.field("vary")], [
          200,
          "gzip",
          undefined,
        ]);
      }
    },
  );
});

Deno.test("a sibling that is older than its file is not sent, and one of the same time is", async () => {
  await withCoded({ files: { "a.html": PAGE, "a.html.gz": stored(OTHER, "gz") } }, async (ask, { root }) => {
    age(`${root}/a.html`, 100);
    for (const [seconds, text] of [[101, PAGE], [100, PAGE], [99, OTHER]] as const) {
      age(`${root}/a.html.gz`, seconds);
      const same = seconds === 100;
      if (same) Deno.utimeSync(`${root}/a.html.gz`, new Date(), Deno.statSync(`${root}/a.html`).mtime!);
      assertEquals(decoded(await ask("/a.html", "gzip")), same ? OTHER : text, String(seconds));
    }
    age(`${root}/a.html`, 50); // Somebody edits the file.
    assertEquals(decoded(await ask("/a.html", "gzip")), PAGE);
  });
});

Deno.test("files of any type have siblings, and their answers say so once one is there", async () => {
  await withCoded(
    { files: { "a.bin": noise(3000), "b.bin": noise(3000), "b.bin.gz": stored(PAGE, "gz") } },
    async (ask, { root }) => {
      assertEquals((await ask("/a.bin", null)).field("vary"), undefined);
      assertEquals((await ask("/b.bin", null)).field("vary"), "Accept-Encoding");
      assertEquals((await ask("/b.bin", "br")).field("vary"), "Accept-Encoding");
      assertEquals(await codingOf(ask, "/b.bin", "br, gzip;q=0.1"), "gzip");
      Deno.writeFileSync(`${root}/a.bin.gz`, stored(PAGE, "gz"));
      assertEquals(await codingOf(ask, "/a.bin", "gzip"), "gzip");
      assertEquals((await ask("/a.bin", null)).field("vary"), "Accept-Encoding");
      assertEquals((await ask("/a.bin", null, "If-None-Match: *")).field("vary"), "Accept-Encoding");
    },
  );
});

Deno.test("a sibling that is replaced, removed or made while its file is served is noticed", async () => {
  await withCoded({ files: { "a.html": PAGE, "a.html.gz": stored(PAGE, "gz") } }, async (ask, { root }) => {
    const first = await ask("/a.html", "gzip");
    Deno.writeFileSync(`${root}/new`, stored(OTHER, "gz"));
    Deno.renameSync(`${root}/new`, `${root}/a.html.gz`);
    const second = await ask("/a.html", "gzip", `If-None-Match: ${first.field("etag")}`);
    assertEquals([second.status, decoded(second)], [200, OTHER]);
    assertNotEquals(second.field("etag"), first.field("etag"));
    Deno.removeSync(`${root}/a.html.gz`);
    assertEquals(decoded(await ask("/a.html", "gzip")), PAGE);
    Deno.writeFileSync(`${root}/a.html.br`, stored(OTHER, "br"));
    assertEquals(decoded(await ask("/a.html", "gzip, br")), OTHER);
    assertEquals(decoded(await ask("/a.html", "gzip")), PAGE);
  });
});

Deno.test("what must not be sent is not sent as a sibling: links out of the root and to hidden files, folders", async () => {
  const targets = {
    "out.html": PAGE,
    "hidden.html": PAGE,
    "folder.html": PAGE,
    "dangling.html": PAGE,
    "empty.html": PAGE,
    "in.html": PAGE,
  };
  const files = { ...targets, ".secret.gz": stored(OTHER, "gz"), "empty.html.gz": "", "sub/x.gz": stored(OTHER, "gz") };
  await withCoded(
    { files, secrets: { "x.gz": stored(OTHER, "gz") }, conf: "host default ROOT\n# SECRETS\n" },
    async (ask, { root }) => {
      const outside = await Deno.makeTempFile();
      try {
        Deno.writeFileSync(outside, stored(OTHER, "gz"));
        Deno.symlinkSync(outside, `${root}/out.html.gz`);
        Deno.symlinkSync(`${root}/.secret.gz`, `${root}/hidden.html.gz`);
        Deno.symlinkSync(`${root}/sub/x.gz`, `${root}/in.html.gz`);
        Deno.symlinkSync(`${root}/gone.gz`, `${root}/dangling.html.gz`);
        Deno.mkdirSync(`${root}/folder.html.gz`);
        for (const name of Object.keys(targets)) {
          const response = await ask(`/${name}`, "gzip");
          assertEquals([response.status, decoded(response)], [200, name === "in.html" ? OTHER : PAGE], name);
        }
      } finally {
        Deno.removeSync(outside);
      }
    },
  );
});

Deno.test("an index, a page without .html and hosts of one root have their siblings", async () => {
  const files = {
    "index.html": PAGE,
    "index.html.br": stored(PAGE, "br"),
    "about.html": OTHER,
    "about.html.br": stored(OTHER, "br"),
  };
  const conf = "clean-urls on\nhost default ROOT\nhost b ROOT\n  charset off\n";
  await withCoded({ files, conf }, async (ask) => {
    const index = await ask("/", "br");
    assertEquals([index.field("content-encoding"), index.content], ["br", stored(PAGE, "br")]);
    const about = await ask("/about", "br");
    assertEquals([about.field("content-type"), about.content], ["text/html; charset=utf-8", stored(OTHER, "br")]);
  });
});

Deno.test("a sibling that is larger than memory takes is read from its open file", async () => {
  const large = noise(700_000);
  await withCoded({ files: { "a.bin": noise(100), "a.bin.gz": large } }, async (ask) => {
    const { field, content } = await ask("/a.bin", "gzip");
    assertEquals([field("content-encoding"), content], ["gzip", large]);
    assertEquals((await ask("/a.bin", "gzip", "Range: bytes=-5")).content, large.subarray(-5));
  });
});

Deno.test("a sibling that needs a password of its own is not sent in place of its file, also not as a page", async () => {
  const conf = "host default ROOT\n  auth Dumps SECRETS/staff *.gz\n  fallback /app.html\n  error 404 /404.html\n";
  const names = ["data.txt", "app.html", "404.html", "index.html"];
  const files = Object.fromEntries(names.flatMap((name) => [[name, PAGE], [`${name}.gz`, stored(OTHER, "gz")]]));
  await withCoded({ files: { ...files, "data.txt.br": stored(OTHER, "br") }, secrets: SECRETS, conf }, async (ask) => {
    for (const [target, status] of [["/data.txt", 200], ["/", 200], ["/gone.js", 404], ["/users/7", 200]] as const) {
      const response = await ask(target, "gzip", "Accept: text/html");
      assertEquals([response.status, decoded(response)], [status, PAGE], target);
    }
    assertEquals(decoded(await ask("/data.txt", "br")), OTHER);
    assertEquals((await ask("/data.txt.gz", "gzip")).status, 401);
    assertEquals((await ask("/data.txt.gz", null, `Authorization: ${ALICE}`)).content, stored(OTHER, "gz"));
  });
  const whole = "host default ROOT\n  auth All SECRETS/staff\n";
  await withCoded({ files, secrets: SECRETS, conf: whole }, async (ask) => {
    assertEquals(decoded(await ask("/data.txt", "gzip", `Authorization: ${ALICE}`)), OTHER);
    assertEquals((await ask("/data.txt", "gzip")).status, 401);
  });
});

Deno.test("a sibling that is replaced or made is noticed within `revalidate`, also if one check served several clients", async () => {
  await withFolder((folder) => {
    const clock = new VirtualClock(Date.now() + 3_600_000);
    const handler = files(folder.root, { cache: new FileCache({ clock, revalidateMs: 100 }), clock });
    const tagAt = (nowMs: number, accepted: string, path = "/a.html") => {
      const response = handler({
        ...requestOf(`GET ${path} HTTP/1.1`, `Accept-Encoding: ${accepted}`),
        nowMs,
      }) as Response;
      response.content.close();
      return new Map(response.fields).get("ETag");
    };
    const put = (name: string, text: string) => {
      Deno.writeFileSync(`${folder.root}/new`, stored(text, "gz"));
      Deno.renameSync(`${folder.root}/new`, `${folder.root}/${name}`);
    };
    folder.write("a.html", PAGE);
    put("a.html.gz", PAGE);
    const first = tagAt(0, "gzip");
    assertEquals(tagAt(50, "zstd;q=0.5, gzip"), first, "another client, and the same check");
    put("a.html.gz", OTHER);
    assertNotEquals(tagAt(100, "zstd;q=0.5, gzip"), first);

    folder.write("b.html", PAGE);
    const encoded = tagAt(0, "gzip", "/b.html");
    assertEquals(tagAt(50, "gzip;q=0.5", "/b.html"), encoded);
    put("b.html.gz", OTHER);
    assertNotEquals(tagAt(100, "gzip;q=0.5", "/b.html"), encoded);

    folder.write("c.html", PAGE);
    assertEquals(tagAt(0, "identity", "/c.html.gz"), undefined);
    put("c.html.gz", OTHER);
    tagAt(50, "gzip", "/c.html");
    const other = tagAt(100, "identity", "/c.html.gz")!;
    assertEquals(tagAt(100, "gzip", "/c.html"), other.replace(/"$/, '-gzip"'));
  });
});
