/** No way to write an address leads around a guard: random hosts, files and addresses, over real sockets. */

import { assert } from "@std/assert";
import fc from "../fast_check.ts";
import { compilePattern } from "../../src/site/pattern.ts";
import { RawClient, type RawResponse } from "../client.ts";
import { withSite } from "../site.ts";
import { SCRYPT_LINE } from "./passwords.ts";

const NAMES = ["index.html", "home.htm", "about.html", "README.md", "x.txt", ".env", "é.html", "a b.html", "secret"];
const FOLDERS = ["", "/secret", "/a", "/a/b", "/secret/b", "/Secret"];

const PATTERNS = [
  "/secret/**",
  "*.html",
  "**.html",
  "/a/*",
  "/a/**",
  "**/b/**",
  "*.{txt,md}",
  "/secret",
  "/about",
  "/about.html",
  "README.md",
  "/a/",
  "/a/index.html",
  "/é.html",
];

/** The content names the file, so that an answer tells which file it comes from. */
function contentOf(path: string): string {
  return `FILE:${path}:FILE`;
}

const lines = fc.record({
  patterns: fc.uniqueArray(fc.constantFrom(...PATTERNS), { minLength: 1, maxLength: 2 }),
  settings: fc.subarray(["clean-urls on", "listing on", "dotfiles on", "index home.htm index.html"]),
  fallback: fc.constantFrom("", "fallback /index.html", "fallback /secret/index.html"),
});

/** Other ways to write a path. */
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => path.replace(/\/(?=[^/]*$)/, "//"),
  (path) => `/.${path}`,
  (path) => `/zz/..${path}`,
  (path) => `/zz/%2e%2e${path}`,
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.replace(/\.html$/, ""),
  (path) => path.replace(/[^/]*$/, ""),
  (path) => path.toUpperCase(),
  (path) => `${path}?format=json`,
];

const FIELDS = ["X-None: x", "Accept: text/html", "Accept: application/json", "If-None-Match: *", "Range: bytes=0-99"];

const paths = fc.tuple(fc.constantFrom(...FOLDERS), fc.constantFrom(...NAMES)).map(([folder, name]) =>
  `${folder}/${name}`
);

Deno.test("no address leads around a guard, to a file or to its name in a listing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(paths, { minLength: 6, maxLength: 14 }),
      lines,
      async (wanted, each) => {
        const { patterns, settings, fallback } = each;
        const files = withoutConflicts(wanted);
        const auth = patterns.map((pattern, index) => `auth R${index} SECRETS/staff "${pattern}"`);
        const conf = ["host default ROOT", ...auth, ...settings, fallback].join("\n  ");
        const guards = patterns.map((pattern) => compilePattern(pattern)).filter((guard) => typeof guard !== "string");
        const isGuarded = (path: string) => guards.some((guard) => guard.matches(path));
        const site = { files: Object.fromEntries(files.map((path) => [path.slice(1), contentOf(path)])), conf };
        await withSite({ ...site, secrets: { staff: SCRYPT_LINE } }, async ({ port }) => {
          const all = files.flatMap((path) => SPELLINGS.map((spelling) => spelling(encode(path))));
          for (const [index, target] of all.entries()) {
            const response = await ask(port, target, FIELDS[index % FIELDS.length]!);
            for (const shown of shownIn(response)) assert(!isGuarded(shown), `${target} shows ${shown}\n${conf}`);
          }
        });
      },
    ),
    { numRuns: 25 },
  );
});

/** A name cannot be a file and a folder. */
function withoutConflicts(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}/`)));
}

function encode(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

async function ask(port: number, target: string, field: string): Promise<RawResponse> {
  using client = await RawClient.connect(port);
  await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n${field}\r\nConnection: close\r\n\r\n`);
  return await client.response();
}

/** The paths of files whose content or name is in an answer. */
function shownIn({ text }: RawResponse): string[] {
  const contents = [...text.matchAll(/FILE:(.*?):FILE/g)].map(([, path]) => path!);
  if (!text.startsWith('{"path"')) return contents;
  const { path, entries } = JSON.parse(text);
  return [
    ...contents,
    ...entries.map(({ name, kind }: { name: string; kind: string }) => `${path}${name}${kind === "folder" ? "/" : ""}`),
  ];
}
