/**
 * What workers are to do: configuration, addresses, permissions. And what a change of it takes. Pure.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { Granted, Permissions } from "../config/permissions.ts";
import { pathsOutside } from "../config/roots.ts";
import { type Address, addressesOf, workerPermissions } from "./scope.ts";

/** What each worker is to do. */
export interface Duty {
  readonly config: Config;
  /** Where it listens. */
  readonly addresses: readonly Address[];
  /** What it may do. */
  readonly permissions: Permissions;
  /** Paths outside every root, for the proof that it may do no more. */
  readonly outside: readonly string[];
  /** How many workers there are to be. */
  readonly workers: number;
}

/** What a duty is made of besides a configuration. */
export interface DutyOptions {
  readonly addresses: readonly Address[];
  readonly workers: number;
  /** The file that the configuration is from, and the folder that relative paths are taken from. */
  readonly file: string | null;
  readonly folder: string;
}

/** The duty that `config` implies. */
export function dutyOf(config: Config, { addresses, workers, file, folder }: DutyOptions): Duty {
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
 * How workers get from one duty to another. `configure`: those that serve can take it, when they have given up what they may
 * not read any more. `replace`: it takes others, because a worker cannot be permitted more, nor listen elsewhere.
 */
export type Transition =
  | { readonly kind: "configure"; readonly giveUp: readonly string[] }
  | { readonly kind: "replace" };

/** What it takes to get from `before` to `after`. */
export function transition(before: Duty, after: Duty): Transition {
  const isSamePlace = JSON.stringify(before.addresses) === JSON.stringify(after.addresses);
  const [had, needed] = [pathsOf(before.permissions.read), pathsOf(after.permissions.read)];
  if (!isSamePlace || had === null || needed === null || !needed.isSubsetOf(had)) return { kind: "replace" };
  return { kind: "configure", giveUp: [...had.difference(needed)] };
}

function pathsOf(granted: Granted): Set<string> | null {
  return granted === "everything" ? null : new Set(granted.map(({ what }) => what));
}
