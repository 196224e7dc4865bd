/**
 * What connects a client's session with its link: sends the client's bytes in pieces, reads the server's at the client's pace,
 * opens windows as the client likes, and waits. Knows times; not what the client wants.
 */

import { ByteQueue } from "../byte_queue.ts";
import type { World } from "../clients.ts";
import type { Generation } from "../generation.ts";
import type { Reading } from "../habits.ts";
import { Link, type Weather } from "../link.ts";
import type { Random } from "../random.ts";
import { Violation } from "../trace.ts";
import { type Facts, Http2Deadlines } from "./deadlines.ts";
import type { Appetite } from "./habits.ts";
import { Ledger } from "./ledger.ts";
import { Session } from "./session.ts";

/** A client that has waited this long stops waiting. */
export const PATIENCE_MS = 200_000;
export const SLOW_PATIENCE_MS = 600_000;

/** Bytes by which a server without TLS tells HTTP/2 from HTTP/1.1. */
const PREFACE_LINE_BYTES = "PRI * HTTP/2.0\r\n".length;

export interface WireOptions {
  readonly who: string;
  readonly port: number;
  readonly world: World;
  readonly random: Random;
  /** How the client reads; `null`: never. */
  readonly reading: Reading | null;
  readonly weather: Weather;
  readonly appetite: Appetite;
  readonly isPatient: boolean;
}

export class Wire {
  readonly link: Link;
  readonly deadlines: Http2Deadlines;
  readonly session: Session;
  readonly ledger: Ledger;
  /** The server that it is connected to. */
  generation: Generation;
  /** With `tickMs` the pieces are very small, with a pause of up to `tickMs` after each. */
  tickMs = 0;
  /** The client sends all that it has at once. */
  sendsWhole = false;
  /** The client sends no more bytes than this. */
  stopsAt = Infinity;
  readonly #options: WireOptions;
  readonly #outgoing = new ByteQueue();
  #isPumping = false;
  #sent = 0;
  #gapMs = 0;
  #isReadPlanned = false;
  #isAttentive = false;
  #isGone = false;
  #isRefused = false;
  readonly #waiting = new Set<() => void>();

  constructor(options: WireOptions) {
    const { who, port, world, random, weather } = options;
    this.#options = options;
    this.generation = world.reach();
    const served = {
      ...world,
      toldMs: () => this.generation.toldMs,
      endsMs: () => this.generation.endsMs,
      promises: () => this.generation.conf.promises,
      promisedMs: () => this.generation.configuredMs,
      graceMs: () => this.generation.graceMs,
      confsSince: (ms: number) => this.generation.confsSince(ms),
      isCrowded: () => this.generation.isCrowded,
    };
    this.session = new Session({
      random: random.fork(),
      now: () => world.timeline.now(),
      put: (bytes) => this.#put(bytes),
      ended: (stream) => this.ledger.end(stream),
    });
    this.ledger = new Ledger(who, served, this.session);
    this.deadlines = new Http2Deadlines(who, served, () => this.#facts);
    const { timeline, stalls } = world;
    this.link = new Link(port, weather, { timeline, stalls, random: random.fork(), watcher: this.deadlines });
    this.deadlines.link = this.link;
    this.link.onArrival = () => this.#planRead();
  }

  connect(): void {
    const { world, appetite } = this.#options;
    this.generation = world.reach();
    this.generation.network.connect(this.link, this.deadlines);
    this.session.begin(appetite.settings);
    if (appetite.more > 0) this.session.widen(null, appetite.more);
  }

  /** Whether the client can do nothing more on this connection. */
  get isEnded(): boolean {
    return this.#isGone || this.link.arrival !== "open" || this.link.isBroken;
  }

  /** Whether all bytes have been sent. */
  get isSent(): boolean {
    return this.#outgoing.length === 0;
  }

  /** The client does nothing more. */
  abandon(): void {
    this.#isGone = true;
    this.#wake();
  }

  fail(error: unknown): void {
    const violation = error instanceof Violation ? error : new Violation("clients do not fail", stackOf(error));
    this.#options.world.fail(violation.of(this.#options.who));
  }

  // Sending

  #put(bytes: Uint8Array): void {
    this.#outgoing.push(bytes);
    this.deadlines.boundaries.push(this.session.offset);
    this.pump();
  }

  /** Sends what waits, in pieces that may end anywhere. */
  async pump(): Promise<void> {
    const { random, world } = this.#options;
    if (this.#isPumping) return;
    this.#isPumping = true;
    await Promise.resolve(); // Several groups of frames may share a piece.
    while (this.#outgoing.length > 0 && this.#sent < this.stopsAt && !this.isEnded && !this.link.isSendingOver) {
      const most = this.sendsWhole
        ? Infinity
        : this.tickMs > 0
        ? random.integer(1, 40)
        : random.pick([1, 9, 50, 1000, 20_000, Infinity]);
      const piece = this.#outgoing.take(Math.min(most, this.stopsAt - this.#sent));
      this.#gapMs = Math.max(this.#gapMs, world.timeline.now() - this.deadlines.movedMs);
      this.#sent += piece.length;
      this.session.noteSent(this.#sent);
      world.note(this.#options.who, "sends", piece.length);
      this.link.send(piece);
      const mayPause = this.tickMs > 0 || random.chance(0.3);
      if (mayPause) await this.pause(random.integer(0, this.tickMs > 0 ? this.tickMs : 30));
    }
    this.#isPumping = false;
    this.#wake();
  }

  get #facts(): Facts {
    const { unanswered, mistake, isLeft } = this.session;
    const nowMs = this.#options.world.timeline.now();
    const waiting = unanswered.filter(({ hasHead }) => hasHead);
    const unfinished = unanswered.filter(({ endOffset }) => endOffset > this.deadlines.received);
    return {
      hasErred: mistake !== null,
      isLeft,
      isBlind: this.#isGone || this.link.waiting > 0,
      isAnswered: unanswered.every(({ startOffset }) => startOffset >= this.deadlines.received),
      owedOffset: Math.min(
        ...unfinished.map(({ startOffset }) => startOffset).filter((at) => at < this.deadlines.received),
      ),
      closedSinceMs: Math.min(...waiting.map(({ closed }) => closed.sinceMs)),
      closedMs: Math.max(0, ...unanswered.map(({ closed }) => closed.totalMs(nowMs))),
    };
  }

  // Reading

  #planRead(): void {
    const { reading, world } = this.#options;
    if (reading === null || this.link.waiting === 0) return this.#wake();
    if (this.#isReadPlanned) return;
    this.#isReadPlanned = true;
    world.timeline.after(reading.everyMs, () => this.#read(reading.bytes));
  }

  #read(max: number): void {
    this.#isReadPlanned = false;
    if (this.#isGone) return;
    const bytes = this.link.take(max);
    try {
      if (!this.#isNoHttp2(bytes)) this.session.receive(bytes);
    } catch (error) {
      this.fail(error);
      this.#isGone = true;
    }
    this.#planAttention();
    this.#wake();
    this.#planRead();
  }

  /** Whether the server has missed too much of the preface to know that this is HTTP/2, and has answered in HTTP/1.1. */
  #isNoHttp2(bytes: Uint8Array): boolean {
    const isAnswer = String.fromCharCode(...bytes.subarray(0, 12)) === "HTTP/1.1 408";
    if (isAnswer && this.deadlines.received < PREFACE_LINE_BYTES) this.#isRefused = true;
    return this.#isRefused;
  }

  /** Opens windows that are nearly closed, after a while. */
  #planAttention(): void {
    const { low, delayMs } = this.#options.appetite;
    if (this.#isAttentive || low === 0 || this.session.unanswered.length === 0) return;
    this.#isAttentive = true;
    this.#options.world.timeline.after(delayMs, () => this.#attend());
  }

  #attend(): void {
    const { low, by } = this.#options.appetite;
    this.#isAttentive = false;
    if (this.isEnded || this.link.isSendingOver) return;
    if (this.session.window.promised < low) this.session.widen(null, by);
    for (const stream of this.session.unanswered) {
      if (stream.window.promised < low) this.session.widen(stream, by + Math.max(0, -stream.window.promised));
    }
  }

  // Waiting and leaving

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.world.timeline.after(ms, resolve));
  }

  async awaitAnswers(patienceMs: number = PATIENCE_MS): Promise<void> {
    this.#planAttention();
    await this.until(() => this.isEnded || (this.isSent && this.session.unanswered.length === 0), patienceMs);
  }

  /** Resolves when `condition` holds after something has happened, or after `patienceMs`. */
  until(condition: () => boolean, patienceMs: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#waiting.delete(check);
        resolve();
      };
      const check = () => condition() && end();
      const cancel = this.#options.world.timeline.after(patienceMs, end);
      this.#waiting.add(check);
    });
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Checks that nothing is missing. */
  conclude(): void {
    const { link, deadlines, session } = this;
    const { world, isPatient, reading } = this.#options;
    const isServed = link.arrival !== "open" || world.timeline.now() - deadlines.acceptedMs > PATIENCE_MS / 3;
    // A client that sends to a closed connection loses what it has not read. Only one that reads slowly comes that late.
    const isLate = link.isClosed && link.arrival === "reset" && reading?.bytes !== Infinity;
    const isGood = isPatient && !link.isBroken && !this.#isGone && !isLate;
    const isInTime = deadlines.closedMs < this.generation.endsMs;
    this.ledger.conclude({
      isGood: isGood && isServed && isInTime,
      arrivedInTime: link.arrivedInTime,
      gapMs: this.#gapMs,
    });
    const mayAsk = isGood && link.arrival === "open" && this.isSent && deadlines.acceptedMs < Infinity;
    if (mayAsk && world.timeline.now() - deadlines.movedMs > 1000 && !session.isAcknowledged) {
      this.fail(new Violation("settings and pings are acknowledged", "they are not"));
    }
  }

  /** Ends the connection. If the server has said which streams are its last, it must end it. */
  async leave(): Promise<void> {
    const { session, link } = this;
    const { random, isPatient } = this.#options;
    if (this.#isGone) return;
    if (session.isLeft && session.unanswered.length === 0 && isPatient) {
      await this.until(() => link.arrival !== "open", PATIENCE_MS);
      if (link.arrival === "open") throw new Violation("the server ends the connection after its last answer", "open");
    } else if (random.chance(0.3)) {
      await this.until(() => this.isEnded, random.integer(0, PATIENCE_MS));
    }
    if (random.chance(0.8)) link.close();
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
