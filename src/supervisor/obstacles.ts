/**
 * What keeps this process from serving a configuration, each in one line: a file that cannot be read, errors in it, permissions
 * that the process was not given. Start, reload and `check` ask here, so that they cannot differ.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Config } from "../config/config.ts";
import { loadConfig, type Loaded, type Options, UnreadableConfigError } from "../config/load.ts";
import { isNothing, type Permissions, permit } from "../config/permissions.ts";
import { explainMissing } from "../config/remedy.ts";
import { ListenError, settleAddress } from "./address.ts";
import { missingPermissions } from "./process.ts";
import { processPermissions } from "./scope.ts";

/** A configuration, and what stands against serving it. */
export interface Examined {
  /** `null`: it cannot be read. */
  readonly loaded: Loaded | null;
  /** In one line each; none: it can be served. */
  readonly obstacles: readonly string[];
}

/** Loads the configuration and asks all that can be asked before an address is listened on. */
export function examine(options: Options): Examined {
  const beyond = obstaclesOf(namedPermissions(options));
  if (beyond.length > 0) return { loaded: null, obstacles: beyond };
  try {
    const loaded = loadConfig(options);
    const hasErrors = loaded.diagnostics.some(({ severity }) => severity === "error");
    if (hasErrors) return { loaded, obstacles: ["the configuration has errors"] };
    return { loaded, obstacles: obstaclesOf(processPermissions(loaded.config, null)) };
  } catch (error) {
    if (!(error instanceof UnreadableConfigError)) throw error;
    return { loaded: null, obstacles: [error.message] };
  }
}

/** Whether the address can be listened on now: for `check`, which does not keep it. */
export function addressObstacles(config: Config): string[] {
  try {
    settleAddress(config);
    return [];
  } catch (error) {
    if (error instanceof ListenError) return [error.message];
    throw error;
  }
}

/** What the command line names, before it is looked for. */
function namedPermissions({ dir, config }: Options): Permissions {
  const named = [[dir, "command line"], [config, "--config"]] as const;
  return permit({ read: named.flatMap(([what, origin]) => what === null ? [] : [{ what, origin }]) });
}

function obstaclesOf(needed: Permissions): string[] {
  const missing = missingPermissions(needed);
  return isNothing(missing) ? [] : [explainMissing(missing, readBuild())];
}
