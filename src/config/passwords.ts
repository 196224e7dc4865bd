/**
 * Reads the password files of a configuration before a worker starts, because workers may not read them.
 * A file that cannot be used is an error, because without it the server would let in no user, or all.
 * @module
 */

import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { Withheld } from "../files/withheld.ts";
import { isBelow } from "../paths.ts";
import { parsePasswordFile, type PasswordProblem } from "../site/password_file.ts";
import { embeddedPath, readBuild } from "./build.ts";
import type { AuthLine } from "./access_words.ts";
import { type Config, type NamedFile, type Origin, type PasswordFile, passwordFilesOf, settingsFor } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { absolutePath } from "./folders.ts";
import { readText, UnreadableConfigError } from "./read.ts";

/** Password files and their problems. */
export interface ReadPasswords {
  readonly files: readonly PasswordFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads all password files of `config`. Its roots are absolute; its password files are relative to `folder`. */
export async function readPasswords(config: Config, folder: string): Promise<ReadPasswords> {
  const all = await Promise.all(passwordFilesOf(config).map((named) => readFile(named, config, folder)));
  const remarks = config.hosts.flatMap((host) => {
    return settingsFor(config, host).auth.lines.flatMap(({ value, origin }) => {
      const remark = patternRemark(value, host.root);
      return remark === null ? [] : at(origin, "warning", remark);
    });
  });
  return {
    files: all.flatMap(({ files }) => files),
    diagnostics: [...all.flatMap(({ diagnostics }) => diagnostics), ...distinct(remarks)],
  };
}

/** Removes repetitions: a line above the first host applies to several hosts. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [`${each.line} ${each.message}`, each])).values()];
}

/** A warning about a pattern that does not include the folders below, as the user may expect; `null`: none. */
function patternRemark({ pattern }: AuthLine, root: string): string | null {
  if (pattern === null || !pattern.startsWith("/")) return null;
  const folder = pattern.replace(/\/\*?$/, "");
  const isOpenBelow = pattern.endsWith("/*") || !/[*{]/.test(pattern) && isFolder(`${root}${folder}`);
  return isOpenBelow
    ? `"${pattern}" does not protect the folders below; to protect them too, write: ${folder}/**`
    : null;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // It does not exist or is not accessible, which is reported elsewhere.
  }
}

async function readFile({ written, origins }: NamedFile, config: Config, folder: string): Promise<ReadPasswords> {
  const path = placeOf(written, folder);
  const tell = (severity: Diagnostic["severity"], message: string) =>
    origins.flatMap((origin) => {
      return at(origin, severity, message);
    });
  try {
    requireFile(path, written);
    const { text, stamp } = await readText(path, {
      name: path === written ? path : `${written} (${path})`,
      kind: "password file",
    });
    const { users, problems } = parsePasswordFile(text, written);
    const places = placesOf(path);
    const root = config.hosts.find(({ root }) => places.some((place) => isBelow(realPath(root), place.path)));
    return {
      files: [{ written, path, users, places, stamp }],
      diagnostics: [
        ...problems.map((problem) => inFile(written, problem)),
        ...users.length + problems.length === 0
          ? tell("warning", `${written} has no user, so every request will be refused`)
          : [],
        ...root === undefined ? [] : tell("warning", insideRemark(written, root.name)),
      ],
    };
  } catch (error) {
    if (!(error instanceof UnreadableConfigError)) throw error;
    const remedy = error.cause instanceof Deno.errors.NotFound ? `; to write it: sweepd passwd ${written} USER` : "";
    return { files: [], diagnostics: tell("error", `auth: ${error.message}${remedy}`) };
  }
}

/** Throws unless `path` is a file, because reading a pipe would wait for its writer at each reload. */
export function requireFile(path: string, written: string): void {
  try {
    if (Deno.statSync(path).isFile) return;
  } catch {
    return; // Reading it will report the reason.
  }
  throw new UnreadableConfigError(`cannot read ${written}: ${path} is not a file`);
}

/** The path of a file that web.conf names. An embedded web.conf has one of the machine that built it; the copy is embedded. */
export function placeOf(written: string, folder: string): string {
  const inside = readBuild()?.roots ?? {};
  return Object.hasOwn(inside, written) ? embeddedPath(inside[written]!) : absolutePath(written, folder);
}

/** A warning about a secret file in the root of a host. */
export function insideRemark(written: string, host: string): string {
  return `${written} is in the root of host "${host}"; it is never served, but an editor's copy of it would be; keep it elsewhere`;
}

function at(origin: Origin, severity: Diagnostic["severity"], message: string): Diagnostic[] {
  return origin.kind === "file" ? [{ severity, file: origin.file, line: origin.line, column: 1, message }] : [];
}

function inFile(file: string, { line, column, message }: PasswordProblem): Diagnostic {
  return { severity: "error", file, line, column, message };
}

/** What is never served: the file even if renamed, a later file with its path, and what `sweepd passwd` writes. */
export function placesOf(path: string): Withheld[] {
  const { dev, ino } = Deno.statSync(path);
  const names = [realPath(path), join(realPath(dirname(path)), basename(path))];
  return [...new Set(names)].flatMap((name) => [{ path: name, dev, ino }, { path: `${name}.new`, dev, ino: null }]);
}

/** The real path, or the path itself if it does not exist. */
export function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path; // A missing root is reported elsewhere.
  }
}
