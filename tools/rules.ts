/**
 * The rules for a built binary: one function per rule, which returns its violations. Pure.
 * @module
 */

import { BUILD_FILE, EMBEDDED_FOLDER, type Flavour } from "../src/config/build.ts";
import { describeGranted, type Granted, KINDS, type Permissions } from "../src/config/permissions.ts";
import { type Embedded, type EmbeddedFile, grantedOf } from "../src/cli/embedded.ts";
import { PROGRAM_TIME, RUNTIME_PACKAGES } from "./packages.ts";
import { type Format, formatOf, runtimesOf } from "./targets.ts";

/** The requested properties of a binary. */
export interface Expected {
  readonly flavour: Flavour;
  readonly permissions: Permissions;
  readonly argv: readonly string[];
  /** Unstable features, from deno.json. */
  readonly features: readonly string[];
  readonly format: Format;
  /** The version of the runtime, as `2.9.6`. */
  readonly runtime: string;
  /** Folders of the build machine, absolute. */
  readonly machinePaths: readonly string[];
  /** Paths in the embedded folder. */
  readonly embeddedFiles: readonly string[];
}

const ENTRY_POINT = "main.ts";
const WORKERS = ["src/process/worker.ts", "src/process/admin_worker.ts", "src/process/encoder.ts"];

/** All violations. Without any, the binary may be published. */
export function verify(executable: Uint8Array<ArrayBuffer>, embedded: Embedded, expected: Expected): string[] {
  return [
    ...checkFormat(executable, expected),
    ...checkRuntime(executable, embedded, expected),
    ...checkCodeCache(embedded),
    ...checkSettings(embedded),
    ...checkImports(embedded),
    ...checkTimes(embedded),
    ...checkPermissions(embedded, expected),
    ...checkPrompt(embedded),
    ...checkFeatures(embedded, expected),
    ...checkEntryPoint(embedded, expected),
    ...checkPresent(embedded, expected),
    ...checkSurplus(embedded, expected),
    ...checkMachinePaths(embedded, expected),
  ];
}

/** The base must be for the target, because `DENORT_BIN` names one base for all targets. */
export function checkFormat(executable: Uint8Array<ArrayBuffer>, { format }: Expected): string[] {
  const actual = formatOf(executable);
  return actual === format ? [] : [`it is for ${actual ?? "no known platform"} and should be for ${format}`];
}

/** A base of another version was not tested, and is not the one in the bill of materials. */
export function checkRuntime(
  executable: Uint8Array<ArrayBuffer>,
  { start, end }: Embedded,
  { runtime }: Expected,
): string[] {
  const versions = [...new Set([executable.subarray(0, start), executable.subarray(end)].flatMap(runtimesOf))];
  if (versions.includes(runtime)) return [];
  const found = versions.length === 0 ? "its version is unknown" : `it is Deno ${versions.join(", Deno ")}`;
  return [`its runtime should be Deno ${runtime}, but ${found}`];
}

/** With a code cache, the runtime would load compiled code from the temporary folder, where any user can write. */
export function checkCodeCache({ settings }: Embedded): string[] {
  return settings["code_cache_key"] === null ? [] : ["it would run compiled code from the temporary folder"];
}

/**
 * The permitted values of settings that make a binary read, run or send something, by the runtime's names. The compiler
 * takes some of them from its environment: with OTEL_DENO it makes a binary that sends telemetry. An unknown setting is
 * a violation, because it may be harmful.
 */
const KNOWN_SETTINGS: Readonly<Record<string, readonly unknown[]>> = {
  seed: [null],
  location: [null],
  v8_flags: [
    [
      "UNUSED_BUT_NECESSARY_ARG0",
      "--stack-size=1024",
      "--inspector-live-edit",
      "--external-memory-max-reasonable-size=0",
      "--max-semi-space-size=4",
    ],
  ],
  log_level: ["ERROR"],
  ca_stores: [null],
  ca_data: [null],
  unsafely_ignore_certificate_errors: [null],
  env_vars_from_env_file: [{}],
  preload_modules: [[]],
  require_modules: [[]],
  node_modules: [{ Managed: { node_modules_dir: null } }],
  otel_config: [{
    tracing_enabled: false,
    metrics_enabled: false,
    console: "Ignore",
    deterministic_prefix: null,
    propagators: [],
  }],
  vfs_case_sensitivity: ["s", "i"],
  app_name: ["sweepd"],
};

/** Settings with rules of their own, or without any effect. */
const OTHER_SETTINGS = [
  "argv",
  "code_cache_key",
  "permissions",
  "entrypoint_key",
  "unstable_config",
  "workspace_resolver",
  "app_version",
];

export function checkSettings({ settings }: Embedded): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (OTHER_SETTINGS.includes(name)) return [];
    const allowed = (KNOWN_SETTINGS[name] ?? []).map((value) => JSON.stringify(value));
    const actual = JSON.stringify(value);
    return allowed.includes(actual) ? [] : [`its setting ${name} is ${actual}, which no rule allows`];
  });
}

/** The runtime searches a missing module on disk, below the temporary folder. */
export function checkImports({ files }: Embedded): string[] {
  const present = new Set(files.map(({ path }) => path));
  const ours = files.filter(({ path }) => /^(?:main|src\/.+)\.ts$/.test(path));
  return ours.flatMap((file) =>
    importsOf(file).filter((path) => !present.has(path)).map((path) =>
      `${file.path} imports ${path}, which is not embedded`
    )
  );
}

const IMPORTS = [
  /^\s*(?:import|export)\b[^"';]*?["'](\.{1,2}\/[^"']+)["']/gm,
  /\bimport\(\s*["'](\.{1,2}\/[^"']+)["']/g,
  /\bnew URL\(\s*["']([^"':]+)["'],\s*import\.meta\.url/g,
];

/** The imports as paths in the embedded folder. JavaScript made from TypeScript contains no imports of types. */
function importsOf({ path, bytes, derived }: EmbeddedFile): string[] {
  const text = new TextDecoder().decode(derived[0] ?? bytes);
  const specifiers = IMPORTS.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ([, specifier = ""]) => specifier)
  );
  return specifiers.map((specifier) => new URL(specifier, `file:///${path}`).pathname.slice(1));
}

/** File times must be fixed, because otherwise no two builds would have the same bytes. */
export function checkTimes({ files }: Embedded): string[] {
  const isContent = (path: string) => path.startsWith(`${EMBEDDED_FOLDER}/`);
  return files.filter(({ path, timeMs }) => !isContent(path) && timeMs !== null && timeMs !== PROGRAM_TIME.getTime())
    .map(({ path, timeMs }) => `${path} has a time of its own, ${new Date(timeMs!).toISOString()}`);
}

/** Wider permissions are a security hole, and with narrower ones the server would not start. */
export function checkPermissions({ permissions }: Embedded, expected: Expected): string[] {
  const problems = Object.entries(permissions).flatMap(([name, list]) => {
    const [, effect, word] = /^([a-z]+)_([a-z]+)$/.exec(name) ?? [];
    const kind = KINDS.find((kind) => kind === word);
    if (kind === "import") return []; // Checked below, because this kind has a default.
    const wanted = effect === "allow" && kind !== undefined ? expected.permissions[kind] : [];
    const actual = grantedOf(list);
    const show = (granted: Granted) => describeGranted(kind ?? "read", granted);
    return isSame(actual, wanted) ? [] : [`${name} is ${show(actual)} and should be ${show(wanted)}`];
  });
  const mayImport = permissions["deny_import"]?.length !== 0;
  return mayImport ? [...problems, "it may import modules from the network"] : problems;
}

function isSame(actual: Granted, wanted: Granted): boolean {
  if (actual === "everything" || wanted === "everything") return actual === wanted;
  const names = (granted: Exclude<Granted, string>) => [...new Set(granted.map(({ what }) => what))].toSorted();
  return JSON.stringify(names(actual)) === JSON.stringify(names(wanted));
}

export function checkPrompt({ prompt }: Embedded): string[] {
  return prompt ? ["it would stop to ask for permissions"] : [];
}

/** `reusePort` and worker permissions are unstable features. Without them it would not start. Others permit more. */
export function checkFeatures({ features }: Embedded, expected: Expected): string[] {
  return [
    ...expected.features.filter((name) => !features.includes(name)).map((name) => `the feature ${name} is missing`),
    ...features.filter((name) => !expected.features.includes(name)).map((name) => `the feature ${name} is on`),
  ];
}

export function checkEntryPoint({ entryPoint, argv }: Embedded, expected: Expected): string[] {
  const started = [entryPoint, ...argv].join(" ");
  const wanted = [ENTRY_POINT, ...expected.argv].join(" ");
  return started === wanted ? [] : [`it starts "${started}" and should start "${wanted}"`];
}

/** The workers must be listed, because no module imports them, and their absence would show only at the start. */
export function checkPresent({ files }: Embedded, { embeddedFiles }: Expected): string[] {
  const present = new Set(files.map(({ path }) => path));
  const needed = [ENTRY_POINT, ...WORKERS, BUILD_FILE, ...embeddedFiles.map((path) => `${EMBEDDED_FOLDER}/${path}`)];
  return needed.filter((path) => !present.has(path)).map((path) => `${path} is not embedded`);
}

export function checkSurplus({ files }: Embedded, { embeddedFiles }: Expected): string[] {
  const content = new Set(embeddedFiles.map((path) => `${EMBEDDED_FOLDER}/${path}`));
  return files.map(({ path }) => path).filter((path) => !isProgram(path) && !content.has(path))
    .map((path) => `${path} is embedded and should not be`);
}

function isProgram(path: string): boolean {
  if ([ENTRY_POINT, BUILD_FILE, "deno.json"].includes(path)) return true;
  if (/^src\/[\w/]+\.ts$/.test(path)) return true;
  const packageName = /^\.deno_compile_node_modules\/localhost\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  return packageName !== undefined && RUNTIME_PACKAGES.includes(packageName);
}

/** No file may contain a path of the build machine. Files in web.conf are not checked, as the user listed them. */
export function checkMachinePaths({ settings, files }: Embedded, { machinePaths }: Expected): string[] {
  const { permissions: _asked, argv: _arguments, ...others } = settings;
  const text = JSON.stringify(others);
  const ours = files.filter(({ path }) => path !== BUILD_FILE && !path.startsWith(`${EMBEDDED_FOLDER}/`));
  return machinePaths.flatMap((machinePath) => {
    const pattern = patternOf(machinePath);
    return [
      ...pattern.test(text) ? [`the settings name ${machinePath}`] : [],
      ...ours.filter((file) => mentions(file, pattern)).map(({ path }) => `${path} names ${machinePath}`),
    ];
  });
}

/** Matches whole paths, also with doubled backslashes: "./lab.ts" does not contain "/lab". */
function patternOf(path: string): RegExp {
  const escaped = path.split(/[/\\]+/).map(RegExp.escape).join("[/\\\\]+");
  return new RegExp(`(?<![\\w.-])${escaped}(?![\\w.-])`);
}

function mentions({ path, bytes, derived }: EmbeddedFile, pattern: RegExp): boolean {
  const text = new TextDecoder();
  return pattern.test(path) || [bytes, ...derived].some((part) => pattern.test(text.decode(part)));
}
