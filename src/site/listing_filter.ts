/**
 * Which entries of a folder a listing shows, besides the rules for files: only those that a request of this client
 * would get. Looks at no disk.
 * @module
 */

import type { Entry } from "../files/folder.ts";
import { decodedPath } from "../http/target.ts";
import { candidatesFor } from "./candidates.ts";
import { guardFor } from "./guard.ts";
import { findRedirect } from "./redirect_rule.ts";
import type { Visit } from "./steps.ts";

/**
 * Whether an entry is shown. Entries that need another password than the folder are not, because their names may say
 * what they are (such a request gets 401 whether or not the file exists). Entries whose addresses are redirected are not
 * shown either.
 */
export function isListed({ host, target, guard }: Visit, { name, kind }: Entry): boolean {
  const segments = [...target.segments, name];
  const directory = kind === "folder";
  if (host.redirects.length > 0 && findRedirect(host.redirects, decodedPath(segments, directory)) !== null) {
    return false;
  }
  if (host.guards.length === 0) return true;
  const entryTarget = { kind: "path", segments, directory, query: "", authority: null } as const;
  const needed = guardFor(host, entryTarget, candidatesFor(host, entryTarget));
  return needed === null || guard !== null && needed.passwords === guard.passwords;
}
