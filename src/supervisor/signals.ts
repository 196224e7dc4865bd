/**
 * Signals of the system, heard from the first line of the program on: whoever asks later learns of what came before.
 * Loads nothing, because it comes before everything else.
 * @module
 */

/** One Ctrl-C reaches the server twice where `npx` or `deno task` passes it on: from the terminal and from them. */
const SAME_PRESS_MS = 500;

/** What of the system's signals reaches us; tests put in their own. */
export interface SignalSystem {
  readonly listen: (signal: Deno.Signal, listener: () => void) => void;
  /** Whether one of the standard streams is a terminal. */
  readonly hasTerminal: () => boolean;
  /** Milliseconds, of which only differences mean anything. */
  readonly now: () => number;
}

/** What the process is asked for by signals. */
export class Signals {
  readonly #system: SignalSystem;
  readonly #ended = Promise.withResolvers<Deno.Signal>();
  readonly #insisted = Promise.withResolvers<void>();
  readonly #hadTerminal: boolean;
  #endedMs: number | null = null;
  #reload: (() => void) | null = null;
  #isReloadDue = false;

  /** What a platform lacks is left out: to listen for it would throw. */
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

  /** From now on `reload` is called for each `kill -HUP`; once at once, when some came before. */
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

  /** The terminal's end comes as the same signal as `kill -HUP`; then its streams are no terminals any more. */
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
