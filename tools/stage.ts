/**
 * The folder from which a binary is compiled: the sources, the build options, and for `embedded` web.conf and the
 * roots. The binary contains only files of this folder, and none of their names comes from the machine that built it.
 * @module
 */

import { join, relative } from "@std/path";
import { type Build, BUILD_FILE, EMBEDDED_FOLDER, type Flavour } from "../src/config/build.ts";
import { certificateFilesOf, type Config, passwordFilesOf } from "../src/config/config.ts";
import { areServed } from "../src/files/names.ts";
import { isBelow } from "../src/paths.ts";
import { parsePasswordFile } from "../src/site/password_file.ts";
import { buildPermissions } from "../src/process/scope.ts";
import { Mistake } from "./mistake.ts";
import { copyFile, PROGRAM_TIME, pruneLock, pruneManifest } from "./packages.ts";

/** What to build. */
export interface Plan {
  /** The top level of the project. */
  readonly project: string;
  readonly flavour: Flavour;
  /** The name of the configuration on the command line. */
  readonly configFile: string;
  /** The text of the configuration, and its parsed form. */
  readonly configText: string;
  readonly config: Config;
  readonly lan: boolean;
  /** Latest time of embedded files, from `SOURCE_DATE_EPOCH`; `null`: each file has its own time. */
  readonly latest: Date | null;
}

export interface Stage {
  readonly folder: string;
  readonly plan: Plan;
  readonly build: Build;
  /** Arguments that precede those of the command line. */
  readonly argv: readonly string[];
  /** Paths in the embedded folder. */
  readonly embeddedFiles: readonly string[];
  /** Files that are not embedded, with the reasons. */
  readonly leftOut: readonly string[];
}

const DEFAULT_CONFIG = "web.conf";

/** Makes the folder, calls `use`, and removes the folder. */
export async function withStage<T>(plan: Plan, use: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "sweepd_stage_" }));
  try {
    return await use(await makeStage(folder, plan));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeStage(folder: string, plan: Plan): Promise<Stage> {
  const { project, flavour, configFile, config, lan } = plan;
  for (const path of ["main.ts", ...sourcesBelow(join(project, "src")).map((path) => join("src", path))]) {
    await copyFile(join(project, path), join(folder, path), PROGRAM_TIME);
  }
  await write(folder, "deno.json", pruneManifest(await Deno.readTextFile(join(project, "deno.json"))));
  await write(folder, "deno.lock", pruneLock(await Deno.readTextFile(join(project, "deno.lock"))));
  const { roots, embeddedFiles, leftOut } = flavour === "embedded" ? await embed(folder, plan) : NOTHING_EMBEDDED;
  const name = flavour === "embedded" ? DEFAULT_CONFIG : configFile;
  const permissions = buildPermissions(config, { flavour, file: configFile, lan });
  const build = { flavour, config: name, permissions, roots };
  await write(folder, BUILD_FILE, JSON.stringify(build, null, 2) + "\n");
  const argv = flavour === "scoped" && configFile !== DEFAULT_CONFIG ? ["-c", configFile] : [];
  return { folder, plan, build, argv, embeddedFiles, leftOut };
}

function sourcesBelow(folder: string): string[] {
  return [...walk(folder)].map(({ below }) => below).filter((path) => path.endsWith(".ts"));
}

type Contents = Pick<Stage, "embeddedFiles" | "leftOut"> & Pick<Build, "roots">;

const NOTHING_EMBEDDED: Contents = { roots: {}, embeddedFiles: [], leftOut: [] };

/** Embeds web.conf unchanged, and roots and password files under numbers, because their names may be local paths. */
async function embed(folder: string, { configText, config, latest }: Plan): Promise<Contents> {
  const inside = join(folder, EMBEDDED_FOLDER);
  await Deno.mkdir(inside);
  await write(inside, DEFAULT_CONFIG, configText);
  const roots: Record<string, string> = {};
  const passwordFiles = passwordFilesOf(config).map(({ written }) => written);
  const secrets = await Promise.all(passwordFiles.map(realPathOf));
  const certificates = await Promise.all(
    certificateFilesOf(config).flatMap(({ cert, key }) => [cert, key]).map(realPathOf),
  );
  const embeddedFiles = [DEFAULT_CONFIG];
  const leftOut: string[] = [];
  for (const root of new Set(config.hosts.map(({ root }) => root))) {
    const name = roots[root] = String(Object.keys(roots).length);
    await Deno.mkdir(join(inside, name));
    const realRoot = await realFolder(root);
    for (const { path, below } of walk(realRoot)) {
      const realPath = await realPathOf(path);
      const reason = secrets.includes(realPath)
        ? "a password file"
        : certificates.includes(realPath)
        ? "a certificate or its key"
        : await reasonAgainst(path, below, realRoot);
      if (reason !== null) leftOut.push(`${join(root, below)}: ${reason}`);
      if (reason !== null) continue;
      await copyFile(path, join(inside, name, below), await timeOf(path, latest));
      embeddedFiles.push(`${name}/${below.replaceAll("\\", "/")}`);
    }
  }
  for (const [index, written] of passwordFiles.entries()) {
    const name = roots[written] = `${PASSWORDS_FOLDER}/${index}`;
    await checkPasswords(written);
    await copyFile(written, join(inside, name), PROGRAM_TIME);
    embeddedFiles.push(name);
  }
  return { roots, embeddedFiles, leftOut };
}

/** The folder beside those of the roots, whose names are numbers. */
const PASSWORDS_FOLDER = "passwords";

/** Throws if the password file is invalid, because the binary would not start. */
async function checkPasswords(path: string): Promise<void> {
  const text = await Deno.readTextFile(path).catch((cause) => {
    throw new Mistake(`the password file ${path} cannot be embedded: ${cause.message}`, { cause });
  });
  const [problem] = parsePasswordFile(text, path).problems;
  if (problem !== undefined) throw new Mistake(`${path}:${problem.line}:${problem.column}: ${problem.message}`);
}

/** The real path, or the path itself if it does not exist. */
function realPathOf(path: string): Promise<string> {
  return Deno.realPath(path).catch(() => path);
}

/** Why a file is not embedded; `null`: it is. A download must not contain files that would never be served. */
async function reasonAgainst(path: string, below: string, root: string): Promise<string | null> {
  if (!isForVisitors(below)) return "hidden";
  const real = await Deno.realPath(path).catch(() => null);
  if (real === null || !isBelow(root, real)) return "a link that leads out of its root";
  if (!isForVisitors(relative(root, real))) return "a link to a hidden file"; // In the binary it would be a plain file.
  return (await Deno.stat(path)).isFile ? null : "not a regular file";
}

function isForVisitors(below: string): boolean {
  return areServed(below.split(/[/\\]/), "linux", "hidden");
}

interface Found {
  readonly path: string;
  /** The path relative to the folder of the walk. */
  readonly below: string;
}

/**
 * All files below a folder, in the order of their names. A link to a folder inside it is followed once, so that a
 * circle ends. A link to another place is yielded as it is.
 */
function* walk(folder: string, below = "", trail: readonly string[] = []): Generator<Found> {
  const real = Deno.realPathSync(folder);
  if (trail.includes(real)) return;
  const entries = [...Deno.readDirSync(folder)].toSorted((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isSymlink } of entries) {
    const path = join(folder, name);
    const found = { path, below: below === "" ? name : join(below, name) };
    if (isDirectory || (isSymlink && isFolderBelow(trail[0] ?? real, path))) {
      yield* walk(path, found.below, [...trail, real]);
    } else yield found;
  }
}

function isFolderBelow(root: string, path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory && isBelow(root, Deno.realPathSync(path));
  } catch {
    return false; // A dangling link is left out later, with the reason.
  }
}

/** The real path of a root. It must exist if it is embedded, but not for other flavours. */
async function realFolder(root: string): Promise<string> {
  const real = await Deno.realPath(root).catch(() => null);
  if (real !== null && (await Deno.stat(real)).isDirectory) return real;
  throw new Mistake(`the root ${root} cannot be embedded: ${real === null ? "it is not there" : "it is not a folder"}`);
}

/**
 * A file of a site keeps its time, in seconds, because clients see it as Last-Modified. The milliseconds come from its
 * content: in a binary, a file has no inode and no change time, so its entity tag is made from size and time only. If a
 * tool sets the same time on all files, as reproducible builds do, different content would otherwise have the same tag.
 */
async function timeOf(path: string, latest: Date | null): Promise<Date> {
  const { mtime } = await Deno.stat(path);
  const ownMs = Math.min((mtime ?? PROGRAM_TIME).getTime(), latest?.getTime() ?? Infinity);
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Date(Math.floor(ownMs / 1000) * 1000 + new DataView(digest).getUint32(0) % 1000);
}

async function write(folder: string, name: string, text: string): Promise<void> {
  await Deno.writeTextFile(join(folder, name), text);
  await Deno.utime(join(folder, name), PROGRAM_TIME, PROGRAM_TIME);
}
