/**
 * The accept loop and the set of open connections: limit, exhaustion, sweep, drain.
 * Knows connections and time; not what is said over them.
 * @module
 */

import type { Clock } from "./clock.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import type { Protocol } from "./conversation.ts";
import { type ServeOptions, settle } from "./defaults.ts";
import { sendAtOnce, type Socket } from "./socket.ts";
import type { CloseReason } from "./events.ts";
import { Lingering, type LingerLimits } from "./lingering.ts";
import { isExhausted, isPassing, isPeerGone } from "./peer.ts";
import { Roster } from "./roster.ts";
import { untilStill } from "./stillness.ts";
import type { CurrentLimits, SweepLimits } from "./sweep.ts";
import { Sweeper } from "./sweeper.ts";

/** What the transport needs of a listening socket. `Deno.TcpListener` is one. */
export interface Listener {
  /** Resolves to the next connection. Throws what the system says, and when it is closed. */
  accept(): Promise<Socket>;
  /** Listens no more; a pending accept fails. */
  close(): void;
}

/** Limits that may change while a server runs. */
export interface ServeLimits {
  /**
   * Beyond this many open connections none is accepted: the system's backlog waits. Where there are several listeners, each
   * but one may have accepted one more.
   */
  readonly connectionsMax: number;
  /** How long a peer may keep us waiting. */
  readonly sweep: SweepLimits;
  /** After this long of draining, what is still open is closed. Of a drain that has begun the limit does not change. */
  readonly drainMs: number;
}

/** Everything that a server goes by. `ServeOptions` has defaults for nearly all of it. */
export interface ServeSettings extends ServeLimits, Omit<ConnectionOptions, "clock" | "spareBuffers" | "lingering"> {
  /**
   * Where connections come from: one place or several. May be closed by its owner before `signal` aborts: then no more is
   * accepted there, and what is there is served on.
   */
  readonly listener: Listener | readonly Listener[];
  /** What limits are measured with. */
  readonly clock: Clock;
  /** What a peer may go on sending after our end, so that it gets to read the last answer. */
  readonly linger: LingerLimits;
  /**
   * When it aborts, the server ends: it accepts what the system has completed for it and then no more, answers what is under
   * way, and gives each connection that waits one more answer if its request comes within `graceMs`.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called each time that no descriptor is left for a connection: whoever keeps some for later gives them back, and tells
   * how many those were. Only when there are none is it worth a report.
   */
  readonly exhausted?: (() => number) | undefined;
  /** Told of what no peer caused: an exhausted system, a protocol that threw. */
  readonly report: (problem: string, error: unknown) => void;
}

/**
 * How often the sweep goes round. Idle connections outlive their timeout by this much at most, and by the tenth of a second
 * in which the sweep lets what has arrived be told.
 */
export const SWEEP_PERIOD_MS = 500;

/** Time for others to close their descriptors before we accept again. */
const EXHAUSTED_PAUSE_MS = 100;

/** Exhaustion that comes back before this long is the same one, and has been told of. */
const EXHAUSTED_QUIET_MS = 60_000;

/**
 * Serves `protocol` until the signal aborts; resolves when the last connection is closed. Listens on `port`, unless it is
 * given a `listener`: `serve(protocol, { port: 3000 })`. Rejects with `ListenError` when it cannot.
 */
export async function serve(protocol: Protocol, options: ServeOptions): Promise<void> {
  await new Service(protocol, options).run();
}

/** A protocol being served, for a program that changes its limits meanwhile; `serve` is enough for others. */
export class Service {
  readonly #protocol: Protocol;
  readonly #options: ServeSettings;
  readonly #listeners: readonly Listener[];
  #limits: ServeLimits;
  readonly #connections = new Roster<Connection>();
  readonly #connectionOptions: ConnectionOptions;
  readonly #sweeper: Sweeper;
  #accepted = 0;
  #isStopping = false;
  /** Aborts when the listeners are closed. */
  readonly #deaf = new AbortController();
  /** When we last were out of descriptors. */
  #exhaustedMs = -Infinity;
  /** Resolve the waits for room: for a connection to close, for other limits, for the end. */
  #waiting: (() => void)[] = [];

  /** Listens, where `options` name an address. Throws `ListenError`. */
  constructor(protocol: Protocol, options: ServeOptions) {
    this.#protocol = protocol;
    this.#options = settle(options);
    const { listener, clock, accumulator, sendingRate, graceMs, linger, observe } = this.#options;
    const lingering = new Lingering(linger);
    this.#listeners = "accept" in listener ? [listener] : listener;
    this.#limits = this.#options;
    this.#connectionOptions = { clock, accumulator, sendingRate, graceMs, lingering, observe, spareBuffers: [] };
    this.#sweeper = new Sweeper(this.#connections, clock, () => this.#sweepLimits());
  }

  /** These limits hold from now on, for the connections that are open as well. */
  configure(limits: ServeLimits): void {
    this.#limits = limits;
    this.#wake();
  }

  /** Serves until the signal aborts; resolves when the last connection is closed. */
  async run(): Promise<void> {
    const { clock, signal } = this.#options;
    const stopSweeping = clock.every(SWEEP_PERIOD_MS, () => void this.#sweeper.sweep());
    const stop = () => void this.#stop();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      await Promise.all(this.#listeners.map((listener) => this.#acceptAll(listener)));
      await this.#untilStopped();
      await this.#drain();
    } finally {
      signal?.removeEventListener("abort", stop);
      stopSweeping();
      this.#sweeper.stop();
      this.#closeListeners(); // One accept loop may have failed; the others must not go on.
      this.#closeAll();
    }
  }

  /** By hand, because `for await` over a listener ends for good at the first EMFILE. */
  async #acceptAll(listener: Listener): Promise<void> {
    while (!this.#deaf.signal.aborted) {
      if (this.#isFull) {
        await this.#nextRoom();
        continue;
      }
      try {
        this.#start(await listener.accept());
      } catch (error) {
        // Closed by us, or by its owner before the signal: then what is there is served as before.
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        await this.#recover(error);
      }
    }
  }

  /** Where there is no room, a connection that is over gets no longer than a quiet one: it must not keep others out. */
  #sweepLimits(): CurrentLimits {
    const { clock, linger } = this.#options;
    const isShort = this.#isFull || clock.now() - this.#exhaustedMs < SWEEP_PERIOD_MS;
    return { ...this.#limits.sweep, lingerMs: isShort ? linger.quietMs : Infinity };
  }

  get #isFull(): boolean {
    return this.#connections.size >= this.#limits.connectionsMax;
  }

  #start(socket: Socket): void {
    sendAtOnce(socket);
    const connection = new Connection(++this.#accepted, socket, this.#connectionOptions);
    this.#connections.add(connection);
    if (this.#isStopping) connection.drain(); // It came before the listener closed.
    this.#options.observe?.(connection, { kind: "accept", open: this.#connections.size });
    this.#converse(connection);
  }

  async #converse(connection: Connection): Promise<void> {
    let reason: CloseReason = "done";
    try {
      await connection.run(this.#protocol);
    } catch (error) {
      reason = isPeerGone(error) ? "peer gone" : "failed";
      if (reason === "failed") {
        this.#options.report(`connection ${connection.id} failed`, error);
        connection.breakOff(reason);
      }
    }
    if (connection.farewellSaid !== null) await connection.farewellSaid;
    connection.close(reason);
    connection.giveUp();
    this.#connections.delete(connection);
    this.#wake();
  }

  /** An accept that failed: the peer gave up before we came (go on), or no descriptors are left (say so once, wait). */
  async #recover(error: unknown): Promise<void> {
    if (isPassing(error)) return;
    if (!isExhausted(error)) throw error;
    const givenBack = this.#options.exhausted?.() ?? 0;
    if (givenBack > 0) return;
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#exhaustedMs > EXHAUSTED_QUIET_MS) {
      this.#options.report("cannot accept: out of descriptors; waiting for some to close", error);
    }
    this.#exhaustedMs = nowMs;
    await this.#options.clock.sleep(EXHAUSTED_PAUSE_MS, this.#deaf.signal);
  }

  async #stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const connection of this.#connections) connection.drain();
    await this.#emptyBacklog();
    this.#closeListeners();
  }

  /** Connections that the system has completed are accepted before the listeners close: their close would reset them. */
  async #emptyBacklog(): Promise<void> {
    let before = this.#accepted;
    const hasMoved = () => {
      const mayMove = this.#accepted > before || this.#isFull; // Others wait for a place.
      before = this.#accepted;
      return mayMove;
    };
    await untilStill(this.#options.clock, hasMoved, this.#deaf.signal);
  }

  #closeListeners(): void {
    if (this.#deaf.signal.aborted) return;
    this.#deaf.abort();
    for (const listener of this.#listeners) closeListener(listener);
    this.#wake(); // An accept loop may be waiting for a place.
  }

  #untilStopped(): Promise<void> {
    const { signal } = this.#options;
    if (this.#isStopping || signal === undefined) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  async #drain(): Promise<void> {
    const { clock, graceMs } = this.#options;
    const drained = new AbortController();
    const overdue = clock.sleep(this.#limits.drainMs, drained.signal).then(() => this.#closeAll());
    const stopSweeping = clock.every(Math.max(1, graceMs), () => void this.#sweeper.sweep());
    while (this.#connections.size > 0) await this.#nextRoom();
    stopSweeping();
    drained.abort();
    await overdue;
  }

  #closeAll(): void {
    for (const connection of [...this.#connections]) connection.close("drained");
  }

  #nextRoom(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function closeListener(listener: Listener): void {
  try {
    listener.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error; // Its owner closed it before.
  }
}
