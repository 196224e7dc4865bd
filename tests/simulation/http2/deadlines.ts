/**
 * Checks the server's deadlines on a link over which HTTP/2 is spoken. A read is pending nearly always, also while the server
 * writes, so what counts is what the client owes. Knows times and numbers of bytes; not frames.
 */

import {
  BYTES_PER_MS,
  CREDIT_MAX_MS,
  ENCODING_MS_MAX,
  lingerEndMs,
  QUIET_MS,
  SENDING_GRACE_MS,
  SLACK_MS,
  slowFromMs,
  type Surroundings,
  SWEEP_MS,
} from "../deadlines.ts";
import type { Invariant } from "../invariants.ts";
import type { Link, LinkWatcher, OperationKind } from "../link.ts";
import { Violation } from "../trace.ts";

/** What the client knows of its session. */
export interface Facts {
  /** Whether it has made a mistake for which the server may end the connection. */
  readonly hasErred: boolean;
  /** Whether the client has not read everything, so that it cannot know what the server waits for. */
  readonly isBlind: boolean;
  /** Whether the server has said which streams are its last. */
  readonly isLeft: boolean;
  /** Whether it waits for no answer. */
  readonly isAnswered: boolean;
  /** Where the first request begins that the server waits for the rest of; `Infinity`: there is none. */
  readonly owedOffset: number;
  /** Since when a closed window has kept an answer from going on, and for how long in all. */
  readonly closedSinceMs: number;
  readonly closedMs: number;
}

/** The windows of a client are closed a little later for the client than for the server. */
const WINDOW_SLACK_MS = 1000;

export class Http2Deadlines implements LinkWatcher {
  link: Link | null = null;
  /** Positions in the client's bytes at which a group of frames ends. */
  readonly boundaries: number[] = [];
  readonly #surroundings: Surroundings;
  readonly #who: string;
  readonly #facts: () => Facts;
  #isOpen = false;
  #acceptedMs = Infinity;
  #closedMs = -Infinity;
  #movedMs = Infinity;
  #sentMs = -Infinity;
  /** When how many bytes in all had been read. */
  readonly #reads: { readonly atMs: number; readonly total: number }[] = [];
  /** Since when the server has waited for the rest of some message. Overlapping ones share a deadline. */
  #owingMs = Infinity;
  #paidUntilMs = 0;
  #writeMs = 0;
  #taken = 0;
  #unsent = 0;
  #lingerMs = Infinity;
  /** Whether the server might have ended its side when it began its last write. That may have been its farewell. */
  #couldEnd = false;

  constructor(who: string, surroundings: Surroundings, facts: () => Facts) {
    this.#who = who;
    this.#surroundings = surroundings;
    this.#facts = facts;
  }

  get acceptedMs(): number {
    return this.#acceptedMs;
  }

  get closedMs(): number {
    return this.#closedMs;
  }

  /** When bytes last moved in either direction; `Infinity` before the connection is accepted. */
  get movedMs(): number {
    return this.#movedMs;
  }

  /** Number of bytes that the server has read. */
  get received(): number {
    return this.#reads.at(-1)?.total ?? 0;
  }

  accepted(): void {
    this.#isOpen = true;
    this.#acceptedMs = this.#movedMs = this.#nowMs;
    this.#surroundings.note(this.#who, "accepted");
  }

  started(kind: OperationKind, bytes: number): void {
    const nowMs = this.#nowMs;
    if (kind === "closeWrite" && this.#lingerMs === Infinity) {
      if (!this.#mayEnd() && !this.#couldEnd) this.#fail("no connection is closed before its deadline", "ended");
      this.#lingerMs = nowMs;
    }
    if (kind !== "write") return;
    if (this.#unsent === 0) {
      this.#couldEnd = this.#mayEnd();
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
    if (kind === "read") return this.#noteRead(count, nowMs);
    this.#unsent -= count;
    this.#taken += count;
    this.#sentMs = nowMs;
    this.#paidUntilMs = Math.min(this.#paidUntilMs + count / BYTES_PER_MS, nowMs + CREDIT_MAX_MS);
  }

  #noteRead(count: number, nowMs: number): void {
    this.#reads.push({ atMs: nowMs, total: this.received + count });
    if (this.#owedOffset === Infinity) this.#owingMs = Infinity;
    else this.#owingMs = Math.min(this.#owingMs, nowMs);
  }

  closing(): void {
    if (!this.#mayClose()) this.#fail("no connection is closed before its deadline", "closed");
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
    if (link.isPending("write")) return this.#hold("sending", this.#paidUntilMs + SWEEP_MS);
    if (this.#lingerMs < Infinity) return this.#hold("lingering", this.#lingerUntilMs);
    const { isAnswered, isBlind, closedSinceMs } = this.#facts();
    if (isBlind) return this.#hold("anything", this.#movedMs + CREDIT_MAX_MS + this.#surroundings.promises().idleMs);
    if (closedSinceMs < Infinity) {
      return this.#hold("a closed window", Math.max(closedSinceMs, this.#sentMs) + CREDIT_MAX_MS);
    }
    const workMs = isAnswered ? 0 : ENCODING_MS_MAX;
    if (!link.isPending("read") && this.#nowMs > this.#movedMs + workMs + SLACK_MS && !link.isSendingOver) {
      return this.#fail("an open connection waits for something", "it does not");
    }
    const { idleMs, messageMs } = this.#surroundings.promises();
    this.#hold("idle", this.#movedMs + Math.max(idleMs, workMs));
    const owedMs = this.#owedSinceMs;
    if (owedMs < Infinity) this.#hold("receiving", Math.max(owedMs, this.#sentMs) + messageMs + workMs);
    else if (isAnswered && this.#facts().owedOffset === Infinity) {
      this.#hold("drained", Math.max(this.#surroundings.toldMs(), this.#movedMs) + this.#surroundings.graceMs());
    }
  }

  #hold(what: string, untilMs: number): void {
    const dueMs = Math.max(untilMs, this.#surroundings.promisedMs());
    const lateMs = this.#nowMs - (dueMs + SWEEP_MS + SLACK_MS);
    if (lateMs > 0) this.#fail("no connection outlives its deadline", `${what}, ${lateMs.toFixed(1)} ms overdue`);
  }

  /** When the server read the first byte of what the client owes it the rest of; `Infinity`: nothing. */
  get #owedSinceMs(): number {
    const first = this.#owedOffset;
    return this.#reads.find(({ total }) => total > first)?.atMs ?? Infinity;
  }

  /** Where the first message begins whose rest the server waits for; `Infinity`: it waits for none. */
  get #owedOffset(): number {
    const { received } = this;
    const begun = this.boundaries.findLast((end) => end <= received) ?? 0;
    return Math.min(this.#facts().owedOffset, begun < received ? begun : Infinity);
  }

  /** Whether the server may end its side now. */
  #mayEnd(): boolean {
    const { link } = this;
    const { endsMs, toldMs } = this.#surroundings;
    const nowMs = this.#nowMs;
    if (link === null || link.isBroken || link.isSendingOver || nowMs >= endsMs() || nowMs >= toldMs()) return true;
    const { hasErred, isLeft, closedMs } = this.#facts();
    return hasErred || isLeft || this.#isOverdue || closedMs > SENDING_GRACE_MS - WINDOW_SLACK_MS;
  }

  #mayClose(): boolean {
    if (this.#lingerMs === Infinity) {
      if (this.#couldEnd && this.#nowMs > this.#writeMs + QUIET_MS) return true; // Its farewell is not taken.
      return this.link?.isPending("write") ? this.#isSlow || this.#isBrokenOff : this.#mayEnd();
    }
    return this.#nowMs > this.#lingerUntilMs || this.#lingersBriefly || this.#isBrokenOff;
  }

  /** Whether somebody else has ended the connection. */
  get #isBrokenOff(): boolean {
    const { link } = this;
    return link === null || link.isBroken || link.isSendingOver || this.#nowMs >= this.#surroundings.endsMs();
  }

  get #lingersBriefly(): boolean {
    const { isCrowded, toldMs } = this.#surroundings;
    return this.#nowMs - this.#lingerMs > QUIET_MS && (isCrowded() || this.#nowMs >= toldMs());
  }

  get #lingerUntilMs(): number {
    return lingerEndMs(this.#lingerMs, this.#movedMs);
  }

  get #isOverdue(): boolean {
    const { idleMs, messageMs } = this.#surroundings.promises();
    return this.#nowMs - this.#movedMs > idleMs || this.#nowMs - this.#owingMs > messageMs;
  }

  /** Whether the peer is certainly too slow. */
  get #isSlow(): boolean {
    return this.#nowMs > slowFromMs(this.#writeMs, this.#sentMs, this.#taken);
  }

  get #nowMs(): number {
    return this.#surroundings.timeline.now();
  }

  #fail(invariant: Invariant, detail: string): void {
    this.#surroundings.fail(new Violation(invariant, detail).of(this.#who));
  }
}
