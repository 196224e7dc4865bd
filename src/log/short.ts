/**
 * Lines of the access log for a person at a terminal: short and in columns. They are made from lines in the combined
 * format, because those may go to a file as well. Pure.
 * @module
 */

import { formatBytes } from "./units.ts";

/** The parts of a line in the combined format that a person reads. */
interface Entry {
  readonly who: string;
  /** As in the combined format: `21/Nov/2026:01:22:00 +0000`. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: string;
  readonly bytes: number;
  readonly ms: number;
}

const COMBINED =
  /^(\S+) - \S+ \[([^\]]*)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+) "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*" (\d+\.\d+)$/;

/** Widths in columns. The path has the rest of the line. */
const WIDTHS = { who: 15, whoMost: 39, method: 4, methodMost: 9, path: 16, status: 3, bytes: 7, ms: 7 };

/** Everything except client and path, with the blanks between. */
const OTHER_COLUMNS = 8 + 2 + 2 + WIDTHS.method + 1 + 2 + WIDTHS.status + 1 + WIDTHS.bytes + 1 + WIDTHS.ms;

/** Colours by the first digit of the status. */
const COLOURS: Readonly<Record<string, string>> = {
  "2": "\x1b[32m",
  "3": "\x1b[36m",
  "4": "\x1b[33m",
  "5": "\x1b[31m",
};

const DEFAULT_COLUMNS = 80;

/** Makes short lines. Remembers how wide the addresses of clients are, so that the columns stay where they are. */
export class ShortLines {
  readonly #colour: boolean;
  #whoColumns = WIDTHS.who;
  #formattedTime = "";
  #formatted = "";

  /** `colour`: whether statuses have colours. */
  constructor({ colour }: { readonly colour: boolean }) {
    this.#colour = colour;
  }

  /** Makes a short line of each line in `text`, for a terminal of this width. Other lines stay as they are. */
  format(text: string, columns: number): string {
    return text.replace(/[^\n]+/g, (line) => {
      const entry = parse(line);
      return entry === null ? line : this.#line(entry, columns);
    });
  }

  #line({ who, time, method, path, status, bytes, ms }: Entry, columns: number): string {
    const left = (columns || DEFAULT_COLUMNS) - OTHER_COLUMNS;
    const whoMost = Math.min(WIDTHS.whoMost, Math.max(WIDTHS.who, left - WIDTHS.path));
    this.#whoColumns = Math.min(whoMost, Math.max(this.#whoColumns, who.length));
    const methodColumns = Math.min(WIDTHS.methodMost, Math.max(WIDTHS.method, method.length));
    const room = left - this.#whoColumns - (methodColumns - WIDTHS.method);
    const pathColumns = Math.max(WIDTHS.path, room - 1); // A full last column would wrap.
    return [
      `${this.#localTime(time)} `,
      `${fit(who, this.#whoColumns)} `,
      fit(method, methodColumns),
      `${fit(path, pathColumns)} `,
      this.#colour ? `${COLOURS[status[0]!] ?? ""}${status}\x1b[39m` : status,
      formatBytes(bytes).padStart(WIDTHS.bytes),
      formatTime(ms).padStart(WIDTHS.ms),
    ].join(" ");
  }

  /** `02:22:00` in the zone of this machine, made once per second. */
  #localTime(time: string): string {
    if (time !== this.#formattedTime) {
      this.#formattedTime = time;
      this.#formatted = toLocal(time);
    }
    return this.#formatted;
  }
}

function parse(line: string): Entry | null {
  const [, who, time, request, status, bytes, ms] = COMBINED.exec(line) ?? [];
  if (ms === undefined) return null;
  const [method = "", path = ""] = request === "-" ? ["-", "(no request)"] : request!.split(" ");
  return { who: who!, time: time!, method, path, status: status!, bytes: Number(bytes), ms: Number(ms) };
}

/** Pads `text`, or leaves out its middle: the beginning and the end of a path say most. */
function fit(text: string, columns: number): string {
  if (text.length <= columns) return text.padEnd(columns);
  const end = Math.floor((columns - 3) / 2);
  return `${text.slice(0, columns - 3 - end)}...${text.slice(-end)}`;
}

function toLocal(time: string): string {
  const [, day, month, year, clock, zone] = /^(\d+)\/(\w+)\/(\d+):(\S+) (\S+)$/.exec(time) ?? [];
  const date = new Date(`${day} ${month} ${year} ${clock} ${zone}`);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

function formatTime(ms: number): string {
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 6_000_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
