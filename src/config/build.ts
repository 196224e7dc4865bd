/**
 * The build options of a binary: a file that `task compile` embeds beside main.ts. There is none when run from source.
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
  /** The name of its configuration on the command line of the build. */
  readonly config: string;
  /** The permissions of the process. */
  readonly permissions: Permissions;
  /** For `embedded`: where in the embedded folder each root and each password file of web.conf is. */
  readonly roots: Readonly<Record<string, string>>;
}

/** The name of the file beside main.ts. */
export const BUILD_FILE = "build.json";

/** The folder beside main.ts that contains an embedded web.conf and its roots. */
export const EMBEDDED_FOLDER = "embedded";

/** The top folder of the program. In a binary, it exists only in the binary. */
const TOP = dirname(dirname(dirname(fromFileUrl(import.meta.url))));

/** The options of this program's build; `null`: it runs from source. */
export function readBuild(): Build | null {
  const path = join(TOP, BUILD_FILE);
  // Embedded files need no permission. From source, this must neither fail nor prompt.
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return null;
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The name of embedded files for the user, because their folder does not exist. */
export const SHOWN_EMBEDDED = "the files in this program";

/** The path of an embedded file, for the runtime. */
export function embeddedPath(...below: readonly string[]): string {
  return join(TOP, EMBEDDED_FOLDER, ...below);
}
