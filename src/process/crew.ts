/**
 * The workers that serve: one generation takes over from another, or takes another configuration; who dies is replaced, who
 * is told to finish is given the time for it. Knows duties; not where they come from.
 * @module
 */

import type { Lines } from "../log/output.ts";
import type { Clock } from "../net/clock.ts";
import type { Duty } from "./duty.ts";
import type { Restarts } from "./restarts.ts";
import type { StartThread } from "./thread.ts";
import { UnprovedError, WorkerThread } from "./worker_thread.ts";

/** What a crew works with. */
export interface CrewOptions {
  readonly clock: Clock;
  readonly startThread: StartThread;
  readonly restarts: Restarts;
  /** Whether workers share a port; where they do not, the old ones must go before the new ones come. */
  readonly sharesPort: boolean;
  /**
   * A worker that has not said a word for so long is stuck, as a rule in a call to a disk that does not answer. The runtime
   * (2.9.6) can end its thread only when that call returns: until then its listener takes its share of new connections.
   */
  readonly silenceMs: number;
  readonly debug: boolean;
  /** Messages as JSON. */
  readonly json: boolean;
  readonly capture: boolean;
  /** Takes what workers want to have written. */
  readonly write: (kind: "access" | "message" | "capture", lines: Lines) => void;
  readonly tell: (message: string) => void;
}

/** Too many workers died for chance. */
export class WorkersDiedError extends Error {
  override name = "WorkersDiedError";
}

/** How often the workers' pulses are felt. */
const PULSE_MS = 1_000;

/** What the end of a worker may take beyond the drain that its own server allows. */
const SLACK_MS = 1_000;

/** Where a port cannot be shared: what the old workers' listeners need to close. */
const HANDOVER_MS = 200;

/** So many generations may be finishing at the same time; each worker costs some 15 MB. The oldest is ended for a further one. */
const RETIRING_GENERATIONS_MAX = 3;

/** Workers with one duty. `takeOver` first. */
export class Crew {
  readonly #options: CrewOptions;
  /** Of the generation that is starting; with the reason, those that listened and have died since. */
  readonly #starting = new Map<WorkerThread, string | null>();
  readonly #serving = new Set<WorkerThread>();
  /** In the order in which they were told to finish. */
  readonly #retiring = new Set<WorkerThread>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #over = new AbortController();
  #duty: Duty | null = null;
  #spawned = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => {}); // `failed` is for whoever waits.
    this.#watchPulses();
  }

  /** Rejects with `WorkersDiedError` or `UnprovedError` when serving cannot go on. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** The workers that serve now. */
  get workers(): readonly WorkerThread[] {
    return [...this.#serving];
  }

  /**
   * Spawns workers for `duty`; when all of them listen, those that served until then stop accepting, one by one, and finish.
   * Rejects with `ListenError`, `UnprovedError`, or what a worker died of: then those that served serve on.
   */
  async takeOver(duty: Duty): Promise<void> {
    const isHandedOver = !this.#options.sharesPort && this.#serving.size > 0;
    if (isHandedOver) await this.#handOver();
    try {
      const started = await this.#startAll(duty);
      await this.#exchange(started, duty);
    } catch (error) {
      if (isHandedOver && this.#duty !== null && !this.#isOver) {
        await this.#exchange(await this.#startAll(this.#duty), this.#duty);
      }
      throw error;
    }
  }

  /**
   * Has the workers that serve take `duty`, which permits nothing new, and give up reading `giveUp`. Resolves when all do, and
   * there are as many as there are to be.
   */
  async configure(duty: Duty, giveUp: readonly string[]): Promise<void> {
    this.#duty = duty; // Whoever is spawned from now on has it.
    await Promise.all(this.workers.map((worker) => worker.configure(duty, giveUp)));
    await Promise.all(Array.from({ length: duty.workers - this.#serving.size }, () => this.#add()));
    await this.#retireAll(this.workers.slice(duty.workers));
  }

  /** Has all workers finish; resolves when they are over, or late. */
  async end(): Promise<void> {
    this.#over.abort();
    for (const worker of this.#starting.keys()) worker.terminate();
    const workers = [...this.#serving, ...this.#retiring];
    for (const worker of workers) worker.end();
    await Promise.all(workers.map((worker) => this.#overOrLate(worker)));
  }

  /** Ends everything now. */
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

  /** Spawns one generation of workers; resolves when all of them listen. Ends those that did when one does not. */
  async #startAll(duty: Duty): Promise<readonly WorkerThread[]> {
    const workers: WorkerThread[] = [];
    try {
      // The first one by itself: the others would take the processor from it while everybody waits for the first answer.
      for (const size of [1, duty.workers - 1]) {
        for (let count = 0; count < size; count++) {
          const worker = this.#spawn(duty);
          workers.push(worker);
          this.#starting.set(worker, null);
        }
        await Promise.all(workers.map(({ listening }) => listening));
        if (this.#isOver) throw new Error("the server is told to end");
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

  /** Puts a generation that listens in the place of all that serve. */
  async #exchange(workers: readonly WorkerThread[], duty: Duty): Promise<void> {
    const old = this.workers;
    for (const worker of old) {
      this.#serving.delete(worker);
      this.#retiring.add(worker);
    }
    this.#duty = duty;
    for (const worker of workers) {
      const reason = this.#starting.get(worker) ?? null;
      this.#starting.delete(worker);
      this.#serving.add(worker);
      if (reason !== null) this.#replace(worker, reason);
    }
    await this.#retireAll(old);
  }

  #spawn(duty: Duty): WorkerThread {
    const { write, debug, json, capture, startThread, sharesPort, clock, silenceMs } = this.#options;
    const options = {
      number: ++this.#spawned,
      duty,
      reusePort: sharesPort,
      debug,
      json,
      capture,
      startThread,
      clock,
      silenceMs,
    };
    return new WorkerThread(options, {
      output: write,
      died: (worker, reason) => void this.#replace(worker, reason),
      bloated: (worker) => void this.#relieve(worker),
    });
  }

  /** Puts a new worker in the place of one that died, unless too many did. */
  async #replace(dead: WorkerThread, reason: string): Promise<void> {
    if (this.#starting.has(dead)) return void this.#starting.set(dead, reason);
    if (this.#retiring.delete(dead)) this.#options.tell(`worker ${dead.number} died while it finished: ${reason}`);
    if (this.#serving.delete(dead)) await this.#fillPlace(`worker ${dead.number} died: ${reason}`, reason);
  }

  async #fillPlace(message: string, reason: string): Promise<void> {
    if (this.#isOver) return;
    const { clock, restarts, tell } = this.#options;
    const delayMs = restarts.note(clock.now());
    if (delayMs === "give up") {
      return this.#failed.reject(new WorkersDiedError(`five workers died within a minute; the last one: ${reason}`));
    }
    tell(`${message}; another takes its place in ${delayMs} ms`);
    await clock.sleep(delayMs, this.#over.signal);
    await this.#add();
  }

  /** Puts a new worker beside one that has grown too large, then lets that one finish. */
  async #relieve(bloated: WorkerThread): Promise<void> {
    if (!this.#serving.delete(bloated)) return; // It has been told of before.
    this.#options.tell(`worker ${bloated.number} has grown too large; another takes its place`);
    this.#retiring.add(bloated);
    await this.#add();
    await this.#retireAll([bloated]);
  }

  /** One more worker with the duty of now, unless there are enough: a reload may have filled the place meanwhile. */
  async #add(): Promise<void> {
    const duty = this.#duty;
    if (this.#isOver || duty === null || this.#serving.size >= duty.workers) return;
    try {
      const worker = this.#spawn(duty);
      this.#serving.add(worker); // Its death counts from now on.
      await worker.listening.catch((error) => {
        if (error instanceof UnprovedError) this.#failed.reject(error);
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await this.#fillPlace(`a worker could not be started: ${reason}`, reason);
    }
  }

  /** First all stop accepting, then connections end: a client that comes again must not meet a listener about to close. */
  async #retireAll(workers: readonly WorkerThread[]): Promise<void> {
    for (const worker of workers) {
      this.#serving.delete(worker);
      this.#retiring.add(worker);
    }
    for (const worker of workers) await worker.stopAccepting();
    for (const worker of workers) this.#retire(worker);
    this.#boundRetiring();
  }

  /** Lets a worker answer what is under way, and ends it when that takes too long. */
  async #retire(worker: WorkerThread): Promise<void> {
    this.#serving.delete(worker);
    this.#retiring.add(worker);
    worker.retire();
    await this.#overOrLate(worker);
    worker.terminate();
    this.#retiring.delete(worker);
  }

  #boundRetiring(): void {
    const max = RETIRING_GENERATIONS_MAX * (this.#duty?.workers ?? 1);
    for (const worker of [...this.#retiring].slice(0, Math.max(0, this.#retiring.size - max))) {
      this.#options.tell(
        `worker ${worker.number} was ended while it finished: too many reloads within its drain-timeout`,
      );
      this.#retiring.delete(worker);
      worker.terminate();
    }
  }

  async #overOrLate(worker: WorkerThread): Promise<void> {
    const over = new AbortController();
    const drainMs = worker.duty.config.parameters["drain-timeout"].value * 1000;
    const late = this.#options.clock.sleep(drainMs + SLACK_MS, over.signal);
    await Promise.race([late, worker.ended]);
    over.abort();
  }

  async #watchPulses(): Promise<void> {
    const { clock } = this.#options;
    let lastMs = clock.now();
    for (;;) {
      await clock.sleep(PULSE_MS, this.#over.signal);
      if (this.#isOver) return;
      // Where we were held up ourselves (a laptop that slept), the workers' beats have not been heard yet.
      const wasAway = clock.now() - lastMs > 2 * PULSE_MS;
      lastMs = clock.now();
      if (wasAway) continue;
      for (const worker of [...this.#serving, ...this.#retiring]) worker.checkPulse();
    }
  }
}
