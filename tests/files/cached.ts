/**
 * A file cache for tests: it looks at the disk each time, so that what it says is about the files and not about the clock.
 */

import { FileCache, type FileCacheOptions } from "../../src/files/cache.ts";

export function makeCache(options: Partial<FileCacheOptions>): FileCache {
  return new FileCache({ revalidateMs: 0, ...options });
}
