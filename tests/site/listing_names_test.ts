/** Every link of a listing of hostile names is followed, and the answers are compared byte by byte. */

import { assert, assertEquals } from "@std/assert";
import { RawClient, type RawResponse } from "../client.ts";
import { withSite } from "../site.ts";

/** Names that a page, an address or a script could take for something else. */
const NAMES = [
  `"quoted".txt`,
  `'single'.txt`,
  "<script>alert(1)",
  "<svg onload=alert(1)>",
  "<!--",
  "<b><i>",
  "]]>",
  "&amp;",
  "&#60;b&#62;",
  "100%",
  "%2e%2e",
  "%41.txt",
  "%zz",
  "a?b=c",
  "a#b",
  "a b",
  "two  blanks",
  " leading",
  "index.html ",
  "line\nfeed",
  "return\r.txt",
  "tab\tname",
  "bell\x07",
  "escape\x1b[31m",
  "delete\x7f",
  "next\x85line",
  "override\u202etxt.exe",
  "isolate\u2066a\u2069b",
  "pop\u2069",
  "mark\u200f.txt",
  "zero\u200bwidth",
  "separator\u2028.txt",
  "\ufeffbom",
  "emoji 👩‍👩‍👧‍👦.txt",
  "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "cafe\u0301.txt",
  "café.txt",
  "עברית.txt",
  "العربية 1.txt",
  "replacement\ufffd.txt",
  "日本語.txt",
  "n".repeat(255),
  "é".repeat(127),
  "-leading",
  "--help",
  "~tilde",
  "~",
  "javascript:alert(1)",
  "http:",
  "C:",
  "a:b",
  "a;b=c",
  "a&b",
  "a=b",
  "a+b",
  "$(id)",
  "`id`",
  "{a,b}",
  "[x]",
  "*",
  "|",
  "^",
  "@",
  "a,b",
  "constructor",
  "__proto__",
  "CON",
  "nul.txt",
  "trailing.",
  "index.html\u00a0",
  "?sort=size",
];

/** Hidden, or not possible in a request. */
const UNLISTED = ["back\\slash", ".hidden", "..", "...", "..foo"];

/** The addresses of all links in the table, as a browser resolves them. */
function linksOf(page: string, base: string): string[] {
  const body = page.slice(page.indexOf("<tbody>"), page.indexOf("</tbody>"));
  return [...body.matchAll(/<a href="([^"]*)">/g)].map(([, href = ""]) => {
    const text = href.replaceAll("&amp;", "&").replace(/&#([0-9]+);/g, (_, code) => String.fromCodePoint(Number(code)));
    const url = new URL(text, base);
    assertEquals(url.origin, new URL(base).origin, `${href} leads to another host`);
    return url.pathname + url.search;
  });
}

async function withNames(test: (get: Get) => Promise<void>): Promise<void> {
  const files = NAMES.map((name) => [`${name}`, `content of ${name}`]);
  const folders = NAMES.map((name) => [`f/${name.slice(0, 80)}/inner.txt`, `inner of ${name}`]);
  const conf = "host default ROOT\n  listing on\n  index none\n";
  await withSite({ files: Object.fromEntries([...files, ...folders]), conf }, async ({ port, root }) => {
    for (const name of UNLISTED) {
      if (name !== "..") Deno.writeTextFileSync(`${root}/${name}`, "unlisted");
    }
    using client = await RawClient.connect(port);
    await test(async (target, ...fields) => {
      await client.send([`GET ${target} HTTP/1.1`, "Host: localhost", ...fields, "", ""].join("\r\n"));
      return await client.response();
    });
  });
}

type Get = (target: string, ...fields: readonly string[]) => Promise<RawResponse>;

function textOf({ content }: RawResponse): string {
  return new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(content);
}

const isUnixOnly = Deno.build.os !== "linux"; // Other systems refuse some of these names, or change them.

Deno.test({
  name: "a listing of hostile names: every link leads to its file, byte by byte",
  ignore: isUnixOnly,
  fn: () =>
    withNames(async (get) => {
      const page = textOf(await get("/"));
      const seen = new Map<string, Uint8Array>();
      for (const link of linksOf(page, "http://localhost/")) {
        if (link === "/f/") continue;
        const { status, content } = await get(link);
        assertEquals(status, 200, link);
        seen.set(decodeURIComponent(link.slice(1)), content);
      }
      assertEquals([...seen.keys()].sort(), [...NAMES].sort());
      for (const name of NAMES) {
        assertEquals(seen.get(name), new TextEncoder().encode(`content of ${name}`), name);
      }
    }),
});

Deno.test({
  name: "a listing of hostile names: every folder can be opened, and its links lead to its files",
  ignore: isUnixOnly,
  fn: () =>
    withNames(async (get) => {
      const folders = linksOf(textOf(await get("/f/")), "http://localhost/f/").filter((link) => link !== "/");
      assertEquals(folders.length, new Set(NAMES.map((name) => name.slice(0, 80))).size);
      for (const folder of folders) {
        const page = await get(folder);
        assertEquals(page.status, 200, folder);
        const inner = linksOf(textOf(page), `http://localhost${folder}`);
        assertEquals(inner, ["/f/", `${folder}inner.txt`]);
        assertEquals((await get(inner[1]!)).status, 200);
      }
    }),
});

Deno.test({
  name: "a listing of hostile names is a page without markup of a name, and shows what is invisible",
  ignore: isUnixOnly,
  fn: () =>
    withNames(async (get) => {
      const page = textOf(await get("/"));
      const body = page.slice(page.indexOf("<tbody>"), page.indexOf("</tbody>"));
      assertEquals(
        body.replace(/<\/?(?:tbody|tr|td|a|bdi|i|time|span)(?: (?:class|colspan|href|title|datetime)="[^"<>]*")*>/g, "")
          .includes("<"),
        false,
        "a name made an element",
      );
      // deno-lint-ignore no-control-regex
      assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(body));
      for (const shown of ["line<i>\\n</i>feed", "tab<i>\\t</i>name", "override<i>U+202E</i>txt.exe"]) {
        assert(body.includes(`<bdi>${shown}</bdi>`), shown);
      }
      assert(body.includes("<bdi>index.html<i>␣</i></bdi>"));
      assert(body.includes("👩‍👩‍👧‍👦"), "joiners of emoji stay");
    }),
});

Deno.test({
  name: "a listing of hostile names as JSON has exactly the names",
  ignore: isUnixOnly,
  fn: () =>
    withNames(async (get) => {
      const { entries } = JSON.parse(textOf(await get("/", "Accept: application/json")));
      assertEquals(entries.map(({ name }: { name: string }) => name).sort(), [...NAMES, "f"].sort());
    }),
});
