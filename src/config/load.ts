/**
 * Which configuration is in effect: finds the file, reads it, applies the command line, looks whether the roots are there.
 * The I/O around `parseConfig`.
 * @module
 */

import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { type Build, embeddedPath, readBuild } from "./build.ts";
import { type Config, defaultConfig, type HostEntry, type Origin, withParameter, writtenRoot } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { ParameterName, Parameters } from "./parameters.ts";
import { parseConfig } from "./parse.ts";
import { explainDenied } from "./remedy.ts";
import { absolute, closedRemark, rootRemark } from "./roots.ts";

/** A parameter that a flag sets. */
export interface Override<Name extends ParameterName = ParameterName> {
  readonly name: Name;
  readonly value: Parameters[Name];
  readonly flag: string;
}

/** Where the configuration comes from, and what the command line changes of it. */
export interface Options {
  /** The folder to serve in place of the file's hosts; `null`: the file's. */
  readonly dir: string | null;
  /** The configuration file; `null`: look for one. */
  readonly config: string | null;
  readonly overrides: readonly Override[];
}

/** A configuration, where it came from in words, and what is wrong with it. */
export interface Loaded {
  readonly config: Config;
  /** `./web.conf`, or why there is no file. */
  readonly source: string;
  /** The file's path; `null` where there is none. */
  readonly file: string | null;
  readonly diagnostics: readonly Diagnostic[];
  /** What is wrong with a root that the command line named; has no place in a file. */
  readonly remarks: readonly string[];
}

/** A configuration file that cannot be read: for the person, in one line. */
export class UnreadableConfigError extends Error {
  override name = "UnreadableConfigError";
}

const FILE_NAME = "web.conf";

/** Throws `UnreadableConfigError` when a file is named, or found, and cannot be read, or DIR is no folder. */
export function loadConfig(options: Options): Loaded {
  const build = readBuild();
  const embedded = options.config === null && build?.flavour === "embedded" ? findEmbedded() : null;
  const found = embedded ??
    (options.config === null ? findFile() : { path: options.config, text: read(options.config) });
  const parsed = found === null
    ? { config: defaultConfig(), diagnostics: [] }
    : parseConfig(found.text, embedded === null ? found.path.replace(/^\.\//, "") : FILE_NAME);
  if (embedded !== null && build !== null) parsed.config = withEmbeddedRoots(parsed.config, build);
  const config = applyOptions(parsed.config, options, found !== null);
  refuseUnusable(options.dir, config);
  const hostProblems = config.hosts.flatMap((host) => checkRoot(host, found?.path ?? null) ?? []);
  return {
    config,
    file: found?.path ?? null,
    source: embedded === null
      ? found?.path ?? `none found, serving ${options.dir ?? "the current folder"}`
      : "inside this program",
    diagnostics: [...parsed.diagnostics, ...hostProblems.filter((problem) => typeof problem !== "string")],
    remarks: [
      ...hostProblems.filter((problem) => typeof problem === "string"),
      ...(config.hosts.length === 0 ? ["no host line: every request will be answered with 400"] : []),
    ],
  };
}

interface Found {
  readonly path: string;
  readonly text: string;
}

function findEmbedded(): Found {
  const path = embeddedPath(FILE_NAME);
  return { path, text: read(path) };
}

/** Roots as they are written name folders of the machine that it was built on; the copies are inside. */
function withEmbeddedRoots(config: Config, { roots }: Build): Config {
  const place = (host: HostEntry): HostEntry =>
    Object.hasOwn(roots, host.root) ? { ...host, root: embeddedPath(roots[host.root]!), written: host.root } : host;
  return { ...config, hosts: config.hosts.map(place) };
}

function findFile(): Found | null {
  const paths = [`./${FILE_NAME}`];
  // Run from source, the executable is the runtime's own: what lies beside it is not ours.
  if (Deno.build.standalone) paths.push(join(dirname(Deno.execPath()), FILE_NAME));
  for (const [index, path] of paths.entries()) {
    try {
      return { path, text: read(path) };
    } catch (error) {
      const cause = error instanceof UnreadableConfigError ? error.cause : null;
      // A binary built for one web.conf may not look beside itself: for it there is none.
      const isNone = cause instanceof Deno.errors.NotFound || (index > 0 && cause instanceof Deno.errors.NotCapable);
      if (!isNone) throw error;
    }
  }
  return null;
}

/** Far beyond any configuration; what is longer is some other file, or has no end. */
const FILE_BYTES_MAX = 1024 * 1024;

function read(path: string): string {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(FILE_BYTES_MAX + 1);
    let length = 0;
    for (let count: number | null = 1; count; length += count ?? 0) count = file.readSync(bytes.subarray(length));
    if (length <= FILE_BYTES_MAX) return new TextDecoder().decode(bytes.subarray(0, length));
  } catch (error) {
    throw new UnreadableConfigError(`cannot read ${path}: ${reasonOf(path, error)}`, { cause: error });
  }
  throw new UnreadableConfigError(`cannot read ${path}: it is larger than 1 MiB, which no web.conf is`);
}

/** Why a file or folder cannot be used, in words. */
function reasonOf(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "its permissions forbid it to this user";
  if (error instanceof Deno.errors.NotCapable) {
    const closed = closedRemark(absolute(path, Deno.cwd()));
    return closed === null ? explainDenied("read", path, readBuild()) : `it ${closed}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** The command line has the last word: DIR replaces all hosts, flags replace parameters. */
function applyOptions(config: Config, { dir, overrides }: Options, hasFile: boolean): Config {
  let effective = config;
  if (dir !== null) effective = { ...config, hosts: [defaultHost(dir, { kind: "flag", flag: "command line" })] };
  else if (!hasFile) effective = { ...config, hosts: [defaultHost(".", { kind: "default" })] };
  for (const { name, value, flag } of overrides) {
    effective = withParameter(effective, name, { value, origin: { kind: "flag", flag } });
  }
  return effective;
}

function defaultHost(root: string, origin: Origin): HostEntry {
  return { name: "default", root, origin };
}

/** A root that the command line named, or nobody, has no line for a diagnostic. */
function refuseUnusable(dir: string | null, { hosts }: Config): void {
  const complaint = dir === null ? null : rootComplaint(dir);
  if (complaint !== null) throw new UnreadableConfigError(`${dir} ${complaint}`);
  const closed = hosts.find(({ root, origin }) => origin.kind !== "file" && whyClosed(root) !== null);
  if (closed !== undefined) throw new UnreadableConfigError(`${closed.root} ${whyClosed(closed.root)}`);
}

/** A root that is not there is worth a warning, not a refusal: it may be mounted or unpacked later. */
function checkRoot(host: HostEntry, file: string | null): Diagnostic | string | null {
  const { name, root, origin } = host;
  const closed = whyClosed(root);
  if (closed !== null && origin.kind === "file") {
    const message = `the root of host "${name}", ${root}, ${closed}`;
    return { severity: "error", file: origin.file, line: origin.line, column: 1, message };
  }
  const complaint = rootComplaint(root);
  const remark = complaint === null
    ? rootRemark(root, file, Deno.cwd())
    : `${complaint}; its requests will be answered with an error`;
  if (remark === null) return null;
  const message = `the root of host "${name}", ${writtenRoot(host)}, ${remark}`;
  if (origin.kind !== "file") return message;
  return { severity: "warning", file: origin.file, line: origin.line, column: 1, message };
}

function rootComplaint(root: string): string | null {
  try {
    return Deno.statSync(root).isDirectory ? null : "is not a folder";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "is not there";
    if (error instanceof Deno.errors.NotCapable) return whyClosed(root); // What is missing, whoever asks for permissions tells.
    return `cannot be looked at: ${reasonOf(root, error)}`;
  }
}

/** Why the runtime opens nothing in this root, though it may have been granted. */
function whyClosed(root: string): string | null {
  return closedRemark(absolute(realPathOf(root) ?? root, Deno.cwd()));
}

function realPathOf(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null; // It is not there, or not to be looked at, which is told elsewhere.
  }
}
