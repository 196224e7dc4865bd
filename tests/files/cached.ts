/**
 * A file cache for tests. It checks the disk each time, so that results depend on the files and not on the clock.
 */

import { FileCache, type FileCacheOptions } from "../../src/files/cache.ts";

export function makeCache(options: Partial<FileCacheOptions>): FileCache {
  return new FileCache({ revalidateMs: 0, ...options });
}
