/**
 * The signals of the operating system, from the first line of the program on. A signal that comes before its handler is kept.
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
  /** Milliseconds, of which only differences mean anything. */
  readonly now: () => number;
}

/** The requests that signals make: to end, to end at once, to reload. */
export class Signals {
  readonly #system: SignalSystem;
  readonly #ended = Promise.withResolvers<Deno.Signal>();
  readonly #insisted = Promise.withResolvers<void>();
  readonly #hadTerminal: boolean;
  #endedMs: number | null = null;
  #reload: (() => void) | null = null;
  #isReloadDue = false;

  /** Listens only for signals that the platform has, because others would throw. */
  constructor(system: SignalSystem = SYSTEM) {
    this.#system = system;
    this.#hadTerminal = system.hasTerminal();
    const isWindows = Deno.build.os === "windows";
    const ends: readonly Deno.Signal[] = isWindows ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
    for (const signal of ends) system.listen(signal, () => this.#end(signal));
    if (!isWindows) system.listen("SIGHUP", () => this.#hangUp());
  }

  /** Resolves to the first signal that asks for the end: Ctrl-C, `kill`, or a terminal that was closed. */
  get ended(): Promise<Deno.Signal> {
    return this.#ended.promise;
  }

  /** Resolves when the end is asked for a second time, to come at once. */
  get insisted(): Promise<void> {
    return this.#insisted.promise;
  }

  /** Calls `reload` for each `kill -HUP` from now on, and once at once if one came before. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#isReloadDue) reload();
  }

  #end(signal: Deno.Signal): void {
    const nowMs = this.#system.now();
    this.#endedMs ??= nowMs;
    this.#ended.resolve(signal);
    if (nowMs - this.#endedMs > SAME_PRESS_MS) this.#insisted.resolve();
  }

  /** A terminal that is closed sends the same signal as `kill -HUP`. The standard streams are no terminals any more then. */
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
