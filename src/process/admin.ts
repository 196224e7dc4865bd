/**
 * The admin listener, as the supervisor sees it: starts, moves and ends its worker, and answers its questions.
 * @module
 */

import type { AdminAnswer, Question } from "../admin/routes.ts";
import type { Config } from "../config/config.ts";
import { type Clock } from "../net/clock.ts";
import { adminListenError } from "./address.ts";
import type { AdminReport } from "./admin_worker.ts";
import type { Ports } from "./ports.ts";
import { type Address, adminAddress, adminPermissions } from "./scope.ts";
import type { StartThread, Thread } from "./thread.ts";
import type { AdminOrder } from "./admin_worker.ts";
import { SandboxTooWideError } from "./worker_thread.ts";

/** How the questions of the admin listener are answered. */
export type AdminAnswers = Readonly<Record<Question, () => AdminAnswer | Promise<AdminAnswer>>>;

/** Options of the admin listener. */
export interface AdminOptions {
  readonly startThread: StartThread<AdminOrder, AdminReport>;
  readonly clock: Clock;
  readonly ports: Pick<Ports, "tryToListen">;
  readonly answers: AdminAnswers;
  /** Called when the first browser shows the live view, and when the last one does not any more. */
  readonly watch: (isWatched: boolean) => void;
  readonly tell: (message: string) => void;
}

/** The time before a worker that died is replaced. */
const RESTART_MS = 1_000;

/** A running admin worker. */
interface Member {
  readonly wanted: Address;
  readonly address: Address;
  readonly thread: Thread<AdminOrder>;
}

/** The admin listener. It does nothing until it is configured with an address. */
export class Admin {
  readonly #options: AdminOptions;
  #member: Member | null = null;
  /** Workers that listen no more, and send their last answers, as that of the reload that has moved the listener. */
  readonly #leaving = new Set<Thread<AdminOrder>>();
  #isReady = false;
  #hosts: readonly string[] = [];
  #isOver = false;

  constructor(options: AdminOptions) {
    this.#options = options;
  }

  /** Where it listens; `null`: it does not. */
  get address(): Address | null {
    return this.#member?.address ?? null;
  }

  /**
   * Listens where `config` says, or not any more. `outside`: paths that the worker must not be able to read. Throws
   * `ListenError` or `SandboxTooWideError`; then it listens where it did before.
   */
  async configure(config: Config, outside: readonly string[]): Promise<void> {
    this.#hosts = config.hosts.map(({ name }) => name).filter((name) => name !== "default");
    const wanted = adminAddress(config);
    const before = this.#member;
    if (wanted === null || !isSame(wanted, before?.wanted)) {
      this.#member = wanted === null ? null : await this.#start(config, wanted, outside);
      if (before !== null) this.#leave(before.thread);
    }
    this.#postState();
  }

  /** Notes whether the server accepts connections. */
  setReady(isReady: boolean): void {
    this.#isReady = isReady;
    this.#postState();
  }

  /** Sends an event to the browsers that show the live view. */
  push(event: Uint8Array<ArrayBuffer>): void {
    this.#member?.thread.post({ kind: "event", event }, [event.buffer]);
  }

  /** Ends it now. */
  terminate(): void {
    this.#isOver = true;
    this.#member?.thread.terminate();
    this.#member = null;
    for (const thread of this.#leaving) this.#end(thread);
  }

  #leave(thread: Thread<AdminOrder>): void {
    this.#leaving.add(thread);
    thread.post({ kind: "leave" });
    this.#options.watch(false); // Its browsers connect again, if there is another one.
  }

  #end(thread: Thread<AdminOrder>): void {
    this.#leaving.delete(thread);
    thread.terminate();
  }

  #postState(): void {
    this.#member?.thread.post({ kind: "state", isReady: this.#isReady, hosts: this.#hosts });
  }

  /** Resolves when the worker listens. */
  async #start(config: Config, wanted: Address, outside: readonly string[]): Promise<Member> {
    const address = wanted.port === 0 ? { ...wanted, port: this.#freePort(wanted) } : wanted;
    const permissions = adminPermissions(config, address);
    const listening = Promise.withResolvers<void>();
    const thread = this.#options.startThread(0, permissions, {
      onReport: (report) => this.#onReport(report, { thread, address, listening }),
      onError: (message) => {
        listening.reject(new Error(`the admin worker died: ${message}`));
        void this.#replace(thread, message, { config, outside });
      },
    });
    thread.post({ kind: "start", address, permissions, outside });
    try {
      await listening.promise;
      return { wanted, address, thread };
    } catch (error) {
      thread.terminate();
      throw error;
    }
  }

  #freePort(wanted: Address): number {
    try {
      return this.#options.ports.tryToListen(wanted);
    } catch (error) {
      throw adminListenError(wanted, error);
    }
  }

  #onReport(
    report: AdminReport,
    { thread, address, listening }: Pick<Member, "thread" | "address"> & {
      readonly listening: PromiseWithResolvers<void>;
    },
  ): void {
    switch (report.kind) {
      case "listening":
        return listening.resolve();
      case "not listening":
        return listening.reject(adminListenError(address, report.error));
      case "sandbox too wide":
        return listening.reject(new SandboxTooWideError(`the admin worker: ${report.problems.join("; ")}`));
      case "watch":
        return this.#leaving.has(thread) ? undefined : this.#options.watch(report.isWatched);
      case "left":
        return this.#end(thread);
      case "problem":
        return this.#options.tell(report.message);
      case "ask":
        return void this.#answer(thread, report.id, report.question);
    }
  }

  async #answer(thread: Thread<AdminOrder>, id: number, question: Question): Promise<void> {
    let answer: AdminAnswer;
    try {
      answer = await this.#options.answers[question]();
    } catch (error) {
      this.#options.tell(`admin listener: ${question}: ${error instanceof Error ? error.stack : error}`);
      answer = { status: 500, type: "text/plain; charset=utf-8", content: "the server has logged why\n" };
    }
    if (this.#member?.thread === thread || this.#leaving.has(thread)) thread.post({ kind: "answer", id, answer });
  }

  /** Starts a worker again that died while it served. */
  async #replace(
    dead: Thread<AdminOrder>,
    reason: string,
    { config, outside }: { readonly config: Config; readonly outside: readonly string[] },
  ): Promise<void> {
    const member = this.#member;
    if (this.#leaving.has(dead)) this.#end(dead);
    if (member?.thread !== dead) return;
    this.#member = null;
    dead.terminate();
    this.#options.watch(false);
    this.#options.tell(`the admin worker died: ${reason}; a new one starts in ${RESTART_MS} ms`);
    await this.#options.clock.sleep(RESTART_MS);
    if (this.#isOver || this.#member !== null) return;
    try {
      this.#member = await this.#start(config, member.wanted, outside);
      this.#postState();
    } catch (error) {
      this.#options.tell(`the admin listener is gone: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function isSame(a: Address, b: Address | undefined): boolean {
  return a.hostname === b?.hostname && a.port === b.port;
}
