/**
 * One worker, as the supervisor sees it: its task, its reports, its life and its end.
 * @module
 */

import type { Change } from "../live/changes.ts";
import type { Destination } from "../log/access_logs.ts";
import type { TimedLines } from "../log/merger.ts";
import { NO_TRAFFIC, type Traffic } from "../log/live.ts";
import type { Lines } from "../log/output.ts";
import type { Debug } from "../log/trace.ts";
import type { Clock } from "../net/clock.ts";
import type { EncodeRequest } from "./encoder_client.ts";
import type { EncodeElsewhere } from "./encoder_thread.ts";
import { type ConnectionSight, NOTHING, type Snapshot } from "../snapshot.ts";
import type { Order, Report } from "./worker.ts";
import { BACKLOG, listenError } from "./address.ts";
import { configFor, type WorkerTask } from "./worker_task.ts";
import type { StartThread, Thread } from "./thread.ts";

/**
 * A worker with a larger heap is replaced. If it ran out of memory, the whole process would end, because the runtime
 * has no limit for a single worker.
 */
const HEAP_BYTES_MAX = 1024 * 1024 * 1024;

/** A worker that is not stuck answers a question within this time. */
const LOOK_MS = 1_000;

/** Options of a worker. */
export interface WorkerOptions {
  /** The number in messages, counted from 1. */
  readonly number: number;
  readonly task: WorkerTask;
  readonly reusePort: boolean;
  readonly debug: Debug;
  /** Messages as JSON. */
  readonly json: boolean;
  readonly capture: boolean;
  /** See the order `start`. */
  readonly liveVersion: number | null;
  readonly startThread: StartThread;
  readonly clock: Clock;
  /** A worker that sends no message for this long is stuck. */
  readonly heartbeatTimeoutMs: number;
}

/** Events of a worker. */
export interface WorkerEvents {
  /** The worker has output to be written. */
  readonly output: (kind: "message" | "capture", lines: Lines) => void;
  /** The worker has an event for the live view. */
  readonly show: (event: Uint8Array<ArrayBuffer>) => void;
  /** The worker has lines of the access log. */
  readonly access: (destination: Destination, lines: TimedLines) => void;
  /** The worker has content to be encoded by another thread. */
  readonly encode: EncodeElsewhere;
  /** The worker has died, with its connections. */
  readonly died: (worker: WorkerThread, reason: string) => void;
  /** The worker uses too much memory and should be replaced. It can finish its answers. */
  readonly overMemory: (worker: WorkerThread) => void;
}

/** A worker has more permissions than it should, so the server must not start. */
export class SandboxTooWideError extends Error {
  override name = "SandboxTooWideError";
}

/** A thread that serves. */
export class WorkerThread {
  readonly number: number;
  readonly #thread: Thread;
  readonly #options: WorkerOptions;
  readonly #events: WorkerEvents;
  readonly #listening = Promise.withResolvers<void>();
  readonly #stoppedAccepting = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  /** Called when the worker reports that it has a new task, in order. */
  readonly #configuring: (() => void)[] = [];
  #task: WorkerTask;
  #traffic = NO_TRAFFIC;
  /** Called when the worker has reported its counts or connections, in order. */
  readonly #looking: Readonly<Record<"counts" | "connections", (() => void)[]>> = { counts: [], connections: [] };
  #snapshot: Snapshot = NOTHING;
  #connections: readonly ConnectionSight[] = [];
  #isListening = false;
  #isOver = false;
  #lastReportMs: number;

  /** Throws if the thread cannot be started. */
  constructor(options: WorkerOptions, events: WorkerEvents) {
    const { number, task, reusePort, debug, json, capture, liveVersion, startThread, clock } = options;
    this.number = number;
    this.#options = options;
    this.#events = events;
    this.#task = task;
    this.#lastReportMs = clock.now();
    this.#listening.promise.catch(() => {}); // The rejection is for those who wait for `listening`.
    this.#thread = startThread(number, task.permissions, {
      onReport: (report) => this.#onReport(report),
      onError: (message) => this.#die(message),
    });
    this.#order({
      kind: "start",
      number,
      config: configFor(task),
      listen: { addresses: task.addresses, reusePort, tcpBacklog: BACKLOG },
      permissions: task.permissions,
      outside: task.outside,
      debug,
      json,
      capture,
      liveVersion,
    });
  }

  /** The latest task. */
  get task(): WorkerTask {
    return this.#task;
  }

  /** The counts that the worker reported last. */
  get traffic(): Traffic {
    return this.#traffic;
  }

  /** Resolves when the worker listens. Rejects if it dies before, also with `ListenError` or `SandboxTooWideError`. */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** Resolves when the worker has ended for any reason. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Changes the task. The worker revokes its permission for `revoke`. Resolves when it has done so, or has ended. */
  async configure(task: WorkerTask, revoke: readonly string[]): Promise<void> {
    this.#task = task;
    const { permissions, outside } = task;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#configuring.push(resolve);
    this.#order({ kind: "configure", config: configFor(task), permissions, revoke, outside });
    await Promise.race([promise, this.ended]);
  }

  /** Tells the worker that files have changed. */
  announce(change: Change): void {
    this.#order({ kind: "changed", change });
  }

  /** The last counts that it has reported. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Tells the worker to send events for the live view, or to end that. */
  watch(isWatched: boolean): void {
    this.#order({ kind: "watch", isWatched });
  }

  /** The counts now, or the last ones that are known of a worker that is stuck or has ended. */
  async lookAtCounts(): Promise<Snapshot> {
    await this.#look("counts");
    return this.#snapshot;
  }

  /** The open connections; none of a worker that is stuck or has ended. */
  async lookAtConnections(): Promise<readonly ConnectionSight[]> {
    this.#connections = [];
    await this.#look("connections");
    return this.#connections;
  }

  async #look(what: "counts" | "connections"): Promise<void> {
    if (!this.#isListening || this.#isOver) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#looking[what].push(resolve);
    this.#order({ kind: "look", what });
    const over = new AbortController();
    await Promise.race([promise, this.ended, this.#options.clock.sleep(LOOK_MS, over.signal)]);
    over.abort();
  }

  /** Tells the worker to fail health checks. */
  refuseHealth(): void {
    this.#order({ kind: "not ready" });
  }

  /** Tells the worker to stop accepting. Resolves when it has done so, or has ended. */
  async stopAccepting(): Promise<void> {
    this.#order({ kind: "stop accepting" });
    await Promise.race([this.#stoppedAccepting.promise, this.ended]);
  }

  /** Tells the worker to end after its current answers. */
  end(): void {
    this.#order({ kind: "end" });
  }

  /** Like `end`, but waiting connections keep their idle timeout, because other workers serve. */
  retire(): void {
    this.#order({ kind: "retire" });
  }

  /** Ends the worker at once. No event follows. */
  terminate(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#thread.terminate();
    this.#listening.reject(new Error("the worker was ended"));
    this.#ended.resolve();
  }

  /** Ends the worker as dead if it is stuck. */
  checkHeartbeat(): void {
    const { clock, heartbeatTimeoutMs } = this.#options;
    if (clock.now() - this.#lastReportMs > heartbeatTimeoutMs) {
      this.#die(`it was stuck for more than ${heartbeatTimeoutMs / 1000} seconds`);
    }
  }

  #onReport(report: Report): void {
    if (this.#isOver) return;
    this.#lastReportMs = this.#options.clock.now();
    switch (report.kind) {
      case "listening":
        this.#isListening = true;
        return this.#listening.resolve();
      case "not listening":
        return this.#die(listenError(report.address, report.error));
      case "sandbox too wide":
        return this.#endTooWide(new SandboxTooWideError(report.problems.join("; ")));
      case "counts":
        this.#snapshot = report.snapshot;
        return this.#looking.counts.shift()?.();
      case "view":
        return this.#events.show(report.event);
      case "connections":
        this.#connections = report.connections;
        return this.#looking.connections.shift()?.();
      case "configured":
        return this.#configuring.shift()?.();
      case "heartbeat":
        this.#traffic = report.traffic;
        return report.heapBytes > HEAP_BYTES_MAX ? this.#events.overMemory(this) : undefined;
      case "encode":
        return void this.#encode(report);
      case "access":
        return this.#events.access(report.destination, report);
      case "message":
        return this.#events.output(report.kind, report.lines);
      case "capture":
        return this.#events.output(report.kind, report.text);
      case "stopped accepting":
        return this.#stoppedAccepting.resolve();
      case "drained":
        return this.terminate();
      case "died":
        return this.#die(report.message);
    }
  }

  async #encode({ id, bytes, coding }: EncodeRequest): Promise<void> {
    const encoded = await this.#events.encode(bytes, coding).catch(() => null); // The encoder reports its failures.
    this.#order({ kind: "encoded", id, bytes: encoded }, encoded === null ? [] : [encoded.buffer]);
  }

  /** A serving worker is replaced, because a new one never has the permission that this one should have lost. */
  #endTooWide(error: SandboxTooWideError): void {
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

  #order(order: Order, transfer: Transferable[] = []): void {
    if (!this.#isOver) this.#thread.post(order, transfer);
  }
}
