/**
 * What one worker counts and holds at one moment, as plain data, and the sum over workers. Pure.
 * @module
 */

import type { RequestCounts } from "./http/request_tally.ts";
import { type Counts, noCounts } from "./net/tally.ts";
import type { Connection } from "./net/connection.ts";
import type { Activity } from "./net/events.ts";
import { hostAndPort } from "./net/peer.ts";

/** Values that go up and down. */
export interface Gauges {
  readonly connections: number;
  /** Open streams of HTTP/2, on all connections. */
  readonly streams: number;
  readonly cacheBytes: number;
  readonly cacheFiles: number;
  readonly openFiles: number;
}

/** A worker at one moment. */
export interface Snapshot {
  readonly counts: Counts;
  readonly requests: RequestCounts;
  readonly gauges: Gauges;
}

/** One open connection at one moment. Times are milliseconds before that moment. */
export interface ConnectionSight {
  readonly worker: number;
  readonly id: number;
  readonly peer: string;
  readonly state: Activity;
  /** Since it was accepted. */
  readonly ageMs: number;
  /** Since bytes moved. */
  readonly markAgeMs: number;
  /** Bytes in the accumulator, and its size. */
  readonly accumulated: number;
  readonly capacity: number;
  readonly received: number;
  readonly sent: number;
  /** Open streams of HTTP/2; `null`: the connection has another version. */
  readonly streams: number | null;
  /** The request line of what is being answered; of HTTP/2 those of all streams, each after its number. */
  readonly request: string | null;
}

/** A connection of worker `worker` at `nowMs`. */
export function sightOf(connection: Connection, worker: number, nowMs: number): ConnectionSight {
  const { id, peer, activity, sinceMs, markMs, input, traffic } = connection;
  return {
    worker,
    id,
    peer: hostAndPort(peer.hostname, peer.port),
    state: activity,
    ageMs: Math.round(nowMs - sinceMs),
    markAgeMs: Math.round(nowMs - markMs),
    accumulated: input.length,
    capacity: input.capacity,
    received: traffic.received,
    sent: traffic.sent,
    streams: connection.duplex?.streams ?? null,
    request: connection.underWay,
  };
}

/** No worker. */
export const NOTHING: Snapshot = {
  counts: noCounts(),
  requests: { byHost: new Map(), byCoding: new Map(), durations: [], durationSumMs: 0 },
  gauges: { connections: 0, streams: 0, cacheBytes: 0, cacheFiles: 0, openFiles: 0 },
};

/** What has been counted by a worker that is gone: it holds nothing any more. */
export function withoutGauges(snapshot: Snapshot): Snapshot {
  return { ...snapshot, gauges: NOTHING.gauges };
}

/** The sum of two snapshots. */
export function sum(a: Snapshot, b: Snapshot): Snapshot {
  return {
    counts: sumOfFields(a.counts, b.counts),
    gauges: sumOfFields(a.gauges, b.gauges),
    requests: {
      byHost: sumOfMaps(a.requests.byHost, b.requests.byHost, sumOfLists),
      byCoding: sumOfMaps(a.requests.byCoding, b.requests.byCoding, (x, y) => x + y),
      durations: sumOfLists(a.requests.durations, b.requests.durations),
      durationSumMs: a.requests.durationSumMs + b.requests.durationSumMs,
    },
  };
}

function sumOfFields<T extends { readonly [Name in keyof T]: number }>(a: T, b: T): T {
  return Object.fromEntries(Object.keys(a).map((name) => [name, a[name as keyof T] + b[name as keyof T]])) as T;
}

function sumOfLists(a: readonly number[], b: readonly number[]): readonly number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}

function sumOfMaps<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>, add: (x: V, y: V) => V): Map<K, V> {
  const all = new Map(a);
  for (const [key, value] of b) all.set(key, all.has(key) ? add(all.get(key)!, value) : value);
  return all;
}
