/**
 * A file cache for tests. It checks the disk each time, so that results depend on the files and not on the clock.
 */

import { FileCache, type FileCacheOptions } from "../../src/files/cache.ts";
import type { Resource } from "../../src/files/resource.ts";
import { filePathBelow } from "../../src/files/file_path.ts";

export function makeCache(options: Partial<FileCacheOptions>): FileCache {
  return new FileCache({ revalidateMs: 0, ...options });
}

/** The resource that a cache finds below a root for a host that hides dot files, or in a word what there is instead. */
export function findIn(
  cache: FileCache,
  root: string,
  segments: readonly string[],
  nowMs?: number,
): Resource | "folder" | "absent" | "forbidden" | "busy" {
  const found = cache.find(filePathBelow({ root, dotFiles: "hidden" }, segments), nowMs);
  return found.kind === "file" ? found : found.kind === "folder" ? "folder" : found.why;
}
