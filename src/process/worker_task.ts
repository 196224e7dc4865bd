/**
 * The task of a worker: its configuration, addresses and permissions; and what a change of task requires. Pure.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { Granted, Permissions } from "../config/permissions.ts";
import { pathsOutside } from "../config/roots.ts";
import { type Address, addressesOf, workerPermissions } from "./scope.ts";

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
}

/** The parts of a task that do not follow from the configuration. */
export interface WorkerTaskOptions {
  readonly addresses: readonly Address[];
  readonly workers: number;
  /** The configuration file, and the folder for relative paths. */
  readonly file: string | null;
  readonly folder: string;
}

/** The task for `config`. */
export function workerTaskOf(config: Config, { addresses, workers, file, folder }: WorkerTaskOptions): WorkerTask {
  const port = addresses[0]!.port;
  const permitted = addressesOf(config).map(({ hostname }) => ({ hostname, port }));
  const roots = config.hosts.map(({ root }) => root);
  return {
    config,
    addresses,
    permissions: workerPermissions(config, permitted),
    outside: pathsOutside(roots, [...file === null ? [] : [file], ...config.passwords.map(({ path }) => path)], folder),
    workers,
  };
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
