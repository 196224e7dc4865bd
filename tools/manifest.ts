/**
 * The files beside the binaries: their sums, and the content of each. Pure.
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
  /** The result of its first start. */
  readonly smoke: string;
}

export interface Origin {
  readonly version: string;
  /** The version of the compiler. */
  readonly deno: string;
  /** `null`: the project is not in a git repository. */
  readonly commit: string | null;
}

/** `manifest.json`. */
export function manifest(binaries: readonly Binary[], { version, deno, commit }: Origin): string {
  const value = {
    name: "sweepd",
    version,
    deno,
    commit,
    // The result of the first start is left out, because it may differ between builds.
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
