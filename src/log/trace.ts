/**
 * The lines of `-d`: the events of a server's connections, with times, in columns.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Connection } from "../net/connection.ts";
import type { ConnectionEvent } from "../net/events.ts";
import { describeEvent } from "./events.ts";
import { FrameTrace } from "./frames.ts";
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

/** A line is about an event, or about a frame of HTTP/2. */
type LineKind = ConnectionEvent["kind"] | "frame";

/** Colours of terminals (ECMA-48, section 8.3.117): one for each kind. */
const COLOURS: Readonly<Record<LineKind, number>> = {
  accept: 32,
  open: 32,
  read: 36,
  end: 35,
  write: 34,
  sweep: 33,
  close: 31,
  frame: 90,
};

/** The events of one worker's connections. */
export class Trace {
  readonly #options: TraceOptions;
  readonly #startsMs = new WeakMap<Connection, number>();
  readonly #frames = new WeakMap<Connection, FrameTrace>();

  /** See `TraceOptions`. */
  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /**
   * A line with its LF: `   0.012 #2.7     read   78 bytes; accumulator holds 78; marked`. It begins with the seconds
   * since the connection was accepted, and the numbers of the worker and the connection, which together are unique in
   * the process. In HTTP/2, a line for each frame that begins in the bytes follows.
   */
  line(connection: Connection, event: ConnectionEvent): string {
    const line = this.#line(connection, event.kind, describeEvent(connection, event), event.kind === "accept");
    const frames = this.#framesOf(connection).describe(event);
    return line + frames.map((frame) => this.#line(connection, "frame", frame)).join("");
  }

  #framesOf(connection: Connection): FrameTrace {
    const frames = this.#frames.get(connection) ?? new FrameTrace();
    this.#frames.set(connection, frames);
    return frames;
  }

  #line(connection: Connection, lineKind: LineKind, details: string, isFirst = false): string {
    const { worker, json, isColoured, clock } = this.#options;
    const startMs = this.#startsMs.get(connection) ?? clock.now();
    if (isFirst) this.#startsMs.set(connection, startMs);
    const name = worker === undefined ? `${connection.id}` : `${worker}.${connection.id}`;
    const seconds = ((clock.now() - startMs) / 1000).toFixed(3);
    if (json !== true) {
      const kind = lineKind.padEnd(KIND_COLUMNS);
      const shown = isColoured === true ? `\x1b[${COLOURS[lineKind]}m${kind}\x1b[39m` : kind;
      return `${seconds.padStart(SECONDS_COLUMNS)} ${`#${name}`.padEnd(NAME_COLUMNS)} ${shown}${details}\n`;
    }
    const time = new Date(clock.wall()).toISOString();
    const message = `${lineKind} ${details}`;
    return jsonLine({ time, level: "info", event: "connection", message, connection: name, seconds: Number(seconds) });
  }
}
