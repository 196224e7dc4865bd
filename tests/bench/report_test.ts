/** The benchmark's arithmetic and report: medians, ratios within a round, and targets that are met or missed. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { median } from "../../bench/own.ts";
import { plot } from "../../bench/plot.ts";
import { ratio, report, type Results } from "../../bench/report.ts";
import { SERVERS } from "../../bench/servers.ts";
import { format, workloads } from "../../bench/workloads.ts";
import type { Figures } from "../../bench/wrk.ts";

function figures(requestsPerSecond: number): Figures {
  return {
    requestsPerSecond,
    bytesPerSecond: requestsPerSecond * 1024,
    cpuUsPerRequest: 8,
    cpuSecondsPerGB: 1,
    p50Us: 100,
    p99Us: 200,
    residentKiB: 2048,
    lost: 0,
    refused: 0,
  };
}

function resultsOf(rates: Readonly<Record<string, readonly number[]>>): Results {
  return {
    date: new Date(0),
    machine: "two cores",
    rounds: 3,
    seconds: 2,
    versions: new Map([["sweepd", "1"], ["nginx", "2"], ["caddy", null]]),
    workloads: workloads("").filter(({ name }) => name === "1k"),
    servers: SERVERS.filter(({ name }) => name === "sweepd" || name === "nginx"),
    figures: new Map(Object.entries(rates).map(([pair, runs]) => [pair, runs.map(figures)])),
    idle: null,
    startMs: null,
  };
}

Deno.test("median() is the middle value, or the mean of the two middle values", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])], [2, 2.5, 7]);
  assert(Number.isNaN(median([])));
});

Deno.test("ratio() is the median of the ratios of all rounds, not the ratio of two medians", () => {
  const results = resultsOf({ "1k sweepd": [100, 200, 900], "1k nginx": [100, 400, 300] });
  assertEquals(ratio(results, "requestsPerSecond", ["1k", "sweepd"], ["1k", "nginx"]), 1);
});

Deno.test("ratio() is NaN if a pair was not measured", () => {
  assert(Number.isNaN(ratio(resultsOf({}), "requestsPerSecond", ["1k", "sweepd"], ["1k", "nginx"])));
});

Deno.test("report() says which targets are met, which are missed, and which servers are not installed", () => {
  const missed = report(resultsOf({ "1k sweepd": [129, 129, 129], "1k nginx": [100, 100, 100] }));
  assertStringIncludes(missed, "| 1k, relative to nginx | ≥ 1.3 | 1.29 | **missed** |");
  assertStringIncludes(missed, "- caddy: not measured, because it is not installed");
  const met = report(resultsOf({ "1k sweepd": [130, 130, 130], "1k nginx": [100, 100, 100] }));
  assertStringIncludes(met, "| 1k, relative to nginx | ≥ 1.3 | 1.30 | met |");
  assertStringIncludes(met, "| nginx | 100 | 0 | 8.0 | 1.00 | 100 | 200 | 2 | 0 |");
});

Deno.test("plot() has a bar for each server of a workload", () => {
  const svg = plot(resultsOf({ "1k sweepd": [150], "1k nginx": [100] }));
  assertEquals(svg.match(/>1\.50</g)?.length, 1);
  assertEquals(svg.match(/>1\.00</g)?.length, 1);
});

Deno.test("the browser's head has 15 fields and 900 bytes, like a typical one", () => {
  const request = workloads("").find(({ name }) => name === "head")!.requests[0]!;
  assertEquals([request.fields.length, Math.round(format(request).length / 100)], [15, 9]);
});

Deno.test("report() compares memory after the mix with its limit, and names what was not measured nowhere", () => {
  const text = report(resultsOf({ "pareto sweepd": [100] }));
  assertStringIncludes(text, "| memory after the mix, one worker | ≤ 200 MiB | 2 MiB | met |");
  assertEquals(text.includes("two workers |"), false);
});
