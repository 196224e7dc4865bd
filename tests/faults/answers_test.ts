/**
 * What is answered for what: names and queries that are no text, folders without an index, files that say what they are by
 * their first bytes. Over real sockets and real files.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { exchange, get, RawClient } from "../client.ts";
import { asking } from "../site/asking.ts";
import { withSite } from "../site.ts";

/** One octet a character, so that a test can send what is no UTF-8. */
function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Makes a file whose name is not UTF-8; the runtime has no call that could. */
async function makeLatin1File(root: string): Promise<void> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `printf latin1 > "$0/$(printf 'lat\\351.txt')"`, root],
  }).output();
  assertEquals(success, true);
}

Deno.test({
  name: "a name that is not UTF-8 is not found, whatever is there, and the connection goes on",
  ignore: Deno.build.os !== "linux", // Other systems have no such names.
  async fn() {
    await withSite({ files: { "a.txt": "a", "lat\ufffd.txt": "another" } }, async ({ port, root, problems }) => {
      await makeLatin1File(root);
      using client = await RawClient.connect(port);
      for (const target of ["/lat%E9.txt", "/lat\xe9.txt", "/lat%ed%b3%a9.txt", "/%ff/", "/%c0%af", "/a.txt%ff"]) {
        await client.send(octets(get(target)));
        assertEquals((await client.response()).status, 404, target);
      }
      await client.send(get("/lat%ef%bf%bd.txt"));
      assertEquals((await client.response()).text, "another");
      assertEquals(problems, []);
    });
  },
});

Deno.test("octets that are not ASCII are taken in paths and queries as they are, and encoded in redirects", async () => {
  await withSite({ files: { "\u00fc.txt": "umlaut", "\u00fc/index.html": "folder" } }, async ({ port }) => {
    const raw = await exchange(port, octets(get("/\xc3\xbc.txt?q=\xc3\xa9\xff")));
    assertEquals([raw.status, raw.text], [200, "umlaut"]);
    const redirect = await exchange(port, octets(get("/\xc3\xbc?q=\xc3\xa9\xff")));
    assertEquals([redirect.status, redirect.field("location")], [301, "/%C3%BC/?q=%C3%A9%FF"]);
  });
});

for (const format of ["combined", "common", "json"]) {
  Deno.test(`the ${format} log holds no octet of a target that could steer a terminal`, async () => {
    await withSite({ conf: `host default ROOT\nparameter log ${format}\n` }, async ({ port, access }) => {
      await exchange(port, octets(get("/\x9b31m\xc3\xa9?\x9b2J")));
      assertEquals(access.length, 1);
      assertMatch(access[0]!, /^[\x20-\x7e]+\n$/);
    });
  });
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("an svgz file says that it is gzip, whole and in parts, by GET and HEAD", async () => {
  const zipped = await gzip(SVG);
  await withSite({ files: { "a.svgz": zipped, "plain.svgz": SVG, "a.svg.gz": zipped } }, async ({ port }) => {
    const asked = async (method: string, lines = "") => {
      const { status, field, text } = await exchange(port, `${method} /a.svgz HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);
      return [status, field("content-type"), field("content-encoding"), text.includes("Content-Encoding: gzip\r\n")];
    };
    assertEquals(await asked("GET"), [200, "image/svg+xml", "gzip", false]);
    assertEquals(await asked("HEAD"), [200, "image/svg+xml", "gzip", false]);
    assertEquals(await asked("GET", "Range: bytes=0-3\r\n"), [206, "image/svg+xml", "gzip", false]);
    const [status, type, coding, isInParts] = await asked("GET", "Range: bytes=0-3,6-7\r\n");
    assertMatch(String(type), /^multipart\/byteranges/);
    assertEquals([status, coding, isInParts], [206, undefined, true]);
    for (const path of ["/plain.svgz", "/a.svg.gz"]) {
      assertEquals((await exchange(port, get(path))).field("content-encoding"), undefined, path);
    }
  });
});

Deno.test("a folder without an index says so, and what is not there, hidden or outside says nothing of it", async () => {
  const files = { "empty/a.txt": "a", "odd/index.html/a.txt": "a", ".hidden/a.txt": "a", "a.txt": "a" };
  await withSite({ files }, async ({ port, root }) => {
    await Deno.symlink("..", `${root}/outside`);
    await Deno.symlink(".hidden", `${root}/link`);
    const pageOf = async (target: string) => {
      const { status, text } = await exchange(port, get(target));
      return [status, /folder/.test(text), /nothing at this address/.test(text)];
    };
    for (const target of ["/", "/empty/", "/empty/.", "/odd/"]) {
      assertEquals(await pageOf(target), [404, true, false], target);
    }
    for (const target of ["/none/", "/none", "/.hidden/", "/outside/", "/link/", "/a.txt/", "/empty/none"]) {
      assertEquals(await pageOf(target), [404, false, true], target);
    }
  });
});

Deno.test("a folder at the top of the file system without an index says so, too", async () => {
  const { text } = await asking("/").ask("GET / HTTP/1.1");
  assertMatch(text, /folder/);
});
