/**
 * Runs a server as a process: supervisor, signals, watched file, banner, and the end.
 * @module
 */

import type { Serving } from "../cli/command_line.ts";
import { readBuild } from "../config/build.ts";
import { type Config, withParameter } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import type { Loaded } from "../config/load.ts";
import { stampOf } from "../config/read.ts";
import { LiveLine } from "../log/live.ts";
import { systemClock } from "../net/clock.ts";
import { announce } from "./announcement.ts";
import type { Outputs } from "./outputs.ts";
import { describePortUser, withPortUser } from "./port_user.ts";
import { watchExpiry } from "./expiry_watch.ts";
import { OwnCertificate } from "./own_certificate.ts";
import type { Signals } from "./signals.ts";
import { type Running, Supervisor } from "./supervisor.ts";
import type { StartThread } from "./thread.ts";
import { isColoured, terminalSize } from "./terminal.ts";
import { FilesWatch, type WatchedFile } from "./file_watch.ts";

/** What to serve, and how. */
export interface ServingOptions {
  readonly loaded: Loaded;
  /** Whether the user named a folder on the command line. */
  readonly hasFolder: boolean;
  readonly how: Serving;
  /** Reads the configuration again and reports its problems. `null`: it cannot be used. */
  readonly reload: () => Promise<Loaded | null>;
  readonly outputs: Outputs;
  readonly signals: Signals;
  /** Starts the threads that serve. */
  readonly startThread: StartThread;
}

/** `deno run` (2.9.2 and later) opens it by itself, half a second after its start or later. */
const DEBUGGER = "Deno itself may have opened its debugger on 127.0.0.1:9229 because of SIGUSR1; " +
  "from source, use kill -USR2 to reopen the log files";

/** The interval at which `--watch` checks the file. */
const WATCH_MS = 1_000;

/** The interval of the live line. */
const LIVE_MS = 1_000;

/** Serves until a signal ends it. Throws the error if it cannot start or cannot go on. */
export async function serveUntilEnded(options: ServingOptions): Promise<void> {
  const { loaded, how, outputs, signals } = options;
  if (how.capture !== null) outputs.captureTo(how.capture);
  let current = loaded;
  await outputs.useTerminal();
  const own = new OwnCertificate();
  let certificates: Config["certificates"] = [];
  const adjust = async (read: Loaded): Promise<Loaded> => {
    const config = await own.complete(adjustLive(adjustLog(read.config, how), how), Date.now());
    outputs.shortenAccess(isShort(config));
    certificates = config.certificates;
    return { ...read, config: { ...config, showsLive: showsLive(how) } };
  };
  const adjusted = await adjust(loaded);
  const announced = Promise.withResolvers<Running>();
  const supervisor = new Supervisor({
    loaded: adjusted,
    reload: async () => {
      const read = await options.reload();
      current = read ?? current;
      return read === null ? null : await adjust(read);
    },
    outputs,
    debug: !how.debug ? "off" : isColoured() && !outputs.json ? "coloured" : "plain",
    capture: how.capture !== null,
    anyPort: how.anyPort,
    live: how.liveReload,
    onListening: (running) => void announced.resolve(running),
    startThread: options.startThread,
  });
  const started = start(supervisor, options, announced.promise);
  const mistake = Promise.withResolvers<never>();
  const reload = () => void started.then(() => supervisor.reload()).catch(mistake.reject);
  const over = new AbortController();
  try {
    signals.onReload(reload);
    signals.onReopen((signal) => {
      if (signal === "SIGUSR1" && readBuild() === null) outputs.tell(DEBUGGER, { level: "warning", event: "output" });
      void supervisor.reopen().catch(mistake.reject);
    });
    await Promise.race([started, signals.ended]);
    if (showsLive(how)) void showLive(supervisor, outputs, over.signal);
    void watchExpiry({
      clock: systemClock,
      certificates: () => certificates,
      warn: (message) => outputs.tell(message, { level: "warning", event: "certificate" }),
      renew: reload,
      signal: over.signal,
    });
    if (how.watch && loaded.file !== null) watch(() => watchedFiles(current), reload, over.signal);
    await Promise.race([signals.ended, supervisor.failed, mistake.promise]);
    over.abort();
    outputs.showLive(""); // At once, because the end may take some time.
    await Promise.race([supervisor.end(), signals.forced]);
  } finally {
    over.abort();
    supervisor.terminate();
  }
}

/** On a terminal, lines of the combined format are shortened, unless web.conf asks for that format. */
function isShort({ parameters: { log } }: Config): boolean {
  return log.value === "combined" && log.origin.kind === "default";
}

function showsLive({ live, quiet, json, capture }: Serving): boolean {
  return live && !quiet && !json && capture !== "-" && Deno.stdout.isTerminal();
}

/** Shows the live line once per second, which is how often workers report. */
async function showLive(supervisor: Supervisor, outputs: Outputs, signal: AbortSignal): Promise<void> {
  const line = new LiveLine();
  while (!signal.aborted) {
    outputs.showLive(line.next(supervisor.traffic, systemClock.now(), terminalSize().columns));
    await systemClock.sleep(LIVE_MS, signal);
  }
}

/** What is different from what the user asked for. */
async function notesOf({ config, address }: Running): Promise<string[]> {
  const wanted = listenersOf(config)[0]!.port;
  if (wanted === 0 || wanted === address.port) return [];
  const user = await describePortUser({ ...address, port: wanted });
  return [`port ${wanted} is taken, so this is port ${address.port} (--any-port); ${user}`];
}

/** `--quiet` and a capture to standard output exclude the access log there, and `--json` other formats of it. */
function adjustLog(config: Config, { quiet, json, capture }: Serving): Config {
  const { log } = config.parameters;
  const isSilent = quiet || capture === "-";
  if (!json || log.value === "off") return { ...config, isSilent };
  return { ...config, isSilent, parameters: { ...config.parameters, log: { ...log, value: "json" } } };
}

/** Starts to serve, and tells the user so. Throws the error with an explanation for the user. */
async function start(supervisor: Supervisor, options: ServingOptions, running: Promise<Running>): Promise<void> {
  try {
    await supervisor.start();
  } catch (error) {
    throw await withPortUser(error);
  }
  const live = options.how.liveReload ? ["pages in browsers reload when their files change (--live)"] : [];
  await announce(options, await running, [...await notesOf(await running), ...live]);
}

/** A browser that is told of a change asks at once, so a look-up of the moment before must not answer. */
function adjustLive(config: Config, { liveReload }: Serving): Config {
  if (!liveReload) return config;
  return withParameter(config, "revalidate", { value: 0, origin: { kind: "flag", flag: "--live" } });
}

/** The files that the configuration was read from: web.conf, password files and certificates. */
function watchedFiles({ file, stamp, config }: Loaded): readonly WatchedFile[] {
  const named = [...config.passwords, ...config.certificates.flatMap(({ stamps }) => stamps)];
  return file === null || stamp === null ? named : [{ path: file, stamp }, ...named];
}

/** Checks the files repeatedly, which works on every platform and needs no descriptor. */
async function watch(files: () => readonly WatchedFile[], changed: () => void, signal: AbortSignal): Promise<void> {
  const all = new FilesWatch();
  while (!signal.aborted) {
    await systemClock.sleep(WATCH_MS, signal);
    if (!signal.aborted && await all.look(files(), lookAt)) changed();
  }
}

async function lookAt(path: string): Promise<string> {
  try {
    return stampOf(await Deno.stat(path));
  } catch {
    return "gone"; // Or it is not accessible. The reload will report which.
  }
}
