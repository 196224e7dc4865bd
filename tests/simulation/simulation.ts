/**
 * The simulation of one seed: runs the whole server, from its start to its end, on a simulated disk, network and clock, with
 * simulated clients. Checks invariants during the run and at its end. It uses no real time, no real sockets, and no
 * randomness except the seed.
 */

import { setImmediate } from "node:timers";
import { checkLog } from "./access_log.ts";
import { Client, FIRST_PORT, type World } from "./clients.ts";
import { LONGEST_MS } from "./deadlines.ts";
import { MemoryDisk } from "./disk.ts";
import { ACCEPT_PAUSE_MS, Generation } from "./generation.ts";
import { Http2Client } from "./http2/client.ts";
import { countIdentifiers } from "./identifiers.ts";
import { Network } from "./network.ts";
import type { Socket } from "../../src/net/socket.ts";
import { drawIdentifiers, Random } from "./random.ts";
import { SecuredDouble } from "./secured.ts";
import { type Conf, makeSetting, type Reload, type Setting } from "./setting.ts";
import { buildSites, planMishaps } from "./sites.ts";
import { Stalls } from "./stalls.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { noNote, type Note, noteLines, Violation } from "./trace.ts";

/** The result of a simulation. */
export interface Outcome {
  readonly seed: number;
  /** The first violated invariant, or `null`. */
  readonly violation: Violation | null;
  /** Number of answers that clients have received. */
  readonly answers: number;
  readonly steps: number;
}

/** What all simulations of a run have in common. */
export interface Kind {
  /** Over a double of TLS. */
  readonly isSecured?: boolean;
  /** Most clients speak HTTP/2. */
  readonly isHttp2?: boolean;
}

/** Runs one seed. Calls `trace` with a line for each event. */
export async function simulate(seed: number, trace?: (line: string) => void, kind: Kind = {}): Promise<Outcome> {
  using _identifiers = countIdentifiers();
  const simulation = new Simulation(seed, kind, trace);
  running = simulation;
  const restore = drawIdentifiers(new Random(seed));
  try {
    return await simulation.run();
  } finally {
    running = null;
    restore();
  }
}

/** The running simulation, which fails if a promise rejection is not handled. */
let running: Simulation | null = null;

globalThis.addEventListener("unhandledrejection", (event) => {
  if (running === null) return;
  event.preventDefault();
  running.fail(new Violation("every rejection is handled", String(event.reason)));
});

/** Far more steps than any seed takes. */
const STEPS_MAX = 500_000;

/** Tolerance for the time in which the server must end, because operations of the network take time. */
const SLACK_MS = 1000;

/**
 * A connection lets others run after 32 requests. One more answer may follow in the same step. This constant and the next
 * one repeat constants of the server: if they were imported, a wrong value there would go unnoticed.
 */
const TURN_REQUESTS_MAX = 33;

/** In HTTP/2, a turn may answer two requests, and give as many as a hundred others the last bytes of their answers. */
const TURN_HTTP2_REQUESTS_MAX = 2 * TURN_REQUESTS_MAX + 100;

/** How many clients of a simulation of HTTP/2 speak it. */
const HTTP2_SHARE = 0.85;

/**
 * How long the server may keep a file open after its last use: 60 seconds, because it may have encoded forms, plus one
 * second until the next check.
 */
const KEPT_OPEN_MS = 61_000;

class Simulation {
  readonly #seed: number;
  readonly #random: Random;
  readonly #timeline = new VirtualClock();
  readonly #setting: Setting;
  readonly #disk: MemoryDisk;
  /** The servers, each of which takes the place of the one before. */
  readonly #generations: Generation[] = [];
  readonly #stalls: Stalls;
  readonly #clients: (Client | Http2Client)[];
  readonly #kind: Kind;
  /** The ports of the clients that speak HTTP/2. */
  readonly #http2Ports = new Set<number>();
  readonly #note: Note;
  /** Simulated errors, which the server may report. */
  readonly #failures = new Set<unknown>();
  readonly #access: string[] = [];
  /** Number of consecutive answers on each port, without another event and without a read. */
  readonly #turns = new Map<number, { readonly received: number | undefined; readonly count: number }>();
  #violation: Violation | null = null;
  /** Whether the last server has been told to end. */
  #isEnding = false;
  #steps = 0;

  constructor(seed: number, kind: Kind, trace?: (line: string) => void) {
    this.#seed = seed;
    this.#kind = kind;
    this.#random = new Random(seed);
    this.#note = trace === undefined ? noNote : noteLines(() => this.#timeline.now(), trace);
    this.#setting = makeSetting(this.#random, kind.isHttp2 === true);
    this.#disk = this.#makeDisk(this.#random.fork());
    this.#stalls = Stalls.around(this.#timeline, this.#random.fork(), this.#setting.endMs);
    this.#start(this.#setting.conf);
    const places = buildSites(this.#disk, this.#random.fork(), this.#timeline);
    planMishaps(this.#disk, places, this.#random.fork(), this.#timeline);
    const world: World = {
      timeline: this.#timeline,
      disk: this.#disk,
      places,
      memories: new Map(),
      note: this.#note,
      reach: () => this.#reach(),
      stalls: this.#stalls,
      endMs: this.#setting.endMs,
      fail: (violation) => this.fail(violation),
      failure: (error) => void this.#failures.add(error),
    };
    this.#clients = Array.from(
      { length: this.#setting.clients },
      (_, at) => this.#makeClient(at, world, this.#random.fork()),
    );
  }

  async run(): Promise<Outcome> {
    const { endMs } = this.#setting;
    if (endMs === 0) this.#end(); // Before it runs.
    this.#current.run();
    for (const reload of this.#setting.reloads) this.#timeline.after(reload.atMs, () => this.#reload(reload));
    for (const client of this.#clients) client.run();
    if (endMs !== null) this.#timeline.after(endMs, () => this.#end());
    await settle();
    let restMs = Infinity;
    while (this.#violation === null && !(this.#haveEnded && this.#areClientsDone)) {
      this.#check();
      if (restMs === Infinity && this.#areClientsDone) restMs = this.#timeline.now() + LONGEST_MS;
      if (restMs < this.#timeline.now() || (restMs < Infinity && this.#open === 0)) this.#end();
      this.#step();
      await settle();
    }
    if (this.#violation === null) await this.#checkEnd();
    const answers = this.#clients.reduce((sum, { exchanges }) => sum + exchanges.answered.length, 0);
    return { seed: this.#seed, violation: this.#violation, answers, steps: this.#steps };
  }

  /** Only the first violation counts, because it may cause the others. */
  fail(violation: Violation): void {
    if (this.#violation === null) this.#note("VIOLATION", violation.message);
    this.#violation ??= violation;
  }

  get #areClientsDone(): boolean {
    return this.#clients.every(({ isDone }) => isDone);
  }

  get #current(): Generation {
    return this.#generations.at(-1)!;
  }

  get #haveEnded(): boolean {
    return this.#generations.every(({ hasEnded }) => hasEnded);
  }

  /** Number of open connections. */
  get #open(): number {
    return this.#generations.reduce((sum, { network }) => sum + network.open.size, 0);
  }

  /** Number of requests of HTTP/2 that are not answered. Each may need a file. */
  get #streams(): number {
    return this.#clients.reduce((sum, client) => sum + (client instanceof Http2Client ? client.unanswered : 0), 0);
  }

  /** As the system does, chooses among the servers that listen. One that has been told to end is to be spared. */
  #reach(): Generation {
    const listening = this.#generations.filter(({ toldMs }) => toldMs === Infinity);
    return listening.length === 0 ? this.#current : this.#random.pick(listening);
  }

  #makeClient(index: number, world: World, random: Random): Client | Http2Client {
    if (this.#kind.isHttp2 !== true || !random.chance(HTTP2_SHARE)) return new Client(index, world, random);
    this.#http2Ports.add(FIRST_PORT + index);
    return new Http2Client(index, world, random);
  }

  #start(conf: Conf): Generation {
    const generation = new Generation(conf, {
      clock: this.#timeline,
      stalls: this.#stalls,
      disk: this.#disk,
      network: this.#makeNetwork(this.#random.fork()),
      isObserved: this.#setting.isObserved,
      note: this.#note,
      access: (line) => this.#takeLine(line),
      report: (problem, error) => this.#takeReport(problem, error),
      fail: (violation) => this.fail(violation),
    });
    this.#generations.push(generation);
    return generation;
  }

  /** As the supervisor does: the new server listens before the old one is told to end, and clients reach both meanwhile. */
  #reload({ kind, conf }: Reload): void {
    if (this.#isEnding) return;
    if (kind === "configure") return this.#current.configure(conf);
    const old = this.#current;
    this.#start(conf).run();
    this.#timeline.after(this.#random.pick([0, 1, 100, 1000]), () => old.retire());
  }

  #takeLine(line: string): void {
    this.#access.push(line);
    const port = Number(/"port":([0-9]+)/.exec(line)?.[1]);
    if (Number.isNaN(port)) return; // Only the JSON format has the port.
    const received = this.#clients[port - FIRST_PORT]?.deadlines.received;
    const turn = this.#turns.get(port);
    const count = turn?.received === received ? turn!.count + 1 : 1;
    this.#turns.set(port, { received, count });
    if (count > (this.#http2Ports.has(port) ? TURN_HTTP2_REQUESTS_MAX : TURN_REQUESTS_MAX)) {
      this.fail(new Violation("no connection starves the others", `${count} answers in a row`));
    }
  }

  #takeReport(problem: string, error: unknown): void {
    this.#note("report", problem, String(error));
    if (this.#failures.has(error)) return;
    const stack = error instanceof Error ? error.stack : String(error);
    this.fail(error instanceof Violation ? error : new Violation("only faults are reported", `${problem}: ${stack}`));
  }

  /** Runs the next event, and sometimes all others that are due at the same time before the server can react. */
  #step(): void {
    this.#steps++;
    this.#turns.clear();
    try {
      this.#timeline.step();
      const isAtOnce = this.#random.chance(0.5);
      while (isAtOnce && this.#timeline.nextMs === this.#timeline.now()) this.#timeline.step();
    } catch (error) {
      this.fail(error instanceof Violation ? error : new Violation("no timer throws", String(error)));
    }
  }

  #end(): void {
    this.#isEnding = true;
    for (const generation of this.#generations) generation.end();
  }

  /** Checks the invariants that hold whenever no code is ready to run. */
  #check(): void {
    const nowMs = this.#timeline.now();
    if (this.#steps > STEPS_MAX) this.fail(new Violation("every seed ends", `${STEPS_MAX} steps`));
    for (const generation of this.#generations) this.#checkGeneration(generation, nowMs);
    const { openFiles, touchedMs } = this.#disk;
    const staleMs = Math.max(...this.#generations.flatMap(({ confs }) => confs).map(({ staleMs }) => staleMs));
    if (openFiles > this.#open + this.#streams && nowMs > touchedMs + staleMs + KEPT_OPEN_MS) {
      this.fail(new Violation("no unused file stays open", `${openFiles} files, ${this.#open} connections`));
    }
    // A connection that lets others run has no pending operation until its timer fires.
    if (this.#timeline.nextMs > nowMs) { for (const { deadlines } of this.#clients) deadlines.check(); }
  }

  #checkGeneration({ network, conf, confs, unclosed, endsMs, hasEnded }: Generation, nowMs: number): void {
    const open = network.open.size;
    const connectionsMax = Math.max(...confs.map((each) => each.connectionsMax)); // A lower limit closes nothing.
    if (open > connectionsMax) {
      this.fail(new Violation("the limit of connections holds", `${open} of ${connectionsMax}`));
    }
    if (this.#setting.isObserved && unclosed !== open) {
      this.fail(new Violation("events report every accept and close", `${unclosed} connections of ${open}`));
    }
    const hasPaused = nowMs - network.refusedMs > ACCEPT_PAUSE_MS;
    if (open < conf.connectionsMax && hasPaused && !network.isAccepting && !network.isClosed) {
      this.fail(new Violation("the server accepts waiting connections", `${network.backlog} connections wait`));
    }
    if (nowMs > endsMs + SLACK_MS && !hasEnded) {
      this.fail(new Violation("the server ends when it is told to", `${open} connections are open`));
    }
  }

  /** Checks the invariants that hold after the end of the server. */
  async #checkEnd(): Promise<void> {
    await settle();
    const counts = {
      "open connections": this.#open,
      "open files": this.#disk.openFiles,
      "pending timers": this.#timeline.pending,
    };
    for (const [what, count] of Object.entries(counts)) {
      if (count > 0) this.fail(new Violation("nothing is left at the end", `${count} ${what}`));
    }
    if (!this.#setting.isLogged) return;
    const problem = checkLog(this.#access, this.#clients.map((client) => client.got));
    if (problem !== null) this.fail(new Violation("the access log contains every answer", problem));
  }

  #makeDisk(random: Random): MemoryDisk {
    const faults = {
      shortReads: random.pick([0, 0, 0.2]),
      openMax: random.chance(0.1) ? random.integer(1, 3) : Infinity,
      tickMs: random.pick([1, 10, 1000, 2000, 2000]),
    };
    const disk = new MemoryDisk(this.#timeline, random, faults, this.#note);
    disk.onFailure = (error) => void this.#failures.add(error);
    disk.onViolation = (violation) => this.fail(violation);
    return disk;
  }

  #makeNetwork(random: Random): Network {
    const fromMs = this.#timeline.now() + random.integer(0, 2000);
    const exhausted = random.chance(0.2) ? [{ fromMs, toMs: fromMs + random.integer(1, 3000) }] : [];
    const faults = { exhausted, aborted: random.pick([0, 0, 0.2]), delays: random.pick([0, 0.3]) };
    const handshakes = new Random(this.#seed);
    const secure = (socket: Socket) => {
      const alpn = this.#http2Ports.has(socket.remoteAddr.port) ? "h2" : "http/1.1";
      return new SecuredDouble(socket, this.#timeline, handshakes, alpn);
    };
    const network = new Network(
      this.#timeline,
      this.#stalls,
      random,
      faults,
      this.#note,
      this.#kind.isSecured ? secure : undefined,
    );
    network.onFailure = (error) => void this.#failures.add(error);
    return network;
  }
}

/** Resolves when no code is ready to run any more. */
function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
