/** Listings through real sockets, of two hosts that differ. */

import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { type Ask, withHosts } from "./hosts.ts";
import type { TestSite } from "../site.ts";
import type { RawResponse } from "../client.ts";

const FILES = {
  "a/file10.txt": "ten",
  "a/file2.txt": "2",
  "a/Sub/inner.txt": "inner",
  "a/big.bin": "x".repeat(5000),
  "with/index.html": "the index",
  "empty/.keep": "",
};

const CONF = `listing on
host default ROOT
host other ROOT
  listing off
  dotfiles on
host dots ROOT
  dotfiles on
host lines ROOT
  cache /a/ 60
  cache * no-store
  header /a/ X-Note listed
  header * Content-Security-Policy "default-src 'self'"
  redirect /a/file2.txt /elsewhere
  redirect /a/big.bin -
host app ROOT
  fallback /with/index.html
`;

const withListings = (test: (ask: Ask, site: TestSite) => Promise<void>) =>
  withHosts({ files: FILES, conf: CONF }, test);

interface JsonEntry {
  readonly name: string;
  readonly kind: string;
  readonly size: number | null;
  readonly modified: string | null;
}

async function entriesOf(ask: Ask, host: string, target: string): Promise<readonly JsonEntry[]> {
  const response = await ask(host, target, "Accept: application/json");
  assertEquals([response.status, response.field("content-type")], [200, "application/json"]);
  return JSON.parse(response.text).entries;
}

async function namesOf(ask: Ask, host: string, target: string): Promise<readonly string[]> {
  return (await entriesOf(ask, host, target)).map(({ name }) => name);
}

/** The names on the page, in order, as they are linked. */
function linksOf({ text }: RawResponse): readonly string[] {
  return [...text.matchAll(/<td class="\w"><a href="\.\/([^"]*)">/g)].map(([, href]) => href!);
}

Deno.test("listing: a folder without an index is a page of the host that says so, and 404 of another", () =>
  withListings(async (ask) => {
    const page = await ask("default", "/a/");
    assertEquals([page.status, page.field("content-type")], [200, "text/html; charset=utf-8"]);
    assertEquals(page.field("transfer-encoding"), "chunked");
    assertEquals(page.field("vary"), "Accept");
    assertEquals(page.field("cache-control"), "no-cache");
    assertEquals(linksOf(page), ["Sub/", "big.bin", "file2.txt", "file10.txt"]);
    const none = await ask("other", "/a/");
    assertEquals(none.status, 404);
    assertStringIncludes(none.text, "does not list its files");
  }));

Deno.test("listing: an index comes first, and a folder without a slash is redirected with its query", () =>
  withListings(async (ask) => {
    assertEquals((await ask("default", "/with/")).text, "the index");
    const redirect = await ask("default", "/a?sort=size");
    assertEquals([redirect.status, redirect.field("location")], [301, "/a/?sort=size"]);
  }));

Deno.test("listing: hidden names are listed only where they are served", () =>
  withListings(async (ask) => {
    assertEquals(await namesOf(ask, "default", "/empty/"), []);
    assertStringIncludes((await ask("default", "/empty/")).text, "This folder has no files that can be shown.");
    assertEquals(await namesOf(ask, "dots", "/empty/"), [".keep"]);
  }));

Deno.test("listing: the address keeps the order, and folders come first in each", () =>
  withListings(async (ask) => {
    const orders = {
      "sort=name&order=asc": ["Sub", "big.bin", "file2.txt", "file10.txt"],
      "sort=name&order=desc": ["Sub", "file10.txt", "file2.txt", "big.bin"],
      "sort=size": ["Sub", "big.bin", "file10.txt", "file2.txt"],
      "sort=size&order=asc": ["Sub", "file2.txt", "file10.txt", "big.bin"],
      "sort=wrong&order=wrong": ["Sub", "big.bin", "file2.txt", "file10.txt"],
    };
    for (const [query, names] of Object.entries(orders)) {
      assertEquals(await namesOf(ask, "default", `/a/?${query}`), names, query);
    }
    const page = await ask("default", "/a/?sort=size");
    assertStringIncludes(page.text, `aria-sort="descending"><a href="?sort=size&amp;order=asc">`);
    assertStringIncludes(page.text, `<a href="./Sub/?sort=size&#38;order=desc">`);
  }));

Deno.test("listing: the order by date is that of the modification times", () =>
  withListings(async (ask, { root }) => {
    Deno.utimeSync(`${root}/a/big.bin`, 1_000_000_000, 1_000_000_000);
    Deno.utimeSync(`${root}/a/file10.txt`, 1_100_000_000, 1_100_000_000);
    assertEquals(await namesOf(ask, "default", "/a/?sort=date"), ["Sub", "file2.txt", "file10.txt", "big.bin"]);
    assertEquals(await namesOf(ask, "default", "/a/?sort=date&order=asc"), [
      "Sub",
      "big.bin",
      "file10.txt",
      "file2.txt",
    ]);
  }));

Deno.test("listing: JSON has exactly the documented shape", () =>
  withListings(async (ask, { root }) => {
    Deno.utimeSync(`${root}/a/big.bin`, 1_000_000_000, 1_000_000_000.5);
    const value = JSON.parse((await ask("default", "/a/?format=json")).text);
    assertEquals(Object.keys(value), ["path", "entries"]);
    assertEquals(value.path, "/a/");
    const [folder, file] = value.entries;
    assertEquals(Object.keys(folder), ["name", "kind", "size", "modified"]);
    assertEquals([folder.name, folder.kind, folder.size], ["Sub", "folder", null]);
    assertMatch(folder.modified, /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/);
    assertEquals(file, { name: "big.bin", kind: "file", size: 5000, modified: "2001-09-09T01:46:40.500Z" });
  }));

Deno.test("listing: Accept decides by weights, and format in the query before it", () =>
  withListings(async (ask) => {
    const forms = {
      "text/html, application/json;q=0.9": "html",
      "text/html;q=0.1, application/json": "json",
      "application/json": "json",
      "application/json, text/plain, */*": "json",
      "*/*": "html",
      "application/*;q=0.5, text/*": "html",
      "application/*": "json",
      "application/json;q=0, */*": "html",
      "image/png": "html",
      "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "html",
    };
    const formOf = (response: RawResponse) => response.field("content-type")?.startsWith("text/html") ? "html" : "json";
    for (const [accept, form] of Object.entries(forms)) {
      assertEquals(formOf(await ask("default", "/a/", `Accept: ${accept}`)), form, accept);
    }
    assertEquals(formOf(await ask("default", "/a/?format=json", "Accept: text/html")), "json");
    assertEquals(formOf(await ask("default", "/a/?format=html", "Accept: application/json")), "html");
  }));

Deno.test("listing: a client that has the page gets 304, until a name, a size or a date changes", () =>
  withListings(async (ask, { root }) => {
    const first = await ask("default", "/a/");
    const tag = first.field("etag")!;
    const again = await ask("default", "/a/", `If-None-Match: ${tag}`);
    assertEquals([again.status, again.text, again.field("etag")], [304, "", tag]);
    assertEquals([again.field("vary"), again.field("cache-control")], ["Accept", "no-cache"]);
    assertEquals((await ask("default", "/a/", 'If-Match: "other"')).status, 412);
    const changes = [
      () => Deno.writeTextFileSync(`${root}/a/file2.txt`, "longer"),
      () => Deno.utimeSync(`${root}/a/file2.txt`, 1_000_000_000, 1_000_000_000),
      () => Deno.writeTextFileSync(`${root}/a/new.txt`, ""),
      () => Deno.renameSync(`${root}/a/new.txt`, `${root}/a/newer.txt`),
      () => Deno.removeSync(`${root}/a/newer.txt`),
    ];
    let before = tag;
    for (const change of changes) {
      change();
      const after = await ask("default", "/a/", `If-None-Match: ${before}`);
      assertEquals(after.status, 200, String(change));
      before = after.field("etag")!;
    }
    const [json, other] = [await ask("default", "/a/?format=json"), await ask("default", "/a/?sort=size")];
    assertNotEquals(json.field("etag"), before);
    assertNotEquals(other.field("etag"), before);
  }));

Deno.test("listing: HEAD has the fields of GET", () =>
  withListings(async (ask) => {
    for (const target of ["/a/", "/a/?format=json"]) {
      const [get, head] = [await ask("default", target), await ask("default", `HEAD ${target}`)];
      const fields = ({ fields }: RawResponse) => fields.filter(([name]) => name !== "Date");
      assertEquals([head.status, fields(head), head.text], [200, fields(get), ""]);
    }
  }));

Deno.test("listing: cache and header lines are compared with the path of the request, and the page keeps its policy", () =>
  withListings(async (ask) => {
    const page = await ask("lines", "/a/");
    assertEquals([page.field("cache-control"), page.field("x-note")], ["max-age=60", "listed"]);
    assertMatch(page.field("content-security-policy") ?? "", /^default-src 'none'; style-src 'sha256-/);
    const sub = await ask("lines", "/a/Sub/?format=json");
    assertEquals([sub.field("cache-control"), sub.field("x-note")], ["no-store", undefined]);
    assertEquals(sub.field("content-security-policy"), "default-src 'self'");
  }));

Deno.test("listing: what a redirect answers is not listed", () =>
  withListings(async (ask) => {
    assertEquals(await namesOf(ask, "lines", "/a/"), ["Sub", "file10.txt"]);
  }));

Deno.test("listing: a fallback page comes before it for clients that name HTML", () =>
  withListings(async (ask) => {
    assertEquals((await ask("app", "/a/", "Accept: text/html")).text, "the index");
    assertEquals(await namesOf(ask, "app", "/a/"), ["Sub", "big.bin", "file2.txt", "file10.txt"]);
  }));

Deno.test("listing: the policy has the hashes of the style and the script of the page", () =>
  withListings(async (ask) => {
    const page = await ask("default", "/a/");
    const policy = page.field("content-security-policy")!;
    for (const element of ["style", "script"]) {
      const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page.text)![1]!;
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
      assertStringIncludes(policy, `${element}-src 'sha256-${hash.toBase64()}'`);
    }
    assert(!/ style=| on[a-z]+=|javascript:/i.test(page.text.replace(/<script>[^]*<\/script>/, "")));
  }));

Deno.test("listing: HTTP/1.0 gets the page until the connection closes", () =>
  withListings(async (_, { port }) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode("GET /a/ HTTP/1.0\r\n\r\n"));
    const text = await new Response(conn.readable).text();
    assert(!/transfer-encoding/i.test(text));
    assert(text.endsWith("</html>\n"));
  }));
