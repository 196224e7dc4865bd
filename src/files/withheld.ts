/**
 * Files that are never served even if they are in a root, because they contain secrets of the server. Pure.
 * @module
 */

/** A file that is never served. */
export interface Withheld {
  /** The absolute path without symbolic links. */
  readonly path: string;
  /** The system's numbers of the file, if it has them. */
  readonly dev: number;
  readonly ino: number | null;
}

/**
 * Whether a file is one of `withheld`, by its path or by its numbers: an editor may replace the file by another one
 * with the same path, and a hard link is another path of the same file.
 */
export function isWithheld(
  withheld: readonly Withheld[],
  realPath: string,
  state: { readonly dev: number; readonly ino: number | null },
): boolean {
  return withheld.some(({ path, dev, ino }) => {
    return path === realPath || (ino !== null && ino !== 0 && ino === state.ino && dev === state.dev);
  });
}
