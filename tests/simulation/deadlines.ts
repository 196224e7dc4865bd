/**
 * Checks the server's deadlines on one link: how long it may wait, receive, send and linger. It watches the server's calls
 * and computes the deadlines itself from the configuration. Knows where messages end; not what they mean.
 */

import type { Invariant } from "./invariants.ts";
import type { Link, LinkWatcher, OperationKind } from "./link.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { STALL_MAX_MS } from "./stalls.ts";
import { type Note, Violation } from "./trace.ts";

/** The configured timeouts in milliseconds; `Infinity`: none. */
export interface Promises {
  readonly idleMs: number;
  readonly messageMs: number;
}

/** When the server is told to end. */
export interface Ending {
  /** When the server was told to end, and when it must have ended; `Infinity` if it was not told yet. */
  readonly toldMs: () => number;
  readonly endsMs: () => number;
}

/** The surroundings of a link. */
export interface Surroundings extends Ending {
  /** Whether the server may be short of room for connections: then it ends some that linger. */
  readonly isCrowded: () => boolean;
  readonly timeline: VirtualClock;
  /** The promises in effect, and since when. */
  readonly promises: () => Promises;
  readonly promisedMs: () => number;
  /** How long a connection that waits has for one more message when the server ends. */
  readonly graceMs: () => number;
  readonly note: Note;
  readonly fail: (violation: Violation) => void;
  /** Called with each simulated error that the server may report. */
  readonly failure: (error: Error) => void;
}

/**
 * Limits of the server that cannot be configured: period of the sweep, grace, time for lingering, sending rate. They repeat
 * constants of the server: if they were imported, a wrong value there would go unnoticed.
 */
export const SWEEP_MS = 500;
export const QUIET_MS = 2000;
export const LINGER_MS = 30_000;
export const SENDING_GRACE_MS = 30_000;
export const CREDIT_MAX_MS = 120_000;
export const BYTES_PER_MS = 1.024;

/** Longer than every deadline of the server that is not infinite. */
export const LONGEST_MS = CREDIT_MAX_MS + 10_000;

/** Tolerance, because operations of the network take time, the process may stand still, and the sweep looks twice. */
export const SLACK_MS = 150 + 2 * STALL_MAX_MS;

/** An answer may wait for the helper that encodes: 0.2 s for each form before it. */
export const ENCODING_MS_MAX = 5_000;

/** When lingering must end that began at `lingerMs`, if bytes last moved at `movedMs`. */
export function lingerEndMs(lingerMs: number, movedMs: number): number {
  return Math.min(lingerMs + LINGER_MS, Math.max(lingerMs, movedMs) + QUIET_MS);
}

/**
 * After which time a peer is certainly too slow, because the sweep may first see a write at any time. The write began at
 * `writeMs`, its last bytes were taken at `sentMs`, and it has taken `taken` bytes.
 */
export function slowFromMs(writeMs: number, sentMs: number, taken: number): number {
  const earnedMs = Math.max(SENDING_GRACE_MS, taken / BYTES_PER_MS);
  return Math.min(writeMs + earnedMs, Math.max(writeMs, sentMs) + CREDIT_MAX_MS - SWEEP_MS);
}

export class Deadlines implements LinkWatcher {
  link: Link | null = null;
  /** Positions in the client's bytes at which messages end. Bytes after the last position belong to an endless message. */
  readonly boundaries: number[] = [];
  readonly #surroundings: Surroundings;
  readonly #who: string;
  #isOpen = false;
  #closedMs = -Infinity;
  #acceptedMs = Infinity;
  #movedMs = Infinity;
  /** When the network last accepted bytes from the server. */
  #sentMs = -Infinity;
  #received = 0;
  #messageMs = Infinity;
  #paidUntilMs = 0;
  /** The current write, with all its short writes: when it began, and how many bytes were accepted and are left. */
  #writeMs = 0;
  #taken = 0;
  #unsent = 0;
  #lingerMs = Infinity;
  #receivedAtFarewell = Infinity;

  constructor(who: string, surroundings: Surroundings) {
    this.#who = who;
    this.#surroundings = surroundings;
  }

  /** When the server accepted the connection; `Infinity` if it has not. */
  get acceptedMs(): number {
    return this.#acceptedMs;
  }

  /** When the server closed the connection; `-Infinity` if it has not. */
  get closedMs(): number {
    return this.#closedMs;
  }

  /** When bytes last moved in either direction; `Infinity` before the connection is accepted. */
  get movedMs(): number {
    return this.#movedMs;
  }

  /** Number of bytes that the server has read. */
  get received(): number {
    return this.#received;
  }

  /** Number of bytes that the server had read when it sent its 408; `Infinity` if it has sent none. */
  get receivedAtFarewell(): number {
    return this.#receivedAtFarewell;
  }

  accepted(): void {
    this.#isOpen = true;
    this.#acceptedMs = this.#movedMs = this.#nowMs;
    this.#surroundings.note(this.#who, "accepted");
  }

  started(kind: OperationKind, bytes: number): void {
    const nowMs = this.#nowMs;
    if (kind === "closeWrite") this.#lingerMs = Math.min(this.#lingerMs, nowMs);
    if (kind !== "read" && this.link?.isPending("read")) this.#dismiss();
    if (kind !== "write") return;
    // After a short write, the next write continues the same answer and gets no new grace period.
    if (this.#unsent === 0) {
      this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs + SENDING_GRACE_MS);
      this.#writeMs = nowMs;
      this.#taken = 0;
    }
    this.#unsent = bytes;
  }

  completed(kind: OperationKind, count: number): void {
    const nowMs = this.#nowMs;
    this.#surroundings.note(this.#who, `server: ${kind}`, count);
    if (kind === "closeWrite") return;
    this.#movedMs = nowMs;
    if (kind === "read") return this.#receive(count, nowMs);
    this.#unsent -= count;
    this.#taken += count;
    this.#sentMs = nowMs;
    this.#paidUntilMs = Math.min(this.#paidUntilMs + count / BYTES_PER_MS, nowMs + CREDIT_MAX_MS);
  }

  closing(): void {
    if (this.#mayClose()) return;
    this.#fail("no connection is closed before its deadline", "closed");
  }

  closed(): void {
    this.#isOpen = false;
    this.#closedMs = this.#nowMs;
    this.#surroundings.note(this.#who, "server: close");
  }

  failed(error: Error): void {
    this.#surroundings.failure(error);
  }

  violated(violation: Violation): void {
    this.#surroundings.fail(violation.of(this.#who));
  }

  /** Called when no code is ready to run. Then each open connection must wait for something and be within its deadline. */
  check(): void {
    const { link } = this;
    if (!this.#isOpen || link === null || link.isPending("closeWrite")) return;
    const { idleMs, messageMs } = this.#surroundings.promises();
    // The deadline of a write starts with the first sweep that sees it.
    if (link.isPending("write")) return this.#hold("sending", this.#paidUntilMs + SWEEP_MS);
    // A lingering connection may have to wait until it may read on.
    if (this.#lingerMs < Infinity) return this.#hold("lingering", this.#lingerUntilMs);
    if (!link.isPending("read")) {
      if (this.#nowMs < this.#movedMs + ENCODING_MS_MAX) return;
      return this.#fail("an open connection waits for something", "it does not");
    }
    this.#hold("idle", this.#movedMs + idleMs);
    // Time that the server needs for sending does not count for the message.
    this.#hold("receiving", Math.max(this.#messageMs, this.#sentMs) + messageMs);
    if (this.#isIdle) {
      this.#hold("drained", Math.max(this.#surroundings.toldMs(), this.#movedMs) + this.#surroundings.graceMs());
    }
  }

  /** A deadline that has passed already when it comes into effect is met by the next sweep. */
  #hold(what: string, untilMs: number): void {
    const dueMs = Math.max(untilMs, this.#surroundings.promisedMs());
    const lateMs = this.#nowMs - (dueMs + SWEEP_MS + SLACK_MS);
    if (lateMs > 0) this.#fail("no connection outlives its deadline", `${what}, ${lateMs.toFixed(1)} ms overdue`);
  }

  /** Called if our side writes or ends while a read is pending: with 408, or with nothing. A deadline must have passed. */
  #dismiss(): void {
    if (this.#receivedAtFarewell < Infinity) return; // This is the rest of it.
    const isDrained = this.#isIdle &&
      this.#nowMs - Math.max(this.#surroundings.toldMs(), this.#movedMs) > this.#surroundings.graceMs();
    if (!this.#isOverdue && !isDrained) this.#fail("no connection is closed before its deadline", "dismissed");
    this.#receivedAtFarewell = this.#received;
  }

  /** Whether the server may close now. Without a pending read or write it was the protocol that decided to close. */
  #mayClose(): boolean {
    const { link } = this;
    const { endsMs } = this.#surroundings;
    if (link === null || link.isBroken || link.isSendingOver || this.#nowMs >= endsMs()) return true;
    if (this.#receivedAtFarewell < Infinity) return true;
    if (this.#lingerMs < Infinity) return this.#nowMs > this.#lingerUntilMs || this.#lingersBriefly;
    if (link.isPending("write")) return this.#isSlow;
    return !link.isPending("read") || this.#isOverdue;
  }

  /** Whether the server may end a connection that has lingered for a while: for want of room, or because it ends itself. */
  get #lingersBriefly(): boolean {
    const { isCrowded, toldMs } = this.#surroundings;
    return this.#nowMs - this.#lingerMs > QUIET_MS && (isCrowded() || this.#nowMs >= toldMs());
  }

  get #lingerUntilMs(): number {
    return lingerEndMs(this.#lingerMs, this.#movedMs);
  }

  get #isOverdue(): boolean {
    const { idleMs, messageMs } = this.#surroundings.promises();
    return this.#nowMs - this.#movedMs > idleMs || this.#nowMs - this.#messageMs > messageMs;
  }

  /** Whether the peer is certainly too slow. */
  get #isSlow(): boolean {
    return this.#nowMs > slowFromMs(this.#writeMs, this.#sentMs, this.#taken);
  }

  /** Whether the connection is between two messages. */
  get #isIdle(): boolean {
    return this.#messageMs === Infinity;
  }

  get #nowMs(): number {
    return this.#surroundings.timeline.now();
  }

  #fail(invariant: Invariant, detail: string): void {
    this.#surroundings.fail(new Violation(invariant, detail).of(this.#who));
  }

  #receive(count: number, nowMs: number): void {
    const before = this.#received;
    this.#received += count;
    const begun = this.boundaries.findLast((end) => end <= this.#received) ?? 0;
    if (begun === this.#received) this.#messageMs = Infinity;
    else if (begun > before || before === 0 || this.#messageMs === Infinity) this.#messageMs = nowMs;
  }
}
