/**
 * The accept loop and the set of open connections: their limit, missing descriptors, sweep, drain.
 * Knows connections and time; not what is said over them.
 * @module
 */

import type { Clock } from "./clock.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import type { Protocol } from "./conversation.ts";
import { completeOptions, type ServeOptions } from "./defaults.ts";
import { sendAtOnce, type Socket } from "./socket.ts";
import type { CloseReason } from "./events.ts";
import { Lingering, type LingerLimits } from "./lingering.ts";
import { isExhausted, isPeerGone, isTransient } from "./peer.ts";
import { Roster } from "./roster.ts";
import { untilDelivered } from "./delivery.ts";
import type { CurrentLimits, SweepLimits } from "./sweep.ts";
import { Sweeper } from "./sweeper.ts";
import type { Tally } from "./tally.ts";

/** What the transport needs of a listening socket. `Deno.TcpListener` is one. */
export interface Listener {
  /** Resolves to the next connection. Throws the system's errors, and when the listener is closed. */
  accept(): Promise<Socket>;
  /** Closes the listener. A pending accept fails. */
  close(): void;
}

/** Limits that may change while a server runs. */
export interface ServeLimits {
  /**
   * With this many open connections, no more are accepted, and new ones wait in the system's backlog. With several
   * listeners, each except one may have accepted one more.
   */
  readonly connectionsMax: number;
  /** How long a peer may keep the server waiting. */
  readonly sweep: SweepLimits;
  /** Milliseconds after which a draining server closes all connections. A drain that has begun keeps its limit. */
  readonly drainMs: number;
  /** Milliseconds that a waiting connection has for one more message when the server ends. */
  readonly lastMessageMs: number;
}

/** All settings of a server. `ServeOptions` has defaults for nearly all of them. */
export interface ServeSettings
  extends ServeLimits, Omit<ConnectionOptions, "clock" | "spareBuffers" | "lingering" | "tally"> {
  /** The counts of the server. */
  readonly tally: Tally;
  /**
   * One listener or several. The owner may close one before `signal` aborts: then no more is accepted there, and the
   * open connections are served as before.
   */
  readonly listener: Listener | readonly Listener[];
  /** The clock of all limits. */
  readonly clock: Clock;
  /** How long a peer may go on sending after our end, so that it reads the last answer. */
  readonly linger: LingerLimits;
  /**
   * Ends the server when it aborts. The server accepts the connections in the system's queue and then no more. It
   * answers the requests that have arrived, and on each waiting connection one more if it arrives within
   * `lastMessageMs`.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when accept fails for lack of descriptors. It should close cached descriptors and return how many it closed.
   * If it returns 0, the server reports the shortage.
   */
  readonly exhausted?: (() => number) | undefined;
  /** Called with problems that no peer caused: missing descriptors, a protocol that threw. */
  readonly report: (problem: string, error: unknown) => void;
}

/**
 * Period of the sweep. An idle connection outlives its timeout by this much at most, and by the tenth of a second in
 * which the sweep waits for bytes that have already arrived.
 */
export const SWEEP_PERIOD_MS = 500;

/** Time for other connections to close their descriptors before the next accept. */
const EXHAUSTED_PAUSE_MS = 100;

/** A shortage of descriptors that returns within this time was already reported. */
const EXHAUSTED_QUIET_MS = 60_000;

/**
 * Serves `protocol` until the signal aborts. Resolves when the last connection is closed. Listens on `port` unless it
 * gets a `listener`: `serve(protocol, { port: 3000 })`. Rejects with `ListenError` if it cannot listen.
 */
export async function serve(protocol: Protocol, options: ServeOptions): Promise<void> {
  await new Service(protocol, options).run();
}

/** A running server whose limits can change. Programs that do not change them need only `serve`. */
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
  readonly #listenersClosed = new AbortController();
  /** When descriptors were last missing. */
  #exhaustedMs = -Infinity;
  /** Resolve functions of those who wait for a connection to close, for other limits, or for the end. */
  #waiting: (() => void)[] = [];

  /** Listens if `options` contain an address. Throws `ListenError`. */
  constructor(protocol: Protocol, options: ServeOptions) {
    this.#protocol = protocol;
    this.#options = completeOptions(options);
    const { listener, clock, accumulator, sendingRate, graceMs, linger, tally, observe } = this.#options;
    const lingering = new Lingering(linger);
    this.#listeners = "accept" in listener ? [listener] : listener;
    this.#limits = this.#options;
    this.#connectionOptions = { clock, accumulator, sendingRate, graceMs, lingering, tally, observe, spareBuffers: [] };
    this.#sweeper = new Sweeper(this.#connections, clock, () => this.#sweepLimits());
  }

  /** The open connections, for a look at them. They must not be kept. */
  get connections(): Iterable<Connection> & { readonly size: number } {
    return this.#connections;
  }

  /** Changes the limits, for open connections as well. */
  configure(limits: ServeLimits): void {
    this.#limits = limits;
    if (this.#isStopping) this.#drainConnections();
    this.#wake();
  }

  /** The number of open connections, and the bytes that the system has accepted for all connections so far. */
  get traffic(): { readonly open: number; readonly sentBytes: number } {
    let sentBytes = this.#options.tally.counts.bytesSent; // Those of connections that are closed.
    for (const { activity, traffic } of this.#connections) if (activity !== "closed") sentBytes += traffic.sent;
    return { open: this.#connections.size, sentBytes };
  }

  /** Serves until the signal aborts. Resolves when the last connection is closed. */
  async run(): Promise<void> {
    const { clock, signal } = this.#options;
    const stopSweeping = clock.every(SWEEP_PERIOD_MS, () => {
      this.#options.tally.onSweep?.();
      void this.#sweeper.sweep();
    });
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

  /** A loop by hand, because `for await` over a listener ends at the first EMFILE. */
  async #acceptAll(listener: Listener): Promise<void> {
    while (!this.#listenersClosed.signal.aborted) {
      if (this.#isFull) {
        this.#options.tally.counts.full++;
        await this.#nextWake();
        continue;
      }
      try {
        this.#start(await listener.accept());
      } catch (error) {
        // We closed it, or its owner did before the signal. The open connections are served as before.
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        await this.#recover(error);
      }
    }
  }

  /**
   * At the limit, and when the server ends, a lingering connection gets no longer than a quiet one, because it must not
   * keep others out, or the server from ending.
   */
  #sweepLimits(): CurrentLimits {
    const { clock, linger } = this.#options;
    const hasRoom = !this.#isFull && clock.now() - this.#exhaustedMs > SWEEP_PERIOD_MS;
    return { ...this.#limits.sweep, lingerMs: hasRoom && !this.#isStopping ? Infinity : linger.quietMs };
  }

  get #isFull(): boolean {
    return this.#connections.size >= this.#limits.connectionsMax;
  }

  #start(socket: Socket): void {
    sendAtOnce(socket);
    this.#options.tally.counts.accepted++;
    const connection = new Connection(++this.#accepted, socket, this.#connectionOptions);
    this.#connections.add(connection);
    if (this.#isStopping) connection.drain(this.#limits.lastMessageMs); // It came before the listener closed.
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
        connection.closeLingering(reason);
      }
    }
    if (connection.farewellDone !== null) await connection.farewellDone;
    connection.close(reason);
    connection.releaseBuffer();
    this.#connections.delete(connection);
    this.#wake();
  }

  /** After a failed accept: continues if the peer gave up; if no descriptors are left, reports that once and waits. */
  async #recover(error: unknown): Promise<void> {
    if (isTransient(error)) return;
    if (!isExhausted(error)) throw error;
    this.#options.tally.counts.exhausted++;
    const closed = this.#options.exhausted?.() ?? 0;
    if (closed > 0) return;
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#exhaustedMs > EXHAUSTED_QUIET_MS) {
      this.#options.report("cannot accept: out of descriptors; waiting for some to close", error);
    }
    this.#exhaustedMs = nowMs;
    await this.#options.clock.sleep(EXHAUSTED_PAUSE_MS, this.#listenersClosed.signal);
  }

  async #stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#drainConnections();
    await this.#emptyBacklog();
    this.#closeListeners();
  }

  /** Accepts the connections in the system's queue before the listeners close, because closing would reset them. */
  async #emptyBacklog(): Promise<void> {
    let before = this.#accepted;
    const hasMoved = () => {
      const mayMove = this.#accepted > before || this.#isFull; // At the limit, others wait to be accepted.
      before = this.#accepted;
      return mayMove;
    };
    await untilDelivered(this.#options.clock, hasMoved, this.#listenersClosed.signal);
  }

  #drainConnections(): void {
    for (const connection of this.#connections) connection.drain(this.#limits.lastMessageMs);
  }

  #closeListeners(): void {
    if (this.#listenersClosed.signal.aborted) return;
    this.#listenersClosed.abort();
    for (const listener of this.#listeners) closeListener(listener);
    this.#wake(); // An accept loop may be waiting for a connection to close.
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
    while (this.#connections.size > 0) await this.#nextWake();
    stopSweeping();
    drained.abort();
    await overdue;
  }

  #closeAll(): void {
    for (const connection of [...this.#connections]) connection.close("drained");
  }

  #nextWake(): Promise<void> {
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
    if (!(error instanceof Deno.errors.BadResource)) throw error; // The owner has closed it already.
  }
}
