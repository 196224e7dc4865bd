/**
 * What must hold of a binary that was built: one rule a function, each with what is wrong in words. Pure.
 * @module
 */

import { BUILD_FILE, EMBEDDED_FOLDER, type Flavour } from "../src/config/build.ts";
import { describeGranted, type Granted, KINDS, type Permissions } from "../src/config/permissions.ts";
import { type Embedded, type EmbeddedFile, grantedOf } from "../src/embedded.ts";
import { type Format, formatOf } from "./targets.ts";

/** What was asked for. */
export interface Expected {
  readonly flavour: Flavour;
  readonly permissions: Permissions;
  readonly argv: readonly string[];
  /** Unstable features, from deno.json. */
  readonly features: readonly string[];
  readonly format: Format;
  /** Folders of the build machine, absolute. */
  readonly machinePaths: readonly string[];
  /** Below the embedded folder. */
  readonly embeddedFiles: readonly string[];
}

/** npm packages that the program runs on; those of the tests stay outside. */
export const RUNTIME_PACKAGES = ["deno-std"];

const ENTRY_POINT = "main.ts";
const WORKER = "src/worker.ts";

/** Everything that is wrong; none: the build may be given away. */
export function verify(executable: Uint8Array<ArrayBuffer>, embedded: Embedded, expected: Expected): string[] {
  return [
    ...checkFormat(executable, expected),
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
