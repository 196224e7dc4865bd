/**
 * Which paths lie below which. Pure: compares paths as they are written, and knows no links.
 * @module
 */

import { isAbsolute } from "@std/path/is-absolute";
import { relative } from "@std/path/relative";

/** Whether `path` is `folder` or lies below it. Both are absolute. */
export function isBelow(folder: string, path: string): boolean {
  return staysBelow(relative(folder, path));
}

/** Whether a path that is relative to a folder, as `relative` gives it, stays in that folder. `""` is the folder itself. */
export function staysBelow(below: string): boolean {
  const leaves = below === ".." || /^\.\.[/\\]/.test(below); // `..name` is an ordinary name.
  return !leaves && !isAbsolute(below); // It is absolute where it is on another drive of Windows.
}
