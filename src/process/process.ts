/**
 * The permissions of the process, which limit those of the workers.
 * Asks the runtime, and never prompts.
 * @module
 */

import type { Build } from "../config/build.ts";
import type { Config } from "../config/config.ts";
import { absolutePath } from "../config/folders.ts";
import type { Loaded } from "../config/load.ts";
import {
  describeGranted,
  type Granted,
  isNothing,
  type Kind,
  KINDS,
  type Permissions,
  permit,
} from "../config/permissions.ts";
import { OPENER } from "./browser.ts";
import type { InterfaceAddress } from "./invitation.ts";
import { processPermissions, workerPermissions } from "./scope.ts";

/** The addresses of this machine with the names of their interfaces; `null` without the permission to ask. */
export function interfaceAddresses(): InterfaceAddress[] | null {
  if (!isGranted("sys", "networkInterfaces")) return null;
  return Deno.networkInterfaces().map(({ name, address }) => ({ name, address }));
}

/** The name of this machine; `null` without the permission to ask. */
export function machineName(): string | null {
  return isGranted("sys", "hostname") ? Deno.hostname().toLowerCase() || null : null;
}

/** The bytes of memory that this process may still use; `null` without the permission to ask. */
export async function freeMemory(): Promise<number | null> {
  if (!isGranted("sys", "systemMemoryInfo")) return null;
  // Loading this takes 30 ms, so it must not hold up what else happens at the start.
  const { constrainedMemory } = await import("node:process");
  // The runtime reads the limit of a container or of a systemd unit. It does not count what is used of it.
  const limit = constrainedMemory();
  const left = limit > 0 ? limit - Deno.memoryUsage().rss : Infinity;
  return Math.max(0, Math.min(Deno.systemMemoryInfo().available, left));
}

/** Those of `needed` that this process does not have. */
export function missingPermissions(needed: Permissions): Permissions {
  return permitEach((kind) => {
    const granted = needed[kind];
    if (granted === "everything") return isGranted(kind) ? [] : granted;
    return granted.filter(({ what }) => !isGranted(kind, what));
  });
}

/** Whether this process has all of `permissions`, so that it can give them to a worker. */
export function isGivable(permissions: Permissions): boolean {
  return isNothing(missingPermissions(permissions));
}

/** The permissions that this process would give to a worker that serves `config` from `file`. */
export function permissionsOfWorkers({ config, file }: Pick<Loaded, "config" | "file">): Permissions {
  return workerPermissions(config, { file, isGivable });
}

/** The permissions of the process in one line. */
export function describeProcess(given: Permissions): string {
  const parts = KINDS.filter((kind) => given[kind].length > 0).map((kind) =>
    `${kind} ${describeGranted(kind, given[kind])}`
  );
  return `was given ${parts.join("; ") || "nothing"}; it accepts no connections`;
}

/** The permissions of the process for `--permissions`, one kind per line. */
export function listPermissions(given: Permissions): string {
  return KINDS.map((kind) => `${kind.padEnd(7)} ${describeGranted(kind, given[kind])}\n`).join("");
}

/**
 * The permissions of this process: all of a kind, or those that a binary was built with, or from source those that
 * `config` needs. The runtime can answer whether a permission is granted, but cannot list all.
 */
export function givenPermissions(config: Config, file: string | null, build: Build | null): Permissions {
  const needed = processPermissions(config, file);
  const candidates = build === null
    ? permit({ ...needed, sys: FACTS, env: FOLDER, run: [{ what: OPENER, origin: "--open" }] })
    : located(build.permissions, currentFolder());
  return permitEach((kind) => {
    if (isGranted(kind)) return "everything";
    const granted = candidates[kind];
    return granted === "everything" ? [] : granted.filter(({ what }) => isGranted(kind, what));
  });
}

/** Makes the paths of a binary absolute, like those of web.conf. */
function located(permissions: Permissions, folder: string | null): Permissions {
  if (folder === null) return permissions;
  const locate = (granted: Granted): Granted => {
    if (granted === "everything") return granted;
    return granted.map((grant) => ({ ...grant, what: absolutePath(grant.what, folder) }));
  };
  return { ...permissions, read: locate(permissions.read), write: locate(permissions.write) };
}

function currentFolder(): string | null {
  try {
    return Deno.cwd();
  } catch {
    return null; // The folder was removed. Then the paths are shown as the binary has them.
  }
}

const FACTS = [
  { what: "networkInterfaces", origin: "banner" },
  { what: "hostname", origin: "certificate of its own" },
  { what: "systemMemoryInfo", origin: "cache auto" },
];

/** The folder that `deno task` was called in. */
const FOLDER = [{ what: "INIT_CWD", origin: "deno task" }];

function permitEach(granted: (kind: Kind) => Granted): Permissions {
  return permit(Object.fromEntries(KINDS.map((kind) => [kind, granted(kind)])));
}

/** Whether the runtime permits `what` to this process; without `what`, all of the kind. */
function isGranted(kind: Kind, what?: string): boolean {
  return Deno.permissions.querySync(descriptorOf(kind, what)).state === "granted";
}

function descriptorOf(kind: Kind, what: string | undefined): Deno.PermissionDescriptor {
  if (what === undefined) return { name: kind };
  switch (kind) {
    case "read":
    case "write":
    case "ffi":
      return { name: kind, path: what };
    case "net":
    case "import":
      return { name: kind, host: what };
    case "env":
      return { name: kind, variable: what };
    case "sys":
      return { name: kind, kind: what as "networkInterfaces" };
    case "run":
      return { name: kind, command: what };
  }
}
