/**
 * What a start does not load, because it would take longer than all modules of sweepd together: the runtime's imitation of
 * Node (30 ms for `node:process`, 20 more for `node:fs`), and the standard library's table of media types (20 ms).
 */

import { assertEquals } from "@std/assert";
import { PROJECT } from "../process.ts";

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** The modules that are loaded with `root`. */
async function loadedWith(root: string): Promise<readonly string[]> {
  const args = ["info", "--json", `${PROJECT}/${root}`];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const { modules, roots: [first] } = JSON.parse(new TextDecoder().decode(stdout));
  const known = new Map(modules.map((module: Module) => [module.specifier, module])) as Map<string, Module>;
  const loaded = new Set<string>([first]);
  for (const specifier of loaded) { // The set grows while it is walked through.
    for (const { isDynamic, code } of known.get(specifier)?.dependencies ?? []) {
      if (isDynamic !== true && code?.specifier !== undefined) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

/** `deno-std/path/join.js` and its kind ask `globalThis.process` for the platform. */
const SLOW = /^node:|\/media_types\/|\/path\/[a-z_]+\.js$/;

for (
  const [root, expected] of [
    ["src/cli/main.ts", ["node:util"]], // To split the arguments.
    ["src/process/serving.ts", []],
    ["src/process/worker.ts", ["node:fs", "node:zlib"]], // To open files without waiting, and to encode them.
  ] as const
) {
  Deno.test(`${root} loads no slow module of the runtime or the standard library, except ${expected.length}`, async () => {
    const loaded = await loadedWith(root);
    assertEquals(loaded.filter((specifier) => SLOW.test(specifier)).toSorted(), [...expected]);
  });
}
