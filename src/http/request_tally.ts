/**
 * Counts requests by host, status and content coding, and how long they took.
 * Knows numbers; not who looks at them.
 * @module
 */

import { type Status, STATUSES } from "./status.ts";

/** The upper bounds of the histogram of durations, in milliseconds. The last bucket has none. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  25,
  50,
  100,
  250,
  500,
  1000,
  2500,
  5000,
  10_000,
];

/** What one request adds. */
export interface Counted {
  /** The name of the host as configured; `null`: no host has answered. */
  readonly servedBy: string | null;
  readonly status: Status;
  readonly coding: string | null;
  readonly durationMs: number;
}

/** The counts as plain data. Statuses have the order of `STATUSES`, buckets that of `DURATION_BOUNDS_MS` and one more. */
export interface RequestCounts {
  readonly byHost: ReadonlyMap<string | null, readonly number[]>;
  readonly byCoding: ReadonlyMap<string, number>;
  readonly durations: readonly number[];
  readonly durationSumMs: number;
}

const INDEX = new Map(STATUSES.map((status, index) => [status, index]));

/** The counts of one worker. */
export class RequestTally {
  readonly #byHost = new Map<string | null, number[]>();
  readonly #byCoding = new Map<string, number>();
  readonly #durations: number[] = new Array(DURATION_BOUNDS_MS.length + 1).fill(0);
  #durationSumMs = 0;

  /** Counts one request. */
  add({ servedBy, status, coding, durationMs }: Counted): void {
    let statuses = this.#byHost.get(servedBy);
    if (statuses === undefined) {
      statuses = new Array<number>(STATUSES.length).fill(0);
      this.#byHost.set(servedBy, statuses);
    }
    statuses[INDEX.get(status)!]!++;
    if (coding !== null) this.#byCoding.set(coding, (this.#byCoding.get(coding) ?? 0) + 1);
    let bucket = 0;
    while (bucket < DURATION_BOUNDS_MS.length && durationMs > DURATION_BOUNDS_MS[bucket]!) bucket++;
    this.#durations[bucket]!++;
    this.#durationSumMs += durationMs;
  }

  /** A copy of the counts. */
  get counts(): RequestCounts {
    return {
      byHost: new Map(Array.from(this.#byHost, ([host, statuses]) => [host, [...statuses]])),
      byCoding: new Map(this.#byCoding),
      durations: [...this.#durations],
      durationSumMs: this.#durationSumMs,
    };
  }
}
