/**
 * One worker as the supervisor sees it: spawned with its scope, listened to, watched, ended.
 * @module
 */

import type { Lines } from "../log/output.ts";
import type { Order, Report } from "../worker.ts";
import { BACKLOG, CAN_SHARE_PORT } from "./address.ts";
import type { Address } from "./scope.ts";
import type { Config } from "../config/config.ts";
import { type Permissions, runtimePermissions } from "../config/permissions.ts";

/**
 * A worker that has not said a word for so long is stuck, as a rule in a call to a disk that does not answer. The runtime
 * (2.9.6) can end its thread only when that call returns: until then its listener takes its share of new connections.
 */
const SILENCE_MAX_MS = 10_000;

/**
 * Beyond this a worker is replaced before it can run out of memory, which would end the whole process: the runtime offers no
 * limit for one worker alone.
 */
const HEAP_BYTES_MAX = 1024 * 1024 * 1024;

/** What a worker is spawned with. */
export interface WorkerOptions {
  /** Counts from 1, for messages. */
  readonly number: number;
  readonly config: Config;
  readonly address: Address;
  readonly outside: readonly string[];
  readonly debug: boolean;
  /** Messages as JSON. */
  readonly json: boolean;
  readonly capture: boolean;
  /** The module that it runs; tests have ones that die. */
  readonly module: URL;
  /** What it may do. */
  readonly permissions: Permissions;
  /** What it is given, where that is not the same: for the test that the proof fails then. */
  readonly granted?: Deno.PermissionOptions | undefined;
  readonly now: () => number;
}

/** What becomes of a worker. */
export interface WorkerEvents {
  /** Takes what it wants to have written. */
  readonly output: (kind: "access" | "message" | "capture", lines: Lines) => void;
  /** It died, and did not finish what was under way. */
  readonly died: (worker: WorkerThread, reason: string) => void;
  /** It should be replaced, and may finish what is under way. */
  readonly bloated: (worker: WorkerThread) => void;
}

/** The scope of a worker is wider than it should be: the server must not start. */
export class UnprovedError extends Error {
  override name = "UnprovedError";
}

/** A thread that serves. */
export class WorkerThread {
  readonly number: number;
  readonly #worker: Worker;
  readonly #options: WorkerOptions;
  readonly #events: WorkerEvents;
  readonly #listening = Promise.withResolvers<void>();
  readonly #deaf = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #isOver = false;
  #heardMs: number;

  constructor(options: WorkerOptions, events: WorkerEvents) {
    this.number = options.number;
    this.#options = options;
    this.#events = events;
    this.#heardMs = options.now();
    this.#listening.promise.catch(() => {}); // Whoever waits for it sees it.
    this.#worker = new Worker(options.module.href, {
      type: "module",
      name: `sweepd worker ${options.number}`,
      deno: { permissions: options.granted ?? runtimePermissions(options.permissions) },
    });
    this.#worker.onmessage = ({ data }: MessageEvent<Report>) => this.#hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(event.message);
    };
    this.#order({
      kind: "start",
      number: options.number,
      config: options.config,
      listen: { ...options.address, reusePort: CAN_SHARE_PORT, tcpBacklog: BACKLOG },
      permissions: options.permissions,
      outside: options.outside,
      debug: options.debug,
      json: options.json,
      capture: options.capture,
    });
  }

  /** Resolves when it listens. Rejects when it died before, or with `UnprovedError`. */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** Resolves when it is over, in whatever way. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Has it accept no more; resolves when it does not, or is over. */
  async stopAccepting(): Promise<void> {
    this.#order({ kind: "stop accepting" });
    await Promise.race([this.#deaf.promise, this.ended]);
  }

  /** Lets it finish what is under way. */
  end(how: "shutdown" | "retire"): void {
    this.#order({ kind: "end", how });
  }

  /** Ends it now, without a word. */
  terminate(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#worker.terminate();
    this.#listening.reject(new Error("the worker was ended"));
    this.#ended.resolve();
  }

  /** Ends it as dead when it has been silent for too long. */
  checkPulse(): void {
    if (this.#options.now() - this.#heardMs > SILENCE_MAX_MS) this.#die("it was stuck for more than 10 seconds");
  }

  #hear(report: Report): void {
    if (this.#isOver) return;
    this.#heardMs = this.#options.now();
    switch (report.kind) {
      case "listening":
        return this.#listening.resolve();
      case "unproved":
        this.#listening.reject(new UnprovedError(report.problems.join("; ")));
        return this.terminate();
      case "beat":
        return report.heapBytes > HEAP_BYTES_MAX ? this.#events.bloated(this) : undefined;
      case "access":
      case "message":
        return this.#events.output(report.kind, report.lines);
      case "capture":
        return this.#events.output(report.kind, report.text);
      case "deaf":
        return this.#deaf.resolve();
      case "drained":
        return this.terminate();
      case "died":
        return this.#die(report.message);
    }
  }

  #die(reason: string): void {
    if (this.#isOver) return;
    this.#listening.reject(new Error(reason));
    this.terminate();
    this.#events.died(this, reason);
  }

  #order(order: Order): void {
    if (!this.#isOver) this.#worker.postMessage(order);
  }
}
