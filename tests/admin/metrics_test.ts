/** Counts as Prometheus reads them. */

import { assertEquals, assertMatch } from "@std/assert";
import { formatMetrics } from "../../src/admin/metrics.ts";
import { DURATION_BOUNDS_MS, RequestTally } from "../../src/http/request_tally.ts";
import { COUNTERS, noCounts } from "../../src/net/tally.ts";
import { NOTHING, sum, withoutGauges } from "../../src/snapshot.ts";

const FACTS = { version: "1.2.3", workers: 2 };

function requestsOf(...entries: readonly Partial<Parameters<RequestTally["add"]>[0]>[]) {
  const tally = new RequestTally();
  for (const entry of entries) tally.add({ servedBy: "default", status: 200, coding: null, durationMs: 1, ...entry });
  return tally.counts;
}

function valueOf(text: string, sample: string): string | undefined {
  return text.split("\n").find((line) => line.startsWith(`${sample} `))?.slice(sample.length + 1);
}

Deno.test("formatMetrics() gives every metric one HELP, one TYPE and a name that begins with sweepd_", () => {
  const text = formatMetrics({ ...NOTHING, requests: requestsOf({}, { coding: "br" }) }, FACTS);
  const lines = text.trimEnd().split("\n");
  const named = (kind: string) =>
    lines.filter((line) => line.startsWith(`# ${kind} `)).map((line) => line.split(" ")[2]);
  assertEquals(named("HELP"), named("TYPE"));
  assertEquals(new Set(named("HELP")).size, named("HELP").length);
  for (const line of lines) {
    assertMatch(line, /^(?:# (?:HELP|TYPE) )?sweepd_[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? \S/);
  }
});

Deno.test("formatMetrics() has a sample for every counter", () => {
  const counts = Object.fromEntries(Object.keys(COUNTERS).map((name, index) => [name, index + 1]));
  const text = formatMetrics({ ...NOTHING, counts: { ...noCounts(), ...counts } }, FACTS);
  for (const [index, row] of Object.values(COUNTERS).entries()) {
    const label = "label" in row ? `{${row.label[0]}="${row.label[1]}"}` : "";
    assertEquals(valueOf(text, `sweepd_${row.metric}_total${label}`), String(index + 1));
  }
});

Deno.test("formatMetrics() labels requests with host and status, and escapes the host", () => {
  const requests = requestsOf({}, {}, { status: 404 }, { servedBy: null, status: 400 }, { servedBy: 'a"\\b' });
  const text = formatMetrics({ ...NOTHING, requests }, FACTS);
  assertEquals(valueOf(text, 'sweepd_requests_total{host="default",status="200"}'), "2");
  assertEquals(valueOf(text, 'sweepd_requests_total{host="default",status="404"}'), "1");
  assertEquals(valueOf(text, 'sweepd_requests_total{host="",status="400"}'), "1");
  assertEquals(valueOf(text, 'sweepd_requests_total{host="a\\"\\\\b",status="200"}'), "1");
});

Deno.test("formatMetrics() counts a duration in its bucket and all larger ones, up to and including the bound", () => {
  const text = formatMetrics({
    ...NOTHING,
    requests: requestsOf({ durationMs: 0.1 }, { durationMs: 3 }, { durationMs: 60_000 }),
  }, FACTS);
  const bucket = (le: string) => valueOf(text, `sweepd_request_duration_seconds_bucket{le="${le}"}`);
  assertEquals(["0.0001", "0.0025", "0.005", "10", "+Inf"].map(bucket), ["1", "1", "2", "2", "3"]);
  assertEquals(valueOf(text, "sweepd_request_duration_seconds_count"), "3");
  assertEquals(Number(valueOf(text, "sweepd_request_duration_seconds_sum")).toFixed(4), "60.0031");
});

Deno.test("sum() adds the counts of workers, and those of a worker that is gone without what it held", () => {
  const gauges = { connections: 3, streams: 4, cacheBytes: 10, cacheFiles: 1, openFiles: 1 };
  const one = { counts: { ...noCounts(), accepted: 2 }, gauges, requests: requestsOf({}, { coding: "br" }) };
  const two = {
    counts: { ...noCounts(), accepted: 5 },
    gauges,
    requests: requestsOf({ servedBy: "b" }, { coding: "br" }),
  };
  const both = sum(one, withoutGauges(two));
  assertEquals([both.counts.accepted, both.gauges], [7, gauges]);
  assertEquals(both.requests.byCoding, new Map([["br", 2]]));
  assertEquals(both.requests.durations.length, DURATION_BOUNDS_MS.length + 1);
  assertEquals([...both.requests.byHost].map(([host, counts]) => [host, counts.reduce((a, b) => a + b)]), [[
    "default",
    3,
  ], ["b", 1]]);
});
