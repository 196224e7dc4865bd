/**
 * The thread that encodes for all workers, as the supervisor sees it. It is started when the first worker needs it,
 * ended when none has needed it for a while, and started again after its death.
 * @module
 */

import type { Coding } from "../http/semantics/coding.ts";
import { permit } from "../config/permissions.ts";
import type { Clock } from "../net/clock.ts";
import type { EncoderOrder, EncoderReport } from "./encoder.ts";
import { type StartThread, type Thread, threadsOf } from "./thread.ts";

/** The thread that encodes. */
export const encoderThreads: StartThread<EncoderOrder, EncoderReport> = threadsOf(
  new URL("./encoder.ts", import.meta.url),
);

/** Encodes bytes in another thread. Takes the bytes over. Rejects if it cannot. */
export type EncodeElsewhere = (bytes: Uint8Array<ArrayBuffer>, coding: Coding) => Promise<Uint8Array<ArrayBuffer>>;

/** Options of the thread. */
export interface EncoderThreadOptions {
  readonly startThread: StartThread<EncoderOrder, EncoderReport>;
  readonly clock: Clock;
  /** Paths that the thread must not be able to read. */
  readonly outside: () => readonly string[];
  readonly tell: (message: string) => void;
}

/** An idle thread keeps about 15 MB. */
const IDLE_MS = 60_000;

/** No new thread is started for so long after a death. */
const PAUSE_MS = 10_000;

/** The encoder is dead if it takes longer. It takes some seconds at most. */
const ENCODING_MS_MAX = 60_000;

/** The period of the check for an idle or stuck thread. */
const CHECK_MS = 5_000;

interface Work {
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
}

/** The thread, when it is needed. */
export class EncoderThread {
  readonly #options: EncoderThreadOptions;
  #thread: Thread<EncoderOrder> | null = null;
  /** What the thread has been told to encode, in order. */
  #work: Work[] = [];
  #lastMs = -Infinity;
  #diedMs = -Infinity;
  #started = 0;
  #stopChecking: (() => void) | null = null;

  constructor(options: EncoderThreadOptions) {
    this.#options = options;
  }

  /** `bytes` in a coding. Takes the bytes over. Rejects if the thread dies, or has died a moment ago. */
  encode(bytes: Uint8Array<ArrayBuffer>, coding: Coding): Promise<Uint8Array<ArrayBuffer>> {
    const { clock } = this.#options;
    this.#lastMs = clock.now();
    if (this.#lastMs - this.#diedMs < PAUSE_MS) return Promise.reject(new Error("the encoder has died a moment ago"));
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    try {
      this.#thread ??= this.#start();
      this.#work.push({ resolve, reject });
      this.#thread.post({ kind: "encode", bytes, coding }, [bytes.buffer]);
    } catch (error) {
      this.#die(error instanceof Error ? error.message : String(error));
      reject(new Error("the encoder cannot be started"));
    }
    return promise;
  }

  /** Ends the thread. */
  terminate(): void {
    this.#thread?.terminate();
    this.#thread = null;
    this.#stopChecking?.();
    this.#stopChecking = null;
    for (const { reject } of this.#work) reject(new Error("the encoder was ended"));
    this.#work = [];
  }

  #start(): Thread<EncoderOrder> {
    const { startThread, clock, outside } = this.#options;
    const number = ++this.#started;
    const isCurrent = () => this.#thread !== null && number === this.#started;
    const thread = startThread(number, permit({}), {
      onReport: (report) => isCurrent() ? this.#onReport(report) : undefined,
      onError: (message) => isCurrent() ? this.#die(message) : undefined,
    });
    thread.post({ kind: "start", outside: outside() });
    this.#stopChecking = clock.every(CHECK_MS, () => this.#check());
    return thread;
  }

  #onReport(report: EncoderReport): void {
    this.#lastMs = this.#options.clock.now();
    if (report.kind === "sandbox too wide") {
      return this.#die(`its sandbox is too wide (${report.problems.join("; ")})`);
    }
    const work = this.#work.shift();
    if (report.kind === "encoded") work?.resolve(report.bytes);
    else work?.reject(new Error(report.message));
  }

  #check(): void {
    const quietMs = this.#options.clock.now() - this.#lastMs;
    if (this.#work.length > 0 && quietMs > ENCODING_MS_MAX) this.#die("it was stuck");
    if (this.#work.length === 0 && quietMs > IDLE_MS) this.terminate();
  }

  #die(reason: string): void {
    const { clock, tell } = this.#options;
    this.#diedMs = clock.now();
    tell(`the encoder died: ${reason}; large files are sent as they are until another one starts`);
    this.terminate();
  }
}
