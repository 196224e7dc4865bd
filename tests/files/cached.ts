/**
 * A file cache for tests: it looks at the disk each time, so that what it says is about the files and not about the clock.
 */

import { FileCache, type FileCacheOptions } from "../../src/files/cache.ts";

type Options = Omit<FileCacheOptions, "bytesMax" | "revalidateMs"> & Partial<FileCacheOptions>;

export function makeCache(options: Options): FileCache {
  return new FileCache({ bytesMax: 64 * 1024 * 1024, revalidateMs: 0, ...options });
}
