/**
 * The checks before a start, a reload and in `check`: a file that cannot be read, errors in it, missing permissions.
 * All three use this file, so that they cannot differ.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Shared } from "../config/cache_share.ts";
import type { Config } from "../config/config.ts";
import type { Folders } from "../config/folders.ts";
import { loadConfig, type Loaded, type Options, reloadConfig } from "../config/load.ts";
import { isNothing, type Permissions, permit } from "../config/permissions.ts";
import { UnreadableConfigError } from "../config/read.ts";
import { explainMissing } from "../config/remedy.ts";
import { findSource, type Source } from "../config/source.ts";
import { ListenError, tryAddress } from "./address.ts";
import { withPortUser } from "./port_user.ts";
import { systemPorts } from "./ports.ts";
import { freeMemory, missingPermissions } from "./process.ts";
import { processPermissions } from "./scope.ts";
import { workersFor } from "./worker_task.ts";

/** The result of the checks. */
export interface CheckedStart {
  /** Where the configuration was read from; `null`: it cannot be read. */
  readonly source: Source | null;
  /** `null`: it cannot be read. */
  readonly loaded: Loaded | null;
  /** Reasons why it cannot be served, one line each. */
  readonly problems: readonly string[];
}

/** Loads the configuration and makes all checks that need no address. Paths of `options` are absolute. */
export async function checkStart(options: Options, folders: Folders): Promise<CheckedStart> {
  const beyond = permissionProblems(namedPermissions(options));
  if (beyond.length > 0) return { source: null, loaded: null, problems: beyond };
  return await checked(async () => {
    const source = await findSource(options, folders);
    return { source, loaded: await loadConfig(source, options) };
  });
}

/** The checks for a reload, which reads the same source as the start. */
export async function checkReload(source: Source, options: Options): Promise<CheckedStart> {
  return await checked(async () => ({ source, loaded: await reloadConfig(source, options) }));
}

async function checked(load: () => Promise<{ source: Source; loaded: Loaded }>): Promise<CheckedStart> {
  try {
    const { source, loaded } = await load();
    const hasErrors = loaded.diagnostics.some(({ severity }) => severity === "error");
    const problems = hasErrors
      ? ["the configuration has errors"]
      : permissionProblems(processPermissions(loaded.config, null));
    return { source, loaded, problems };
  } catch (error) {
    if (!(error instanceof UnreadableConfigError)) throw error;
    return { source: null, loaded: null, problems: [error.message] };
  }
}

/** Whether the address can be opened now. For `check`, which closes it again. */
export async function addressProblems(config: Config): Promise<string[]> {
  try {
    tryAddress(config);
    return [];
  } catch (error) {
    const explained = await withPortUser(error);
    if (explained instanceof ListenError) return [explained.message];
    throw error;
  }
}

/** What decides how much memory the caches may use, if the server started now. */
export async function sharedMemory({ parameters: { workers } }: Config): Promise<Shared> {
  const count = systemPorts.areShared ? workersFor(workers.value, navigator.hardwareConcurrency) : 1;
  return { workers: count, freeBytes: await freeMemory() };
}

/** The permissions for the paths on the command line, which are checked before the paths are opened. */
function namedPermissions({ dir, config }: Options): Permissions {
  const named = [[dir, "command line"], [config === "-" ? null : config, "--config"]] as const;
  return permit({ read: named.flatMap(([what, origin]) => what === null ? [] : [{ what, origin }]) });
}

function permissionProblems(needed: Permissions): string[] {
  const missing = missingPermissions(needed);
  return isNothing(missing) ? [] : [explainMissing(missing, readBuild())];
}
