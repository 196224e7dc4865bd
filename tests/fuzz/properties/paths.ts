/**
 * Paths on the real disk: random trees with links that lead inside, outside, nowhere and in circles, and targets in many
 * spellings. The server sends exactly the files that a slow walk finds inside the root, also after the tree has changed.
 */

import fc from "../../fast_check.ts";
import { asking } from "../../site/asking.ts";
import { agree, insist } from "../agree.ts";
import { property } from "../property.ts";
import { readTarget } from "../reference/target.ts";
import { isBelow, walk } from "../reference/walk.ts";
import { type Entry, SECRET, Tree } from "../tree.ts";

const names = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("a", "b", "ab", "c.txt", "index.html") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(".well-known", ".hidden", "...", "..a", "é", "e\u0301", "d e", "%2e%2e", "a%2fb", "~"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("x\\y", "..\\x", " ", "a.", "\n", "\u{1f4a9}", "\u2028", "secret.txt", "www", "-", "?#"),
  },
);

const steps = fc.oneof(
  { weight: 4, arbitrary: names },
  { weight: 3, arbitrary: fc.constant("..") },
  { weight: 1, arbitrary: fc.constantFrom(".", "", "outside", "www", "www2", "via", "hop") },
);
const linkTargets = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.array(steps, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "", "/"))
      .map(([parts, slash]) => parts.join("/") + slash).filter((target) => target !== ""),
  },
  { weight: 2, arbitrary: fc.array(steps, { maxLength: 3 }).map((parts) => ["{base}/www", ...parts].join("/")) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "/",
      "/etc/passwd",
      "/dev/null",
      "{base}",
      "{base}/www2",
      "../www2/a",
      "../outside",
      "../secret.txt",
      "..a",
      "../www/..a",
    ),
  },
);

const entries: fc.Arbitrary<Entry> = fc.record({
  path: fc.oneof(
    { weight: 9, arbitrary: fc.array(names, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom(["..a"], ["..a", "a"]) },
  ),
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constant("file" as const) },
    { weight: 1, arbitrary: fc.constant("folder" as const) },
    { weight: 4, arbitrary: fc.record({ link: linkTargets }) },
  ),
});

/** A name in one of several encodings. */
const spelt = fc.tuple(names, fc.nat(9)).map(([name, spelling]) => {
  if (spelling === 0) return encodeAll(name);
  if (spelling === 1) return encodeAll(encodeAll(name));
  return encodeURIComponent(name);
});
const spellings = fc.oneof(
  { weight: 9, arbitrary: spelt },
  { weight: 3, arbitrary: fc.constantFrom("..", ".", "", "%2e%2e", ".%2E", "%2e") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("%2f", "..%2f..", "%5c", "%00", "%c0%ae%c0%ae", "a%00.txt", "%", "~", "n".repeat(300)),
  },
);
const rawTargets = fc.tuple(fc.array(spellings, { maxLength: 6 }), fc.constantFrom("", "", "/", "/.", "?q", "/?/../x"))
  .map(([parts, end]) => `/${parts.join("/")}${end}`);

function encodeAll(text: string): string {
  return [...new TextEncoder().encode(text)].map((octet) => `%${octet.toString(16).padStart(2, "0")}`).join("");
}

/** Spellings of the same root in web.conf. None has `..` after a link, because the runtime resolves that by name. */
const ROOTS: readonly ((base: string) => string)[] = [
  (base) => `${base}/www`,
  (base) => `${base}/www//`,
  (base) => `${base}/./outside/../www/`,
  (base) => `${base}/via`,
  (base) => `${base}/via/`,
  (base) => `${"../".repeat(Deno.cwd().split("/").length - 1)}${base.slice(1)}/www`,
];

export const paths = property({
  name: "paths",
  runsInTests: 60,
  share: 8,
  // The server redirected to a folder named index.html.
  found: [
    { root: 0, entries: [{ path: ["b", "index.html", "a"], kind: "file" }], targets: ["/b/"], changes: [] },
    // The server sent a hidden file through a link.
    {
      root: 0,
      entries: [{ path: [".hidden"], kind: "file" }, { path: ["a"], kind: { link: ".hidden" } }],
      targets: ["/a"],
      changes: [],
    },
  ],
  values: fc.record({
    root: fc.nat(ROOTS.length - 1),
    entries: fc.array(entries, { maxLength: 9 }),
    targets: fc.array(rawTargets, { maxLength: 8 }),
    changes: fc.array(entries, { maxLength: 4 }),
  }),
  async check({ root, entries, targets, changes }) {
    using tree = new Tree();
    for (const entry of entries) tree.put(entry);
    const folder = ROOTS[root]!(tree.base);
    const asked = asking(folder);
    const all = [...targets, ...[...entries, ...changes].flatMap(({ path }) => targetsOf(path))];
    const outcomes = new Set<string>();
    const askAll = async () => {
      for (const target of all) outcomes.add(await checkTarget(asked, folder, target));
      agree(asked.disk.openFiles, 0, "files left open");
    };
    await askAll();
    await askAll(); // The second time, files may come from the cache.
    for (const entry of changes) tree.put(entry);
    asked.clock.advance(60_000);
    await askAll();
    return [...outcomes].sort().join(" ");
  },
});

function targetsOf(path: readonly string[]): string[] {
  const target = `/${path.map(encodeURIComponent).join("/")}`;
  return [target, `${target}/`, `${target}/a`, `${target}/../a`];
}

async function checkTarget(asked: ReturnType<typeof asking>, root: string, target: string): Promise<string> {
  const expected = find(root, target);
  if (expected === "refused") return expected; // The fuzzers of targets test these. `ask` would throw.
  const { status, text, fields } = await asked.ask(`GET ${target} HTTP/1.1`);
  insist(!text.includes(SECRET), `${target} leads out of the root`);
  if (typeof expected === "object") agree([status, text], [200, expected.content], target);
  else if (expected === "folder") {
    agree(status, 301, target);
    const [to, from] = [readTarget(fields["Location"] ?? "", "GET"), readTarget(target, "GET")];
    agree(to, from, `the redirect of ${target}`);
  } else insist(status === 403 || status === 404, `${target}: ${status}, expected ${expected}`);
  return typeof expected === "object" ? "served" : expected;
}

/** Whether one of the names below the root is hidden. */
function isHidden(names: readonly string[]): boolean {
  return names.some((name, at) => name.startsWith(".") && !(at === 0 && name === ".well-known"));
}

/** What `target` refers to below `root`, according to the references. */
function find(
  root: string,
  target: string,
): { content: string } | "folder" | "nothing" | "outside" | "hidden" | "refused" {
  const read = readTarget(target, "GET");
  if (read?.kind !== "path") return "refused";
  const isFolder = /\/(?:\.|%2e){0,2}$/i.test(target.split("?")[0]!);
  const segments = isFolder ? [...read.segments, "index.html"] : read.segments;
  if (isHidden(segments)) return "hidden";
  const absolute = root.startsWith("/") ? root : `${Deno.cwd()}/${root}`;
  const [above, place] = [walk(absolute), walk([absolute, ...segments].join("/"))];
  if (above === null || place === null) return "nothing";
  if (!isBelow(above.path, place.path)) return "outside";
  if (isHidden(place.path.slice(above.path.length).split("/").filter((name) => name !== ""))) return "hidden";
  const isFolderForIndex = isFolder && place.kind === "folder"; // A folder named index.html.
  if (place.kind === "other" || isFolderForIndex) return "nothing";
  return place.kind === "folder"
    ? "folder"
    : { content: new TextDecoder("latin1").decode(Deno.readFileSync(place.path)) };
}
