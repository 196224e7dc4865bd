/**
 * What a binary was built with: a file that `task compile` embeds beside main.ts. Run from source there is none.
 * @module
 */

import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import type { Permissions } from "./permissions.ts";

/** `scoped`: permissions from one web.conf. `portable`: any web.conf. `embedded`: web.conf and roots are inside. */
export type Flavour = "scoped" | "portable" | "embedded";

export interface Build {
  readonly flavour: Flavour;
  /** The configuration that it was built for, as the command line named it. */
  readonly config: string;
  /** What the process may do. */
  readonly permissions: Permissions;
  /** For `embedded`: where below the embedded folder each root, and each password file, of web.conf is. */
  readonly roots: Readonly<Record<string, string>>;
}

/** The name of that file, beside main.ts. */
export const BUILD_FILE = "build.json";

/** The folder beside main.ts that holds an embedded web.conf, and its roots. */
export const EMBEDDED_FOLDER = "embedded";

/** In a binary: a folder that exists nowhere but inside. */
const TOP = dirname(dirname(dirname(fromFileUrl(import.meta.url))));

/** What this program was built with; `null`: it runs from source. */
export function readBuild(): Build | null {
  const path = join(TOP, BUILD_FILE);
  // What is embedded may be read without being asked for; from source this must neither fail nor prompt.
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return null;
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** How a person is told of what is embedded: where it seems to lie is a folder that exists nowhere. */
export const SHOWN_EMBEDDED = "what is inside this program";

/** The place of an embedded path, for the runtime. */
export function embeddedPath(...below: readonly string[]): string {
  return join(TOP, EMBEDDED_FOLDER, ...below);
}
