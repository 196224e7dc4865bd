/** What the documents say: the files and functions that they name exist, and the server that they show runs. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../src/net/connect.ts";
import { listen } from "../src/net/listen.ts";
import { PROJECT } from "./process.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const INTRODUCTION = "docs/event-loop.md";

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
  const member = `^  (?:static )?(?:async )?`;
  return new RegExp(`(?:${top}|${member})${name}\\b`, "m").test(source);
}

for (const path of ["README.md", "src/README.md", INTRODUCTION]) {
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

Deno.test("the documents name no task that does not exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${PROJECT}/deno.json`));
  for (const path of ["README.md", INTRODUCTION]) {
    const text = await Deno.readTextFile(`${PROJECT}/${path}`);
    for (const [, name] of text.matchAll(/deno(?:@[0-9.]+)? task ([a-z:-]+)/g)) {
      assert(Object.hasOwn(tasks, name!), `${path}: there is no task ${name}`);
    }
  }
});

Deno.test("the introduction has its six exercises, and its diagrams adapt to light and dark", async () => {
  const text = await Deno.readTextFile(`${PROJECT}/${INTRODUCTION}`);
  assertEquals([...text.matchAll(/^### ([0-9])\. /gm)].map(([, number]) => number), ["1", "2", "3", "4", "5", "6"]);
  const diagrams = localTargets(INTRODUCTION, text).filter(({ target }) => target.endsWith(".svg"));
  assertEquals(diagrams.length, 3);
  for (const { target } of diagrams) {
    const svg = await Deno.readTextFile(`${PROJECT}/${target}`);
    assertStringIncludes(svg, "prefers-color-scheme: dark");
    assertStringIncludes(svg, "<title>");
  }
});

/** A port of this machine on which nobody listens: it was free a moment ago. */
function freePort(): number {
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

Deno.test("the server of one's own in the README runs with --allow-net, and answers", async () => {
  const readme = await Deno.readTextFile(`${PROJECT}/README.md`);
  const snippet = /## As a library[^]*?```ts\n([^]*?)```/.exec(readme)?.[1];
  assert(snippet !== undefined);
  assertEquals(snippet.trim().split("\n").length, 10);
  const port = freePort();
  const folder = await Deno.makeTempDir({ prefix: "sweepd_test_" });
  const program = snippet.replace('"./src/mod.ts"', JSON.stringify(`file://${PROJECT}/src/mod.ts`)).replace(
    "3000",
    `${port}`,
  );
  await Deno.writeTextFile(`${folder}/count.ts`, program);
  const args = [
    "run",
    "--check",
    "--no-prompt",
    "--allow-net",
    "--config",
    `${PROJECT}/deno.json`,
    `${folder}/count.ts`,
  ];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  try {
    assertEquals(await answerOf(port, "hello"), "5 bytes\n");
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
});

/** What a server says to `text`, as soon as it listens: half a minute at most. */
async function answerOf(port: number, text: string): Promise<string> {
  for (let tries = 0;; tries++) {
    try {
      const socket = await connect({ hostname: "127.0.0.1", port });
      const into = new Uint8Array(100);
      await socket.write(new TextEncoder().encode(text));
      const count = await socket.read(into);
      socket.close();
      return new TextDecoder().decode(into.subarray(0, count ?? 0));
    } catch (error) {
      if (tries === 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
