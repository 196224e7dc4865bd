/**
 * Holds a server to its deadlines on one link: how long it may wait, receive, send and linger. Sees what the server does
 * with its end, and computes for itself what the configuration promises. Knows where messages end; not what they say.
 */

import type { Link, LinkWatcher, OperationKind } from "./link.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Note, Violation } from "./trace.ts";

/** What the configuration promises, in milliseconds; `Infinity` is forever. */
export interface Promises {
  readonly idleMs: number;
  readonly messageMs: number;
}

/** How far the server has been told to end. */
export interface Ending {
  /** When it was told to, and when it must have ended; `Infinity` before. */
  readonly toldMs: () => number;
  readonly endsMs: () => number;
  /** Since when it may keep no connection that waits for a request; `Infinity` before it is told so. */
  readonly idleEndsMs: () => number;
}

/** What deadlines are held with. */
export interface Surroundings extends Ending {
  readonly timeline: VirtualClock;
  readonly promises: Promises;
  readonly note: Note;
  readonly fail: (violation: Violation) => void;
  /** Takes errors that may be reported. */
  readonly failure: (error: Error) => void;
}

/** What the server promises by itself: a sweep so often, lingering so long, and patience with slow readers. */
const SWEEP_MS = 500;
const LINGER_MS = 2000;
const GRACE_MS = 30_000;
const CREDIT_MAX_MS = 120_000;
const BYTES_PER_MS = 1.024;

/** After this long nothing that the server may wait for can be left, unless it may wait forever. */
export const LONGEST_MS = CREDIT_MAX_MS + 10_000;

/** Operations of the network take their time. */
const SLACK_MS = 150;

export class Deadlines implements LinkWatcher {
  link: Link | null = null;
  /** Where messages end in what the client sends; what follows the last is a message that never ends. */
  readonly boundaries: number[] = [];
  readonly #surroundings: Surroundings;
  readonly #who: string;
  #isOpen = false;
  #closedMs = -Infinity;
  #acceptedMs = Infinity;
  #movedMs = Infinity;
  /** When bytes were last taken from the server. */
  #sentMs = -Infinity;
  #received = 0;
  #messageMs = Infinity;
  #paidUntilMs = 0;
  /** Of the write under way, short ones together: when it began, when bytes were taken last, how many were and are left. */
  #writeMs = 0;
  #taken = 0;
  #unsent = 0;
  #lingerMs = Infinity;
  #receivedAtFarewell = Infinity;

  constructor(who: string, surroundings: Surroundings) {
    this.#who = who;
    this.#surroundings = surroundings;
  }

  /** Whether the server has accepted the connection, and when. */
  get acceptedMs(): number {
    return this.#acceptedMs;
  }

  /** When the server closed; `-Infinity` when it has not. */
  get closedMs(): number {
    return this.#closedMs;
  }

  /** When bytes last moved either way; `Infinity` before the server has accepted. */
  get movedMs(): number {
    return this.#movedMs;
  }

  /** Bytes that the server has read. */
  get received(): number {
    return this.#received;
  }

  /** Bytes that the server had read when it gave up on a message; `Infinity` when it has not. */
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
    if (kind !== "write") return;
    if (this.link?.isPending("read")) this.#dismiss();
    // What was left over from a short write is the same write still, and gets no time of its own.
    if (this.#unsent === 0) {
      this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs + GRACE_MS);
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

  /** To be asked when everything has run that could: who is open then waits for something, and not for too long. */
  check(): void {
    const { link } = this;
    if (!this.#isOpen || link === null || link.isPending("closeWrite")) return;
    const { idleMs, messageMs } = this.#surroundings.promises;
    // The account of a write may be opened by the sweep after its beginning.
    if (link.isPending("write")) return this.#hold("sending", this.#paidUntilMs + SWEEP_MS);
    if (!link.isPending("read")) return this.#fail("who is open waits for something", "it does not");
    if (this.#lingerMs < Infinity) return this.#hold("lingering", this.#lingerMs + LINGER_MS);
    this.#hold("idle", this.#movedMs + idleMs);
    // Time that the server took itself for sending is not the message's.
    this.#hold("receiving", Math.max(this.#messageMs, this.#sentMs) + messageMs);
    // Who was let in after that may ask once.
    const isToldBefore = this.#closesIdle && this.#acceptedMs < this.#surroundings.idleEndsMs();
    if (this.#isIdle && isToldBefore) this.#fail("idle connections close when told to", "it does not");
  }

  #hold(what: string, untilMs: number): void {
    const lateMs = this.#nowMs - (untilMs + SWEEP_MS + SLACK_MS);
    if (lateMs > 0) this.#fail("no connection outlives its deadline", `${what}, ${lateMs.toFixed(1)} ms overdue`);
  }

  /** A write beside a read is a farewell: the deadline must have passed. */
  #dismiss(): void {
    if (this.#receivedAtFarewell < Infinity) return; // The rest of it.
    if (!this.#isOverdue) this.#fail("no connection is closed before its deadline", "dismissed");
    this.#receivedAtFarewell = this.#received;
  }

  /** Whether it is in order that the server closes now. Who has neither read nor write pending has a reason of its own. */
  #mayClose(): boolean {
    const { link } = this;
    const { endsMs } = this.#surroundings;
    if (link === null || link.isBroken || link.isSendingOver || this.#nowMs >= endsMs()) return true;
    if (this.#receivedAtFarewell < Infinity || this.#lingerMs < Infinity) return true;
    if (link.isPending("write")) return this.#isSlow;
    return !link.isPending("read") || this.#isOverdue || (this.#isIdle && this.#closesIdle);
  }

  get #isOverdue(): boolean {
    const { idleMs, messageMs } = this.#surroundings.promises;
    return this.#nowMs - this.#movedMs > idleMs || this.#nowMs - this.#messageMs > messageMs;
  }

  /** Whether no reckoning can find that the peer takes what is sent to it in good time. */
  get #isSlow(): boolean {
    const earnedMs = Math.max(GRACE_MS, this.#taken / BYTES_PER_MS);
    return this.#nowMs >
      Math.min(this.#writeMs + earnedMs, Math.max(this.#writeMs, this.#sentMs) + CREDIT_MAX_MS - SWEEP_MS);
  }

  /** Whether it is between messages. */
  get #isIdle(): boolean {
    return this.#messageMs === Infinity;
  }

  get #closesIdle(): boolean {
    return this.#nowMs >= this.#surroundings.idleEndsMs();
  }

  get #nowMs(): number {
    return this.#surroundings.timeline.now();
  }

  #fail(invariant: string, detail: string): void {
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
