/**
 * The files that may answer for a path. Looks at no disk.
 * @module
 */

import { type FilePath, filePathBelow } from "../files/file_path.ts";
import { decodedPath } from "../http/target.ts";
import { withExtension } from "./clean_urls.ts";
import { openSiblings } from "./guard.ts";
import type { Host } from "./host.ts";
import type { Visit } from "./steps.ts";

/** The files that may answer for a path, in order: the named file, or the indexes of the named folder. */
export function candidatesFor(host: Host, target: Visit["target"]): readonly FilePath[] {
  const { segments } = target;
  if (isFolderPath(target)) return host.index.map((name) => filePathOf(host, [...segments, name]));
  const named = filePathOf(host, segments);
  return host.cleanUrls ? [named, filePathOf(host, withExtension(segments))] : [named];
}

/** A path with the rules of its host. */
function filePathOf(host: Host, segments: readonly string[]): FilePath {
  const additions = host.fieldRules.additionsFor(() => decodedPath(segments, false));
  return filePathBelow(host, segments, additions, openSiblings(host.guards, segments));
}

/** Whether a path is that of a folder. */
export function isFolderPath({ directory, segments }: Visit["target"]): boolean {
  return directory || segments.length === 0;
}
