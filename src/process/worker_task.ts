/**
 * The task of a worker: its configuration, addresses and permissions; and what a change of task requires. Pure.
 * @module
 */

import { cacheMiB } from "../config/cache_share.ts";
import { type Config, withParameter } from "../config/config.ts";
import { flagsOf, listenersOf } from "../config/listeners.ts";
import type { Granted, Permissions } from "../config/permissions.ts";
import { pathsOutside } from "../config/roots.ts";
import { type Address, secretPaths, withIpv4, workerPermissions, type WorkerScope } from "./scope.ts";

/** The task of each worker. */
export interface WorkerTask {
  readonly config: Config;
  /** The addresses to listen on. */
  readonly addresses: readonly Address[];
  /** The permissions of a worker. */
  readonly permissions: Permissions;
  /** Paths outside all roots, for the sandbox check. */
  readonly outside: readonly string[];
  /** The number of workers. */
  readonly workers: number;
  /** The free memory in bytes when the server started; `null`: it is not known. */
  readonly freeBytes: number | null;
}

/** A port that this process may use, and the addresses to listen on. */
export interface TakenPort {
  readonly port: number;
  readonly addresses: readonly Address[];
}

/** The parts of a task that do not follow from the configuration. */
export interface WorkerTaskOptions {
  /** The ports that are taken, one for each listener of the configuration, in order. */
  readonly locks: readonly TakenPort[];
  readonly workers: number;
  readonly freeBytes: number | null;
  /** The configuration file, and the folder for relative paths. */
  readonly file: string | null;
  readonly folder: string;
  readonly isGivable: Required<WorkerScope>["isGivable"];
}

/** The task for `config`. */
export function workerTaskOf(
  config: Config,
  { locks, workers, freeBytes, file, folder, isGivable }: WorkerTaskOptions,
): WorkerTask {
  const listeners = locks.map(({ port, addresses }, index) => {
    const entry = { ...listenersOf(config)[index]!, port };
    const flags = flagsOf(entry);
    return { addresses: addresses.map((address) => ({ ...address, ...flags })), permitted: withIpv4(entry) };
  });
  const addresses = listeners.flatMap(({ addresses }) => addresses);
  const permitted = listeners.flatMap(({ permitted }) => permitted);
  const permissions = workerPermissions(config, { addresses: permitted, file, isGivable });
  const folders = [...pathsOf(permissions.read) ?? []];
  return {
    config,
    addresses,
    permissions,
    outside: pathsOutside(folders, [...file === null ? [] : [file], ...secretPaths(config)], folder),
    workers,
    freeBytes,
  };
}

/** The configuration for a worker, in which the size of its cache is a number. */
export function configFor(task: WorkerTask): Config {
  const { config } = task;
  const { value, origin } = config.parameters.cache;
  return withParameter(config, "cache", { value: cacheMiB(value, task), origin });
}

/**
 * Maximum of workers for `auto`. One worker answers more than 100,000 small requests a second, so eight fill a fast
 * network, and each worker has a cache and about 30 MB of its own. Larger machines usually run other programs as well.
 */
const WORKERS_AUTO_MAX = 8;

/** The number of workers for the parameter `workers`, on a machine with `cores`. */
export function workersFor(setting: number | "auto", cores: number): number {
  return setting === "auto" ? Math.min(cores, WORKERS_AUTO_MAX) : setting;
}

/**
 * How to change a task. `configure`: the workers get the new configuration, and lose the permission to read
 * `revoke`. `replace`: new workers are needed, because a worker can neither get more permissions nor listen elsewhere.
 */
export type Transition =
  | { readonly kind: "configure"; readonly revoke: readonly string[] }
  | { readonly kind: "replace" };

/** How to change the task from `before` to `after`. */
export function transition(before: WorkerTask, after: WorkerTask): Transition {
  const isSamePlace = JSON.stringify(before.addresses) === JSON.stringify(after.addresses);
  const [had, needed] = [pathsOf(before.permissions.read), pathsOf(after.permissions.read)];
  if (!isSamePlace || had === null || needed === null || !needed.isSubsetOf(had)) return { kind: "replace" };
  return { kind: "configure", revoke: [...had.difference(needed)] };
}

function pathsOf(granted: Granted): Set<string> | null {
  return granted === "everything" ? null : new Set(granted.map(({ what }) => what));
}
