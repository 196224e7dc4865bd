/**
 * What is looked for on disk: a path below a root, and by which rules. Made once for a target, because the key that the cache
 * knows it by costs more to make than to look up.
 * @module
 */

import type { DotFiles } from "./names.ts";

/** A root and what is served of it. */
export interface Tree {
  readonly root: string;
  readonly dotFiles: DotFiles;
}

/** What is looked for. */
export interface Wanted extends Tree {
  readonly segments: readonly string[];
  /** Names root, rules and path: roots may overlap, and one host may serve what another may not. */
  readonly key: string;
}

/** What `segments` name below the root of `tree`. */
export function wantedBelow({ root, dotFiles }: Tree, segments: readonly string[]): Wanted {
  return { root, dotFiles, segments, key: `${root}\0${dotFiles}\0${segments.join("/")}` };
}
