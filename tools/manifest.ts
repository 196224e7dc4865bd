/**
 * What stands beside the binaries: their sums, and what is in each. Pure.
 * @module
 */

import type { Flavour } from "../src/config/build.ts";
import type { Embedded } from "../src/cli/embedded.ts";

/** A binary that was built and verified. */
export interface Binary {
  readonly file: string;
  readonly target: string;
  readonly flavour: Flavour;
  readonly size: number;
  readonly sha256: string;
  readonly embedded: Embedded;
  /** What became of its first start. */
  readonly smoke: string;
}

export interface Origin {
  readonly version: string;
  /** Of the compiler. */
  readonly deno: string;
  /** `null`: not built in a repository. */
  readonly commit: string | null;
}

/** `manifest.json`. */
export function manifest(binaries: readonly Binary[], { version, deno, commit }: Origin): string {
  const value = {
    name: "sweepd",
    version,
    deno,
    commit,
    // What became of its first start may differ with each build, and so is no part of it.
    binaries: binaries.map(({ embedded, smoke: _, ...binary }) => ({
      ...binary,
      permissions: embedded.permissions,
      prompt: embedded.prompt,
      features: embedded.features,
      entryPoint: embedded.entryPoint,
      arguments: embedded.argv,
      files: embedded.files.map(({ path }) => path),
    })),
  };
  return JSON.stringify(value, null, 2) + "\n";
}

/** `SHA256SUMS`, for `sha256sum -c`. */
export function sums(files: readonly { readonly file: string; readonly sha256: string }[]): string {
  return files.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join("");
}
