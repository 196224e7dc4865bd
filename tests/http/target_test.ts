/**
 * Request targets (RFC 9112, section 3.2): their forms, decoding, dot segments (RFC 3986). Hosts: host_test.ts.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { isRefusal } from "../../src/http/status.ts";
import { encodePath, encodeQuery, parseTarget, type Target } from "../../src/http/target.ts";
import { randomFrom } from "../feed.ts";

type PathTarget = Extract<Target, { kind: "path" }>;

/** Parses `raw` as a path target. Fails if it is none. */
function pathOf(raw: string, method = "GET"): PathTarget {
  const target = parseTarget(raw, method);
  if (isRefusal(target) || target.kind !== "path") throw new Error(`${raw} is not a path: ${JSON.stringify(target)}`);
  return target;
}

function statusOf(raw: string, method = "GET"): number | null {
  const target = parseTarget(raw, method);
  return isRefusal(target) ? target.status : null;
}

/** A path target as a text: `a|b/` means the segments a and b of a directory. */
function shortPath(raw: string): string {
  const { segments, directory } = pathOf(raw);
  return segments.join("|") + (directory ? "/" : "");
}

Deno.test("parseTarget() splits an origin-form target into segments and query", () => {
  assertEquals(pathOf("/a/b.html?c=d"), {
    kind: "path",
    segments: ["a", "b.html"],
    directory: false,
    query: "?c=d",
    authority: null,
  });
});

Deno.test("parseTarget() recognises a directory by its last slash", () => {
  const cases: [string, string][] = [["/", "/"], ["/a", "a"], ["/a/", "a/"], ["/a/b/", "a|b/"], ["/?a", "/"], [
    "/a?/",
    "a",
  ]];
  for (const [raw, path] of cases) assertEquals(shortPath(raw), path, raw);
});

Deno.test("parseTarget() ends the path at the first question mark and keeps the raw query", () => {
  const cases: [string, string][] = [["/a", ""], ["/a?", "?"], ["/a?b?c", "?b?c"], [
    "/a?%2e%zz/../\\",
    "?%2e%zz/../\\",
  ]];
  for (const [raw, query] of cases) assertEquals([shortPath(raw), pathOf(raw).query], ["a", query], raw);
});

Deno.test("parseTarget() decodes segments as UTF-8", () => {
  const cases: [string, string][] = [
    ["/%41%42", "AB"],
    ["/name%20with%20blanks.txt", "name with blanks.txt"],
    ["/na%C3%AFve", "na\u00efve"],
    ["/%e6%97%a5", "\u65e5"],
    ["/%F0%9F%98%80", "\u{1f600}"],
    ["/a+b", "a+b"],
    ["/%3F%23%3B", "?#;"],
    ["/a;b=c", "a;b=c"],
  ];
  for (const [raw, path] of cases) assertEquals(shortPath(raw), path, raw);
});

Deno.test("parseTarget() decodes only once", () => {
  const cases: [string, string][] = [["/%2541", "%41"], ["/%252e%252e/a", "%2e%2e|a"], ["/%252f", "%2f"], [
    "/%2500",
    "%00",
  ]];
  for (const [raw, path] of cases) assertEquals(shortPath(raw), path, raw);
});

Deno.test("parseTarget() refuses a percent sign without two hexadecimal digits", () => {
  for (const raw of ["/%", "/%4", "/%zz", "/%4g", "/a%/b", "/%u0041", "/%%41"]) assertEquals(statusOf(raw), 400, raw);
});

Deno.test("parseTarget() reads raw octets like encoded ones", () => {
  for (const raw of ["/na\xc3\xafve", "/\xf0\x9f\x98\x80/%c3\xa9/a%20\xc3%a9", "/\xff", "/\xc3/\xa9"]) {
    const encoded = raw.replace(/[\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
    assertEquals(parseTarget(raw, "GET"), parseTarget(encoded, "GET"), raw);
  }
  assertEquals(pathOf("/na\xc3\xafve").segments, ["na\u00efve"]);
});

/** Invalid UTF-8: overlong, cut off, a surrogate, over U+10FFFF, Latin-1. */
const NOT_UTF8 = ["/%C0%AE%C0%AE", "/%C0%AF", "/%E9", "/%C3", "/%C3/%AF", "/%ED%A0%80", "/%F8%88%80%80%80", "/a%20%FF"];

Deno.test("parseTarget() represents octets that are not UTF-8 by lone surrogates, each by its own", () => {
  const seen = new Set<string>();
  for (const raw of NOT_UTF8) {
    const { segments } = pathOf(raw);
    assertEquals(segments.filter((segment) => segment.isWellFormed()), [], raw);
    assertEquals(encodePath(segments, false), raw);
    seen.add(segments.join("/"));
  }
  assertEquals(seen.size, NOT_UTF8.length);
  assertEquals(pathOf("/caf%E9").segments, ["caf\udce9"]);
});

Deno.test("parseTarget() refuses separators between octets that are not UTF-8", () => {
  for (const raw of ["/%ff%2f", "/%ff%5c", "/%ff%00", "/\xff%2f"]) assertEquals(statusOf(raw), 400, raw);
});

Deno.test("parseTarget() refuses encoded slashes, backslashes and NUL", () => {
  for (const raw of ["/a%2fb", "/a%2Fb", "/%2f", "/a%5cb", "/a%5Cb", "/%00", "/a%00.html", "/..%2f", "/%2e%2e%5c"]) {
    assertEquals(statusOf(raw), 400, raw);
  }
});

Deno.test("parseTarget() refuses a raw backslash, which browsers and Windows read as a slash", () => {
  for (const raw of ["/\\", "/a\\b", "/..\\..\\a"]) assertEquals(statusOf(raw), 400, raw);
});

Deno.test("parseTarget() resolves dot segments, encoded or not (RFC 3986, 5.2.4)", () => {
  const cases: [string, string][] = [
    ["/a/b/c/./../../g", "a|g"],
    ["/a/./b", "a|b"],
    ["/a/../b", "b"],
    ["/./a", "a"],
    ["/a/.", "a/"],
    ["/a/b/..", "a/"],
    ["/a/..", "/"],
    ["/.", "/"],
    ["/a/%2e%2e/b", "b"],
    ["/a/%2E./b", "b"],
    ["/a/.%2e/b", "b"],
    ["/a/%2e/b", "a|b"],
    ["/a/%2e%2e", "/"],
  ];
  for (const [raw, path] of cases) assertEquals(shortPath(raw), path, raw);
});

Deno.test("parseTarget() never leads above the root", () => {
  const cases: [string, string][] = [
    ["/..", "/"],
    ["/../a", "a"],
    ["/../../../etc/passwd", "etc|passwd"],
    ["/a/../../b", "b"],
    ["/%2e%2e/%2e%2e/a", "a"],
  ];
  for (const [raw, path] of cases) assertEquals(shortPath(raw), path, raw);
});

Deno.test("parseTarget() treats names that only look like dot segments as names", () => {
  for (const name of ["...", "..a", ".a", "a..", "a.", ".well-known"]) assertEquals(shortPath(`/${name}`), name, name);
});

Deno.test("parseTarget() removes empty segments", () => {
  const cases: [string, string][] = [["//", "/"], ["//a", "a"], ["/a//b", "a|b"], ["/a//", "a/"], [
    "//evil.example/x",
    "evil.example|x",
  ]];
  for (const [raw, path] of cases) assertEquals(shortPath(raw), path, raw);
});

Deno.test("parseTarget() accepts absolute-form and returns its authority (RFC 9112, 3.2.2)", () => {
  const cases: [string, string, string, string][] = [
    ["http://example.org/a?b", "example.org", "a", "?b"],
    ["http://example.org:8080/a/", "example.org:8080", "a/", ""],
    ["HTTP://Example.org/%41", "Example.org", "A", ""],
    ["http://example.org", "example.org", "/", ""],
    ["http://example.org?b/c", "example.org", "/", "?b/c"],
    ["http://[::1]:80/a", "[::1]:80", "a", ""],
    ["http://example.org/../http://a", "example.org", "http:|a", ""],
  ];
  for (const [raw, authority, path, query] of cases) {
    const target = pathOf(raw);
    assertEquals([target.authority, shortPath(raw), target.query], [authority, path, query], raw);
  }
});

Deno.test("parseTarget() refuses an absolute target without a host (RFC 9110, 4.2.1)", () => {
  for (const raw of ["http:///a", "http://", "http://?a"]) assertEquals(statusOf(raw), 400, raw);
});

Deno.test("parseTarget() refuses targets of no form", () => {
  for (
    const raw of [
      "a",
      "index.html",
      "example.org:80",
      "ftp://example.org/",
      "http:/a",
      "http:a",
      "?a",
      "..",
      "mailto:a@b",
    ]
  ) {
    assertEquals(statusOf(raw), 400, raw);
  }
});

Deno.test("parseTarget() accepts * only for OPTIONS (RFC 9112, 3.2.4)", () => {
  assertEquals(parseTarget("*", "OPTIONS"), { kind: "asterisk", authority: null });
  for (const method of ["GET", "HEAD", "options", "DELETE"]) assertEquals(statusOf("*", method), 400, method);
  for (const raw of ["**", "*a", "*/"]) assertEquals(statusOf(raw, "OPTIONS"), 400, raw);
});

Deno.test("parseTarget() distinguishes OPTIONS of a path from OPTIONS of the server", () => {
  assertEquals(pathOf("/", "OPTIONS").segments, []);
  assertEquals(pathOf("http://example.org/", "OPTIONS").authority, "example.org");
  assertEquals(parseTarget("http://example.org", "OPTIONS"), { kind: "asterisk", authority: "example.org" }); // 3.2.4
});

Deno.test("parseTarget() accepts authority-form for CONNECT (RFC 9112, 3.2.3)", () => {
  for (const raw of ["example.org:443", "[::1]:443", "192.0.2.1:80"]) {
    assertEquals(parseTarget(raw, "CONNECT"), { kind: "authority", authority: raw });
  }
});

Deno.test("parseTarget() accepts only authority-form for CONNECT", () => {
  for (
    const raw of [
      "/",
      "*",
      "example.org",
      "http://example.org/",
      "example.org:",
      ":443",
      "a@b:1",
      "example.org:x",
      "a:1/b",
    ]
  ) {
    assertEquals(statusOf(raw, "CONNECT"), 400, raw);
  }
});

Deno.test("parseTarget() returns harmless segments, or refuses", () => {
  const random = randomFrom(3986);
  const parts = [
    "/",
    "//",
    ".",
    "..",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "\\",
    "%00",
    "%25",
    "a",
    "%41",
    "%c3%a9",
    "%c0",
    "\xc3\xa9",
    "\xff",
    "?",
    ";",
    "%",
  ];
  let paths = 0;
  for (let round = 0; round < 4000; round++) {
    const raw = "/" +
      Array.from({ length: Math.floor(random() * 8) }, () => parts[Math.floor(random() * parts.length)]).join("");
    const target = parseTarget(raw, "GET");
    if (isRefusal(target) || target.kind !== "path") continue;
    paths++;
    for (const segment of target.segments) {
      const isHarmless = !["", ".", ".."].includes(segment) && !/[/\\\0]/.test(segment);
      assertEquals(isHarmless, true, `${raw} gives ${JSON.stringify(segment)}`);
    }
  }
  assertEquals(paths > 500, true, `only ${paths} paths`);
});

Deno.test("encodePath() is the inverse of parseTarget()", () => {
  const names = [
    "a",
    "name with blanks",
    "na\u00efve",
    "\u65e5",
    "100%",
    "a?b",
    "a#b",
    "a;b=c&d",
    "%41",
    "...",
    "\u{1f600}",
    "a:b@c",
  ];
  for (const directory of [true, false]) {
    const { segments, directory: isDirectory } = pathOf(encodePath(names, directory));
    assertEquals([segments, isDirectory], [names, directory]);
  }
});

Deno.test("encodePath() writes visible ASCII only, so that no name can end a field line", () => {
  assertEquals(encodePath(["a\r\nSet-Cookie: b", '"<\u00e9>'], false), "/a%0D%0ASet-Cookie%3A%20b/%22%3C%C3%A9%3E");
});

Deno.test("encodePath() begins with exactly one slash, so that it cannot name another host", () => {
  assertEquals(encodePath(["evil.example"], true), "/evil.example/");
  assertEquals([encodePath([], true), encodePath([], false)], ["/", "/"]);
});

Deno.test("encodePath() throws on segments that no target can have", () => {
  for (const name of ["\ud800", "a\udc7f", "\udd00"]) assertThrows(() => encodePath([name], false), URIError);
});

Deno.test("encodeQuery() keeps octets that a URI may contain, and encodes all others", () => {
  assertEquals(encodeQuery("?a=%20/b?c&d='x'"), "?a=%20/b?c&d='x'");
  assertEquals(encodeQuery('?q=\xc3\xa9"%zz|\xff'), "?q=%C3%A9%22%25zz%7C%FF");
});
