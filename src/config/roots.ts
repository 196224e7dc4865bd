/**
 * Problems of roots: overlapping ones, and ones that the runtime denies; and paths outside all roots, for the sandbox
 * check. Pure.
 * @module
 */

import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";
import { isBelow } from "../paths.ts";

/** The top folder of the disk. */
function topOf(path: string): string {
  return /^[A-Za-z]:/.test(path) ? path.slice(0, 3) : "/";
}

/** Those of `candidates` that are in none of `roots`, all relative to `cwd`. */
export function pathsOutside(roots: readonly string[], candidates: readonly string[], cwd: string): string[] {
  const paths = [topOf(cwd), ...candidates];
  return paths.filter((path) => !roots.some((root) => isBelow(absolute(root, cwd), absolute(path, cwd))));
}

/** A warning about a root that is the whole disk or contains the configuration; `null`: none. */
export function rootRemark(root: string, configFile: string | null, cwd: string): string | null {
  const path = absolute(root, cwd);
  if (isBelow(path, topOf(path))) return "is the whole disk";
  if (configFile !== null && isBelow(path, absolute(configFile, cwd))) {
    return `contains ${configFile}, which anyone can then read`;
  }
  return null;
}

/** Folders that Deno (2.9.6) opens only with all permissions, even if other permissions are granted. */
const CLOSED: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  linux: ["/dev", "/proc", "/sys"],
  darwin: ["/dev"],
};

/**
 * Why the runtime will open nothing at a path, and what to do; `null`: it will open it. `place` is the real path or, if
 * that is denied already, the absolute path as written. The text follows the path in a message.
 */
export function deniedReason(place: string, os: typeof Deno.build.os = Deno.build.os): string | null {
  const closed = (CLOSED[os] ?? []).find((folder) => isBelow(folder, place));
  if (closed !== undefined) {
    const where = place === closed ? `is ${closed}` : `is ${place} and lies in ${closed}`;
    return `${where}, which the runtime opens only for programs with all ` +
      `permissions; mount it elsewhere (mount --bind ${place} /srv/NAME), or serve a copy`;
  }
  const isShare = os === "windows" && /^[/\\]{2}(?![?][/\\][A-Za-z]:)/.test(place);
  return isShare ? "lies on a share or device, which the runtime opens only with all permissions; serve a copy" : null;
}

/** The absolute path. */
export function absolute(path: string, cwd: string): string {
  return isAbsolute(path) ? join(path) : join(cwd, path);
}
