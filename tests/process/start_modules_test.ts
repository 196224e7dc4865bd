/**
 * What a start does not load: modules of Node, of which the runtime (2.9.6) loads many at once, in 30 to 50 ms.
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

const NODE = /^node:/;

for (
  const [root, expected] of [
    ["src/cli/main.ts", ["node:util"]], // To split the arguments.
    ["src/process/serving.ts", []],
  ] as const
) {
  Deno.test(`${root} loads modules of Node: ${expected.length}`, async () => {
    const loaded = await loadedWith(root);
    assertEquals(loaded.filter((specifier) => NODE.test(specifier)).toSorted(), [...expected]);
  });
}
