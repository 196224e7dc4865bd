/**
 * Calls `deno compile` on a stage, reads the embedded data, and verifies it.
 * @module
 */

import { join } from "@std/path";
import { BUILD_FILE, EMBEDDED_FOLDER } from "../src/config/build.ts";
import { allowFlags, type Permissions } from "../src/config/permissions.ts";
import { type Embedded, readEmbedded } from "../src/cli/embedded.ts";
import { Mistake } from "./mistake.ts";
import { makeCache } from "./packages.ts";
import { type Expected, verify } from "./rules.ts";
import type { Stage } from "./stage.ts";
import type { Target } from "./targets.ts";

/** The result of a build. `skipped`: nothing was built, but no error is known. */
export type Outcome =
  | { readonly kind: "built"; readonly embedded: Embedded; readonly size: number; readonly sha256: string }
  | { readonly kind: "failed"; readonly problems: readonly string[] }
  | { readonly kind: "skipped"; readonly reason: string };

export interface CompileOptions {
  readonly target: Target;
  readonly output: string;
  /** The executable to embed into; `null`: that of `DENORT_BIN`, of the cache, or from the network, in this order. */
  readonly base: string | null;
  /** The version of the base, if it differs from the compiler's. */
  readonly runtime?: string;
}

/** Builds and verifies. Removes a binary that breaks a rule. */
export async function compile(stage: Stage, options: CompileOptions): Promise<Outcome> {
  const { success, stderr } = await runCompiler(stage, options);
  if (!success) {
    await Deno.remove(options.output).catch(() => {}); // Usually it does not exist.
    const reason = whyNoBase(stderr, options.target);
    return reason === null ? { kind: "failed", problems: [causesOf(stderr)] } : { kind: "skipped", reason };
  }
  const executable = await Deno.readFile(options.output);
  const embedded = readEmbedded(executable);
  const problems = typeof embedded === "string"
    ? [embedded]
    : verify(executable, embedded, await expectedOf(stage, options));
  if (typeof embedded === "string" || problems.length > 0) {
    await Deno.remove(options.output);
    return { kind: "failed", problems };
  }
  return { kind: "built", embedded, size: executable.length, sha256: await sha256(executable) };
}

/** The arguments of `deno compile`. None contains a path of this machine. */
export function compilerArguments(
  { build, argv }: Pick<Stage, "build" | "argv">,
  target: Target,
  output: string,
): string[] {
  const contents = build.flavour === "embedded" ? ["--include", EMBEDDED_FOLDER] : [];
  return [
    "compile",
    "--quiet",
    "--no-check", // `task ok` has done that.
    "--frozen", // Exactly the packages of deno.lock.
    "--exclude-unused-npm",
    "--cached-only", // The stage has all modules, so that none comes from the network.
    "--no-code-cache", // Otherwise it would run compiled code from the temporary folder, where any user can write.
    "--v8-flags=--max-semi-space-size=4", // What a request allocates is soon garbage, so that 16 MiB hold only more of it.
    "--app-name",
    "sweepd",
    ...permissionFlags(build.permissions),
    "--include",
    "src/process/worker.ts",
    "--include",
    "src/process/admin_worker.ts",
    "--include",
    "src/process/encoder.ts",
    "--include",
    BUILD_FILE,
    ...contents,
    "--target",
    target.triple,
    "--output",
    output,
    "main.ts",
    ...argv,
  ];
}

/** The runtime's flags for exactly these permissions. Throws `UnnameableError`. */
export function permissionFlags(permissions: Permissions): string[] {
  return [
    "--no-prompt", // Otherwise it would ask at a terminal for missing permissions.
    "--deny-import", // Otherwise modules of seven registries would be permitted.
    ...allowFlags(permissions),
  ];
}

async function runCompiler(stage: Stage, { target, output, base }: CompileOptions) {
  const cache = await Deno.makeTempDir({ prefix: "sweepd_cache_" });
  try {
    await makeCache(cache, await Deno.readTextFile(join(stage.folder, "deno.lock")));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: compilerArguments(stage, target, output),
      cwd: stage.folder,
      clearEnv: true,
      env: { ...environment(), NO_COLOR: "1", DENO_DIR: cache, ...await baseVariable(base) },
      stdout: "null",
      stderr: "piped",
    }).output();
    return { success, stderr: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** Variables that the compiler needs to run and to download a base. Others, like OTEL_DENO, could affect the binary. */
const PASSED_ON = [
  ...["PATH", "HOME", "TMPDIR", "TMP", "TEMP", "SystemRoot", "USERPROFILE", "LOCALAPPDATA"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
  ...["DENO_CERT", "DENO_TLS_CA_STORE", "NPM_CONFIG_REGISTRY"],
];

function environment(): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Makes a relative path absolute, because the compiler runs in the stage. */
async function baseVariable(base: string | null): Promise<Record<string, string>> {
  const given = base ?? Deno.env.get("DENORT_BIN") ?? "";
  if (given === "") return {};
  try {
    return { DENORT_BIN: await Deno.realPath(given) };
  } catch (error) {
    throw new Mistake(`DENORT_BIN: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** The compiler's error and its causes in one line, without the stack. */
function causesOf(stderr: string): string {
  return stderr.split("Stack backtrace:")[0]!.split("\n").map((line) => line.trim()).filter((line) => line !== "").join(
    " ",
  );
}

/** A message with advice, in one line; `null`: the compiler failed for another reason. */
export function whyNoBase(stderr: string, { triple }: Pick<Target, "triple">): string | null {
  if (!/Setting up base binary|denort/.test(stderr) || !/error sending request|Download|not found|404/i.test(stderr)) {
    return null;
  }
  const cause = /(?:dns error|client error|tcp connect error|status client error)[^\n]*/i.exec(stderr)?.[0] ??
    "no network";
  const { deno } = Deno.version;
  return `the runtime's base for ${triple} could not be fetched (${cause}). Without a network: put denort-${triple}.zip of ` +
    `Deno ${deno} into dl/release/v${deno}/ of the folder that "deno info" calls DENO_DIR, or set DENORT_BIN to an ` +
    `unpacked denort`;
}

async function expectedOf(
  { folder, plan, build, argv, embeddedFiles }: Stage,
  { target: { format }, runtime = Deno.version.deno }: CompileOptions,
): Promise<Expected> {
  const { unstable } = JSON.parse(await Deno.readTextFile(join(plan.project, "deno.json")));
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  return {
    flavour: plan.flavour,
    permissions: build.permissions,
    argv,
    features: unstable,
    format,
    runtime,
    machinePaths: [plan.project, folder, ...home === undefined || home.length < 2 ? [] : [home]],
    embeddedFiles,
  };
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
