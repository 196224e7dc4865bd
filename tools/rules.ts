/**
 * What must hold of a binary that was built: one rule a function, each with what is wrong in words. Pure.
 * @module
 */

import { BUILD_FILE, EMBEDDED_FOLDER, type Flavour } from "../src/config/build.ts";
import { describeGranted, type Granted, KINDS, type Permissions } from "../src/config/permissions.ts";
import { type Embedded, type EmbeddedFile, grantedOf } from "../src/cli/embedded.ts";
import { PROGRAM_TIME, RUNTIME_PACKAGES } from "./packages.ts";
import { type Format, formatOf, runtimesOf } from "./targets.ts";

/** What was asked for. */
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
  /** Below the embedded folder. */
  readonly embeddedFiles: readonly string[];
}

const ENTRY_POINT = "main.ts";
const WORKER = "src/process/worker.ts";

/** Everything that is wrong; none: the build may be given away. */
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

/** One base for all targets, as `DENORT_BIN` gives it, fits one of them. */
export function checkFormat(executable: Uint8Array<ArrayBuffer>, { format }: Expected): string[] {
  const actual = formatOf(executable);
  return actual === format ? [] : [`it is for ${actual ?? "no known platform"} and should be for ${format}`];
}

/** A base of another version is another program: what was tested and what the bill of materials names is not it. */
export function checkRuntime(
  executable: Uint8Array<ArrayBuffer>,
  { start, end }: Embedded,
  { runtime }: Expected,
): string[] {
  const versions = [...new Set([executable.subarray(0, start), executable.subarray(end)].flatMap(runtimesOf))];
  if (versions.includes(runtime)) return [];
  const found = versions.length === 0 ? "its version cannot be told" : `it says Deno ${versions.join(", Deno ")}`;
  return [`its runtime should be Deno ${runtime}, but ${found}`];
}

/** With a key the runtime takes compiled code from a file in the folder for temporary files, whoever put it there. */
export function checkCodeCache({ settings }: Embedded): string[] {
  return settings["code_cache_key"] === null
    ? []
    : ["it would run compiled code that it finds in the temporary folder"];
}

/**
 * What else a binary would read, run or tell, by the runtime's names. The compiler takes several of these from its environment: with
 * OTEL_DENO it makes a binary that reports to somebody. Whatever is not known here is not known to be harmless.
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

/** They have rules of their own, or none. */
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

/** A module that is imported and not embedded is looked for on disk, below the temporary folder. */
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

/** As paths from the top of the embedded folder. What was made of TypeScript has lost the imports of types. */
function importsOf({ path, bytes, derived }: EmbeddedFile): string[] {
  const text = new TextDecoder().decode(derived[0] ?? bytes);
  const specifiers = IMPORTS.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ([, specifier = ""]) => specifier)
  );
  return specifiers.map((specifier) => new URL(specifier, `file:///${path}`).pathname.slice(1));
}

/** The time of a build would make each build another one. */
export function checkTimes({ files }: Embedded): string[] {
  const isContent = (path: string) => path.startsWith(`${EMBEDDED_FOLDER}/`);
  return files.filter(({ path, timeMs }) => !isContent(path) && timeMs !== null && timeMs !== PROGRAM_TIME.getTime())
    .map(({ path, timeMs }) => `${path} has a time of its own, ${new Date(timeMs!).toISOString()}`);
}

/** Wider than asked is a hole, narrower a server that does not start. */
export function checkPermissions({ permissions }: Embedded, expected: Expected): string[] {
  const problems = Object.entries(permissions).flatMap(([name, list]) => {
    const [, effect, word] = /^([a-z]+)_([a-z]+)$/.exec(name) ?? [];
    const kind = KINDS.find((kind) => kind === word);
    if (kind === "import") return []; // Below: that kind has a default.
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

/** `reusePort` and worker permissions are unstable: without them it would not start, and with others it could do more. */
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

/** The worker is no import of anything, and would be missed at the first start only. */
export function checkPresent({ files }: Embedded, { embeddedFiles }: Expected): string[] {
  const present = new Set(files.map(({ path }) => path));
  const needed = [ENTRY_POINT, WORKER, BUILD_FILE, ...embeddedFiles.map((path) => `${EMBEDDED_FOLDER}/${path}`)];
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

/** Where it was built is nobody's business. What web.conf names is there because it was asked for: that is not looked at. */
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

/** As a path of its own, also with its backslashes doubled: "./lab.ts" does not name "/lab". */
function patternOf(path: string): RegExp {
  const escaped = path.split(/[/\\]+/).map(RegExp.escape).join("[/\\\\]+");
  return new RegExp(`(?<![\\w.-])${escaped}(?![\\w.-])`);
}

function mentions({ path, bytes, derived }: EmbeddedFile, pattern: RegExp): boolean {
  const text = new TextDecoder();
  return pattern.test(path) || [bytes, ...derived].some((part) => pattern.test(text.decode(part)));
}
