/**
 * The workers: starts them, changes their task, replaces those that die, and retires old ones. A generation is all
 * workers that were started for one task. Knows tasks; not where they come from.
 * @module
 */

import type { Change } from "../live/changes.ts";
import type { Destination } from "../log/access_logs.ts";
import type { TimedLines } from "../log/merger.ts";
import { sumTraffic, type Traffic } from "../log/live.ts";
import type { Lines } from "../log/output.ts";
import type { Debug } from "../log/trace.ts";
import type { Clock } from "../net/clock.ts";
import { WorkerCounts } from "./worker_counts.ts";
import type { WorkerTask } from "./worker_task.ts";
import type { EncodeElsewhere } from "./encoder_thread.ts";
import type { Restarts } from "./restarts.ts";
import type { StartThread } from "./thread.ts";
import { SandboxTooWideError, WorkerThread } from "./worker_thread.ts";

/** Options of a pool. */
export interface WorkerPoolOptions {
  readonly clock: Clock;
  readonly startThread: StartThread;
  readonly restarts: Restarts;
  /** Whether workers can share a port. If not, the old worker must stop before a new one starts. */
  readonly sharesPort: boolean;
  /**
   * A worker that sends no message for this long is stuck, usually in a call to a disk that does not answer. The
   * runtime (2.9.6) can end the thread only when the call returns. Until then its listener gets a part of the new
   * connections.
   */
  readonly heartbeatTimeoutMs: number;
  readonly debug: Debug;
  /** Messages as JSON. */
  readonly json: boolean;
  readonly capture: boolean;
  /** The version of the files for workers that start; `null`: live reload is off. */
  readonly liveVersion: () => number | null;
  /** Writes the output of workers. */
  readonly write: (kind: "message" | "capture", lines: Lines) => void;
  /** Writes lines of the access log. */
  readonly writeAccess: (destination: Destination, lines: TimedLines) => void;
  /** Encodes for workers. */
  readonly encode: EncodeElsewhere;
  /** Shows an event in the live view. */
  readonly show: (event: Uint8Array<ArrayBuffer>) => void;
  readonly tell: (message: string) => void;
}

/** Too many workers have died. */
export class WorkersDiedError extends Error {
  override name = "WorkersDiedError";
}

/** Period of the check for stuck workers. */
const HEARTBEAT_CHECK_MS = 1_000;

/** Additional time for the end of a worker, after its drain timeout. */
const SLACK_MS = 1_000;

/** Without shared ports: the time in which the old listener closes. */
const HANDOVER_MS = 200;

/** Limit of retiring generations, because each worker takes about 15 MB. Beyond it, the oldest workers are ended. */
const RETIRING_GENERATIONS_MAX = 3;

/** Workers with one task. `takeOver` must be called first. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  /** The workers of the generation that is starting, with the reason if one has died after it listened. */
  readonly #starting = new Map<WorkerThread, string | null>();
  readonly #serving = new Set<WorkerThread>();
  /** The oldest comes first. */
  readonly #retiring = new Set<WorkerThread>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #over = new AbortController();
  #task: WorkerTask | null = null;
  #spawned = 0;
  #isReady = true;
  /** What a person sees of all workers. */
  readonly counts = new WorkerCounts();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => {}); // The rejection is for those who wait for `failed`.
    this.#watchHeartbeats();
  }

  /** Rejects with `WorkersDiedError` or `SandboxTooWideError` when serving cannot go on. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** The counts of all workers that have not ended. */
  get traffic(): Traffic {
    return sumTraffic([...this.#serving, ...this.#retiring].map(({ traffic }) => traffic));
  }

  /** The serving workers. */
  get workers(): readonly WorkerThread[] {
    return [...this.#serving];
  }

  /**
   * Starts workers for `task`. When all of them listen, the old workers stop accepting, one after the other, and
   * retire. Rejects with `ListenError`, `SandboxTooWideError` or the reason of a death. Then the old workers serve as
   * before.
   */
  async takeOver(task: WorkerTask): Promise<void> {
    const isHandedOver = !this.#options.sharesPort && this.#serving.size > 0;
    if (isHandedOver) await this.#handOver();
    try {
      const started = await this.#startAll(task);
      await this.#exchange(started, task);
    } catch (error) {
      if (isHandedOver && this.#task !== null && !this.#isOver) {
        await this.#exchange(await this.#startAll(this.#task), this.#task);
      }
      throw error;
    }
  }

  /**
   * Gives `task`, which needs no new permission, to the serving workers. They also lose the permission to read
   * `revoke`. Resolves when all have the new task, and the number of workers is right.
   */
  async configure(task: WorkerTask, revoke: readonly string[]): Promise<void> {
    this.#task = task; // Replacements get it, too.
    await Promise.all(this.workers.map((worker) => worker.configure(task, revoke)));
    await Promise.all(Array.from({ length: task.workers - this.#serving.size }, () => this.#add()));
    await this.#retireAll(this.workers.slice(task.workers));
  }

  /** Tells all workers that files have changed. */
  announce(change: Change): void {
    for (const worker of [...this.#starting.keys(), ...this.#serving]) worker.announce(change);
  }

  /** Tells all workers, also those that start later, to fail health checks, and to serve as before. */
  refuseHealth(): void {
    this.#isReady = false;
    for (const worker of [...this.#starting.keys(), ...this.#serving, ...this.#retiring]) worker.refuseHealth();
  }

  /** Tells all workers to end. Resolves when they have ended, or when their time is over. */
  async end(): Promise<void> {
    this.#over.abort();
    for (const worker of this.#starting.keys()) worker.terminate();
    const workers = [...this.#serving, ...this.#retiring];
    for (const worker of workers) worker.end();
    await Promise.all(workers.map((worker) => this.#endedOrTimedOut(worker)));
  }

  /** Ends all workers at once. */
  terminate(): void {
    this.#over.abort();
    for (const worker of [...this.#starting.keys(), ...this.#serving, ...this.#retiring]) worker.terminate();
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #handOver(): Promise<void> {
    for (const worker of this.workers) this.#retire(worker);
    await this.#options.clock.sleep(HANDOVER_MS, this.#over.signal);
  }

  /** Starts one generation. Resolves when all its workers listen. If one cannot, all are ended. */
  async #startAll(task: WorkerTask): Promise<readonly WorkerThread[]> {
    const workers: WorkerThread[] = [];
    try {
      // The first worker starts alone, because the others would compete for the CPU before the first answer.
      for (const size of [1, task.workers - 1]) {
        for (let count = 0; count < size; count++) {
          const worker = this.#spawn(task);
          workers.push(worker);
          this.#starting.set(worker, null);
        }
        await Promise.all(workers.map(({ listening }) => listening));
        if (this.#isOver) throw new Error("the server is ending");
      }
      return workers;
    } catch (error) {
      for (const worker of workers) {
        this.#starting.delete(worker);
        worker.terminate();
      }
      throw error;
    }
  }

  /** Lets a generation that listens replace all serving workers. */
  async #exchange(workers: readonly WorkerThread[], task: WorkerTask): Promise<void> {
    const old = this.workers;
    for (const worker of old) {
      this.#serving.delete(worker);
      this.#retiring.add(worker);
    }
    this.#task = task;
    for (const worker of workers) {
      const reason = this.#starting.get(worker) ?? null;
      this.#starting.delete(worker);
      this.#serving.add(worker);
      if (reason !== null) this.#replace(worker, reason);
    }
    await this.#retireAll(old);
  }

  #spawn(task: WorkerTask): WorkerThread {
    const {
      write,
      writeAccess,
      debug,
      json,
      capture,
      liveVersion,
      startThread,
      sharesPort,
      clock,
      heartbeatTimeoutMs,
    } = this.#options;
    const options = {
      number: ++this.#spawned,
      task,
      reusePort: sharesPort,
      debug,
      json,
      capture,
      liveVersion: liveVersion(),
      startThread,
      clock,
      heartbeatTimeoutMs,
    };
    const worker = new WorkerThread(options, {
      output: write,
      access: writeAccess,
      show: (event) => this.#options.show(event),
      encode: this.#options.encode,
      died: (worker, reason) => void this.#replace(worker, reason),
      overMemory: (worker) => void this.#replaceOverMemory(worker),
    });
    if (!this.#isReady) worker.refuseHealth();
    this.counts.add(worker);
    return worker;
  }

  /** Replaces a worker that died, unless too many have died. */
  async #replace(dead: WorkerThread, reason: string): Promise<void> {
    if (this.#starting.has(dead)) return void this.#starting.set(dead, reason);
    if (this.#retiring.delete(dead)) this.#options.tell(`worker ${dead.number} died while it finished: ${reason}`);
    if (this.#serving.delete(dead)) await this.#startReplacement(`worker ${dead.number} died: ${reason}`, reason);
  }

  async #startReplacement(message: string, reason: string): Promise<void> {
    if (this.#isOver) return;
    const { clock, restarts, tell } = this.#options;
    const delayMs = restarts.recordDeath(clock.now());
    if (delayMs === "give up") {
      return this.#failed.reject(new WorkersDiedError(`five workers died within a minute; the last one: ${reason}`));
    }
    tell(`${message}; a new one starts in ${delayMs} ms`);
    await clock.sleep(delayMs, this.#over.signal);
    await this.#add();
  }

  /** Starts a new worker, then retires one that uses too much memory. */
  async #replaceOverMemory(worker: WorkerThread): Promise<void> {
    if (!this.#serving.delete(worker)) return; // It was reported before.
    this.#options.tell(`worker ${worker.number} uses too much memory; a new one starts`);
    this.#retiring.add(worker);
    await this.#add();
    await this.#retireAll([worker]);
  }

  /** Starts one more worker unless there are enough. A reload may have started some in the meantime. */
  async #add(): Promise<void> {
    const task = this.#task;
    if (this.#isOver || task === null || this.#serving.size >= task.workers) return;
    try {
      const worker = this.#spawn(task);
      this.#serving.add(worker); // If it dies before it listens, it is replaced, too.
      await worker.listening.catch((error) => {
        if (error instanceof SandboxTooWideError) this.#failed.reject(error);
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await this.#startReplacement(`a worker could not be started: ${reason}`, reason);
    }
  }

  /** All workers stop accepting before connections end, so that no client reconnects to a listener that will close. */
  async #retireAll(workers: readonly WorkerThread[]): Promise<void> {
    for (const worker of workers) {
      this.#serving.delete(worker);
      this.#retiring.add(worker);
    }
    for (const worker of workers) await worker.stopAccepting();
    for (const worker of workers) this.#retire(worker);
    this.#boundRetiring();
  }

  /** Lets a worker finish its answers, and ends it if that takes too long. */
  async #retire(worker: WorkerThread): Promise<void> {
    this.#serving.delete(worker);
    this.#retiring.add(worker);
    worker.retire();
    await this.#endedOrTimedOut(worker);
    worker.terminate();
    this.#retiring.delete(worker);
  }

  #boundRetiring(): void {
    const max = RETIRING_GENERATIONS_MAX * (this.#task?.workers ?? 1);
    for (const worker of [...this.#retiring].slice(0, Math.max(0, this.#retiring.size - max))) {
      this.#options.tell(
        `worker ${worker.number} was ended while it finished: too many reloads within its drain-timeout`,
      );
      this.#retiring.delete(worker);
      worker.terminate();
    }
  }

  async #endedOrTimedOut(worker: WorkerThread): Promise<void> {
    const over = new AbortController();
    const drainMs = worker.task.config.parameters["drain-timeout"].value * 1000;
    const late = this.#options.clock.sleep(drainMs + SLACK_MS, over.signal);
    await Promise.race([late, worker.ended]);
    over.abort();
  }

  async #watchHeartbeats(): Promise<void> {
    const { clock } = this.#options;
    let lastMs = clock.now();
    for (;;) {
      await clock.sleep(HEARTBEAT_CHECK_MS, this.#over.signal);
      if (this.#isOver) return;
      // If this thread was paused, for example by a sleeping laptop, messages of the workers are still in its queue.
      const wasAway = clock.now() - lastMs > 2 * HEARTBEAT_CHECK_MS;
      lastMs = clock.now();
      if (wasAway) continue;
      for (const worker of [...this.#serving, ...this.#retiring]) worker.checkHeartbeat();
    }
  }
}
