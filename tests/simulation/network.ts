/**
 * The network in memory: a `Listener` with a backlog of clients, which can run out of descriptors and lose connections.
 * Knows which links there are; not what passes over them.
 */

import type { Socket } from "../../src/net/socket.ts";
import type { Listener } from "../../src/net/listener.ts";
import { closedError, systemError } from "./errors.ts";
import type { Link, LinkWatcher } from "./link.ts";
import type { Random } from "./random.ts";
import type { Stalls } from "./stalls.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Note, Violation } from "./trace.ts";

export interface NetworkFaults {
  /** Periods in which accept fails with EMFILE, in milliseconds of the clock, in order. */
  readonly exhausted: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** Probability that a client resets its connection before it is accepted. */
  readonly aborted: number;
  /** Probability that accept takes some time. */
  readonly delays: number;
}

interface Arriving {
  readonly link: Link;
  readonly watcher: LinkWatcher;
  readonly sinceMs: number;
}

/** The longest time that accepting takes. */
export const ACCEPT_DELAY_MAX_MS = 10;

interface Accept {
  readonly resolve: (socket: Socket) => void;
  readonly reject: (error: Error) => void;
  isCompleting: boolean;
}

export class Network implements Listener {
  /** All links that the server has accepted and not closed. */
  readonly open = new Set<Link>();
  /** Called with each simulated error that the server reports. */
  onFailure: (error: Error) => void = () => {};
  /** Called when the server closes the listener, with how long the first connection in its queue has waited. */
  onClose: (waitedMs: number) => void = () => {};
  readonly #timeline: VirtualClock;
  readonly #stalls: Stalls;
  readonly #random: Random;
  readonly #faults: NetworkFaults;
  readonly #note: Note;
  readonly #secure: (socket: Socket) => Socket;
  #backlog: Arriving[] = [];
  #accept: Accept | null = null;
  #isClosed = false;
  #refusedMs = -Infinity;
  #roomMs = -Infinity;

  /** `secure` makes the socket that the server gets. */
  constructor(
    timeline: VirtualClock,
    stalls: Stalls,
    random: Random,
    faults: NetworkFaults,
    note: Note,
    secure: (socket: Socket) => Socket = (socket) => socket,
  ) {
    this.#secure = secure;
    this.#timeline = timeline;
    this.#stalls = stalls;
    this.#random = random;
    this.#faults = faults;
    this.#note = note;
    for (const { toMs } of faults.exhausted) timeline.after(Math.max(0, toMs - timeline.now()), () => this.#advance());
  }

  /** Number of connections that the server has not accepted yet. */
  get backlog(): number {
    return this.#backlog.length;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isAccepting(): boolean {
    return this.#accept !== null;
  }

  /** When the server last closed a connection. */
  get roomMs(): number {
    return this.#roomMs;
  }

  /** When accept last failed with EMFILE. */
  get refusedMs(): number {
    return this.#refusedMs;
  }

  /** A client connects. It can send at once, even before the server accepts it. */
  connect(link: Link, watcher: LinkWatcher): void {
    if (this.#isClosed) return link.reset();
    this.#backlog.push({ link, watcher, sinceMs: this.#timeline.now() });
    this.#advance();
  }

  accept(): Promise<Socket> {
    if (this.#isClosed) return Promise.reject(closedError("before"));
    if (this.#accept !== null) throw new Violation("accepts are not concurrent", "two concurrent accepts");
    return new Promise((resolve, reject) => {
      this.#accept = { resolve, reject, isCompleting: false };
      this.#advance();
    });
  }

  close(): void {
    if (this.#isClosed) throw new Violation("the listener is closed once", "closed twice");
    const accept = this.#accept;
    // The system may have accepted a connection already. Then the server gets it after the close.
    if (accept?.isCompleting && this.#random.chance(0.5)) this.#complete(accept);
    this.#isClosed = true;
    this.#note("network", "listener closed");
    this.#accept?.reject(
      closedError(this.#random.chance(0.5) ? "before" : "meanwhile"),
    );
    this.#accept = null;
    this.onClose(this.#timeline.now() - (this.#backlog[0]?.sinceMs ?? Infinity));
    for (const { link } of this.#backlog) link.reset();
    this.#backlog = [];
  }

  #advance(): void {
    const accept = this.#accept;
    if (accept === null || accept.isCompleting || this.#backlog.length === 0) return;
    accept.isCompleting = true;
    if (!this.#random.chance(this.#faults.delays)) return this.#completeIn(accept, 0);
    this.#completeIn(accept, this.#random.integer(0, ACCEPT_DELAY_MAX_MS));
  }

  #completeIn(accept: Accept, delayMs: number): void {
    const { leftMs } = this.#stalls;
    if (leftMs > 0) this.#timeline.after(leftMs, () => this.#completeIn(accept, Math.max(delayMs, 1)));
    else if (delayMs === 0) this.#complete(accept);
    else this.#timeline.after(delayMs, () => this.#completeIn(accept, 0));
  }

  #complete(accept: Accept): void {
    if (this.#accept !== accept) return; // Closed in the meantime.
    this.#accept = null;
    const nowMs = this.#timeline.now();
    if (this.#faults.exhausted.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)) {
      this.#refusedMs = nowMs;
      this.#note("network", "accept fails: EMFILE");
      const error = systemError("EMFILE");
      this.onFailure(error);
      return accept.reject(error);
    }
    const { link, watcher } = this.#backlog.shift()!;
    if (this.#random.chance(this.#faults.aborted)) {
      this.#note("network", "accept fails: aborted", link.port);
      link.reset();
      return accept.reject(systemError("ECONNABORTED"));
    }
    this.open.add(link);
    link.onClose = () => {
      this.open.delete(link);
      this.#roomMs = this.#timeline.now();
    };
    watcher.accepted();
    accept.resolve(this.#secure(link.socket));
  }
}
