/**
 * The screen of `sweepd top`: connections and rates as lines for a terminal. Pure.
 * @module
 */

import type { ConnectionSight } from "../snapshot.ts";

/** What the admin listener has said at one moment. */
export interface TopSight {
  /** Milliseconds on a monotonic clock. */
  readonly atMs: number;
  /** The samples of `/metrics`, by name and labels. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly connections: readonly ConnectionSight[];
  /** After how many milliseconds without a byte the sweep closes a connection; `null`: never. */
  readonly idleMs: number | null;
}

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const BAR_CHARS = 20;

/** The samples of a text in Prometheus' format. */
export function parseMetrics(text: string): Map<string, number> {
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(samples.map((line) => {
    const blank = line.lastIndexOf(" ");
    return [line.slice(0, blank), Number(line.slice(blank + 1))];
  }));
}

/** The lines for `sight`. Rates are those since `before`; `null`: there are none yet. */
export function topScreen(place: string, before: TopSight | null, sight: TopSight, { columns, rows }: Size): string[] {
  const oldest = sight.connections.toSorted((a, b) => b.markAgeMs - a.markAgeMs);
  const heading = [
    ...summary(place, before, sight),
    "",
    `${"WORKER".padEnd(7)}${"CONN".padStart(7)}  ${"STATE".padEnd(10)}${"AGE".padStart(8)}  ${
      "MARK".padEnd(BAR_CHARS + 9)
    }${"HELD".padStart(7)}  REQUEST OR PEER`,
  ];
  const shown = oldest.slice(0, Math.max(0, rows - heading.length - 1));
  const left = oldest.length - shown.length;
  const more = left > 0 ? [`and ${left} more connections`] : [];
  return [...heading, ...shown.map((each) => row(each, sight.idleMs)), ...more].map((line) => line.slice(0, columns));
}

function summary(place: string, before: TopSight | null, sight: TopSight): string[] {
  const { metrics, connections, idleMs } = sight;
  const value = (name: string) => metrics.get(name) ?? 0;
  const total = (of: TopSight, pattern: RegExp) => sumOf(of.metrics, pattern);
  const rate = (pattern: RegExp) => {
    if (before === null) return 0;
    return (total(sight, pattern) - total(before, pattern)) * 1000 / Math.max(1, sight.atMs - before.atMs);
  };
  const byClass = [2, 3, 4, 5].map((digit) => {
    return `${digit}xx ${count(rate(new RegExp(`^sweepd_requests_total\\{.*status="${digit}`)))}/s`;
  });
  const states = Map.groupBy(connections, ({ state }) => state);
  const swept = total(sight, /^sweepd_connections_closed_total\{reason="(?:idle|message overdue|too slow|drained)"/);
  return [
    `sweepd ${place}   ${count(value("sweepd_workers"))} workers   ${count(connections.length)} connections   ` +
    `${count(rate(/^sweepd_requests_total/))} requests/s   closed by the sweep ${count(swept)}`,
    `answers  ${byClass.join("  ")}   in ${bytes(rate(/^sweepd_received_bytes_total/))}/s   ` +
    `out ${bytes(rate(/^sweepd_sent_bytes_total/))}/s   cache ${bytes(value("sweepd_cache_bytes"))}`,
    `states   ${STATES.map((state) => `${state} ${count(states.get(state)?.length ?? 0)}`).join("  ")}` +
    `   timeout ${idleMs === null ? "never" : seconds(idleMs)}`,
  ];
}

const STATES = ["waiting", "receiving", "working", "sending", "blocked", "lingering"] as const;

function row(connection: ConnectionSight, idleMs: number | null): string {
  const { worker, id, state, ageMs, markAgeMs, accumulated, request, peer, streams } = connection;
  const part = idleMs === null ? 0 : Math.min(1, markAgeMs / idleMs);
  const filled = Math.round(part * BAR_CHARS);
  const bar = "#".repeat(filled) + ".".repeat(BAR_CHARS - filled);
  return `${String(worker).padEnd(7)}${String(id).padStart(7)}  ${state.padEnd(10)}${
    seconds(ageMs).padStart(8)
  }  ${bar} ${seconds(markAgeMs).padStart(7)} ${String(accumulated).padStart(7)}  ${
    streams !== null && streams > 1 ? `${count(streams)} streams: ` : ""
  }${request ?? peer}`;
}

function sumOf(metrics: TopSight["metrics"], pattern: RegExp): number {
  return [...metrics].reduce((sum, [name, value]) => pattern.test(name) ? sum + value : sum, 0);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
