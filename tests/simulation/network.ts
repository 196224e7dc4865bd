/**
 * The network in memory: a `Listener` whose backlog clients fill, which runs out of descriptors and loses connections.
 * Knows links as wholes; what passes over one is the link's.
 */

import type { Socket } from "../../src/net/socket.ts";
import type { Listener } from "../../src/net/listener.ts";
import { closedError, systemError } from "./errors.ts";
import type { Link, LinkWatcher } from "./link.ts";
import type { Random } from "./random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Note, Violation } from "./trace.ts";

export interface NetworkFaults {
  /** From when to when accepting fails with EMFILE, in milliseconds of the timeline. In order. */
  readonly exhausted: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** Probability that a connection is gone before it is accepted. */
  readonly aborted: number;
  /** Probability that accepting takes a while. */
  readonly delays: number;
}

interface Arriving {
  readonly link: Link;
  readonly watcher: LinkWatcher;
}

interface Accept {
  readonly resolve: (socket: Socket) => void;
  readonly reject: (error: Error) => void;
  isCompleting: boolean;
}

export class Network implements Listener {
  /** Every link that was accepted and that the server has not closed. */
  readonly open = new Set<Link>();
  /** Told of errors made up here that a server reports. */
  onFailure: (error: Error) => void = () => {};
  readonly #timeline: VirtualClock;
  readonly #random: Random;
  readonly #faults: NetworkFaults;
  readonly #note: Note;
  #backlog: Arriving[] = [];
  #accept: Accept | null = null;
  #isClosed = false;
  #refusedMs = -Infinity;

  constructor(timeline: VirtualClock, random: Random, faults: NetworkFaults, note: Note) {
    this.#timeline = timeline;
    this.#random = random;
    this.#faults = faults;
    this.#note = note;
    for (const { toMs } of faults.exhausted) timeline.after(Math.max(0, toMs - timeline.now()), () => this.#advance());
  }

  /** Clients whose connections nobody has accepted. */
  get backlog(): number {
    return this.#backlog.length;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isAccepting(): boolean {
    return this.#accept !== null;
  }

  /** When accepting failed last for want of descriptors. */
  get refusedMs(): number {
    return this.#refusedMs;
  }

  /** A client connects. It can send at once; whether it is accepted is the server's. */
  connect(link: Link, watcher: LinkWatcher): void {
    if (this.#isClosed) return link.reset();
    this.#backlog.push({ link, watcher });
    this.#advance();
  }

  accept(): Promise<Socket> {
    if (this.#isClosed) return Promise.reject(closedError("before"));
    if (this.#accept !== null) throw new Violation("one accept at a time", "two concurrent accepts");
    return new Promise((resolve, reject) => {
      this.#accept = { resolve, reject, isCompleting: false };
      this.#advance();
    });
  }

  close(): void {
    if (this.#isClosed) throw new Violation("the listener is closed once", "closed twice");
    const accept = this.#accept;
    // What the system had accepted already comes, though after the close.
    if (accept?.isCompleting && this.#random.chance(0.5)) this.#complete(accept);
    this.#isClosed = true;
    this.#note("network", "listener closed");
    this.#accept?.reject(
      closedError(this.#random.chance(0.5) ? "before" : "meanwhile"),
    );
    this.#accept = null;
    for (const { link } of this.#backlog) link.reset();
    this.#backlog = [];
  }

  #advance(): void {
    const accept = this.#accept;
    if (accept === null || accept.isCompleting || this.#backlog.length === 0) return;
    accept.isCompleting = true;
    if (!this.#random.chance(this.#faults.delays)) return this.#complete(accept);
    this.#timeline.after(this.#random.integer(0, 30), () => this.#complete(accept));
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
    link.onClose = () => void this.open.delete(link);
    watcher.accepted();
    accept.resolve(link.socket);
  }
}
