/**
 * The supervisor: settles an address, spawns workers narrowed to what the configuration implies, replaces those that die,
 * reloads, and ends them. Serves nothing itself.
 * @module
 */

import { describeChanges } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import type { Permissions } from "../config/permissions.ts";
import type { Loaded } from "../config/load.ts";
import { pathsOutside } from "../config/roots.ts";
import { systemClock } from "../net/clock.ts";
import { CAN_SHARE_PORT, settleAddress } from "./address.ts";
import type { Outputs } from "./outputs.ts";
import { type RestartLimits, Restarts } from "./restarts.ts";
import { type Address, addressesOf, workerPermissions } from "./scope.ts";
import { UnprovedError, WorkerThread } from "./worker_thread.ts";

/** How to serve. */
export interface SuperviseOptions {
  readonly loaded: Loaded;
  /** Reads the configuration again; what is wrong with it has been told. `null`: it cannot be used. */
  readonly reload: () => Promise<Loaded | null>;
  readonly outputs: Outputs;
  readonly debug: boolean;
  /** Capture one connection: then there is one worker. */
  readonly capture: boolean;
  /** Called once, when all workers listen. */
  readonly onListening: (running: Running) => void;
  /** For tests: another module, wider permissions, more deaths. */
  readonly workerModule?: URL;
  readonly permissions?: Deno.PermissionOptions;
  readonly restarts?: RestartLimits;
}

/** What serves, and where. */
export interface Running {
  readonly config: Config;
  readonly address: Address;
  /** What each worker may do. */
  readonly permissions: Permissions;
  readonly workers: number;
}

/** Too many workers died for chance. */
export class WorkersDiedError extends Error {
  override name = "WorkersDiedError";
}

/** How often the workers' pulses are felt. */
const PULSE_MS = 1_000;

/** What the end of a worker may take beyond the drain that its own server allows. */
const SLACK_MS = 1_000;

/** On platforms where a port cannot be shared: what the old workers' listeners need to close. */
const HANDOVER_MS = 200;

/** Runs workers. `start` first; `ended` tells when it is over. */
export class Supervisor {
  readonly #options: SuperviseOptions;
  readonly #restarts: Restarts;
  /** Of the generation that is starting; with the reason, those that listened and have died since. */
  readonly #starting = new Map<WorkerThread, string | null>();
  readonly #serving = new Set<WorkerThread>();
  readonly #retiring = new Set<WorkerThread>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #over = new AbortController();
  #config: Config;
  #address: Address = { hostname: "", port: 0 };
  #spawned = 0;
  #reloading: Promise<void> | null = null;

  constructor(options: SuperviseOptions) {
    this.#options = options;
    this.#config = options.loaded.config;
    this.#restarts = new Restarts(options.restarts);
    this.#failed.promise.catch(() => {}); // `failed` is for whoever waits.
  }

  /** Rejects with `WorkersDiedError` or `UnprovedError` when serving cannot go on. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** The workers that serve now, for tests. */
  get workers(): readonly WorkerThread[] {
    return [...this.#serving];
  }

  /** Resolves when all workers listen. Throws `ListenError`, `UnprovedError`, or what a worker died of. */
  async start(): Promise<void> {
    await this.#startWorkers(this.#config, null);
    this.#watchPulses();
    this.#options.onListening({
      config: this.#config,
      address: this.#address,
      permissions: permissionsOn(this.#config, this.#address),
      workers: this.#serving.size,
    });
  }

  /** Lets idle connections go at once and the others finish; resolves when all workers are over, or late. */
  async end(): Promise<void> {
    this.#over.abort();
    const workers = [...this.#serving, ...this.#retiring];
    for (const worker of workers) worker.end("shutdown");
    await this.#lateOrOver(workers);
  }

  /** Ends everything now. */
  terminate(): void {
    this.#over.abort();
    for (const worker of [...this.#serving, ...this.#retiring]) worker.terminate();
  }

  /** Takes the configuration anew. Where it cannot be used, or nothing differs, the old one stays. */
  async reload(): Promise<void> {
    while (this.#reloading !== null) await this.#reloading;
    this.#reloading = this.#reload();
    await this.#reloading;
    this.#reloading = null;
  }

  async #reload(): Promise<void> {
    const loaded = await this.#options.reload();
    if (loaded === null || this.#over.signal.aborted) return;
    const changes = describeChanges(this.#config, loaded.config);
    if (changes.length === 0) return this.#tell("reload: nothing has changed", "reload");
    const old = [...this.#serving];
    try {
      const isSamePlace = isSameAddress(this.#config, loaded.config);
      if (isSamePlace && !CAN_SHARE_PORT) await this.#handOver(old);
      await this.#startWorkers(loaded.config, isSamePlace ? this.#address : null);
    } catch (error) {
      return this.#tell(
        `reload failed, the old configuration stays: ${error instanceof Error ? error.message : error}`,
        "reload",
      );
    }
    // First all listeners close, then connections end: a client that comes again must not meet a listener about to close.
    await Promise.all(old.map((worker) => worker.stopAccepting()));
    for (const worker of old) this.#retire(worker);
    this.#tell(`reloaded: ${changes.join("; ")}`, "reload");
  }

  async #handOver(old: readonly WorkerThread[]): Promise<void> {
    for (const worker of old) this.#retire(worker);
    await systemClock.sleep(HANDOVER_MS);
  }

  /** Spawns one generation of workers, which takes the place of another only when all of them listen. */
  async #startWorkers(config: Config, place: Address | null): Promise<void> {
    const address = place ?? settleAddress(config);
    const count = this.#options.capture ? 1 : workerCount(config);
    const workers: WorkerThread[] = [];
    try {
      // The first one by itself: the others would take the processor from it while everybody waits for the first answer.
      for (const size of [1, count - 1]) {
        const spawned = Array.from({ length: size }, () => this.#spawn(config, address));
        workers.push(...spawned);
        for (const worker of spawned) this.#starting.set(worker, null);
        await Promise.all(spawned.map(({ listening }) => listening));
      }
    } catch (error) {
      for (const worker of workers) {
        this.#starting.delete(worker);
        worker.terminate();
      }
      throw error;
    }
    this.#config = config;
    this.#address = address;
    for (const worker of workers) {
      const reason = this.#starting.get(worker) ?? null;
      this.#starting.delete(worker);
      this.#serving.add(worker);
      if (reason !== null) this.#replace(worker, reason);
    }
  }

  #spawn(config: Config, address: Address): WorkerThread {
    const { outputs, debug, capture, workerModule, permissions, loaded } = this.#options;
    const roots = config.hosts.map(({ root }) => root);
    return new WorkerThread({
      number: ++this.#spawned,
      config,
      address,
      outside: pathsOutside(roots, loaded.file === null ? [] : [loaded.file], loaded.folder),
      debug,
      json: outputs.json,
      capture,
      module: workerModule ?? new URL("../worker.ts", import.meta.url),
      permissions: permissionsOn(config, address),
      granted: permissions,
      now: systemClock.now,
    }, {
      output: (kind, lines) => outputs.write(kind, lines),
      died: (worker, reason) => this.#replace(worker, reason),
      bloated: (worker) => this.#relieve(worker),
    });
  }

  /** Puts a new worker in the place of one that died, unless too many did. */
  async #replace(dead: WorkerThread, reason: string): Promise<void> {
    if (this.#starting.has(dead)) return void this.#starting.set(dead, reason);
    const wasServing = this.#serving.delete(dead);
    if (this.#retiring.has(dead)) this.#tell(`worker ${dead.number} died while it finished: ${reason}`);
    if (!wasServing || this.#over.signal.aborted) return;
    const delayMs = this.#restarts.note(systemClock.now());
    if (delayMs === "give up") {
      return this.#failed.reject(new WorkersDiedError(`five workers died within a minute; the last one: ${reason}`));
    }
    this.#tell(`worker ${dead.number} died: ${reason}; another takes its place in ${delayMs} ms`);
    await systemClock.sleep(delayMs, this.#over.signal);
    await this.#add();
  }

  /** Puts a new worker beside one that has grown too large, then lets that one finish. */
  async #relieve(bloated: WorkerThread): Promise<void> {
    if (!this.#serving.delete(bloated)) return; // It has been told of before.
    this.#tell(`worker ${bloated.number} has grown too large; another takes its place`);
    this.#retiring.add(bloated);
    await this.#add();
    this.#retire(bloated);
  }

  async #add(): Promise<void> {
    if (this.#over.signal.aborted) return;
    const worker = this.#spawn(this.#config, this.#address);
    this.#serving.add(worker); // Its death counts from now on.
    try {
      await worker.listening;
    } catch (error) {
      if (error instanceof UnprovedError) this.#failed.reject(error);
    }
  }

  /** Lets a worker answer what is under way, and ends it when that takes too long. */
  async #retire(worker: WorkerThread): Promise<void> {
    this.#serving.delete(worker);
    this.#retiring.add(worker);
    worker.end("retire");
    await this.#lateOrOver([worker]);
    worker.terminate();
    this.#retiring.delete(worker);
  }

  async #lateOrOver(workers: readonly WorkerThread[]): Promise<void> {
    const over = new AbortController();
    const late = systemClock.sleep(this.#config.parameters["drain-timeout"].value * 1000 + SLACK_MS, over.signal);
    await Promise.race([late, Promise.all(workers.map(({ ended }) => ended))]);
    over.abort();
  }

  async #watchPulses(): Promise<void> {
    let lastMs = systemClock.now();
    for (;;) {
      await systemClock.sleep(PULSE_MS, this.#over.signal);
      if (this.#over.signal.aborted) return;
      // Where we were held up ourselves (a laptop that slept), the workers' beats have not been heard yet.
      const wasAway = systemClock.now() - lastMs > 2 * PULSE_MS;
      lastMs = systemClock.now();
      if (wasAway) continue;
      for (const worker of [...this.#serving]) worker.checkPulse();
    }
  }

  #tell(message: string, event: "worker" | "reload" = "worker"): void {
    this.#options.outputs.tell(message, { event });
  }
}

function isSameAddress({ parameters: before }: Config, { parameters: after }: Config): boolean {
  return before.port.value === after.port.value && before.address.value === after.address.value;
}

function permissionsOn(config: Config, { port }: Address): Permissions {
  return workerPermissions(config, addressesOf(config).map(({ hostname }) => ({ hostname, port })));
}

function workerCount({ parameters }: Config): number {
  if (!CAN_SHARE_PORT) return 1;
  return parameters.workers.value === "auto" ? navigator.hardwareConcurrency : parameters.workers.value;
}
