/**
 * The npm packages of the program, without those of the tests: in the staged deno.json and deno.lock, and as a cache
 * for the compiler with fixed file times.
 * @module
 */

import { dirname, join } from "@std/path";
import { Mistake } from "./mistake.ts";

/** Those that markdown-it imports. */
const MARKDOWN_PACKAGES = ["markdown-it", "argparse", "entities", "linkify-it", "mdurl", "punycode.js", "uc.micro"];

/** The packages that are embedded. Those of the tests are not. */
export const RUNTIME_PACKAGES = ["bcryptjs", "deno-std", "uqr", ...MARKDOWN_PACKAGES];

/** The time of all embedded files except those of a site, so that two builds have the same bytes. */
export const PROGRAM_TIME = new Date("2000-01-01T00:00:00Z");

/** The parts of deno.json that the program and the compiler need. */
const MANIFEST_KEYS = ["version", "imports", "unstable", "compilerOptions"];

/** deno.json without tasks, settings of tools, and packages of the tests. Pure. */
export function pruneManifest(text: string): string {
  const manifest: Record<string, unknown> = JSON.parse(text);
  const { imports, ...others } = Object.fromEntries(MANIFEST_KEYS.map((key) => [key, manifest[key]]));
  const needed = Object.entries(imports as Record<string, string>).filter(([, specifier]) => isRuntime(specifier));
  return JSON.stringify({ ...others, imports: Object.fromEntries(needed) }, null, 2) + "\n";
}

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, unknown>>;
  readonly workspace: { readonly dependencies: readonly string[] };
}

/** deno.lock without packages of the tests. Pure. */
export function pruneLock(text: string): string {
  const { specifiers, npm, workspace, ...others }: Lock = JSON.parse(text);
  const kept = <T>(entries: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(entries).filter(([key]) => isRuntime(key)));
  const dependencies = workspace.dependencies.filter(isRuntime);
  const lock = { ...others, specifiers: kept(specifiers), npm: kept(npm), workspace: { ...workspace, dependencies } };
  return JSON.stringify(lock, null, 2) + "\n";
}

/** `npm:deno-std@1.4.0/path/mod.js`, `deno-std@1.4.0`. */
function isRuntime(specifier: string): boolean {
  return RUNTIME_PACKAGES.some((name) => specifier.replace(/^npm:/, "").startsWith(`${name}@`));
}

/**
 * Makes a cache for the compiler in `folder`. It has copies of the packages, because the compiler embeds file times,
 * and those in the runtime's own cache are the times of the download. It has a link to the downloaded bases.
 */
export async function makeCache(folder: string, lockText: string): Promise<void> {
  const { denoDir, npmCache } = await folders();
  for (const key of Object.keys((JSON.parse(lockText) as Lock).npm)) {
    const [, name = "", version = ""] = /^(.+)@([^@]+)$/.exec(key) ?? [];
    await copyPackage(npmCache, join(folder, "npm"), join(name, version));
  }
  const bases = join(denoDir, "dl");
  await Deno.mkdir(bases, { recursive: true });
  await Deno.symlink(bases, join(folder, "dl"), { type: Deno.build.os === "windows" ? "junction" : "dir" });
}

async function folders(): Promise<{ readonly denoDir: string; readonly npmCache: string }> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], stderr: "null" })
    .output();
  if (!success) throw new Mistake("deno info does not tell where the packages are");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Packages are in one folder per registry. */
async function copyPackage(cache: string, to: string, path: string): Promise<void> {
  for await (const { name: registry } of Deno.readDir(cache)) {
    const from = join(cache, registry, path);
    const isThere = await Deno.stat(from).then(({ isDirectory }) => isDirectory, () => false);
    if (isThere) return await copyFolder(from, join(to, registry, path));
  }
  throw new Mistake(`the package ${path} is not in the cache of the runtime; deno install brings it`);
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await copyFile(join(from, name), join(to, asText(name)), PROGRAM_TIME);
  }
}

/**
 * The compiler parses a file without an extension, and one that ends in `.txt`, as JavaScript if its package is
 * CommonJS. It embeds the syntax errors with the path of the cache, which differs between builds. It reads no Markdown.
 */
function asText(name: string): string {
  return !name.includes(".") || name.endsWith(".txt") ? `${name}.md` : name;
}

/** Copies a file, makes its folders, and sets its time. */
export async function copyFile(from: string, to: string, time: Date): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
  await Deno.utime(to, time, time);
}
