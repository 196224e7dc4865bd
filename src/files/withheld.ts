/**
 * Files that are never served though they may lie in a root: those that hold secrets of the server. Pure.
 * @module
 */

/** One such file: where it is, without links, and which it is. */
export interface Withheld {
  readonly path: string;
  /** As the system numbers it, where it does. */
  readonly dev: number;
  readonly ino: number | null;
}

/**
 * Whether a file is one of `withheld`. Both its name and its numbers count: an editor puts another file in the place of the old
 * one, and a link gives the same file another name.
 */
export function isWithheld(
  withheld: readonly Withheld[],
  file: { readonly path: string; readonly dev: number; readonly ino: number | null },
): boolean {
  return withheld.some(({ path, dev, ino }) => {
    return path === file.path || (ino !== null && ino !== 0 && ino === file.ino && dev === file.dev);
  });
}
