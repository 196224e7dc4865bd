/**
 * The results as a page: targets first, then every figure. Pure.
 * @module
 */

import type { IdleFigures } from "./idle.ts";
import { median } from "./own.ts";
import type { Server } from "./servers.ts";
import type { Workload } from "./workloads.ts";
import type { Figures } from "./wrk.ts";

/** All that was measured. */
export interface Results {
  readonly date: Date;
  /** What it was measured on, in words. */
  readonly machine: string;
  readonly rounds: number;
  readonly seconds: number;
  /** By the names of servers; `null`: not installed. */
  readonly versions: ReadonlyMap<string, string | null>;
  readonly workloads: readonly Workload[];
  readonly servers: readonly Server[];
  /** By "workload server", one for each round. */
  readonly figures: ReadonlyMap<string, readonly Figures[]>;
  readonly idle: IdleFigures | null;
  readonly startMs: number | null;
}

type Measure = keyof Figures;

/** A pair of workload and server. */
type Pair = readonly [workload: string, server: string];

/** What is asked of sweepd: the figure of one pair, as a multiple of another's. */
interface Target {
  readonly text: string;
  readonly measure: Measure;
  readonly of: Pair;
  /** The best of these counts. */
  readonly to: readonly Pair[];
  readonly atLeast?: number;
  readonly atMost?: number;
}

const TARGETS: readonly Target[] = [
  faster("1k", ["nginx"], 1.5),
  faster("1k", ["lighttpd", "h2o"], 0.85),
  {
    text: "1 KiB: CPU a request, to the bare loop's",
    measure: "cpuUsPerRequest",
    of: ["1k", "sweepd"],
    to: [["1k", "bare"]],
    atMost: 1.25,
  },
  faster("head", ["nginx"], 1.3),
  faster("10k", ["nginx"], 1.3),
  faster("10k", ["h2o"], 0.8),
  faster("100k", ["nginx"], 1),
  { ...faster("100m", ["nginx"], 1.5), measure: "bytesPerSecond" },
  { ...faster("100m", ["h2o"], 1), measure: "bytesPerSecond" },
  faster("304", ["nginx"], 1.2),
  faster("404", ["nginx"], 1.2),
  faster("range", ["nginx"], 1.2),
  { ...ownRate("pipeline", 3), text: "16 pipelined, to its own rate unpipelined" },
  faster("connect", ["nginx"], 0.8),
  faster("pareto", ["nginx"], 1),
  { ...ownRate("hosts", 0.95), text: "10,000 hosts, to its own rate with one" },
  { ...ownRate("crowded", 0.95), text: "100,000 files, to its own rate with few" },
  { ...ownRate("logged", 0.85), text: "access log on, to its own rate with it off" },
];

function faster(workload: string, servers: readonly string[], atLeast: number): Target {
  return {
    text: `${workload}, to ${servers.join(" or ")}`,
    measure: "requestsPerSecond",
    of: [workload, "sweepd"],
    to: servers.map((server) => [workload, server]),
    atLeast,
  };
}

function ownRate(workload: string, atLeast: number): Target {
  return { text: "", measure: "requestsPerSecond", of: [workload, "sweepd"], to: [["1k", "sweepd"]], atLeast };
}

/** Markdown. */
export function report(results: Results): string {
  return [
    "# Results",
    ...preface(results),
    "## Targets",
    table(["what", "asked", "found", ""], targetRows(results)),
    "![Requests a second, as multiples of nginx's](results.svg)",
    "## Figures",
    ...results.workloads.map((workload) => `### ${workload.title}\n\n${figuresTable(results, workload)}`),
  ].join("\n\n") + "\n";
}

/** Paragraphs. */
function preface({ date, machine, rounds, seconds, versions, servers }: Results): string[] {
  const missing = [...versions].filter(([, version]) => version === null).map(([name]) => name);
  return [
    `Written by \`deno task bench\` on ${
      date.toISOString().slice(0, 10)
    }: ${rounds} interleaved rounds of ${seconds} seconds. ` +
    `${machine}, loopback. ` +
    `Each server has one worker and one core, wrk has the other.`,
    [
      ...servers.map(({ name, title }) => `- ${title}: ${versions.get(name)}`),
      ...missing.map((name) => `- ${name}: not installed, left out`),
    ].join("\n"),
    "How to read it: absolute figures are this machine's, in a noisy neighbourhood; ratios are what counts. A figure is the " +
    "median of the rounds; a ratio is the median of the rounds' ratios, each of two runs of the same round. CPU is that of " +
    "the server's processes with all their threads, in user and kernel mode; memory that of the server after the run. The " +
    "bare loop reads and writes on the same runtime and does nothing else: it is the ceiling. nginx runs as it comes, " +
    "without `open_file_cache`; sweepd looks at each file on disk at most every 100 ms. The mix of 10,000 files has " +
    "servers of its own, because what it leaves behind is collected during whatever comes next. The 10,000 hosts have " +
    "folders below one; roots that share none cost each look at a file 0.2 µs a root. `lost` counts failed " +
    "connections, reads and writes.",
  ];
}

function targetRows(results: Results): string[][] {
  const rows = TARGETS.map((target) => targetRow(results, target)).filter((row) => row !== null);
  const { idle, startMs } = results;
  if (idle !== null) {
    const count = idle.connections.toLocaleString("en");
    const slower = idle.besideP99Us / idle.aloneP99Us;
    rows.push([
      `memory of ${count} idle connections, each`,
      "≤ 6 KiB",
      `${idle.kiBEach.toFixed(1)} KiB`,
      mark(idle.kiBEach <= 6),
    ]);
    rows.push([`p99 of 64 active ones beside them, to theirs alone`, "≤ 2", slower.toFixed(2), mark(slower <= 2)]);
  }
  if (startMs !== null) {
    rows.push(["start to first answer, from source", "≤ 150 ms", `${startMs.toFixed(0)} ms`, mark(startMs <= 150)]);
  }
  return rows;
}

function targetRow(results: Results, { text, measure, of, to, atLeast, atMost }: Target): string[] | null {
  const ratios = to.map((pair) => ratio(results, measure, of, pair)).filter(Number.isFinite);
  if (ratios.length === 0) return null; // Not measured in this run.
  if (atMost !== undefined) {
    const found = Math.max(...ratios);
    return [text, `≤ ${atMost}`, found.toFixed(2), mark(found <= atMost)];
  }
  const found = Math.min(...ratios);
  return [text, `≥ ${atLeast}`, found.toFixed(2), mark(found >= (atLeast ?? 0))];
}

/** The median over the rounds of what one pair has as a multiple of another; `NaN` where one was not measured. */
export function ratio({ figures }: Results, measure: Measure, of: Pair, to: Pair): number {
  const [mine, theirs] = [figures.get(of.join(" ")) ?? [], figures.get(to.join(" ")) ?? []];
  return median(mine.map((one, round) => one[measure] / (theirs[round]?.[measure] ?? NaN)));
}

function mark(isMet: boolean): string {
  return isMet ? "met" : "**missed**";
}

function figuresTable(results: Results, { name }: Workload): string {
  const rows = results.servers.flatMap((server) => {
    const runs = results.figures.get(`${name} ${server.name}`);
    return runs === undefined
      ? []
      : [[server.title, ...figureCells((measure) => median(runs.map((run) => run[measure])))]];
  });
  return table(
    ["server", "requests/s", "MB/s", "CPU µs/request", "CPU s/GB", "p50 µs", "p99 µs", "memory MiB", "lost"],
    rows,
  );
}

function figureCells(value: (measure: Measure) => number): string[] {
  return [
    Math.round(value("requestsPerSecond")).toLocaleString("en"),
    (value("bytesPerSecond") / 1e6).toFixed(0),
    value("cpuUsPerRequest").toFixed(1),
    value("cpuSecondsPerGB").toFixed(2),
    value("p50Us").toFixed(0),
    value("p99Us").toFixed(0),
    (value("residentKiB") / 1024).toFixed(0),
    value("lost").toFixed(0),
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map((_, index) => index === 0 ? "---" : "---:")), ...rows.map(line)].join("\n");
}
