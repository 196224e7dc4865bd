/**
 * What is looked for on disk: a path below a root, and by which rules. Made once for a target, because the key that the cache
 * knows it by costs more to make than to look up.
 * @module
 */

import { type Additions, NO_ADDITIONS } from "../http/additions.ts";
import type { DotFiles } from "./names.ts";

/** How files are sent. */
export interface Manner {
  /** Differs for each two manners: files of one path that are sent in two are two resources, with answers of their own. */
  readonly id: string;
  /** Of text whose type does not say one; `null`: none is told. */
  readonly charset: string | null;
}

/** As nobody has said otherwise. */
export const PLAIN_MANNER: Manner = { id: "", charset: "utf-8" };

/** A root and what is served of it. */
export interface Tree {
  readonly root: string;
  readonly dotFiles: DotFiles;
  /** `PLAIN_MANNER` unless said. */
  readonly manner?: Manner;
}

/** What is looked for. */
export interface Wanted {
  readonly root: string;
  readonly dotFiles: DotFiles;
  readonly segments: readonly string[];
  /** Names root, rules, manner and path: roots may overlap, and one host may serve what another may not, or otherwise. */
  readonly key: string;
  readonly charset: string | null;
  /** What the same manner adds to each answer with this file. */
  readonly additions: Additions;
}

/** What `segments` name below the root of `tree`. */
export function wantedBelow(
  { root, dotFiles, manner = PLAIN_MANNER }: Tree,
  segments: readonly string[],
  additions: Additions = NO_ADDITIONS,
): Wanted {
  const key = `${root}\0${dotFiles}\0${manner.id}\0${segments.join("/")}`;
  return { root, dotFiles, segments, key, charset: manner.charset, additions };
}
