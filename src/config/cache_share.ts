/**
 * How much memory the cache of each worker may use: the parameter `cache` as a number. Pure.
 *
 * `auto` asks once, at the start, how much memory is free. It does not ask again when the configuration is loaded again,
 * because then the caches themselves hold what was free, and another size would empty them.
 * @module
 */

const MIB = 1024 * 1024;

/** The part of the free memory that the caches may use together. The rest is for the system's own cache of files. */
const FREE_PART = 1 / 4;

/** The maximum for all workers together. It holds the files of most sites that are small enough to be cached. */
const ALL_MIB_MAX = 512;

/** For each worker, if it is not known how much is free. */
const UNKNOWN_MIB = 64;

/** The cache is never off without being told, because each request would open its file. */
const LEAST_MIB = 1;

/** What decides the number. */
export interface Shared {
  readonly workers: number;
  /** The free memory in bytes; `null`: it is not known. */
  readonly freeBytes: number | null;
}

/** MiB for the cache of each worker. */
export function cacheMiB(setting: number | "auto", { workers, freeBytes }: Shared): number {
  if (setting !== "auto") return setting;
  if (freeBytes === null) return UNKNOWN_MIB;
  const all = Math.min(ALL_MIB_MAX, freeBytes * FREE_PART / MIB);
  return Math.max(LEAST_MIB, Math.floor(all / workers));
}

/** The same for a server without a supervisor, which does not ask for the free memory. */
export function cacheMiBAlone(setting: number | "auto"): number {
  return cacheMiB(setting, { workers: 1, freeBytes: null });
}

/** How the number was found, for a person. */
export function describeCache(setting: number | "auto", shared: Shared): string {
  const each = cacheMiB(setting, shared);
  const size = each === 0
    ? "none"
    : `${each} MiB of memory for ${shared.workers === 1 ? "one worker" : `each of ${shared.workers} workers`}`;
  if (setting !== "auto") return size;
  if (shared.freeBytes === null) return `${size}, because this process may not ask how much is free`;
  return `${size}, because ${mebibytes(shared.freeBytes)} are free`;
}

function mebibytes(bytes: number): string {
  const count = bytes / MIB;
  return count < 10 * 1024 ? `${Math.floor(count)} MiB` : `${Math.floor(count / 1024)} GiB`;
}
