/**
 * The simulation of one seed: runs the whole server, from its start to its end, on a simulated disk, network and clock, with
 * simulated clients. Checks invariants during the run and at its end. It uses no real time, no real sockets, and no
 * randomness except the seed.
 */

import { setImmediate } from "node:timers";
import { parseConfig } from "../../src/config/parse.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { runServer } from "../../src/server.ts";
import { checkLog } from "./access_log.ts";
import { Client, FIRST_PORT, type World } from "./clients.ts";
import { LONGEST_MS } from "./deadlines.ts";
import { MemoryDisk } from "./disk.ts";
import { Network } from "./network.ts";
import { Random } from "./random.ts";
import { makeSetting, type Setting } from "./setting.ts";
import { buildSites, planMishaps } from "./sites.ts";
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

/** Runs one seed. Calls `trace` with a line for each event. */
export async function simulate(seed: number, trace?: (line: string) => void): Promise<Outcome> {
  const simulation = new Simulation(seed, trace);
  running = simulation;
  try {
    return await simulation.run();
  } finally {
    running = null;
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

/** The server accepts again a tenth of a second after EMFILE. This is twice that time. */
const ACCEPT_PAUSE_MS = 200;

/**
 * A connection lets others run after 32 requests. One more answer may follow in the same step. This constant and the next
 * one repeat constants of the server: if they were imported, a wrong value there would go unnoticed.
 */
const TURN_REQUESTS_MAX = 33;

/** How long the server may keep a file open after its last use: 15 seconds, plus one second until the next check. */
const KEPT_OPEN_MS = 16_000;

class Simulation {
  readonly #seed: number;
  readonly #random: Random;
  readonly #timeline = new VirtualClock();
  readonly #setting: Setting;
  readonly #disk: MemoryDisk;
  readonly #network: Network;
  readonly #clients: Client[];
  readonly #note: Note;
  readonly #stop = new AbortController();
  /** Simulated errors, which the server may report. */
  readonly #failures = new Set<unknown>();
  readonly #access: string[] = [];
  /** Number of consecutive answers on each port, without another event and without a read. */
  readonly #turns = new Map<number, { readonly received: number | undefined; readonly count: number }>();
  #violation: Violation | null = null;
  /** Number of open connections according to the server's events. */
  #unclosed = 0;
  /** When the server was told to end, and when it must have ended; `Infinity` if it was not told yet. */
  #toldMs = Infinity;
  #endsMs = Infinity;
  #hasEnded = false;
  #steps = 0;

  constructor(seed: number, trace?: (line: string) => void) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#note = trace === undefined ? noNote : noteLines(() => this.#timeline.now(), trace);
    this.#setting = makeSetting(this.#random);
    this.#disk = this.#makeDisk(this.#random.fork());
    this.#network = this.#makeNetwork(this.#random.fork());
    const places = buildSites(this.#disk, this.#random.fork(), this.#timeline);
    planMishaps(this.#disk, places, this.#random.fork(), this.#timeline);
    const world: World = {
      timeline: this.#timeline,
      disk: this.#disk,
      network: this.#network,
      places,
      promises: this.#setting.promises,
      memories: new Map(),
      note: this.#note,
      staleMs: this.#setting.staleMs,
      toldMs: () => this.#toldMs,
      endsMs: () => this.#endsMs,
      fail: (violation) => this.fail(violation),
      failure: (error) => void this.#failures.add(error),
    };
    this.#clients = Array.from(
      { length: this.#setting.clients },
      (_, at) => new Client(at, world, this.#random.fork()),
    );
  }

  async run(): Promise<Outcome> {
    const { endMs } = this.#setting;
    if (endMs === 0) this.#end();
    this.#startServer();
    for (const client of this.#clients) client.run();
    if (endMs !== null) this.#timeline.after(endMs, () => this.#end());
    await settle();
    let restMs = Infinity;
    while (this.#violation === null && !(this.#hasEnded && this.#areClientsDone)) {
      this.#check();
      if (restMs === Infinity && this.#areClientsDone) restMs = this.#timeline.now() + LONGEST_MS;
      if (restMs < this.#timeline.now() || (restMs < Infinity && this.#network.open.size === 0)) this.#end();
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

  #startServer(): void {
    const { config, diagnostics } = parseConfig(this.#setting.conf, "web.conf");
    if (diagnostics.length > 0) throw new Error(`The simulation's configuration is wrong: ${this.#setting.conf}`);
    this.#note("server", this.#setting.conf.trim().replaceAll("\n", "; "));
    runServer(config, {
      listener: this.#network,
      clock: this.#timeline,
      disk: this.#disk,
      access: (line) => this.#takeLine(line),
      report: (problem, error) => this.#takeReport(problem, error),
      observe: this.#setting.isObserved ? (_, event) => this.#takeEvent(event) : undefined,
      signal: this.#stop.signal,
    }).then(() => {
      this.#hasEnded = true;
      this.#note("server", "has ended");
      if (this.#endsMs === Infinity) {
        this.fail(new Violation("the server ends when it is told to", "it ended before"));
      }
    }, (error) => this.fail(new Violation("the server does not fail", String(error))));
  }

  #takeLine(line: string): void {
    this.#access.push(line);
    const port = Number(/"port":([0-9]+)/.exec(line)?.[1]);
    if (Number.isNaN(port)) return; // Only the JSON format has the port.
    const received = this.#clients[port - FIRST_PORT]?.deadlines.received;
    const turn = this.#turns.get(port);
    const count = turn?.received === received ? turn!.count + 1 : 1;
    this.#turns.set(port, { received, count });
    if (count > TURN_REQUESTS_MAX) {
      this.fail(new Violation("no connection starves the others", `${count} answers in a row`));
    }
  }

  #takeEvent(event: ConnectionEvent): void {
    if (event.kind === "accept") this.#unclosed++;
    if (event.kind === "close") this.#unclosed--;
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
    if (this.#endsMs < Infinity) return;
    const { drainMs } = this.#setting;
    this.#toldMs = this.#timeline.now();
    this.#endsMs = this.#toldMs + drainMs;
    this.#note("server", "is told to end");
    this.#stop.abort();
  }

  /** Checks the invariants that hold whenever no code is ready to run. */
  #check(): void {
    const { connectionsMax } = this.#setting;
    const network = this.#network;
    const nowMs = this.#timeline.now();
    const open = network.open.size;
    if (this.#steps > STEPS_MAX) this.fail(new Violation("every seed ends", `${STEPS_MAX} steps`));
    if (open > connectionsMax) {
      this.fail(new Violation("the limit of connections holds", `${open} of ${connectionsMax}`));
    }
    const { openFiles, touchedMs } = this.#disk;
    if (openFiles > open && nowMs > touchedMs + this.#setting.staleMs + KEPT_OPEN_MS) {
      this.fail(new Violation("no unused file stays open", `${openFiles} files, ${open} connections`));
    }
    if (this.#setting.isObserved && this.#unclosed !== open) {
      this.fail(new Violation("events report every accept and close", `${this.#unclosed} connections of ${open}`));
    }
    const hasPaused = nowMs - network.refusedMs > ACCEPT_PAUSE_MS;
    if (open < connectionsMax && hasPaused && !network.isAccepting && !network.isClosed) {
      this.fail(new Violation("the server accepts waiting connections", `${network.backlog} connections wait`));
    }
    if (nowMs > this.#endsMs + SLACK_MS && !this.#hasEnded) {
      this.fail(new Violation("the server ends when it is told to", `${open} connections are open`));
    }
    // A connection that lets others run has no pending operation until its timer fires.
    if (this.#timeline.nextMs > nowMs) { for (const { deadlines } of this.#clients) deadlines.check(); }
  }

  /** Checks the invariants that hold after the end of the server. */
  async #checkEnd(): Promise<void> {
    await settle();
    const counts = {
      "open connections": this.#network.open.size,
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
    const network = new Network(this.#timeline, random, faults, this.#note);
    network.onFailure = (error) => void this.#failures.add(error);
    return network;
  }
}

/** Resolves when no code is ready to run any more. */
function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
