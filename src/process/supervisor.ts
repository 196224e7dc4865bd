/**
 * The supervisor: takes a port, lets a pool of workers serve there, reloads, and ends the server. Answers no requests.
 * @module
 */

import { describeChanges } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import type { Loaded } from "../config/load.ts";
import type { Permissions } from "../config/permissions.ts";
import type { Traffic } from "../log/live.ts";
import type { Debug } from "../log/trace.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { LiveWatch } from "./live_watch.ts";
import { WorkerPool } from "./worker_pool.ts";
import { transition, workersFor, type WorkerTask, workerTaskOf } from "./worker_task.ts";
import type { EncoderOrder, EncoderReport } from "./encoder.ts";
import { EncoderThread, encoderThreads } from "./encoder_thread.ts";
import type { Outputs } from "./outputs.ts";
import { isPortTaken } from "./address.ts";
import type { PortLock } from "./port_lock.ts";
import { PortLocks } from "./port_locks.ts";
import { freeMemory, isGivable } from "./process.ts";
import { type Ports, systemPorts } from "./ports.ts";
import { type RestartLimits, Restarts } from "./restarts.ts";
import type { Address } from "./scope.ts";
import { Admin } from "./admin.ts";
import { adminAnswers, type Reloaded } from "./admin_answers.ts";
import type { AdminOrder, AdminReport } from "./admin_worker.ts";
import { adminThreads, type StartThread, systemThreads } from "./thread.ts";
import type { WorkerThread } from "./worker_thread.ts";

/** How to serve. */
export interface SuperviseOptions {
  readonly loaded: Loaded;
  /** Reads the configuration again and reports its problems. `null`: it cannot be used. */
  readonly reload: () => Promise<Loaded | null>;
  readonly outputs: Pick<Outputs, "write" | "writeAccess" | "tell" | "json" | "logFiles">;
  readonly debug: Debug;
  /** Capture one connection. Then there is only one worker. */
  readonly capture: boolean;
  /** At the start, listen on one of the next ports if another program has the port. */
  readonly anyPort?: boolean;
  /** Tell browsers when files change. */
  readonly live?: boolean;
  /** Called once when all workers listen. */
  readonly onListening: (running: Running) => void;
  /** The system's by default; tests use others. */
  readonly clock?: Clock;
  readonly ports?: Ports;
  readonly freeMemory?: () => Promise<number | null>;
  readonly startThread?: StartThread;
  readonly startEncoderThread?: StartThread<EncoderOrder, EncoderReport>;
  readonly startAdminThread?: StartThread<AdminOrder, AdminReport>;
  /** See `WorkerPoolOptions`. */
  readonly heartbeatTimeoutMs?: number;
  readonly restarts?: RestartLimits;
}

/** A running server. */
export interface Running {
  readonly config: Config;
  /** The first address. */
  readonly address: Address;
  readonly addresses: readonly Address[];
  /** The permissions of each worker. */
  readonly permissions: Permissions;
  readonly workers: number;
  /** See `WorkerTask`. */
  readonly freeBytes: number | null;
  /** Where the admin listener listens; `null`: nowhere. */
  readonly admin: Address | null;
}

/** A worker sends a message at least once a second. */
const HEARTBEAT_TIMEOUT_MS = 10_000;

/**
 * The time in which another server that is starting opens its TCP port: ten times as long as this process took to get
 * here, because both run on the same machine, but within these bounds.
 */
const LOCK_WAIT_MS = { least: 2_000, most: 30_000, timesOurStart: 10 };

/** For `--any-port`: more servers than a person starts at the same time. */
const PORTS_TRIED = 100;
const PORT_MAX = 65535;
/** Runs workers. `start` must be called first. */
export class Supervisor {
  readonly #options: SuperviseOptions;
  readonly #sharesPort: boolean;
  readonly #locks: PortLocks;
  readonly #pool: WorkerPool;
  readonly #admin: Admin;
  readonly #encoder: EncoderThread;
  /** `null`: live reload is off. */
  readonly #live: LiveWatch | null;
  readonly #over = new AbortController();
  #started: Promise<void> = Promise.resolve();
  #task: WorkerTask | null = null;
  #freeBytes: number | null = null;
  #reloading: Promise<Reloaded> | null = null;
  #nextReload: Promise<Reloaded> | null = null;

  constructor(options: SuperviseOptions) {
    const { clock = systemClock, ports = systemPorts, startThread = systemThreads, outputs } = options;
    this.#options = options;
    this.#sharesPort = ports.areShared;
    const waitMs = clamp(LOCK_WAIT_MS.timesOurStart * performance.now(), LOCK_WAIT_MS);
    this.#locks = new PortLocks({ ports, clock, waitMs, signal: this.#over.signal });
    const tellDeath = (message: string) => outputs.tell(message, { level: "error", event: "worker" });
    this.#encoder = new EncoderThread({
      startThread: options.startEncoderThread ?? encoderThreads,
      clock,
      outside: () => (this.#task?.config.hosts ?? []).slice(0, 1).map(({ root }) => root),
      tell: tellDeath,
    });
    this.#pool = new WorkerPool({
      clock,
      startThread,
      restarts: new Restarts(options.restarts),
      sharesPort: ports.areShared,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? HEARTBEAT_TIMEOUT_MS,
      debug: options.debug,
      json: outputs.json,
      capture: options.capture,
      liveVersion: () => this.#live?.version ?? null,
      write: (kind, lines) => outputs.write(kind, lines),
      show: (event) => this.#admin.push(event),
      writeAccess: (destination, lines) => outputs.writeAccess(destination, lines),
      tell: tellDeath,
      encode: (bytes, coding) => this.#encoder.encode(bytes, coding),
    });
    this.#live = options.live !== true ? null : new LiveWatch({
      watch: (roots) => Deno.watchFs([...roots]),
      clock,
      announce: (change) => this.#pool.announce(change),
      tell: (problem) => this.#tell(problem, "error"),
    });
    this.#admin = new Admin({
      startThread: options.startAdminThread ?? adminThreads,
      clock,
      ports,
      answers: adminAnswers(this, this.#pool.counts),
      watch: (isWatched) => this.#pool.counts.watch(isWatched),
      tell: tellDeath,
    });
  }

  /** Rejects with `WorkersDiedError` or `SandboxTooWideError` when serving cannot go on. */
  get failed(): Promise<never> {
    return this.#pool.failed;
  }

  /** The counts of all workers. */
  get traffic(): Traffic {
    return this.#pool.traffic;
  }

  /** After how many milliseconds the sweep closes an idle connection; `null`: never. */
  get idleMs(): number | null {
    const seconds = (this.#task?.config ?? this.#options.loaded.config).parameters.timeout.value;
    return seconds === 0 ? null : seconds * 1000;
  }

  /** The serving workers, for tests. */
  get workers(): readonly WorkerThread[] {
    return this.#pool.workers;
  }

  /** Resolves when all workers listen. Throws `ListenError`, `SandboxTooWideError`, or what a worker died of. */
  async start(): Promise<void> {
    const { config } = this.#options.loaded;
    const starting = this.#options.outputs.logFiles.start(config).then(() => this.#begin(config));
    this.#started = starting.catch(() => {}); // The rejection is for the caller of `start`.
    await starting;
    if (this.#isOver || this.#task === null) return;
    this.#options.onListening({
      config: this.#task.config,
      address: this.#task.addresses[0]!,
      addresses: this.#task.addresses,
      permissions: this.#task.permissions,
      workers: this.#task.workers,
      freeBytes: this.#freeBytes,
      admin: this.#admin.address,
    });
  }

  /** Ends the server. Releases the port at once. Resolves when all workers have ended, or when their time is over. */
  async end(): Promise<void> {
    this.#over.abort();
    this.#live?.close();
    this.#admin.setReady(false);
    const delayMs = this.#drainDelayMs;
    if (delayMs > 0) await this.#delayDrain(delayMs);
    const ended = this.#pool.end();
    this.#locks.release();
    await ended;
    this.#encoder.terminate();
    this.#admin.terminate();
  }

  /** Fails health checks for a while, so that a load balancer sends its requests elsewhere before the drain begins. */
  async #delayDrain(delayMs: number): Promise<void> {
    this.#pool.refuseHealth();
    this.#options.outputs.tell(`health checks fail from now on; the drain begins in ${delayMs / 1000} s`, DRAIN);
    await (this.#options.clock ?? systemClock).sleep(delayMs);
  }

  get #drainDelayMs(): number {
    return (this.#task?.config.parameters["drain-delay"].value ?? 0) * 1000;
  }

  /** Ends all workers at once. */
  terminate(): void {
    this.#over.abort();
    this.#live?.close();
    this.#pool.terminate();
    this.#encoder.terminate();
    this.#admin.terminate();
    this.#locks.release();
  }

  /**
   * Reloads the configuration, after the start or the reload that is in progress. If it cannot be used or has not
   * changed, the old one stays in use. Calls while a reload waits to begin return the promise of that reload.
   */
  reload(): Promise<Reloaded> {
    if (this.#nextReload !== null) return this.#nextReload;
    const before = this.#reloading ?? this.#started;
    const next = before.then(() => {
      this.#nextReload = null;
      return this.#reload();
    });
    const settled = next.finally(() => {
      if (this.#reloading === settled) this.#reloading = null;
    });
    this.#nextReload = this.#reloading = settled;
    return settled;
  }

  /** Opens the log files again. Returns the problems, one line each. */
  async reopen(): Promise<readonly string[]> {
    const problems = await this.#options.outputs.logFiles.reopen();
    for (const problem of problems) this.#options.outputs.tell(problem, { level: "error", event: "output" });
    return problems;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #begin(config: Config): Promise<void> {
    this.#freeBytes = await (this.#options.freeMemory ?? freeMemory)();
    for (let above = 0;; above++) {
      try {
        await this.#beginOn(above, config);
        break;
      } catch (error) {
        if (!isPortTaken(error) || !this.#mayTryPorts(above + 1, config) || this.#isOver) throw error;
      }
    }
    if (this.#task === null || this.#isOver) return;
    this.#followRoots(config);
    await this.#admin.configure(config, this.#task.outside);
    this.#admin.setReady(true);
  }

  /** `above`: how far the ports are above those of `config`. */
  async #beginOn(above: number, config: Config): Promise<void> {
    await this.#locks.begin(config, above, async (locks) => {
      const task = this.#workerTaskOf(config, locks);
      if (this.#isOver) throw new Error("the server is ending");
      await this.#pool.takeOver(task);
      this.#task = task;
    });
  }

  #mayTryPorts(above: number, config: Config): boolean {
    const wanted = listenersOf(config).map(({ port }) => port).filter((port) => port !== 0);
    const fits = wanted.length > 0 && wanted.every((port) => port + above <= PORT_MAX);
    return this.#options.anyPort === true && above < PORTS_TRIED && fits;
  }

  async #reload(): Promise<Reloaded> {
    if (this.#task === null || this.#isOver) return ENDING;
    const loaded = await this.#options.reload();
    if (loaded === null) {
      return { isDone: false, message: "reload: the configuration cannot be used, the old one stays" };
    }
    if (this.#isOver) return ENDING;
    const before = this.#task;
    const changes = describeChanges(before.config, loaded.config);
    if (changes.length === 0) return this.#tell("reload: nothing has changed");
    try {
      await this.#options.outputs.logFiles.open(loaded.config);
      await this.#admin.configure(loaded.config, before.outside);
      const { config } = loaded;
      await this.#locks.change(config, (locks) => this.#serve(before, this.#workerTaskOf(config, locks)));
      this.#useLogs(config);
    } catch (error) {
      if (this.#isOver) return ENDING;
      if (before === this.#task) await this.#admin.configure(before.config, before.outside);
      this.#useLogs(before.config);
      const reason = error instanceof Error ? error.message : String(error);
      return this.#tell(`reload failed, the old configuration stays: ${reason}`, "error");
    }
    if (this.#isOver) return ENDING;
    this.#followRoots(loaded.config);
    return this.#tell(`reloaded: ${changes.join("; ")}`);
  }

  #useLogs(config: Config): void {
    const drainMs = (this.#task?.config ?? config).parameters["drain-timeout"].value * 1000;
    const { outputs: { logFiles }, clock = systemClock } = this.#options;
    void logFiles.change(config, { clock, drainMs, signal: this.#over.signal });
  }

  async #serve(before: WorkerTask, after: WorkerTask): Promise<void> {
    const how = transition(before, after);
    if (how.kind === "configure") await this.#pool.configure(after, how.revoke);
    else await this.#pool.takeOver(after);
    this.#task = after;
  }

  #workerTaskOf(config: Config, locks: readonly PortLock[]): WorkerTask {
    const { capture, debug, loaded: { file, folder } } = this.#options;
    const workers = capture || !this.#sharesPort ? 1 : workerCount(config, debug);
    return workerTaskOf(config, { locks, workers, freeBytes: this.#freeBytes, file, folder, isGivable });
  }

  #followRoots({ hosts }: Config): void {
    this.#live?.follow([...new Set(hosts.map(({ root }) => root))]);
  }

  #tell(message: string, level: "info" | "error" = "info"): Reloaded {
    this.#options.outputs.tell(message, { level, event: "reload" });
    return { isDone: level === "info", message };
  }
}

/** Events of one worker are easier to follow, so `-d` has one unless the user asks for more. */
const ENDING: Reloaded = { isDone: false, message: "reload: the server is ending" };

const DRAIN = { level: "info", event: "end" } as const;

function workerCount({ parameters: { workers } }: Config, debug: Debug): number {
  if (debug !== "off" && workers.origin.kind === "default") return 1;
  return workersFor(workers.value, navigator.hardwareConcurrency);
}

function clamp(value: number, { least, most }: { readonly least: number; readonly most: number }): number {
  return Math.min(Math.max(value, least), most);
}
