/**
 * The live line: what a server is doing at the moment, in one short line. Pure.
 * @module
 */

import { formatBytes, formatRate } from "./units.ts";

/** Counts since the start of a server. */
export interface Traffic {
  /** Connections that are open now. */
  readonly open: number;
  /** Requests that have been answered. */
  readonly requests: number;
  /** Bytes that the system has accepted for all connections. */
  readonly sentBytes: number;
}

export const NO_TRAFFIC: Traffic = { open: 0, requests: 0, sentBytes: 0 };

/** The sum of the counts of several threads. */
export function sumTraffic(each: Iterable<Traffic>): Traffic {
  let [open, requests, sentBytes] = [0, 0, 0];
  for (const traffic of each) {
    open += traffic.open;
    requests += traffic.requests;
    sentBytes += traffic.sentBytes;
  }
  return { open, requests, sentBytes };
}

/** Makes the line from one sample of the counts after the other. */
export class LiveLine {
  #last: Traffic | null = null;
  #lastMs = 0;

  /** The line for a terminal of this width, without LF; empty for the first sample. `nowMs`: a monotonic time. */
  next(traffic: Traffic, nowMs: number, columns: number): string {
    const [last, elapsedMs] = [this.#last, nowMs - this.#lastMs];
    this.#last = traffic;
    this.#lastMs = nowMs;
    if (last === null || elapsedMs <= 0) return "";
    // A worker that has ended takes its counts away.
    const rate = (now: number, before: number) => Math.max(0, now - before) * 1_000 / elapsedMs;
    const requests = formatRate(rate(traffic.requests, last.requests));
    const bytes = formatBytes(rate(traffic.sentBytes, last.sentBytes));
    const connections = `${formatRate(traffic.open)} ${traffic.open === 1 ? "connection" : "connections"}`;
    const line = `${connections}, ${requests} requests/s, ${bytes}/s`;
    return line.slice(0, Math.max(0, columns - 1)); // A full last column would wrap.
  }
}
