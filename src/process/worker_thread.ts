/**
 * One worker as the supervisor sees it: given its duty, listened to, watched, ended.
 * @module
 */

import type { Lines } from "../log/output.ts";
import type { Clock } from "../net/clock.ts";
import type { Order, Report } from "./worker.ts";
import { BACKLOG, listenError } from "./address.ts";
import type { Duty } from "./duty.ts";
import type { StartThread, Thread } from "./thread.ts";

/**
 * Beyond this a worker is replaced before it can run out of memory, which would end the whole process: the runtime offers no
 * limit for one worker alone.
 */
const HEAP_BYTES_MAX = 1024 * 1024 * 1024;

/** What a worker is started with. */
export interface WorkerOptions {
  /** Counts from 1, for messages. */
  readonly number: number;
  readonly duty: Duty;
  readonly reusePort: boolean;
  readonly debug: boolean;
  /** Messages as JSON. */
  readonly json: boolean;
  readonly capture: boolean;
  readonly startThread: StartThread;
  readonly clock: Clock;
  /** So long without a word from it, and it is stuck. */
  readonly silenceMs: number;
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
  readonly #thread: Thread;
  readonly #options: WorkerOptions;
  readonly #events: WorkerEvents;
  readonly #listening = Promise.withResolvers<void>();
  readonly #deaf = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  /** Of the duties that it was given and has not taken yet. */
  readonly #configuring: (() => void)[] = [];
  #duty: Duty;
  #isListening = false;
  #isOver = false;
  #heardMs: number;

  /** Throws where no thread can be had. */
  constructor(options: WorkerOptions, events: WorkerEvents) {
    const { number, duty, reusePort, debug, json, capture, startThread, clock } = options;
    this.number = number;
    this.#options = options;
    this.#events = events;
    this.#duty = duty;
    this.#heardMs = clock.now();
    this.#listening.promise.catch(() => {}); // Whoever waits for it sees it.
    this.#thread = startThread(number, duty.permissions, {
      hear: (report) => this.#hear(report),
      fail: (message) => this.#die(message),
    });
    this.#order({
      kind: "start",
      number,
      config: duty.config,
      listen: { addresses: duty.addresses, reusePort, tcpBacklog: BACKLOG },
      permissions: duty.permissions,
      outside: duty.outside,
      debug,
      json,
      capture,
    });
  }

  /** What it is to do. */
  get duty(): Duty {
    return this.#duty;
  }

  /** Resolves when it listens. Rejects when it died before, with `ListenError`, or with `UnprovedError`. */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** Resolves when it is over, in whatever way. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Has it serve another configuration, and read less; resolves when it does, or is over. */
  async configure(duty: Duty, giveUp: readonly string[]): Promise<void> {
    this.#duty = duty;
    const { config, permissions, outside } = duty;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#configuring.push(resolve);
    this.#order({ kind: "configure", config, permissions, giveUp, outside });
    await Promise.race([promise, this.ended]);
  }

  /** Has it accept no more; resolves when it does not, or is over. */
  async stopAccepting(): Promise<void> {
    this.#order({ kind: "stop accepting" });
    await Promise.race([this.#deaf.promise, this.ended]);
  }

  /** Lets it finish what is under way. */
  end(): void {
    this.#order({ kind: "end" });
  }

  /** The same, while others serve: there is no hurry. */
  retire(): void {
    this.#order({ kind: "retire" });
  }

  /** Ends it now, without a word. */
  terminate(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#thread.terminate();
    this.#listening.reject(new Error("the worker was ended"));
    this.#ended.resolve();
  }

  /** Ends it as dead when it has been silent for too long. */
  checkPulse(): void {
    const { clock, silenceMs } = this.#options;
    if (clock.now() - this.#heardMs > silenceMs) this.#die(`it was stuck for more than ${silenceMs / 1000} seconds`);
  }

  #hear(report: Report): void {
    if (this.#isOver) return;
    this.#heardMs = this.#options.clock.now();
    switch (report.kind) {
      case "listening":
        this.#isListening = true;
        return this.#listening.resolve();
      case "not listening":
        return this.#die(listenError(report.address, report.error));
      case "unproved":
        return this.#endUnproved(new UnprovedError(report.problems.join("; ")));
      case "configured":
        return this.#configuring.shift()?.();
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

  /** Of one that serves already only this worker is amiss: a new one has never had what it should have given up. */
  #endUnproved(error: UnprovedError): void {
    if (this.#isListening) return this.#die(error.message);
    this.#listening.reject(error);
    this.terminate();
  }

  #die(reason: string | Error): void {
    if (this.#isOver) return;
    this.#listening.reject(typeof reason === "string" ? new Error(reason) : reason);
    this.terminate();
    this.#events.died(this, typeof reason === "string" ? reason : reason.message);
  }

  #order(order: Order): void {
    if (!this.#isOver) this.#thread.post(order);
  }
}
