/**
 * Embedded data as the compiler writes it, made by hand: to read, and to break.
 */

import { concat } from "@std/bytes/concat";
import { type Grant, type Permissions, permit } from "../../src/config/permissions.ts";
import type { Embedded } from "../../src/cli/embedded.ts";
import { PROGRAM_TIME } from "../../tools/packages.ts";

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
  seed: null,
  code_cache_key: null,
  v8_flags: [
    "UNUSED_BUT_NECESSARY_ARG0",
    "--stack-size=1024",
    "--inspector-live-edit",
    "--external-memory-max-reasonable-size=0",
    "--max-semi-space-size=4",
  ],
  ca_data: null,
  env_vars_from_env_file: {},
  preload_modules: [],
  otel_config: {
    tracing_enabled: false,
    metrics_enabled: false,
    console: "Ignore",
    deterministic_prefix: null,
    propagators: [],
  },
  app_version: "0.2.0",
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

/** Files by their paths, with their content; or with a time of their own. */
export type Tree = Readonly<Record<string, string | { readonly text: string; readonly timeMs: number }>>;

export const TREE: Tree = {
  "main.ts": 'import { main } from "./src/cli/main.ts";',
  "src/cli/main.ts":
    'export { a } from "../process/worker.ts";\nconst worker = new URL("../process/worker.ts", import.meta.url);',
  "src/process/worker.ts": "worker",
  "src/process/admin_worker.ts": "admin worker",
  "src/process/encoder.ts": "encoder",
  "build.json": "{}",
  "deno.json": "{}",
  ".deno_compile_node_modules/localhost/deno-std/1.4.0/mod.js": "std",
};

function textOf(file: Tree[string]): string {
  return typeof file === "string" ? file : file.text;
}

function timeOf(file: Tree[string]): number {
  return typeof file === "string" ? PROGRAM_TIME.getTime() : file.timeMs;
}

/** A base as it begins: for Linux, and with the name that the runtime calls itself by. */
export function base(runtime: string): string {
  return `\x7fELF${"\0".repeat(14)}\x3e${"\0".repeat(60)}user agent Deno/${runtime} and Deno/0.80.0 `;
}

/** The bytes of an executable: something, the sections, and something again. */
export function craft(settings: unknown, tree: Tree, around = "runtime"): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const contents = Object.values(tree).map((file) => encoder.encode(textOf(file)));
  const offsets = contents.map((_, index) => contents.slice(0, index).reduce((sum, { length }) => sum + length, 0));
  const entries = Object.entries(tree).map(([path, file], index) =>
    nest(path, { o: [offsets[index]!, contents[index]!.length], t: timeOf(file) })
  );
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

function nest(path: string, file: Readonly<Record<string, unknown>>): unknown {
  const [first = "", ...rest] = path.split("/");
  return rest.length === 0 ? { File: { n: first, ...file } } : { Dir: { n: first, e: [nest(rest.join("/"), file)] } };
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
    files: Object.entries(files).map(([path, file]) => ({
      path,
      bytes: new TextEncoder().encode(textOf(file)),
      derived: [],
      timeMs: timeOf(file),
    })),
    settings: SETTINGS,
    start: 0,
    end: 0,
    ...changes,
  };
}
