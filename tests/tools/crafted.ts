/**
 * Embedded data as the compiler writes it, made by hand: to read, and to break.
 */

import { concat } from "@std/bytes/concat";
import { type Grant, type Permissions, permit } from "../../src/config/permissions.ts";
import type { Embedded } from "../../src/embedded.ts";

/** What the compiler writes for a site with one root, all well. */
export const SETTINGS = {
  argv: [],
  permissions: {
    allow_env: null,
    deny_env: null,
    allow_net: ["[::]:8080", "0.0.0.0:8080"],
    deny_net: null,
    allow_ffi: null,
    allow_read: ["web.conf", "www"],
    deny_read: null,
    allow_run: null,
    allow_sys: ["networkInterfaces"],
    allow_write: null,
    allow_import: ["jsr.io:443"],
    deny_import: [],
    prompt: false,
  },
  entrypoint_key: "main.ts",
  unstable_config: { features: ["net", "worker-options"] },
};

/** What it was asked for. */
export const PERMISSIONS: Permissions = permit({
  read: grants("web.conf", "www"),
  net: grants("[::]:8080", "0.0.0.0:8080"),
  sys: grants("networkInterfaces"),
});

function grants(...names: readonly string[]): Grant[] {
  return names.map((what) => ({ what, origin: "web.conf:1" }));
}

/** Files by their paths, with their content. */
export type Tree = Readonly<Record<string, string>>;

export const TREE: Tree = {
  "main.ts": "main",
  "src/worker.ts": "worker",
  "build.json": "{}",
  "deno.json": "{}",
  ".deno_compile_node_modules/localhost/deno-std/1.4.0/mod.js": "std",
};

/** The bytes of an executable: something, the sections, and something again. */
export function craft(settings: unknown, tree: Tree, around = "runtime"): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const contents = Object.values(tree).map((text) => encoder.encode(text));
  const offsets = contents.map((_, index) => contents.slice(0, index).reduce((sum, { length }) => sum + length, 0));
  const entries = Object.keys(tree).map((path, index) => nest(path, [offsets[index]!, contents[index]!.length]));
  return concat([
    // The runtime holds such words itself.
    encoder.encode(`${around}{"argv":["not this"]}d3n0l4nd`),
    encoder.encode("d3n0l4nd"),
    section(encoder.encode(JSON.stringify(settings))),
    section(encoder.encode("packages")),
    new Uint8Array(12),
    section(encoder.encode(JSON.stringify(entries))),
    section(concat(contents)),
    encoder.encode(`d3n0l4nd${around}`),
  ]);
}

function nest(path: string, range: readonly number[]): unknown {
  const [first = "", ...rest] = path.split("/");
  return rest.length === 0 ? { File: { n: first, o: range } } : { Dir: { n: first, e: [nest(rest.join("/"), range)] } };
}

function section(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return concat([length, bytes]);
}

/** As the reader gives it, changed here and there. */
export function embedded(changes: Partial<Embedded> = {}, files: Tree = TREE): Embedded {
  const { prompt, ...permissions } = SETTINGS.permissions;
  return {
    argv: [],
    permissions,
    prompt,
    features: SETTINGS.unstable_config.features,
    entryPoint: SETTINGS.entrypoint_key,
    files: Object.entries(files).map(([path, text]) => ({
      path,
      bytes: new TextEncoder().encode(text),
      derived: [],
    })),
    settings: SETTINGS,
    ...changes,
  };
}
