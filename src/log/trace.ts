/**
 * The lines of `-d`: the events of a server's connections, with times, in columns.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Connection } from "../net/connection.ts";
import type { ConnectionEvent } from "../net/events.ts";
import { describeEvent } from "./events.ts";
import { jsonLine } from "./message.ts";

/** Whether events are printed, and how. */
export type Debug = "off" | "plain" | "coloured";

/** How to write the lines. */
export interface TraceOptions {
  /** The number of the worker, if there are several: each worker counts its own connections. */
  readonly worker?: number;
  /** One JSON object a line. */
  readonly json?: boolean;
  readonly isColoured?: boolean;
  readonly clock: Pick<Clock, "now" | "wall">;
}

/** Wide enough for an hour, with milliseconds. */
const SECONDS_COLUMNS = 8;

/** Wide enough for worker 9 and connection 99,999. */
const NAME_COLUMNS = 8;

/** The longest kind is `accept`. */
const KIND_COLUMNS = 7;

/** Colours of terminals (ECMA-48, section 8.3.117): one for each kind. */
const COLOURS: Readonly<Record<ConnectionEvent["kind"], number>> = {
  accept: 32,
  open: 32,
  read: 36,
  end: 35,
  write: 34,
  sweep: 33,
  close: 31,
};

/** The events of one worker's connections. */
export class Trace {
  readonly #options: TraceOptions;
  readonly #startsMs = new WeakMap<Connection, number>();

  /** See `TraceOptions`. */
  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /**
   * A line with its LF: `   0.012 #2.7     read   78 bytes; accumulator holds 78; marked`. It begins with the seconds
   * since the connection was accepted, and the numbers of the worker and the connection, which together are unique in
   * the process.
   */
  line(connection: Connection, event: ConnectionEvent): string {
    const { worker, json, isColoured, clock } = this.#options;
    const startMs = this.#startsMs.get(connection) ?? clock.now();
    if (event.kind === "accept") this.#startsMs.set(connection, startMs);
    const name = worker === undefined ? `${connection.id}` : `${worker}.${connection.id}`;
    const details = describeEvent(connection, event);
    const seconds = ((clock.now() - startMs) / 1000).toFixed(3);
    if (json !== true) {
      const kind = event.kind.padEnd(KIND_COLUMNS);
      const shown = isColoured === true ? `\x1b[${COLOURS[event.kind]}m${kind}\x1b[39m` : kind;
      return `${seconds.padStart(SECONDS_COLUMNS)} ${`#${name}`.padEnd(NAME_COLUMNS)} ${shown}${details}\n`;
    }
    const time = new Date(clock.wall()).toISOString();
    const message = `${event.kind} ${details}`;
    return jsonLine({ time, level: "info", event: "connection", message, connection: name, seconds: Number(seconds) });
  }
}
