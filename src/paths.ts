/**
 * Paths: which one is below which, and which one names have. Pure: uses the paths as written, and does not know links.
 * @module
 */

import { isAbsolute } from "@std/path/is-absolute";
import { relative } from "@std/path/relative";

/** Whether `path` is `folder` or below it. Both are absolute. */
export function isBelow(folder: string, path: string): boolean {
  return staysBelow(relative(folder, path));
}

/** Whether a path that `relative` returned for a folder is in that folder. `""` is the folder itself. */
export function staysBelow(below: string): boolean {
  const leaves = below === ".." || /^\.\.[/\\]/.test(below); // `..name` is an ordinary name.
  return !leaves && !isAbsolute(below); // On Windows it is absolute if it is on another drive.
}

/** The path of `segments` below `root`. */
export function pathBelow(root: string, segments: readonly string[]): string {
  if (segments.length === 0) return root;
  let path = root.endsWith("/") || root.endsWith("\\") ? root.replace(/[/\\]+$/, "") : root;
  for (const segment of segments) path = `${path}/${segment}`;
  return path;
}
