/**
 * A path below a root, with the rules for it: what a look-up needs. It is made once per target, because making its
 * cache key costs more than finding it.
 * @module
 */

import { type Additions, NO_ADDITIONS } from "../http/additions.ts";
import { type Coding, CODINGS } from "../http/semantics/coding.ts";
import { EXTENSIONS } from "./content_codings.ts";
import type { Media } from "./media.ts";
import type { DotFiles } from "./names.ts";

/** One way to send files: charset, added fields. */
export interface Variant {
  /** Unique. A file that is sent in two variants is two resources, each with its own answers. */
  readonly id: string;
  /** The charset of text whose media type contains none; `null`: none is sent. */
  readonly charset: string | null;
  /** Whether content codings are used. */
  readonly compress: boolean;
}

/** The default variant. */
export const PLAIN_VARIANT: Variant = { id: "", charset: "utf-8", compress: true };

/** A root and the rules for the files below it. */
export interface Tree {
  readonly root: string;
  readonly dotFiles: DotFiles;
  /** `PLAIN_VARIANT` by default. */
  readonly variant?: Variant;
}

/** A path to look up. */
export interface FilePath {
  readonly root: string;
  readonly dotFiles: DotFiles;
  readonly segments: readonly string[];
  /** Contains root, rules, variant and path, because roots may overlap and hosts may have different rules. */
  readonly key: string;
  readonly charset: string | null;
  /** Whether content codings are used. */
  readonly compress: boolean;
  /** Fields that are added to each answer with this file. */
  readonly additions: Additions;
  /** The codings in which siblings of the file may be sent. */
  readonly siblings: readonly Coding[];
  /** The media type and coding if it is the sibling of another file; `null`: its name or its content decide. */
  readonly media: Media | null;
}

/** The path of `segments` below the root of a tree. */
export function filePathBelow(
  { root, dotFiles, variant = PLAIN_VARIANT }: Tree,
  segments: readonly string[],
  additions: Additions = NO_ADDITIONS,
  siblings: readonly Coding[] = CODINGS,
): FilePath {
  // A file that is only looked for has no fields, so it must not be sent in place of one that has.
  const isBare = additions === NO_ADDITIONS ? "\0bare" : "";
  const some = siblings === CODINGS ? "" : `\0siblings ${siblings.join()}`;
  const key = `${root}\0${dotFiles}\0${variant.id}\0${segments.join("/")}${isBare}${some}`;
  const { charset, compress } = variant;
  return { root, dotFiles, segments, key, charset, compress, additions, siblings, media: null };
}

/** The path of the sibling that stores the content of the file at `path` in a coding. `type` is the file's type. */
export function siblingOf(path: FilePath, type: string, coding: Coding): FilePath {
  const name = `${path.segments.at(-1) ?? ""}${EXTENSIONS[coding]}`;
  return {
    ...path,
    segments: [...path.segments.slice(0, -1), name],
    key: `${path.key}\0${coding}\0${type}`,
    media: { type, coding },
  };
}
