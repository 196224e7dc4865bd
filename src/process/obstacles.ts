/**
 * What keeps this process from serving a configuration, each in one line: a file that cannot be read, errors in it, permissions
 * that the process was not given. Start, reload and `check` ask here, so that they cannot differ.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Config } from "../config/config.ts";
import type { Folders } from "../config/folders.ts";
import { loadConfig, type Loaded, type Options, reloadConfig } from "../config/load.ts";
import { isNothing, type Permissions, permit } from "../config/permissions.ts";
import { UnreadableConfigError } from "../config/read.ts";
import { explainMissing } from "../config/remedy.ts";
import { findSource, type Source } from "../config/source.ts";
import { ListenError, tryAddress } from "./address.ts";
import { missingPermissions } from "./process.ts";
import { processPermissions } from "./scope.ts";

/** A configuration, and what stands against serving it. */
export interface Examined {
  /** Where it was read from; `null`: that cannot be read. */
  readonly source: Source | null;
  /** `null`: it cannot be read. */
  readonly loaded: Loaded | null;
  /** In one line each; none: it can be served. */
  readonly obstacles: readonly string[];
}

/** Loads the configuration and asks all that can be asked before an address is listened on. Paths of `options` are absolute. */
export async function examine(options: Options, folders: Folders): Promise<Examined> {
  const beyond = obstaclesOf(namedPermissions(options));
  if (beyond.length > 0) return { source: null, loaded: null, obstacles: beyond };
  return await examined(async () => {
    const source = await findSource(options, folders);
    return { source, loaded: await loadConfig(source, options) };
  });
}

/** The same for a reload, which reads what the start has read. */
export async function examineAgain(source: Source, options: Options): Promise<Examined> {
  return await examined(async () => ({ source, loaded: await reloadConfig(source, options) }));
}

async function examined(load: () => Promise<{ source: Source; loaded: Loaded }>): Promise<Examined> {
  try {
    const { source, loaded } = await load();
    const hasErrors = loaded.diagnostics.some(({ severity }) => severity === "error");
    const obstacles = hasErrors
      ? ["the configuration has errors"]
      : obstaclesOf(processPermissions(loaded.config, null));
    return { source, loaded, obstacles };
  } catch (error) {
    if (!(error instanceof UnreadableConfigError)) throw error;
    return { source: null, loaded: null, obstacles: [error.message] };
  }
}

/** Whether the address can be listened on now: for `check`, which does not keep it. */
export function addressObstacles(config: Config): string[] {
  try {
    tryAddress(config);
    return [];
  } catch (error) {
    if (error instanceof ListenError) return [error.message];
    throw error;
  }
}

/** What the command line names, before it is looked for. */
function namedPermissions({ dir, config }: Options): Permissions {
  const named = [[dir, "command line"], [config === "-" ? null : config, "--config"]] as const;
  return permit({ read: named.flatMap(([what, origin]) => what === null ? [] : [{ what, origin }]) });
}

function obstaclesOf(needed: Permissions): string[] {
  const missing = missingPermissions(needed);
  return isNothing(missing) ? [] : [explainMissing(missing, readBuild())];
}
