/**
 * Threads and ports in memory, for supervisors whose time a test controls.
 */

import type { Permissions } from "../../src/config/permissions.ts";
import { NO_TRAFFIC } from "../../src/log/live.ts";
import type { Hold, Ports } from "../../src/process/ports.ts";
import type { Address } from "../../src/process/scope.ts";
import type { StartThread, Thread, ThreadEvents } from "../../src/process/thread.ts";
import { HEARTBEAT_MS, type Order, type Report } from "../../src/process/worker.ts";
import type { VirtualClock } from "../virtual_clock.ts";

/** A thread that does what it is told, unless a test says otherwise. */
export class ThreadDouble implements Thread {
  readonly number: number;
  readonly permissions: Permissions;
  /** The orders that it got. */
  readonly orders: Order[] = [];
  isTerminated = false;
  /** Orders of these kinds get no answer. */
  readonly ignores: Set<Order["kind"]>;
  readonly #events: ThreadEvents;
  readonly #stopBeating: () => void;

  constructor(number: number, permissions: Permissions, events: ThreadEvents, threads: ThreadDoubles) {
    this.number = number;
    this.permissions = permissions;
    this.#events = events;
    this.ignores = new Set(threads.ignores);
    this.#stopBeating = threads.clock.every(
      HEARTBEAT_MS,
      () => this.say({ kind: "heartbeat", heapBytes: 1, traffic: NO_TRAFFIC }),
    );
  }

  /** The kinds of the orders that it got. */
  get told(): readonly string[] {
    return this.orders.map((order) => order.kind);
  }

  post(order: Order): void {
    if (this.isTerminated) throw new Error(`worker ${this.number} is told something after its end`);
    this.orders.push(order);
    if (!this.ignores.has(order.kind)) queueMicrotask(() => this.say(ANSWERS[order.kind]));
  }

  terminate(): void {
    this.isTerminated = true;
    this.#stopBeating();
  }

  say(report: Report): void {
    if (!this.isTerminated) this.#events.onReport(report);
  }

  /** It throws. */
  fail(message: string): void {
    this.#events.onError(message);
  }

  /** It is alive, but stuck in a call. */
  fallSilent(): void {
    this.#stopBeating();
    for (const kind of ["configure", "stop accepting", "retire", "end"] as const) this.ignores.add(kind);
  }
}

const ANSWERS: Record<Order["kind"], Report> = {
  start: { kind: "listening" },
  configure: { kind: "configured" },
  watch: { kind: "heartbeat", heapBytes: 1, traffic: NO_TRAFFIC },
  look: { kind: "heartbeat", heapBytes: 1, traffic: NO_TRAFFIC },
  "not ready": { kind: "heartbeat", heapBytes: 1, traffic: NO_TRAFFIC },
  changed: { kind: "heartbeat", heapBytes: 1, traffic: NO_TRAFFIC },
  encoded: { kind: "heartbeat", heapBytes: 1, traffic: NO_TRAFFIC },
  "stop accepting": { kind: "stopped accepting" },
  retire: { kind: "drained" },
  end: { kind: "drained" },
};

/** All threads that were started. */
export class ThreadDoubles {
  readonly clock: VirtualClock;
  readonly all: ThreadDouble[] = [];
  /** Threads that are started from now on do not answer these. */
  readonly ignores = new Set<Order["kind"]>();
  /** What the next start throws. */
  failure: Error | null = null;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  readonly start: StartThread = (number, permissions, events) => {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure;
    const thread = new ThreadDouble(number, permissions, events, this);
    this.all.push(thread);
    return thread;
  };

  get(number: number): ThreadDouble {
    const thread = this.all.find((each) => each.number === number);
    if (thread === undefined) throw new Error(`no worker ${number} was started`);
    return thread;
  }

  /** The numbers of those that have not been ended. */
  get alive(): readonly number[] {
    return this.all.filter(({ isTerminated }) => !isTerminated).map(({ number }) => number);
  }
}

/** What a machine is like. */
export interface PortDoublesOptions {
  readonly areShared?: boolean;
  readonly hasIpv6?: boolean;
  /** Whether `::` means IPv6 alone. */
  readonly isIpv6Apart?: boolean;
}

/** Ports of a machine. What is held here by others is said by `taken` and `answering`. */
export class PortDoubles implements Ports {
  readonly areShared: boolean;
  /** `host:port` of UDP ports, by whoever has them. */
  readonly held = new Set<string>();
  /** Ports on which somebody accepts TCP connections. */
  readonly answering = new Set<number>();
  /** TCP ports that others have, though nobody answers. */
  readonly taken = new Set<number>();
  readonly #options: PortDoublesOptions;
  #nextFree = 40_000;

  constructor(options: PortDoublesOptions = {}) {
    this.#options = options;
    this.areShared = options.areShared ?? true;
  }

  hold({ hostname, port }: Address): Hold {
    if (hostname.includes(":") && this.#options.hasIpv6 === false) throw new Deno.errors.AddrNotAvailable();
    const given = port === 0 ? this.#nextFree++ : port;
    if ([...this.held].some((other) => this.#overlaps(other, hostname, given))) throw new Deno.errors.AddrInUse();
    const name = `${hostname}|${given}`;
    this.held.add(name);
    return { port: given, release: () => void this.held.delete(name) };
  }

  tryToListen({ hostname, port }: Address): number {
    if (hostname.includes(":") && this.#options.hasIpv6 === false) throw new Deno.errors.AddrNotAvailable();
    if (this.taken.has(port) || this.answering.has(port)) throw new Deno.errors.AddrInUse();
    return port === 0 ? this.#nextFree++ : port;
  }

  answers({ port }: Address): Promise<boolean> {
    return Promise.resolve(this.answering.has(port));
  }

  #overlaps(other: string, hostname: string, port: number): boolean {
    const [otherHost = "", otherPort] = other.split("|");
    if (Number(otherPort) !== port) return false;
    const isBoth = (host: string) => host === "::" && this.#options.isIpv6Apart !== true;
    const isWild = (host: string) => host === "::" || host === "0.0.0.0";
    if (isBoth(otherHost) || isBoth(hostname) || otherHost === hostname) return true;
    const isSameFamily = otherHost.includes(":") === hostname.includes(":");
    return isSameFamily && (isWild(otherHost) || isWild(hostname));
  }
}
