/**
 * The signals of the operating system, from the first line of the program on. A signal before its handler is stored.
 * This file imports nothing, because it runs before everything else is loaded.
 * @module
 */

/** `npx` and `deno task` forward a Ctrl-C, so that the server gets it twice: from the terminal and from them. */
const SAME_PRESS_MS = 500;

/** The functions of the system that signals need. Tests pass their own. */
export interface SignalSystem {
  readonly listen: (signal: Deno.Signal, listener: () => void) => void;
  /** Whether one of the standard streams is a terminal. */
  readonly hasTerminal: () => boolean;
  /** Milliseconds. Only differences have a meaning. */
  readonly now: () => number;
}

/** The requests that signals make: to end, to end at once, to reload, to reopen the log files. */
export class Signals {
  readonly #system: SignalSystem;
  readonly #ended = Promise.withResolvers<Deno.Signal>();
  readonly #forced = Promise.withResolvers<void>();
  readonly #hadTerminal: boolean;
  #endedMs: number | null = null;
  #reload: (() => void) | null = null;
  #isReloadDue = false;
  #reopen: ((signal: Deno.Signal) => void) | null = null;

  /** Listens only for signals that the platform has, because others would throw. */
  constructor(system: SignalSystem = SYSTEM) {
    this.#system = system;
    this.#hadTerminal = system.hasTerminal();
    const isWindows = Deno.build.os === "windows";
    const ends: readonly Deno.Signal[] = isWindows ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
    for (const signal of ends) system.listen(signal, () => this.#end(signal));
    if (isWindows) return;
    system.listen("SIGHUP", () => this.#hangUp());
    // Before the log files are open, there is nothing to do.
    for (const signal of ["SIGUSR1", "SIGUSR2"] as const) system.listen(signal, () => this.#reopen?.(signal));
  }

  /** Resolves to the first signal that asks for the end: Ctrl-C, `kill`, or a terminal that was closed. */
  get ended(): Promise<Deno.Signal> {
    return this.#ended.promise;
  }

  /** Resolves when a second signal asks for the end, which must then be immediate. */
  get forced(): Promise<void> {
    return this.#forced.promise;
  }

  /** Calls `reload` at each `kill -HUP`, and at once if there was one already. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#isReloadDue) reload();
  }

  /**
   * Calls `reopen` at each `kill -USR1`, and at each `kill -USR2`, because `deno run` (2.9.2 and later) also opens its
   * debugger at SIGUSR1, on 127.0.0.1:9229.
   */
  onReopen(reopen: (signal: Deno.Signal) => void): void {
    this.#reopen = reopen;
  }

  #end(signal: Deno.Signal): void {
    const nowMs = this.#system.now();
    this.#endedMs ??= nowMs;
    this.#ended.resolve(signal);
    if (nowMs - this.#endedMs > SAME_PRESS_MS) this.#forced.resolve();
  }

  /** A closed terminal sends the same signal as `kill -HUP`, but then the standard streams are no terminals. */
  #hangUp(): void {
    if (this.#hadTerminal && !this.#system.hasTerminal()) this.#end("SIGHUP");
    else if (this.#reload !== null) this.#reload();
    else this.#isReloadDue = true;
  }
}

const SYSTEM: SignalSystem = {
  listen: Deno.addSignalListener,
  hasTerminal: () => [Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal()),
  now: () => performance.now(),
};
