/**
 * The clients: what each sends and when, how it reads, and how it leaves. Each passes the bytes that it receives to its
 * `Exchanges`, which check them.
 */

import { concat } from "@std/bytes/concat";
import { latin1Bytes } from "../../src/http/syntax.ts";
import type { Got } from "./access_log.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchanges } from "./exchanges.ts";
import { Link } from "./link.ts";
import { isPatient, type Kind, KINDS, type Reading, readingOf, startOf, weatherOf } from "./habits.ts";
import type { Generation } from "./generation.ts";
import type { Random } from "./random.ts";
import { makeRefused, makeUpload } from "./refusals.ts";
import { makePlainRequest, makeRequest, type Material, type Message } from "./requests.ts";
import type { Shared } from "./shared.ts";
import type { Place } from "./sites.ts";
import type { Stalls } from "./stalls.ts";
import { Violation } from "./trace.ts";

/** The surroundings of a client. */
export interface World extends Omit<Shared, "toldMs" | "endsMs" | "confsSince"> {
  /** The server that a new connection reaches. */
  readonly reach: () => Generation;
  readonly stalls: Stalls;
  /** When the server will be told to end, from the start on; `null`: when all clients are done. */
  readonly endMs: number | null;
  readonly places: readonly Place[];
  readonly fail: (violation: Violation) => void;
  readonly failure: (error: Error) => void;
}

/** Port of the first client. The others have the ports after it. */
export const FIRST_PORT = 40_000;

/** A client that has waited this long stops waiting. */
const PATIENCE_MS = 200_000;
const SLOW_PATIENCE_MS = 600_000;

/** The period of the server's sweep. */
const SWEEP_MS = 500;

/** If a client sends more than this after a refused request, the server may close before the client has read the answer. */
const BABBLE_BYTES_MAX = 900_000;

export class Client {
  readonly kind: Kind;
  readonly link: Link;
  readonly deadlines: Deadlines;
  readonly exchanges: Exchanges;
  readonly #who: string;
  readonly #world: World;
  readonly #random: Random;
  readonly #material: Material;
  readonly #reading: Reading | null;
  /** The server that it is connected to. */
  #generation: Generation;
  #isReadPlanned = false;
  /** Whether it reads nothing yet, because it sends first. */
  #isHolding: boolean;
  /** Bytes sent after a refused request. */
  #babbled = 0;
  #isGone = false;
  #isDone = false;
  #wake: () => void = () => {};

  constructor(index: number, world: World, random: Random) {
    this.#who = `client ${index}`;
    this.#world = world;
    this.#random = random;
    this.#material = { random, places: world.places, disk: world.disk, memories: world.memories };
    this.kind = random.pick(KINDS);
    this.#reading = readingOf(this.kind, random);
    this.#isHolding = this.kind === "uploading";
    this.#generation = world.reach();
    const served = {
      ...world,
      toldMs: () => this.#generation.toldMs,
      endsMs: () => this.#generation.endsMs,
      promises: () => this.#generation.conf.promises,
      promisedMs: () => this.#generation.configuredMs,
      graceMs: () => this.#generation.graceMs,
      confsSince: (ms: number) => this.#generation.confsSince(ms),
      isCrowded: () => this.#generation.isCrowded,
    };
    this.deadlines = new Deadlines(this.#who, served);
    this.exchanges = new Exchanges(this.#who, served, (status) => {
      return status === 408 ? this.deadlines.receivedAtFarewell : this.deadlines.received;
    });
    this.link = new Link(
      FIRST_PORT + index,
      weatherOf(this.#reading, random),
      { timeline: world.timeline, stalls: world.stalls, random: random.fork(), watcher: this.deadlines },
    );
    this.deadlines.link = this.link;
    this.link.onArrival = () => this.#planRead();
  }

  /** Whether the client has finished. */
  get isDone(): boolean {
    return this.#isDone;
  }

  async run(): Promise<void> {
    const { timeline, note } = this.#world;
    try {
      await this.#pause(startOf(this.#world.endMs, this.#random));
      note(this.#who, `connects, ${this.kind}`);
      timeline.after(this.#random.integer(0, 3000), () => this.#misbehave());
      this.#generation = this.#world.reach();
      this.#generation.network.connect(this.link, this.deadlines);
      await this.#behave();
      this.#conclude();
      await this.#leave();
    } catch (error) {
      this.#fail(error);
    }
    note(this.#who, "is done");
    this.#isGone = this.#isDone = true;
  }

  async #behave(): Promise<void> {
    switch (this.kind) {
      case "steady":
      case "resetting":
      case "vanishing":
      case "leaving":
        return await this.#converse(this.#random.weigh([[4, 2], [2, 4], [1, 12]]));
      case "late":
        return await this.#returnLate();
      case "busy":
        return await this.#askOn(this.#random.pick([0, 0, 1, 20]));
      case "uploading":
        await this.#send([...this.#someRequests(false, 20_000), makeUpload(this.#random)], 0);
        this.#isHolding = false;
        this.#planRead();
        return await this.#awaitAnswers();
      case "trickling":
        await this.#send([makeRequest(this.#material, true)], this.#random.weigh([[3, 20], [2, 200], [1, 3000]]));
        return await this.#awaitAnswers();
      case "half-closing":
        await this.#send(this.#someRequests(), 0);
        this.#endSending();
        return await this.#awaitAnswers();
      case "refused":
        await this.#send([...this.#someRequests(false), makeRefused(this.#random)], 0);
        if (this.#random.chance(0.5)) await this.#babble();
        return await this.#awaitAnswers();
      case "partial":
        await this.#send([...this.#someRequests(false), makeRequest(this.#material, false)], 0, true);
        await this.#pause(this.#random.pick([0, 0, 1000, 12_000]));
        if (this.#random.chance(0.3)) this.#endSending();
        return await this.#until(() => this.#isEnded, PATIENCE_MS);
      case "idle":
        return await this.#until(() => this.#isEnded, PATIENCE_MS);
      case "reading slowly":
      case "crawling":
        await this.#send(this.#someRequests(true, 100_000), 0);
        return await this.#awaitAnswers(SLOW_PATIENCE_MS);
      case "not reading":
        await this.#send(this.#someRequests(this.#random.chance(0.5)), 0, this.#random.chance(0.5));
        return await this.#until(() => this.#isEnded || this.link.isClosed, PATIENCE_MS);
    }
  }

  /** Sends several rounds of requests. Each round begins after the answers to the previous one. */
  async #converse(rounds: number): Promise<void> {
    for (let round = 1; round <= rounds && !this.#isEnded && !this.exchanges.isOver; round++) {
      await this.#send(this.#someRequests(round === rounds), 0);
      await this.#awaitAnswers();
      await this.#pause(this.#random.integer(0, this.#random.pick([0, 200, 200, 2000])));
    }
  }

  /** Asks again when the server is about to end the connection, because nothing has moved on it for so long. */
  async #returnLate(): Promise<void> {
    const { idleMs } = this.#generation.conf.promises;
    for (let round = 1; round <= 6 && !this.#isEnded && !this.exchanges.isOver; round++) {
      await this.#send([makePlainRequest(this.#material, 20_000)], 0);
      await this.#awaitAnswers();
      const nowMs = this.#world.timeline.now();
      const dueMs = Math.min(this.deadlines.movedMs, nowMs) + Math.min(idleMs, 10_000);
      await this.#pause(Math.max(0, dueMs - nowMs + this.#random.integer(-20, 2 * SWEEP_MS)));
    }
  }

  /** Asks all the time, until the server says that it closes. */
  async #askOn(pauseMs: number): Promise<void> {
    for (let left = this.#random.integer(1, 300); left > 0 && !this.#isEnded && !this.exchanges.isOver; left--) {
      await this.#send([makePlainRequest(this.#material, 2000)], 0);
      await this.#awaitAnswers();
      await this.#pause(pauseMs);
    }
  }

  /** Called once at a random time. Some kinds of clients reset or close the connection, or stop doing anything. */
  #misbehave(): void {
    if (this.#isDone) return;
    if (this.kind === "resetting") this.link.reset();
    if (this.kind === "leaving") this.link.close();
    if (!["resetting", "leaving", "vanishing"].includes(this.kind)) return;
    this.#world.note(this.#who, `is gone, ${this.kind}`);
    this.#isGone = true;
    this.#wake();
  }

  #someRequests(isLast = true, bytesMax = Infinity): Message[] {
    const random = this.#random;
    if (random.chance(0.03)) return this.#flood();
    const count = random.weigh([[4, 1], [3, random.integer(2, 4)], [1, random.integer(5, 30)]]);
    const limit = count > 4 ? 20_000 : bytesMax;
    return Array.from({ length: count }, (_, at) => makeRequest(this.#material, isLast && at === count - 1, limit));
  }

  /** Many small requests after a long one. The long one makes the server's buffer grow, so that it can hold them all. */
  #flood(): Message[] {
    const first = makePlainRequest(this.#material, 1000, 8000);
    return [first, ...Array.from({ length: 150 }, () => makePlainRequest(this.#material, 1000))];
  }

  /**
   * Sends messages in pieces. With `tickMs` the pieces are very small, with a pause of up to `tickMs` after each.
   * With `isPartial` it stops in the middle of the last message.
   */
  async #send(messages: readonly Message[], tickMs: number, isPartial = false): Promise<void> {
    const total = messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const last = messages.at(-1)!.bytes.length;
    const all = concat(messages.map(({ bytes }) => bytes));
    const end = isPartial ? total - this.#random.integer(1, last) : total;
    let at = 0;
    for (const message of messages) {
      this.exchanges.add(message, Math.min(message.bytes.length, Math.max(0, end - at)));
      at += message.bytes.length;
      this.deadlines.boundaries.push((this.deadlines.boundaries.at(-1) ?? 0) + message.bytes.length);
    }
    const pieces = this.#random.weigh([[4, 1], [2, 3], [1, 10]]);
    for (let from = 0; from < end && !this.#isEnded;) {
      const pieceMax = tickMs > 0 ? Math.ceil(total / 400) : this.#random.integer(1, Math.ceil(2 * total / pieces));
      const count = Math.min(end - from, pieceMax);
      const piece = all.subarray(from, from + count);
      this.exchanges.send(count, Math.max(0, this.#world.timeline.now() - this.deadlines.movedMs));
      this.#world.note(this.#who, "sends", count);
      this.link.send(piece);
      from += count;
      if (tickMs > 0 || this.#random.chance(0.5)) await this.#pause(this.#random.integer(0, tickMs > 0 ? tickMs : 30));
    }
  }

  #endSending(): void {
    this.exchanges.endSending();
    this.link.endSending();
  }

  /** Sends more requests after one that the server must refuse. */
  async #babble(): Promise<void> {
    const junk = latin1Bytes("GET /babble HTTP/1.1\r\nHost: a\r\n\r\n".repeat(this.#random.pick([1, 20, 200, 2000])));
    for (let left = this.#random.integer(1, 40); left > 0 && !this.#isEnded; left--) {
      this.link.send(junk);
      this.#babbled += junk.length;
      await this.#pause(this.#random.integer(0, 60));
    }
  }

  async #awaitAnswers(patienceMs: number = PATIENCE_MS): Promise<void> {
    await this.#until(() => this.exchanges.isAnswered || this.#isEnded, patienceMs);
  }

  #conclude(): void {
    const { link, exchanges, deadlines } = this;
    const patienceMs = this.kind === "reading slowly" ? SLOW_PATIENCE_MS : PATIENCE_MS;
    // A client that was accepted late may not have waited long enough for its answers.
    const isServed = link.arrival !== "open" || this.#world.timeline.now() - deadlines.acceptedMs > patienceMs / 3;
    // The server may cut off answers when its time for ending is over.
    const isInTime = deadlines.closedMs < this.#generation.endsMs;
    exchanges.conclude({
      isGood: this.#isGood && isServed && isInTime,
      isListening: !link.isBroken && !link.isSendingOver && link.arrival === "ended",
      wasReset: link.arrival === "reset",
      received: Math.min(deadlines.received, deadlines.receivedAtFarewell), // Later bytes came too late for 408.
      arrivedInTime: link.arrivedInTime,
    });
  }

  /** The answers that the access log must contain. */
  get got(): Got {
    const hasTakenAll = this.#isGood && this.link.arrival === "ended" && this.#generation.endsMs === Infinity;
    return { port: this.link.port, answered: this.exchanges.answered, hasTakenAll };
  }

  /** Whether the server must answer everything: the client reads and waits, and its network has not broken. */
  get #isGood(): boolean {
    return isPatient(this.kind) && !this.link.isBroken && this.#babbled < BABBLE_BYTES_MAX;
  }

  /** Ends the connection. If the server has announced that it closes, it must do so. Otherwise the client usually closes. */
  async #leave(): Promise<void> {
    if (this.#isGone) return;
    if (this.exchanges.isOver && this.#reading !== null) {
      await this.#until(() => this.link.arrival !== "open", PATIENCE_MS);
      const mayBeReset = !this.#isGood || this.#babbled > 0 || this.#generation.endsMs < Infinity;
      const { arrival } = this.link;
      if (arrival === "open" || (arrival === "reset" && !mayBeReset)) {
        throw new Violation("the server ends the connection after its last answer", arrival);
      }
    } else if (this.#random.chance(0.3)) {
      await this.#until(() => this.#isEnded, this.#random.integer(0, PATIENCE_MS));
    }
    if (this.#random.chance(0.8)) this.link.close();
  }

  /** Whether the client can do nothing more on this connection. */
  get #isEnded(): boolean {
    return this.#isGone || this.link.arrival !== "open" || this.link.isBroken;
  }

  #planRead(): void {
    if (this.#reading === null || this.link.waiting === 0) return this.#wake();
    if (this.#isReadPlanned || this.#isHolding) return;
    this.#isReadPlanned = true;
    this.#world.timeline.after(this.#reading.everyMs, () => this.#read(this.#reading!.bytes));
  }

  #read(max: number): void {
    this.#isReadPlanned = false;
    if (this.#isGone) return;
    try {
      this.exchanges.receive(this.link.take(max));
    } catch (error) {
      this.#fail(error);
    }
    this.#wake();
    this.#planRead();
  }

  #fail(error: unknown): void {
    const violation = error instanceof Violation ? error : new Violation("clients do not fail", String(error));
    this.#world.fail(violation.of(this.#who));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#world.timeline.after(ms, resolve));
  }

  /** Resolves when `condition` holds after something has arrived, or after `patienceMs`. */
  #until(condition: () => boolean, patienceMs: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#wake = () => {};
        resolve();
      };
      const cancel = this.#world.timeline.after(patienceMs, end);
      this.#wake = () => condition() && end();
    });
  }
}
