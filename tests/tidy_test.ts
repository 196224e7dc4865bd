/**
 * The architecture, held by a test: imports go down only and never in a circle, no file is dead, none is too long.
 */

import { globSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { PROJECT } from "./process.ts";

/** Which folders or files of src/ each may import from, itself aside. What is not listed may import nothing. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["src/cli", "src/process"],
  "examples": ["src/mod.ts"],
  "examples/echo": ["examples", "src/mod.ts"],
  "examples/question": ["examples", "src/mod.ts"],
  "examples/sockets": ["src/mod.ts"],
  "src/mod.ts": [
    "src/files",
    "src/http",
    "src/http/client",
    "src/http/h1",
    "src/http/semantics",
    "src/log",
    "src/net",
    "src/site",
  ],
  "src/cli": [
    "src/certificates",
    "src/config",
    "src/doctor",
    "src/files",
    "src/http",
    "src/http/client",
    "src/http/h2",
    "src/log",
    "src/net",
    "src/process",
    "src/server.ts",
    "src/site",
    "src/snapshot.ts",
    "src/version.ts",
  ],
  "src/doctor": ["src/config", "src/files", "src/http", "src/log", "src/net", "src/process", "src/server.ts"],
  "src/process": [
    "src/certificates",
    "src/secure.ts",
    "src/admin",
    "src/config",
    "src/files",
    "src/http/h1",
    "src/live",
    "src/log",
    "src/net",
    "src/paths.ts",
    "src/server.ts",
    "src/snapshot.ts",
    "src/version.ts",
  ],
  "src/admin": ["src/http", "src/net", "src/snapshot.ts"],
  "src/snapshot.ts": ["src/http", "src/net"],
  "src/live": ["src/http", "src/net", "src/paths.ts", "src/site"],
  "src/hosts.ts": ["src/config", "src/site"],
  "src/server.ts": [
    "src/config",
    "src/files",
    "src/hosts.ts",
    "src/http",
    "src/http/h1",
    "src/http/h2",
    "src/live",
    "src/log",
    "src/net",
    "src/site",
    "src/snapshot.ts",
  ],
  "src/version.ts": ["deno.json"],
  "src/secure.ts": ["src/certificates", "src/config", "src/net"],
  "src/certificates": [],
  "src/paths.ts": [],
  "src/config": ["src/certificates", "src/files", "src/http", "src/paths.ts", "src/site"],
  "src/log": ["src/config", "src/http", "src/http/h2", "src/net"],
  "src/site": ["src/files", "src/http", "src/http/semantics", "src/net"],
  "src/files": ["src/http", "src/http/semantics", "src/net", "src/paths.ts"],
  "src/http/client": ["src/http", "src/http/h1", "src/net"],
  "src/http/h2": ["src/http", "src/http/h1", "src/net"],
  "src/http/h1": ["src/http", "src/net"],
  "src/http/semantics": ["src/http"],
  "src/http": ["src/net"],
  "src/net": [],
};

/** About 350, with some room for a last test case. */
const LINES_MAX = 360;

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
}

/** The programs among the examples. */
const EXAMPLES = [
  "echo/client",
  "echo/server",
  "load",
  "question/client",
  "question/server",
  "talk",
  "deaf",
  "trickle",
  "sockets/listen",
  "sockets/accept",
  "sockets/connect",
  "sockets/reader",
  "sockets/writer",
  "sockets/data_reader",
  "sockets/write_each",
  "sockets/http_client",
];

/** Where the program begins: its main module, its workers, its library, and the examples on that. */
const ROOTS = [
  "main.ts",
  "src/process/worker.ts",
  "src/process/admin_worker.ts",
  "src/process/encoder.ts",
  "src/mod.ts",
  ...EXAMPLES.map((name) => `examples/${name}.ts`),
];

async function modulesBelow(root: string): Promise<readonly Module[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", `${PROJECT}/${root}`] })
    .output();
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

/** The project's own modules and what they import, by paths from the top level. */
async function importGraph(): Promise<Map<string, string[]>> {
  const modules = (await Promise.all(ROOTS.map(modulesBelow))).flat();
  const local = (specifier = "") => specifier.startsWith("file://") ? specifier.split(`${PROJECT}/`)[1] : undefined;
  const graph = new Map<string, string[]>();
  for (const { specifier, dependencies = [] } of modules) {
    const path = local(specifier);
    if (path === undefined) continue;
    graph.set(path, dependencies.map(({ code }) => local(code?.specifier)).filter((to) => to !== undefined));
  }
  return graph;
}

/** The entry of `MAY_IMPORT` that speaks for a file: its own, or its folder's. */
function rulerOf(path: string): string {
  return Object.hasOwn(MAY_IMPORT, path) ? path : path.slice(0, path.lastIndexOf("/"));
}

function sourceFiles(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: PROJECT }));
}

Deno.test("imports go down only", async () => {
  for (const [from, imports] of await importGraph()) {
    for (const to of imports) {
      const allowed = MAY_IMPORT[rulerOf(from)] ?? [];
      const isOwn = rulerOf(from) === rulerOf(to) && rulerOf(from) !== from;
      const isAllowed = isOwn || allowed.includes(to) || allowed.includes(rulerOf(to));
      assert(isAllowed, `${from} must not import ${to}`);
    }
  }
});

Deno.test("no import leads back to where it came from", async () => {
  const graph = await importGraph();
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert(!trail.includes(path), `a circle: ${[...trail, path].join(" -> ")}`);
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
});

Deno.test("every source file is used", async () => {
  const graph = await importGraph();
  const dead = sourceFiles("src", "examples").filter((path) => !graph.has(path) && !path.endsWith(".d.ts"));
  assertEquals(dead, []);
});

Deno.test("no file of TypeScript is longer than one noun takes", async () => {
  const long: string[] = [];
  for (const path of ["main.ts", ...sourceFiles("src", "examples", "tests", "tools", "bench")]) {
    const lines = (await Deno.readTextFile(`${PROJECT}/${path}`)).split("\n").length;
    if (lines > LINES_MAX) long.push(`${path}: ${lines} lines`);
  }
  assertEquals(long, []);
});

Deno.test("every source file begins by saying what it owns", async () => {
  for (const path of ["main.ts", ...sourceFiles("src", "examples", "tools", "bench")]) {
    assert((await Deno.readTextFile(`${PROJECT}/${path}`)).startsWith("/**\n * "), `${path} has no file comment`);
  }
});

/** Words that hide who acts, or that only read well to the person who wrote them. */
const HARD_WORDS = /\b(?:whoever|whatever|anew|to be had)\b/i;

Deno.test("no comment, message or document uses words that hide who acts", async () => {
  const found: string[] = [];
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "src/README.md",
    ...globSync("docs/**/*.md", { cwd: PROJECT }),
  ];
  for (const path of ["main.ts", ...sourceFiles("src", "tools"), ...documents]) {
    const lines = (await Deno.readTextFile(`${PROJECT}/${path}`)).split("\n");
    for (const [index, line] of lines.entries()) {
      const word = HARD_WORDS.exec(line)?.[0] ?? "";
      if (word !== "") found.push(`${path}:${index + 1}: "${word}"`);
    }
  }
  assertEquals(found, [], 'Name the actor ("the client"), and write "again" or "any" (see "Words" in src/README.md)');
});
