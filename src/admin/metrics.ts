/**
 * Counts as text in the exposition format of Prometheus, version 0.0.4. Pure.
 * @module
 */

import { DURATION_BOUNDS_MS } from "../http/request_tally.ts";
import { STATUSES } from "../http/status.ts";
import { type CounterName, type CounterRow, COUNTERS } from "../net/tally.ts";
import type { Snapshot } from "../snapshot.ts";

/** The media type of the format. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Facts about the process. */
export interface Facts {
  readonly version: string;
  readonly workers: number;
}

/** One metric with its samples. */
interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  /** After the name of the metric, for the parts of a histogram. */
  readonly suffix?: string;
  readonly labels?: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

/** All metrics. */
export function formatMetrics(snapshot: Snapshot, facts: Facts): string {
  const { requests, gauges } = snapshot;
  return [
    gauge("build_info", "The version of the server", 1, [["version", facts.version]]),
    gauge("workers", "Threads that serve", facts.workers),
    requestMetric(requests),
    codingMetric(requests),
    durationMetric(requests),
    ...counterMetrics(snapshot),
    gauge("connections", "Open connections", gauges.connections),
    gauge("streams", "Open streams of HTTP/2", gauges.streams),
    gauge("cache_bytes", "Bytes of memory that cached files take", gauges.cacheBytes),
    gauge("cache_files", "Cached files, in memory or open", gauges.cacheFiles),
    gauge("open_files", "Files that the cache keeps open", gauges.openFiles),
  ].map(formatMetric).join("");
}

function gauge(name: string, help: string, value: number, labels: Sample["labels"] = []): Metric {
  return { name: `sweepd_${name}`, type: "gauge", help, samples: [{ value, labels }] };
}

/** The hosts are those of web.conf, so a client cannot add any. `""`: no host has answered. */
function requestMetric({ byHost }: Snapshot["requests"]): Metric {
  const samples = [...byHost].flatMap(([host, counts]) =>
    counts.flatMap((value, index): Sample[] => {
      const labels = [["host", host ?? ""], ["status", String(STATUSES[index])]] as const;
      return value === 0 ? [] : [{ labels, value }];
    })
  );
  const help = "Requests that were answered, by host as configured and by status";
  return { name: "sweepd_requests_total", type: "counter", help, samples };
}

function codingMetric({ byCoding }: Snapshot["requests"]): Metric {
  const samples = [...byCoding].map(([coding, value]): Sample => ({ labels: [["coding", coding]], value }));
  return { name: "sweepd_responses_coded_total", type: "counter", help: "Answers in a content coding", samples };
}

/** Buckets count all durations up to their bound, which is in seconds. */
function durationMetric({ durations, durationSumMs }: Snapshot["requests"]): Metric {
  let count = 0;
  const buckets = [...DURATION_BOUNDS_MS, Infinity].map((bound, index): Sample => {
    count += durations[index] ?? 0;
    const label = bound === Infinity ? "+Inf" : String(bound / 1000);
    return { suffix: "_bucket", labels: [["le", label]], value: count };
  });
  const samples = [...buckets, { suffix: "_sum", value: durationSumMs / 1000 }, { suffix: "_count", value: count }];
  const help = "From the complete head of a request to the last byte of its answer";
  return { name: "sweepd_request_duration_seconds", type: "histogram", help, samples };
}

/** Rows with the same name are samples of one metric. */
function counterMetrics({ counts }: Snapshot): Metric[] {
  const rows = Object.entries(COUNTERS) as readonly (readonly [CounterName, CounterRow])[];
  const names = [...new Set(rows.map(([, { metric }]) => metric))];
  return names.map((metric) => {
    const same = rows.filter(([, row]) => row.metric === metric);
    const samples = same.map(([name, { label }]): Sample => ({ labels: label ? [label] : [], value: counts[name] }));
    return { name: `sweepd_${metric}_total`, type: "counter", help: same[0]![1].help, samples };
  });
}

function formatMetric({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ suffix = "", labels = [], value }) =>
    `${name}${suffix}${formatLabels(labels)} ${value}\n`
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function formatLabels(labels: NonNullable<Sample["labels"]>): string {
  if (labels.length === 0) return "";
  const escaped = (value: string) => value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
  return `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(",")}}`;
}
