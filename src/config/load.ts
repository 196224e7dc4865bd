/**
 * Loads the configuration: reads its source, applies the command line, and checks the roots.
 * Does the I/O for `parseConfig`.
 * @module
 */

import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { embeddedPath, readBuild } from "./build.ts";
import { readCertificates } from "./certificates.ts";
import {
  type Config,
  defaultConfig,
  type HostEntry,
  type Origin,
  settingsFor,
  withParameter,
  writtenRoot,
} from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { absolutePath } from "./folders.ts";
import { applyListenOptions, type ListenOptions } from "./listeners.ts";
import type { ParameterName, Parameters } from "./parameters.ts";
import { parseConfig } from "./parse.ts";
import { adminProblems } from "./admin.ts";
import { logPlaces, logProblems, withPlacedLogs } from "./logs.ts";
import { loopProblems } from "./loops.ts";
import { pageProblems } from "./pages.ts";
import { readPasswords } from "./passwords.ts";
import { readText, reasonOf, UnreadableConfigError } from "./read.ts";
import { deniedReason, rootRemark } from "./roots.ts";
import type { Source, SourceOptions } from "./source.ts";

/** A parameter that a flag sets. */
export interface Override<Name extends ParameterName = ParameterName> {
  readonly name: Name;
  readonly value: Parameters[Name];
  readonly flag: string;
}

/** The source of the configuration, and the changes by the command line. */
export interface Options extends SourceOptions {
  readonly overrides: readonly Override[];
  /** The listeners of the command line, if it names any. */
  readonly listen?: ListenOptions;
}

/** A loaded configuration, with a description of its source and its problems. */
export interface Loaded {
  /** Its roots are absolute paths. */
  readonly config: Config;
  /** The file's absolute path, or a description of another source. */
  readonly source: string;
  /** The file's absolute path; `null`: the source is not a file. */
  readonly file: string | null;
  /** Differs when the file has changed since; `null`: the source is not a file. */
  readonly stamp: string | null;
  /** The folder that relative roots start from, an absolute path. */
  readonly folder: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Problems of a root on the command line, which has no position in a file. */
  readonly remarks: readonly string[];
  /** Names of the hosts whose roots contain none of their index files, and are not listed. */
  readonly withoutIndex: readonly string[];
}

/** Throws `UnreadableConfigError` if the file cannot be read, or DIR is not a folder. */
export async function loadConfig(source: Source, options: Options): Promise<Loaded> {
  return await complete(source, await read(source), options);
}

/** Loads the configuration again. Throws `UnreadableConfigError` if it cannot replace the old one. */
export async function reloadConfig(source: Source, options: Options): Promise<Loaded> {
  if (source.kind === "fixed") throw new UnreadableConfigError(source.reason);
  await requireFile(source.path, source.name);
  const reading = await read(source);
  if (isEmptied(reading, options)) throw new UnreadableConfigError(`${source.name} has no host line`);
  return await complete(source, reading, options);
}

/** Throws unless `path` is a file, because reading a pipe would wait for its writer. */
async function requireFile(path: string, name: string): Promise<void> {
  const { isFile } = await Deno.stat(path).catch((error) => {
    throw new UnreadableConfigError(`cannot read ${name}: ${reasonOf(path, error)}`, { cause: error });
  });
  if (!isFile) throw new UnreadableConfigError(`${name} is not a file any more`);
}

/** Whether the hosts are missing, as in a file that is just being written. A file for DIR needs no hosts. */
function isEmptied({ parsed, text }: Reading, { dir }: Options): boolean {
  return parsed.config.hosts.length === 0 && (dir === null || text?.trim() === "");
}

interface Reading {
  readonly text: string | null;
  readonly stamp: string | null;
  readonly parsed: ReturnType<typeof parseConfig>;
}

async function read(source: Source): Promise<Reading> {
  const { text, stamp } = source.kind === "fixed"
    ? { text: source.text, stamp: null }
    : await readText(source.path, { name: source.name });
  const parsed = text === null ? { config: defaultConfig(), diagnostics: [] } : parseConfig(text, source.name);
  return { text, stamp, parsed };
}

async function complete(source: Source, { text, stamp, parsed }: Reading, options: Options): Promise<Loaded> {
  const written = applyOptions(parsed.config, options, text !== null);
  const placed = withPlacedLogs(withPlacedRoots(written, source.folder), source.folder);
  refuseUnservable(options.dir, placed);
  const passwords = await readPasswords(placed, source.folder);
  const { certificates, diagnostics } = await readCertificates(placed, source.folder, Date.now());
  const config = { ...placed, passwords: passwords.files, certificates, logPlaces: logPlaces(placed) };
  const file = source.kind === "file" ? source.path : null;
  const problems = config.hosts.flatMap((host, index) => {
    return checkRoot(host, { written: written.hosts[index]!.root, file, folder: source.folder }) ?? [];
  });
  return {
    config,
    file,
    stamp,
    folder: source.folder,
    source: describeSource(source, config),
    diagnostics: [
      ...parsed.diagnostics,
      ...passwords.diagnostics,
      ...diagnostics,
      ...problems.filter((problem) => typeof problem !== "string"),
      ...pageProblems(config),
      ...loopProblems(config),
      ...logProblems(config),
      ...adminProblems(config),
    ],
    remarks: [
      ...problems.filter((problem) => typeof problem === "string"),
      ...(config.hosts.length === 0 ? ["no host line: every request will be answered with 400"] : []),
    ],
    withoutIndex: config.hosts.filter((host) => isWithoutIndex(config, host)).map(({ name }) => name),
  };
}

function describeSource(source: Source, { hosts }: Config): string {
  if (source.kind === "file") return source.path;
  return source.text === null ? `${source.place}, serving ${hosts[0]?.root}` : source.place;
}

/** Makes roots absolute. An embedded web.conf has folders of the machine that built it; their copies are embedded. */
function withPlacedRoots(config: Config, folder: string): Config {
  const roots = readBuild()?.roots ?? {};
  const place = (host: HostEntry): HostEntry =>
    Object.hasOwn(roots, host.root)
      ? { ...host, root: embeddedPath(roots[host.root]!), written: host.root }
      : { ...host, root: absolutePath(host.root, folder) };
  return { ...config, hosts: config.hosts.map(place) };
}

/** Applies the command line, which has priority: DIR replaces all hosts, and flags replace parameters. */
function applyOptions(config: Config, { dir, overrides, listen }: Options, hasFile: boolean): Config {
  let effective = config;
  if (dir !== null) effective = withOneFolder(config, dir, { kind: "flag", flag: "command line" });
  else if (!hasFile) effective = withOneFolder(config, ".", { kind: "default" });
  for (const { name, value, flag } of overrides) {
    effective = withParameter(effective, name, { value, origin: { kind: "flag", flag } });
  }
  return listen === undefined ? effective : { ...effective, listen: applyListenOptions(effective, listen) };
}

/** Serves only `root`, and lists its files unless a line says otherwise, because the user wants to show this folder. */
function withOneFolder(config: Config, root: string, origin: Origin): Config {
  const { listing } = config.settings;
  return {
    ...config,
    hosts: [{ name: "default", root, origin, settings: {} }],
    settings: { ...config.settings, listing: listing.origin.kind === "default" ? { value: true, origin } : listing },
  };
}

/** A person who names a file wants to show it. */
function folderAdvice(dir: string, problem: string): string {
  return problem === NOT_A_FOLDER ? `; to show this file, name its folder: ${dirname(dir)}` : "";
}

const NOT_A_FOLDER = "is not a folder";

/** Throws for problems of roots that are not in a file, because there is no line for a diagnostic. */
function refuseUnservable(dir: string | null, { hosts }: Config): void {
  const problem = dir === null ? null : rootProblem(dir);
  if (problem !== null) throw new UnreadableConfigError(`${dir} ${problem}${folderAdvice(dir!, problem)}`);
  const closed = hosts.find(({ root, origin }) => origin.kind !== "file" && rootDeniedReason(root) !== null);
  if (closed !== undefined) throw new UnreadableConfigError(`${closed.root} ${rootDeniedReason(closed.root)}`);
}

/** The origin of a root. */
interface RootOrigin {
  /** The root as written in web.conf. */
  readonly written: string;
  readonly file: string | null;
  readonly folder: string;
}

/** A missing root causes only a warning, because it may be mounted or unpacked later. */
function checkRoot(host: HostEntry, rootOrigin: RootOrigin): Diagnostic | string | null {
  const { name, root, origin } = host;
  const closed = rootDeniedReason(root);
  if (closed !== null && origin.kind === "file") {
    const message = `the root of host "${name}", ${root}, ${closed}`;
    return { severity: "error", file: origin.file, line: origin.line, column: 1, message };
  }
  const problem = rootProblem(root);
  const remark = problem === null
    ? rootRemark(root, rootOrigin.file, rootOrigin.folder)
    : `${problem}${besideFile(rootOrigin) ?? "; its requests will be answered with an error"}`;
  if (remark === null) return null;
  const message = `the root of host "${name}", ${writtenRoot(host)}, ${remark}`;
  if (origin.kind !== "file") return message;
  return { severity: "warning", file: origin.file, line: origin.line, column: 1, message };
}

/** Roots are relative to the folder where the server is started, but the user may have meant the folder of the file. */
function besideFile({ written, file, folder }: RootOrigin): string | null {
  if (file === null || dirname(file) === folder) return null;
  const path = absolutePath(written, dirname(file));
  if (path === written || rootProblem(path) !== null) return null;
  return `, but ${path} is: start sweepd in ${dirname(file)}, or write that path`;
}

function rootProblem(root: string): string | null {
  try {
    return Deno.statSync(root).isDirectory ? null : NOT_A_FOLDER;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "is not there";
    if (error instanceof Deno.errors.NotCapable) return rootDeniedReason(root); // Missing permissions are reported elsewhere.
    return `is not accessible: ${reasonOf(root, error)}`;
  }
}

/** Why the runtime opens nothing in this root, even with permission. */
function rootDeniedReason(root: string): string | null {
  return deniedReason(realPathOf(root) ?? root);
}

function realPathOf(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null; // It does not exist or is not accessible, which is reported elsewhere.
  }
}

/**
 * Whether a root contains none of its host's index files and is not listed. A host without index names is not meant to
 * have one.
 */
function isWithoutIndex(config: Config, host: HostEntry): boolean {
  const { index: { value: names }, listing } = settingsFor(config, host);
  if (listing.value || names.length === 0 || rootProblem(host.root) !== null) return false; // A missing root is reported elsewhere.
  return !names.some((name) => mayBeFile(join(host.root, name)));
}

function mayBeFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
