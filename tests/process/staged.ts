/**
 * A supervisor on a clock, with threads and ports that a test controls. Nothing in it takes time.
 */

import { LogFiles } from "../../src/process/log_files.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { Loaded } from "../../src/config/load.ts";
import { type Running, type SuperviseOptions, Supervisor } from "../../src/process/supervisor.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { PortDoubles, ThreadDoubles } from "./doubles.ts";

const HEADING = "parameter port 9000\nparameter workers 2\n";

/** The text of a configuration with two workers on port 9000. */
export function conf(more = "host default /www\n"): string {
  return HEADING + more;
}

/** A supervisor, and all that it works with. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly threads = new ThreadDoubles(this.clock);
  readonly ports: PortDoubles;
  readonly messages: string[] = [];
  readonly supervisor: Supervisor;
  /** What `onListening` was called with. */
  readonly running: Running[] = [];
  /** What the next reload reads; what is no configuration cannot be used. */
  text: string;
  /** How many times it was read. */
  reads = 0;

  constructor(text = conf(), options: Partial<SuperviseOptions> = {}, ports: PortDoubles = new PortDoubles()) {
    this.text = text;
    this.ports = ports;
    this.supervisor = new Supervisor({
      loaded: this.#read()!,
      reload: () => Promise.resolve(this.#read()),
      outputs: {
        json: false,
        write: () => {}, // What workers write is another test's.
        writeAccess: () => {},
        logFiles: new LogFiles((problem) => void this.messages.push(problem)),
        tell: (message) => void this.messages.push(message),
      },
      debug: "off",
      capture: false,
      onListening: (running) => void this.running.push(running),
      clock: this.clock,
      ports,
      startThread: this.threads.start,
      ...options,
    });
    this.reads = 0;
  }

  /** One that has started. */
  static async start(...args: ConstructorParameters<typeof Stage>): Promise<Stage> {
    const stage = new Stage(...args);
    await stage.supervisor.start();
    return stage;
  }

  /** The numbers of the workers that serve. */
  get serving(): readonly number[] {
    return this.supervisor.workers.map(({ number }) => number).toSorted((a, b) => a - b);
  }

  /** Reloads `text`, and takes the messages of that. */
  async reload(text: string): Promise<readonly string[]> {
    this.text = text;
    this.messages.length = 0;
    await this.supervisor.reload();
    return [...this.messages];
  }

  /** Lets time pass, and everything run that is ready then. */
  async pass(ms: number, step = 100): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      await turn();
      this.clock.advance(Math.min(step, ms - passed));
    }
    await turn();
  }

  /** Ends everything now; what is left on the clock is a mistake. */
  async close(): Promise<void> {
    this.supervisor.terminate();
    await turn();
    if (this.clock.pending > 0) throw new Error(`${this.clock.pending} timers are left`);
    if (this.threads.alive.length > 0) throw new Error(`workers ${this.threads.alive} are left`);
    if (this.ports.held.size > 0) throw new Error(`${[...this.ports.held]} are left`);
  }

  #read(): Loaded | null {
    this.reads++;
    const { config, diagnostics } = parseConfig(this.text, "web.conf");
    if (diagnostics.some(({ severity }) => severity === "error")) return null;
    const place = { source: "./web.conf", file: "/web.conf", folder: "/", stamp: null };
    return { config, ...place, diagnostics: [], remarks: [], withoutIndex: [] };
  }
}
