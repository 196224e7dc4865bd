/**
 * A client of HTTP/2: what it sends and when, how it reads and opens its windows, and how it leaves. Its `Session` checks the
 * frames that it gets, and its `Ledger` the answers.
 */

import { frame, priority, priorityUpdate } from "../../http2/wire.ts";
import type { Got } from "../access_log.ts";
import { FIRST_PORT, type World } from "../clients.ts";
import { readingOf, startOf, weatherOf } from "../habits.ts";
import type { Random } from "../random.ts";
import type { Material } from "../requests.ts";
import { Violation } from "../trace.ts";
import type { Http2Deadlines } from "./deadlines.ts";
import { type Appetite, appetiteOf, type Fidget, FIDGETS, HTTP2_KINDS, type Http2Kind, isPatient } from "./habits.ts";
import type { Ledger } from "./ledger.ts";
import { type Http2Message, makeHttp2Request, makePlainHttp2Request, makeRefusedHttp2 } from "./messages.ts";
import { firstOctets, MALFORMED_CODE, type Mistake, someFlood, someMalformed, someMistake } from "./mistakes.ts";
import type { Session } from "./session.ts";
import type { Http2Stream } from "./streams.ts";
import { PATIENCE_MS, SLOW_PATIENCE_MS, Wire } from "./wire.ts";

/** Streams that a well-behaved client opens at the same time. */
const STREAMS_MAX = 100;

export class Http2Client {
  readonly kind: Http2Kind;
  readonly #who: string;
  readonly #world: World;
  readonly #random: Random;
  readonly #material: Material;
  readonly #appetite: Appetite;
  readonly #wire: Wire;
  readonly #fidgets = new Map<Fidget, number>();
  #isDone = false;

  constructor(index: number, world: World, random: Random) {
    this.#who = `client ${index}`;
    this.#world = world;
    this.#random = random;
    this.#material = { random, places: world.places, disk: world.disk, memories: world.memories };
    this.kind = random.pick(HTTP2_KINDS);
    const isSlow = this.kind === "reading slowly" || this.kind === "not reading";
    const reading = readingOf(isSlow ? this.kind : "steady", random);
    this.#appetite = appetiteOf(this.kind, random);
    this.#wire = new Wire({
      who: this.#who,
      port: FIRST_PORT + index,
      world,
      random,
      reading,
      weather: weatherOf(reading, random),
      appetite: this.#appetite,
      isPatient: isPatient(this.kind),
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get exchanges(): Ledger {
    return this.#wire.ledger;
  }

  get deadlines(): Http2Deadlines {
    return this.#wire.deadlines;
  }

  /** The answers that the access log must contain. */
  get got(): Got {
    const { streams, mistake } = this.#session;
    const requests = mistake === null ? streams.size : Infinity; // A flood consists of requests, too.
    return { port: this.#wire.link.port, answered: this.exchanges.answered, hasTakenAll: false, requests };
  }

  /** Number of requests whose answers have not come. */
  get unanswered(): number {
    return this.#session.unanswered.length;
  }

  get #session(): Session {
    return this.#wire.session;
  }

  async run(): Promise<void> {
    const { timeline, note, endMs } = this.#world;
    try {
      await this.#wire.pause(startOf(endMs, this.#random));
      note(this.#who, `connects, ${this.kind} in HTTP/2`);
      timeline.after(this.#random.integer(0, 3000), () => this.#misbehave());
      this.#wire.connect();
      await this.#behave();
      this.#wire.conclude();
      await this.#wire.leave();
    } catch (error) {
      this.#wire.fail(error);
    }
    note(this.#who, "is done");
    this.#wire.abandon();
    this.#isDone = true;
  }

  async #behave(): Promise<void> {
    const random = this.#random;
    switch (this.kind) {
      case "fidgeting":
      case "resetting":
      case "vanishing":
      case "leaving":
        this.#fidget([
          "ping",
          "settings",
          "priority",
          "priority update",
          "extension",
          "widen by little",
          "widen",
          "reset",
        ]);
        return await this.#converse(random.weigh([[4, 2], [2, 4], [1, 8]]));
      case "steady":
      case "sparing":
      case "widening late":
        return await this.#converse(random.weigh([[4, 2], [2, 4], [1, 8]]));
      case "reading slowly":
        this.#ask(random.integer(1, 4), Math.min(100_000, this.#appetite.bytesMax));
        return await this.#wire.awaitAnswers(SLOW_PATIENCE_MS);
      case "crowding":
        for (let left = random.integer(50, 160); left > 0; left--) {
          this.#request(makePlainHttp2Request(this.#material, 2000));
        }
        await this.#wire.awaitAnswers();
        return await this.#converse(2); // With the tables as also refused requests have left them.
      case "page":
        return await this.#askForPage();
      case "uploading":
        for (let left = random.integer(1, 8); left > 0; left--) this.#request(this.#someUpload());
        return await this.#wire.awaitAnswers();
      case "trickling":
        this.#wire.tickMs = random.weigh([[3, 20], [2, 200], [1, 3000]]);
        this.#ask(random.integer(1, 3));
        return await this.#wire.awaitAnswers();
      case "half-closing":
        this.#ask(random.integer(1, 6), Math.min(60_000, this.#appetite.bytesMax));
        await this.#wire.until(() => this.#wire.isSent, PATIENCE_MS);
        this.#wire.link.endSending();
        return await this.#wire.awaitAnswers();
      case "late":
        return await this.#returnLate();
      case "busy":
        return await this.#askOn(random.pick([0, 0, 1, 20]));
      case "closing windows":
      case "not reading":
        this.#ask(random.integer(1, 10));
        if (random.chance(0.5)) this.#fidget(["ping", "extension"]);
        return await this.#wire.until(() => this.#wire.isEnded || this.#wire.link.isClosed, PATIENCE_MS);
      case "dripping":
      case "partial":
        return await this.#stopAmid();
      case "idle":
        return await this.#wire.until(() => this.#wire.isEnded, PATIENCE_MS);
      case "erring":
        return await this.#err((nextId) => someMistake(nextId, random));
      case "flooding":
        return await this.#err((nextId) => someFlood(nextId, random));
    }
  }

  /** Several rounds of requests. Each begins after the answers to the one before, or some of them. */
  async #converse(rounds: number): Promise<void> {
    const random = this.#random;
    for (let round = 1; round <= rounds && this.#mayAsk; round++) {
      this.#ask(random.weigh([[2, 1], [3, random.integer(2, 6)], [1, random.integer(7, 40)]]));
      if (random.chance(0.7)) await this.#wire.awaitAnswers();
      await this.#wire.pause(random.integer(0, random.pick([0, 200, 200, 2000])));
    }
    await this.#wire.awaitAnswers(this.kind === "widening late" ? SLOW_PATIENCE_MS : PATIENCE_MS);
  }

  /** A page, its pictures at once, and what comes after them one by one while the answers arrive. */
  async #askForPage(): Promise<void> {
    const random = this.#random;
    this.#wire.sendsWhole = random.chance(0.7);
    for (let left = random.integer(20, 80); left > 0; left--) this.#request(this.#somePart());
    for (let left = random.integer(5, 60); left > 0 && this.#mayAsk; left--) {
      await this.#wire.pause(random.pick([0, 0, 1, 2]));
      if (random.chance(0.8)) this.#request(this.#somePart());
      else this.#session.ping();
    }
    await this.#wire.awaitAnswers();
  }

  /** Some answers fit into one frame, and several fill the server's buffer while it reads requests. */
  #somePart(): Http2Message {
    if (this.kind === "page" && this.#random.chance(0.8)) return makePlainHttp2Request(this.#material, 16_384, 4000);
    return makePlainHttp2Request(this.#material, this.#random.pick([2000, 20_000, this.#appetite.bytesMax]));
  }

  /** Asks again when the server is about to end the connection, because nothing has moved on it for so long. */
  async #returnLate(): Promise<void> {
    const { idleMs } = this.#wire.generation.conf.promises;
    for (let round = 1; round <= 6 && this.#mayAsk; round++) {
      this.#request(makePlainHttp2Request(this.#material, 20_000));
      await this.#wire.awaitAnswers();
      const nowMs = this.#world.timeline.now();
      const dueMs = Math.min(this.deadlines.movedMs, nowMs) + Math.min(idleMs, 10_000);
      await this.#wire.pause(Math.max(0, dueMs - nowMs + this.#random.integer(-20, 1000)));
    }
  }

  async #askOn(pauseMs: number): Promise<void> {
    for (let left = this.#random.integer(1, 200); left > 0 && this.#mayAsk; left--) {
      this.#request(makePlainHttp2Request(this.#material, 2000));
      if (this.#session.unanswered.length > 20 || this.#random.chance(0.5)) await this.#wire.awaitAnswers();
      await this.#wire.pause(pauseMs);
    }
    await this.#wire.awaitAnswers();
  }

  /** Stops within a request: at once for ever, or with a byte now and then. */
  async #stopAmid(): Promise<void> {
    this.#ask(this.#random.integer(0, 3));
    const before = this.#session.offset;
    this.#ask(1);
    this.#wire.stopsAt = this.#random.integer(before + 1, Math.max(before + 1, this.#session.offset - 1));
    const { idleMs } = this.#wire.generation.conf.promises;
    const drips = this.kind === "dripping" ? 100 : 0;
    for (let left = drips; left > 0 && !this.#wire.isEnded && this.#wire.stopsAt < this.#session.offset; left--) {
      await this.#wire.pause(Math.min(idleMs / 2, 2000));
      this.#wire.stopsAt++;
      this.#wire.pump();
    }
    await this.#wire.until(() => this.#wire.isEnded, PATIENCE_MS);
  }

  /** Makes a mistake of the connection in the middle of other requests. */
  async #err(make: (nextId: number) => Mistake): Promise<void> {
    const random = this.#random;
    this.#ask(random.integer(0, 5));
    if (random.chance(0.5)) await this.#wire.pause(random.integer(0, 500));
    if (random.chance(0.3)) await this.#wire.awaitAnswers();
    const { bytes, codes } = make(1 + 2 * this.#session.streams.size);
    this.#session.mistake = codes;
    this.#world.note(this.#who, "makes a mistake", firstOctets(bytes));
    this.#session.put(bytes);
    await this.#wire.until(() => this.#wire.isEnded, PATIENCE_MS);
    const { goAwayCode } = this.#session;
    const isRight = goAwayCode !== null && codes.includes(goAwayCode);
    const isExcused = this.#wire.link.isBroken || this.#wire.link.arrival === "reset" ||
      this.#wire.generation.endsMs < Infinity || this.deadlines.acceptedMs === Infinity ||
      this.#wire.link.isClosed && this.deadlines.received < this.#session.offset;
    if (isRight || isExcused) return;
    throw new Violation("a mistake of the connection ends the connection", `${goAwayCode}: ${firstOctets(bytes)}`);
  }

  #misbehave(): void {
    if (this.#isDone) return;
    if (this.kind === "resetting") this.#wire.link.reset();
    if (this.kind === "leaving") this.#wire.link.close();
    if (!["resetting", "leaving", "vanishing"].includes(this.kind)) return;
    this.#world.note(this.#who, `is gone, ${this.kind}`);
    this.#wire.abandon();
  }

  // Requests

  get #mayAsk(): boolean {
    return !this.#wire.isEnded && this.#session.goAwayCode === null;
  }

  #ask(count: number, bytesMax = this.#appetite.bytesMax): void {
    const random = this.#random;
    const limit = count > 4 ? Math.min(20_000, bytesMax) : bytesMax;
    for (let left = count; left > 0; left--) {
      const isMalformed = random.chance(0.02);
      const message = isMalformed
        ? someMalformed(random)
        : random.chance(0.05)
        ? makeRefusedHttp2(random)
        : makeHttp2Request(this.#material, limit);
      const stream = this.#request(message);
      if (isMalformed && stream !== null) stream.mistake = MALFORMED_CODE;
    }
  }

  #someUpload(): Http2Message {
    const message = makeRefusedHttp2(this.#random);
    return message.contentBytes === null ? makeHttp2Request(this.#material, 20_000) : message;
  }

  #request(message: Http2Message): Http2Stream | null {
    const most = this.kind === "crowding" ? Infinity : STREAMS_MAX;
    if (!this.#mayAsk || this.#session.open.length >= most) return null;
    const stream = this.#session.request(message);
    if (message.contentBytes !== null) this.#upload(stream);
    return stream;
  }

  async #upload(stream: Http2Stream): Promise<void> {
    while (
      !stream.isLocalOver && stream.end !== "reset by server" && stream.resetCode === null && !this.#wire.isEnded
    ) {
      if (this.#random.chance(0.5)) await this.#wire.pause(this.#random.integer(0, 20));
      if (this.#wire.isEnded || this.#session.sendContent(stream)) continue;
      await this.#wire.until(() => this.#wire.isEnded || stream.isOver || this.#session.maySend(stream), PATIENCE_MS);
      await this.#wire.pause(1);
    }
  }

  /** Does other things meanwhile, at random times. */
  async #fidget(fidgets: readonly Fidget[]): Promise<void> {
    for (let left = 60; left > 0 && !this.#wire.isEnded; left--) {
      await this.#wire.pause(this.#random.integer(0, this.#random.pick([10, 100, 1000])));
      const fidget = this.#random.pick(fidgets);
      const times = this.#fidgets.get(fidget) ?? 0;
      if (this.#wire.isEnded || times >= FIDGETS[fidget]) continue;
      this.#fidgets.set(fidget, times + 1);
      this.#do(fidget);
    }
  }

  #do(fidget: Fidget): void {
    const random = this.#random;
    const session = this.#session;
    const open = session.open;
    const some = open.length === 0 ? null : random.pick(open);
    const id = random.pick([1, 3, 1 + 2 * session.streams.size, 9999]);
    switch (fidget) {
      case "ping":
        return session.ping();
      case "settings": {
        const initialWindow = random.pick([0, 1, 1000, 65_535, 1_000_000]);
        const tableBytes = random.pick([0, 100, 4096, 65_536]);
        return session.changeSettings({ initialWindow, tableBytes, frameBytes: random.pick([16_384, 100_000]) });
      }
      case "priority":
        return session.put(priority(id, 0, random.integer(0, 255)));
      case "priority update":
        return session.put(priorityUpdate(id, random.pick(["u=0", "u=7, i", "i", "", "nonsense("])));
      case "extension":
        return session.put(
          frame(random.integer(17, 255), random.integer(0, 255), id, new Uint8Array(random.integer(0, 99))),
        );
      case "widen by little":
        return session.widen(some, random.integer(1, 511));
      case "widen":
        return session.widen(random.chance(0.5) ? null : some, random.pick([512, 10_000, 1_000_000]));
      case "reset":
        if (some === null || some.end !== null) return;
        session.reset(some);
        return random.chance(0.5) ? session.ping() : undefined; // Behind its answer, no frame of the stream may come.
      case "go away":
        return session.put(frame("GOAWAY", 0, 0, new Uint8Array(8)));
    }
  }
}
