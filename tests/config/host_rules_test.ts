/** Settings whose lines add up: what is said of lines that cannot be used, alone and together, and of pages that are not there. */

import { assert, assertEquals } from "@std/assert";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { findSource } from "../../src/config/source.ts";
import { TempFolder } from "../temp_folder.ts";

function complaints(text: string): string[] {
  return parseConfig(text, "f").diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replace(/^f:/, ""));
}

for (
  const [line, complaint] of [
    ["redirect", /^1:1: error: "redirect" takes words: redirect FROM TO \[STATUS\]; for example: redirect/],
    ["redirect /a", /^1:10: error: redirect: it takes a path to redirect from and a target; for example: redirect /],
    ["redirect /a b", /^1:13: error: redirect: "b" is neither a path, like \/new, nor an address/],
    ["redirect /a //evil.example/", /^1:13: error: redirect: "\/\/evil\.example\/" would lead to another host/],
    ["redirect /a /\\evil.example", /^1:13: error: redirect: "\/\\evil\.example" would lead to another host/],
    ["redirect /a /b\\..\\c", /^1:13: .* would lead to another host/],
    ["redirect /a javascript:alert(1)", /^1:13: error: redirect: "javascript:alert\(1\)" is neither a path/],
    ["redirect /* https://$1/", /^1:13: error: redirect: "https:\/\/\$1\/" takes its host from the request/],
    ["redirect /* https://a.example$1", /^1:13: .* takes its host from the request/],
    ["redirect /a https://", /^1:13: error: redirect: "https:\/\/" is not an address/],
    ["redirect /a /$1", /^1:13: error: redirect: there is no wildcard for \$1; the pattern has none/],
    ["redirect /* /$2", /^1:13: error: redirect: there is no wildcard for \$2; the pattern has 1/],
    ["redirect /* /$0", /^1:13: error: redirect: there is no wildcard for \$0/],
    ["redirect /a /b 300", /^1:16: error: redirect: "300" is none of 301, 302, 303, 307, 308, 410/],
    ["redirect /a /b 410", /^1:16: error: redirect: 410 \(Gone\) and the target - belong together/],
    ["redirect /a - 301", /^1:15: error: redirect: 410 \(Gone\) and the target - belong together/],
    ["redirect /a /b 301 x", /^1:20: error: redirect: "x" is one word too many/],
    ["redirect a/b /c", /^1:10: error: redirect: "a\/b" has a slash, so it must begin with one/],
    [`redirect /a /${"b".repeat(2100)}`, /^1:13: error: redirect: a target has more than 2048 characters/],
    ["error 404", /^1:7: error: error: it takes a status and the path of a page; for example: error 404/],
    ["error 200 /a", /^1:7: error: error: "200" is not the status of an error; write one of 401, 403,/],
    ["error 400 /a", /^1:7: error: error: "400" is not an error that a host sends; write one of 401/],
    ["error 404 a.html", /^1:11: error: error: "a\.html" does not begin with a slash/],
    ["error 404 /../a.html", /^1:11: error: error: "\/\.\.\/a\.html" lies outside the root/],
    ["error 404 /a/../../b", /^1:11: .* lies outside the root/],
    ["error 404 /a\\b", /^1:11: error: error: "\/a\\b" has a backslash/],
    ["error 404 /", /^1:11: error: error: "\/" names no file/],
    ["error 404 /a/", /^1:11: error: error: "\/a\/" names no file/],
    ["error 404 /%2e%2e/x", /^1:11: .* write the character itself/],
    ["error 404 /a b", /^1:14: error: error: "b" is one word too many/],
    ["fallback index.html", /^1:10: error: fallback: "index\.html" does not begin with a slash/],
    ["fallback /a /b", /^1:13: error: fallback: "\/b" is one word too many/],
    ["clean-urls yes", /^1:12: error: clean-urls: "yes" is neither on nor off; for example: clean-urls on/],
    ["header *", /^1:8: error: header: it takes a pattern, a name and a value; for example: header/],
    ["header * X-A b c", /^1:16: error: header: "c" is one word too many; put the value in quotation marks/],
    ["header * X-A: b", /^1:10: error: header: "X-A" is not the name of a field; write it without a colon/],
    ['header * "X A" b', /^1:10: error: header: "X A" is not the name of a field/],
    ["header * Content-Length 5", /^1:10: error: header: Content-Length is the server's own field/],
    ["header * transfer-ENCODING chunked", /^1:10: error: header: transfer-ENCODING is the server's own field/],
    ['header * Connection ""', /^1:10: error: header: Connection is the server's own field/],
    ["header * Date x", /^1:10: error: header: Date is the server's own field/],
    ["header * ETag x", /^1:10: error: header: ETag is made from the file; it can only be removed/],
    ["header * X-A \u00e4", /^1:14: error: header: the value has a character that is not ASCII, or a control/],
    ["header * X-A a\x0bb", /^1:14: error: header: the value has a character that is not ASCII, or a control/],
    [`header * X-A ${"a".repeat(5000)}`, /^1:14: error: header: the value has more than 4096 characters/],
    ["header [a] X-A b", /^1:8: error: header: "\[" is not a wildcard/],
    ["cache *", /^1:7: error: cache: it takes a pattern and a policy; for example: cache/],
    ["cache 60", /^1:7: error: cache: it takes a pattern and a policy/],
    ["cache * 1h", /^1:9: error: cache: "1h" is neither a number of seconds nor immutable/],
    ["cache * imutable", /^1:9: error: cache: "imutable" is .* or off; did you mean "immutable"\?; for example: cache/],
    ["cache * -1", /^1:9: error: cache: "-1" is neither a number/],
    ["cache * 2147483648", /^1:9: error: cache: "2147483648" is neither a number/],
    ["cache * 60 x", /^1:12: error: cache: "x" is one word too many/],
    ["charset utf 8", /^1:13: error: charset: "8" is one word too many/],
    ['charset "a;b"', /^1:9: error: charset: "a;b" is not the name of a charset/],
  ] as const
) {
  Deno.test(`parseConfig() tells what is wrong with ${JSON.stringify(line.slice(0, 50))}`, () => {
    const told = complaints(line);
    assert(told.length === 1 && complaint.test(told[0]!), JSON.stringify(told));
  });
}

for (
  const [what, text, lines] of [
    ["to itself", "host a a\n  redirect /a /a", [2]],
    ["to itself with a query", "redirect /a /a?x=1", [1]],
    ["to what its own pattern matches", "host a a\nredirect /** /x/$1", [2]],
    ["to a folder that its pattern matches", "redirect /old/** /old/", [1]],
    ["to another that leads back", "host a a\nredirect /a /b\nredirect /b /a", [2, 3]],
    ["of a host to one for every host that leads back", "redirect /a /b\nhost a a\nredirect /b /a", [1, 3]],
    ["on and on", "redirect /a* /aa$1", [1]],
    ["by a name that its target has, too", "redirect *.html /new.html", [1]],
  ] as const
) {
  Deno.test(`parseConfig() refuses redirects that lead ${what}`, () => {
    const { diagnostics } = parseConfig(text, "f");
    assertEquals(diagnostics.map(({ severity, line }) => `${severity} ${line}`), lines.map((line) => `error ${line}`));
    for (const { message } of diagnostics) assert(message.startsWith("redirect: the redirects form a loop: /"));
  });
}

for (
  const text of [
    "redirect /a /b\nredirect /b /c\nredirect /c /d",
    "redirect /a/* /b/$1\nredirect /b/x -",
    "redirect /** https://a.example/$1",
    "redirect /a /b 307\nhost a a\nredirect none\nredirect /b /a",
    "redirect *.php /index.html",
  ]
) {
  Deno.test(`parseConfig() takes redirects that come to an end: ${JSON.stringify(text)}`, () => {
    assertEquals(complaints(text), []);
  });
}

Deno.test("parseConfig() tells of a circle once, however many hosts it holds for", () => {
  const hosts = Array.from({ length: 50 }, (_, index) => `host h${index} a\n  redirect /x${index} /y`).join("\n");
  assertEquals(complaints(`redirect /a /a\n${hosts}`).length, 1);
});

Deno.test("parseConfig() refuses more bytes of fields than clients take", () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `header /${index} X-${index} ${"a".repeat(4000)}`).join("\n");
  assertEquals(complaints(lines(4)), []);
  assertEquals(complaints(lines(5)), [
    "1:1: error: header: the fields of one answer may have 20035 bytes; at most 16384 are allowed",
  ]);
});

Deno.test("parseConfig() counts fields of one name once, because one answer has one of them", () => {
  const lines = Array.from({ length: 9 }, (_, index) => `header /${index} X-A ${"a".repeat(4000)}`).join("\n");
  assertEquals(complaints(lines), []);
});

/** The diagnostics of a folder's web.conf, with `$` for the folder. */
async function loaded(conf: string, prepare: (folder: TempFolder) => void): Promise<string[]> {
  using folder = new TempFolder();
  prepare(folder);
  folder.write("web.conf", conf);
  const options = { dir: null, config: null, overrides: [] };
  const source = await findSource(options, { standing: folder.path, current: folder.path });
  const { diagnostics } = await loadConfig(source, options);
  return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replaceAll(folder.path, "$"));
}

Deno.test("loadConfig() refuses a page that is no file or leads out of the root, and warns of one that is not there", async () => {
  const conf =
    "error 404 /e.html\nhost a www\n  fallback /app/index.html\n  error 403 /folder\n  error 405 /out.html\n" +
    "  error 410 /.hidden.html\n  error 412 /inside.html\nhost b other\n";
  const found = await loaded(conf, (folder) => {
    folder.write("www/e.html", "e");
    folder.write("www/folder/x", "x");
    folder.write("www/.hidden.html", "x");
    folder.write("other/x", "x");
    folder.write("secret.html", "secret");
    Deno.symlinkSync("../secret.html", `${folder.path}/www/out.html`);
    Deno.symlinkSync("e.html", `${folder.path}/www/inside.html`);
  });
  assertEquals(found.toSorted(), [
    'web.conf:1:1: warning: error 404: /e.html, below the root $/other of host "b", is not there; until it is, the built-in page is sent',
    'web.conf:3:3: warning: fallback: /app/index.html, below the root $/www of host "a", is not there; until it is, 404 is sent',
    'web.conf:4:3: error: error 403: /folder, below the root $/www of host "a", is not a file',
    'web.conf:5:3: error: error 405: /out.html, below the root $/www of host "a", is a link that leads out of the root',
    'web.conf:6:3: warning: error 410: /.hidden.html, below the root $/www of host "a", begins with a dot, so it is never sent without dotfiles on',
  ]);
});

Deno.test("loadConfig() says nothing of pages where the root is not there, which it tells of", async () => {
  const found = await loaded("error 404 /e.html\nhost a gone\n", () => {});
  assertEquals(found.length, 1);
  assert(found[0]!.includes('the root of host "a"'), found[0]);
});

Deno.test("loadConfig() refuses redirects that form a loop with those that the server makes by itself", async () => {
  const lines = [
    "host a www",
    "  clean-urls on",
    "  redirect /about /about.html",
    "  redirect /docs/ /docs",
    "  redirect /home /index.html",
    "  redirect / /index.html",
    "  redirect /gone /gone.html",
    "  redirect /plain /plain.txt",
    "host b www",
    "  redirect /about /about.html",
  ];
  const found = await loaded(lines.join("\n"), (folder) => {
    for (const name of ["about.html", "docs/x", "index.html", "plain.txt"]) folder.write(`www/${name}`, "x");
  });
  const words = 'error: redirect: this forms a loop with a redirect that host "a" makes by itself';
  assertEquals(found.toSorted(), [
    `web.conf:3:3: ${words}: /about -> /about.html -> /about`,
    `web.conf:4:3: ${words}: /docs/ -> /docs -> /docs/`,
    `web.conf:5:3: ${words}: /home -> /index.html -> / -> /index.html`,
    `web.conf:6:3: ${words}: / -> /index.html -> /`,
  ]);
});
