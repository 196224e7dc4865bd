/**
 * The lines of `-d`: the events of a server's connections, with times, in columns.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Connection } from "../net/connection.ts";
import type { ConnectionEvent } from "../net/events.ts";
import { describeEvent } from "./events.ts";
import { jsonLine } from "./message.ts";

export interface TraceOptions {
  /** The worker's number: each worker counts its own connections. */
  readonly worker: number;
  /** One JSON object a line. */
  readonly json: boolean;
  readonly clock: Pick<Clock, "now" | "wall">;
}

/** Wide enough for an hour, with milliseconds. */
const SECONDS_COLUMNS = 8;

/** The events of one worker's connections. */
export class Trace {
  readonly #options: TraceOptions;
  readonly #startsMs = new WeakMap<Connection, number>();

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /**
   * A line with its LF: `   0.012 #2.7 read 78 bytes, accumulator holds 78`. It begins with the seconds since the
   * connection was accepted, and the numbers of the worker and the connection, which together are unique in the
   * process.
   */
  line(connection: Connection, event: ConnectionEvent): string {
    const { worker, json, clock } = this.#options;
    const startMs = this.#startsMs.get(connection) ?? clock.now();
    if (event.kind === "accept") this.#startsMs.set(connection, startMs);
    const name = `${worker}.${connection.id}`;
    const message = describeEvent(connection, event);
    const seconds = ((clock.now() - startMs) / 1000).toFixed(3);
    if (!json) return `${seconds.padStart(SECONDS_COLUMNS)} #${name} ${message}\n`;
    const time = new Date(clock.wall()).toISOString();
    return jsonLine({ time, level: "info", event: "connection", message, connection: name, seconds: Number(seconds) });
  }
}
