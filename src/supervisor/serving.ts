/**
 * Serving as a process: supervisor, signals, watched file, banner, and the end.
 * @module
 */

import type { Serving } from "../command_line.ts";
import { readBuild } from "../config/build.ts";
import type { Config } from "../config/config.ts";
import type { Loaded } from "../config/load.ts";
import { systemClock } from "../net/clock.ts";
import { banner, bannerValue } from "./banner.ts";
import { Outputs } from "./outputs.ts";
import { describeProcess, givenPermissions, interfaceAddresses } from "./process.ts";
import { onSignals } from "./signals.ts";
import { type Running, Supervisor } from "./supervisor.ts";

/** How often `--watch` looks at the file. */
const WATCH_MS = 1_000;

/** Serves until a signal ends it. Throws what keeps it from starting, or from going on. */
export async function serveUntilSignalled(loaded: Loaded, how: Serving, reload: () => Loaded | null): Promise<void> {
  const outputs = new Outputs(how);
  const adjust = (read: Loaded): Loaded => ({ ...read, config: adjustLog(read.config, how) });
  const announce = (running: Running) => {
    if (!how.quiet) announceTo(outputs, running, loaded, how);
  };
  const supervisor = new Supervisor({
    loaded: adjust(loaded),
    reload: () => {
      const read = reload();
      return read === null ? null : adjust(read);
    },
    outputs,
    debug: how.debug,
    capture: how.capture !== null,
    onListening: announce,
  });
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let signals = 0;
  const stopListening = onSignals({
    end: () => signals++ === 0 ? first.resolve() : second.resolve(),
    reload: () => void supervisor.reload(),
  });
  const over = new AbortController();
  const stamp = loaded.file === null ? "gone" : stampOf(loaded.file);
  try {
    await Promise.race([supervisor.start(), first.promise]);
    if (how.watch && loaded.file !== null) watch(loaded.file, stamp, () => void supervisor.reload(), over.signal);
    await Promise.race([first.promise, supervisor.failed]);
    await Promise.race([supervisor.end(), second.promise]);
  } finally {
    over.abort();
    supervisor.terminate();
    await Promise.race([outputs.close(), second.promise]);
    stopListening();
  }
}

/** `--quiet` has no access log; `--json` and a capture to standard output leave no room for another format there. */
function adjustLog(config: Config, { quiet, json, capture }: Serving): Config {
  const { log } = config.parameters;
  if (!quiet && capture !== "-" && !(json && log.value !== "off")) return config;
  const value = quiet || capture === "-" ? "off" : "json";
  return { ...config, parameters: { ...config.parameters, log: { ...log, value } } };
}

function announceTo(outputs: Outputs, running: Running, { source, file }: Loaded, { debug }: Serving): void {
  const options = {
    ...running,
    source,
    pid: Deno.pid,
    interfaces: interfaceAddresses(),
    process: describeProcess(givenPermissions(running.config, file, readBuild())),
    debug,
    colour: Deno.stderr.isTerminal() && !Deno.noColor,
  };
  outputs.announce(banner(options), bannerValue(options));
}

/** By looking again and again: the same on every platform, and no descriptor is held. */
async function watch(path: string, stamp: string, changed: () => void, signal: AbortSignal): Promise<void> {
  let before = stamp;
  while (!signal.aborted) {
    await systemClock.sleep(WATCH_MS, signal);
    const now = stampOf(path);
    if (now !== before && now !== "gone") changed(); // An editor may take a file away for a moment.
    before = now;
  }
}

function stampOf(path: string): string {
  try {
    const { size, mtime, ino } = Deno.statSync(path);
    return `${size} ${mtime?.getTime()} ${ino}`;
  } catch {
    return "gone"; // Or not to be looked at: in either case there is nothing to load.
  }
}
