/** What the documents say: the files and functions that they name exist, and the server that they show runs. */

import { globSync } from "node:fs";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defaultConfig, linesOf } from "../src/config/config.ts";
import { ruleOf, SETTING_NAMES } from "../src/config/settings.ts";
import { PROJECT } from "./process.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const ANSWERS = "docs/answers/README.md";

/** The pages of the course, in its order. */
const PAGES = ["index", "loop", "request", "accumulator", "sweep", "bytes", "words", "exercises", "files"].map((name) =>
  `www/${name}.html`
);

/** Targets of a document's links and images within the project, as paths from its top level. */
function localTargets(path: string, text: string): { readonly label: string; readonly target: string }[] {
  const links = [...text.matchAll(/!?\[([^\]]*)\]\(([^)\s]+)\)/g)];
  return links.filter(([, , target]) => !/^(https?:|#)/.test(target!)).map(([, label, target]) => {
    const url = new URL(target!, `file:///${path}`);
    return { label: label!, target: url.pathname.slice(1) };
  });
}

/** Whether `source` defines `name`: at the top level, or as a member of a class. */
function defines(source: string, name: string): boolean {
  const top = `^export (?:async )?(?:function\\*? |class |const |type |interface )`;
  const member = `^  (?:static )?(?:async )?(?:get )?`;
  return new RegExp(`(?:${top}|${member})${name}\\b`, "m").test(source);
}

for (const path of ["README.md", "CONTRIBUTING.md", "SECURITY.md", "src/README.md", ANSWERS]) {
  Deno.test(`${path} links to what exists, and to functions where they are`, async () => {
    for (const { label, target } of localTargets(path, await Deno.readTextFile(`${PROJECT}/${path}`))) {
      const { isFile, isDirectory } = await Deno.stat(`${PROJECT}/${target}`);
      assert(isFile || isDirectory, `${target} is missing`);
      const name = /^`(#?[A-Za-z_]+)(?:\(\))?`$/.exec(label)?.[1];
      if (name === undefined) continue;
      assert(defines(await Deno.readTextFile(`${PROJECT}/${target}`), name), `${target} does not define ${name}`);
    }
  });
}

Deno.test("the README's table of settings is that of the program", async () => {
  const rows = SETTING_NAMES.map((name) => {
    const { words, summary } = ruleOf(name);
    const lines = linesOf(name, defaultConfig().settings[name]);
    return [`\`${name} ${words}\``, `\`${lines.map((line) => line.words.join(" ")).join("; ")}\``, summary];
  });
  const [, table = ""] = (await Deno.readTextFile(`${PROJECT}/README.md`)).split(/^\| setting .*\n\| -.*\n/m);
  const shown = table.split("\n\n", 1)[0]!.split("\n").map((line) =>
    line.replaceAll("\\|", "\0").split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("\0", "|"))
  );
  assertEquals(shown, rows);
});

Deno.test("the documents name no task that does not exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${PROJECT}/deno.json`));
  for (const path of ["README.md", "CONTRIBUTING.md", "SECURITY.md", ANSWERS, ...PAGES]) {
    const text = await Deno.readTextFile(`${PROJECT}/${path}`);
    for (const [, name] of text.matchAll(/deno(?:@[0-9.]+)? task (?:--quiet )?(?:--config \S+ )?([a-z:-]+)/g)) {
      assert(Object.hasOwn(tasks, name!), `${path}: there is no task ${name}`);
    }
  }
});

Deno.test("the exercises are numbered in order, and each has an answer", async () => {
  const page = await Deno.readTextFile(`${PROJECT}/www/exercises.html`);
  const titles = [...page.matchAll(/<h2>([0-9]+\. [^<]*)<\/h2>/g)].map(([, title]) => title!);
  assert(titles.length > 0, "there are none");
  assertEquals(titles.map((title) => parseInt(title)), titles.map((_, index) => index + 1));
  const answers = await Deno.readTextFile(`${PROJECT}/${ANSWERS}`);
  const answered = [...answers.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  assertEquals(answered, [...titles, "Byte by byte"]);
});

Deno.test("the course names functions where they are, and files that exist", async () => {
  let names = 0;
  for (const path of PAGES) {
    const text = await Deno.readTextFile(`${PROJECT}/${path}`);
    for (const [, file = "", label = ""] of text.matchAll(/<code title="([^"]*)">([^<]*)<\/code>/g)) {
      const name = label.replace(/\(\)$/, "");
      assert(defines(await Deno.readTextFile(`${PROJECT}/${file}`), name), `${file} does not define ${name} (${path})`);
      names++;
    }
    for (const [, file] of text.matchAll(/<code>((?:src|examples|docs)\/[a-z_./]+)<\/code>/g)) {
      await Deno.stat(`${PROJECT}/${file}`);
    }
  }
  assert(names > 20, `${names} names`);
});

Deno.test("the pages of the course link to each other in order, have one navigation, and link to what exists", async () => {
  const navigations = new Set<string>();
  for (const [index, path] of PAGES.entries()) {
    const text = await Deno.readTextFile(`${PROJECT}/${path}`);
    const [navigation = ""] = /<nav[^]*?<\/nav>/.exec(text) ?? [];
    const current = /href="([^"]*)" aria-current="page"/.exec(navigation)?.[1];
    assertEquals(current, path.slice("www/".length), path);
    navigations.add(navigation.replace(' aria-current="page"', ""));
    const next = /href="([^"]*)" rel="next"/.exec(text)?.[1];
    assertEquals(next, PAGES[index + 1]?.slice("www/".length), path);
    for (const [, target = ""] of text.matchAll(/(?:href|src)="([^":#]+)(?:#[^"]*)?"/g)) {
      await Deno.stat(`${PROJECT}/www/${decodeURI(target)}`);
    }
  }
  assertEquals(navigations.size, 1);
});

Deno.test("every diagram of the course is shown, has a title, and adapts to light and dark", async () => {
  const pages = (await Promise.all(PAGES.map((path) => Deno.readTextFile(`${PROJECT}/${path}`)))).join("");
  const diagrams = Array.from(Deno.readDirSync(`${PROJECT}/www/images`), ({ name }) => name);
  assert(diagrams.length > 0, "there are none");
  for (const name of diagrams) {
    assertStringIncludes(pages, `src="images/${name}"`);
    const svg = await Deno.readTextFile(`${PROJECT}/www/images/${name}`);
    assertStringIncludes(svg, "prefers-color-scheme: dark");
    assertStringIncludes(svg, "<title>");
  }
});

Deno.test("the table of primitives names every example of sockets", async () => {
  const page = await Deno.readTextFile(`${PROJECT}/www/words.html`);
  const files = Array.from(Deno.readDirSync(`${PROJECT}/examples/sockets`), ({ name }) => name);
  const named = [...page.matchAll(/<code>([a-z_]+\.ts)<\/code>/g)].map(([, name]) => name!);
  assertEquals(named.toSorted(), files.filter((name) => name !== "pair.ts").toSorted());
});

/** The files of `src/` that a tree names. Its lines begin with names of one folder's files, or with a folder's. */
function filesOfTree(tree: string): string[] {
  const files: string[] = [];
  const folders: { readonly indent: number; readonly path: string }[] = [];
  for (
    const [, blanks = "", folder, names = ""] of tree.matchAll(/^( *)(?:([a-z_0-9]+\/)|((?:[a-z_0-9.]+\.ts ?)+))/gm)
  ) {
    while ((folders.at(-1)?.indent ?? -1) >= blanks.length) folders.pop();
    const path = folders.map((above) => above.path).join("");
    if (folder !== undefined) folders.push({ indent: blanks.length, path: folder });
    else files.push(...names.trim().split(" ").map((name) => path + name));
  }
  return files.filter((path) => path.startsWith("src/"));
}

Deno.test("src/README.md's tree names every file of src/, and no other", async () => {
  const [, tree = ""] = /## The tree\n+```\n([^]*?)```/.exec(await Deno.readTextFile(`${PROJECT}/src/README.md`)) ?? [];
  const files = globSync("src/**/*.ts", { cwd: PROJECT });
  assertEquals(filesOfTree(tree).toSorted(), files.toSorted());
});

Deno.test("www/files.html gives each file's length, and shows what its ranges bring", async () => {
  const page = await Deno.readTextFile(`${PROJECT}/www/files.html`);
  const rows = [...page.matchAll(/<a href="(files\/[^"]+)">[^]*?<td class="number"[^>]*>([0-9,]+)</g)];
  assertEquals(rows.length, Array.from(Deno.readDirSync(`${PROJECT}/www/files`)).length);
  for (const [, path = "", length = ""] of rows) {
    const { size } = await Deno.stat(`${PROJECT}/www/${decodeURI(path)}`);
    assertEquals([path, Number(length.replaceAll(",", ""))], [path, size]);
  }
  const lines = await Deno.readTextFile(`${PROJECT}/www/files/lines.txt`);
  const shown = [...page.matchAll(/\$ curl -r ([0-9]*)-([0-9]+) .*\/lines\.txt\n([^<]*)</g)];
  assert(shown.length > 0, "no range is shown");
  for (const [, first = "", last = "", line] of shown) {
    assertEquals(`${line}\n`, first === "" ? lines.slice(-last) : lines.slice(Number(first), Number(last) + 1));
  }
});
