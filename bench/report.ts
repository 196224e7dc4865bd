/**
 * Formats the results as a Markdown page: first the targets, then all figures. Pure.
 * @module
 */

import type { IdleFigures } from "./idle.ts";
import { median } from "./own.ts";
import type { Server } from "./servers.ts";
import type { Workload } from "./workloads.ts";
import type { Figures } from "./wrk.ts";

/** All figures of one run of the benchmark. */
export interface Results {
  readonly date: Date;
  /** Description of the machine. */
  readonly machine: string;
  readonly rounds: number;
  readonly seconds: number;
  /** Versions by server name; `null`: the server is not installed. */
  readonly versions: ReadonlyMap<string, string | null>;
  readonly workloads: readonly Workload[];
  readonly servers: readonly Server[];
  /** The figures of each round. The key is the name of the workload, a blank, and the name of the server. */
  readonly figures: ReadonlyMap<string, readonly Figures[]>;
  readonly idle: IdleFigures | null;
  readonly startMs: number | null;
}

type Measure = keyof Figures;

/** A workload and a server, by name. */
type Pair = readonly [workload: string, server: string];

/** A target for sweepd: the ratio of one pair's figure to another pair's. */
interface Target {
  readonly text: string;
  readonly measure: Measure;
  readonly of: Pair;
  /** If there are several, the best of them counts. */
  readonly to: readonly Pair[];
  readonly atLeast?: number;
  readonly atMost?: number;
}

const TARGETS: readonly Target[] = [
  faster("1k", ["h2o"], 0.85),
  faster("1k", ["nginx"], 1.3),
  {
    text: "1k: CPU per request, relative to the bare loop",
    measure: "cpuUsPerRequest",
    of: ["1k", "sweepd"],
    to: [["1k", "bare"]],
    atMost: 1.25,
  },
  faster("head", ["h2o"], 1),
  faster("10k", ["h2o"], 0.9),
  faster("100k", ["h2o"], 1.3),
  { ...faster("100m", ["h2o"], 1.15), measure: "bytesPerSecond" },
  faster("304", ["h2o"], 0.9),
  faster("404", ["h2o"], 0.85),
  faster("range", ["h2o"], 0.8),
  ...["304", "404", "range"].map((name): Target => ({
    text: `${name}: CPU per request, relative to 1k`,
    measure: "cpuUsPerRequest",
    of: [name, "sweepd"],
    to: [["1k", "sweepd"]],
    atMost: 1.1,
  })),
  { ...ownRate("pipeline", 3), text: "16 pipelined requests, relative to sweepd without pipelining" },
  faster("connect", ["h2o"], 0.85),
  faster("pareto", ["h2o"], 0.8),
  faster("pareto", ["caddy"], 1.5),
  { ...ownRate("hosts", 0.95), text: "10,000 hosts, relative to sweepd with one host" },
  { ...ownRate("all hosts", 0.7), text: "10,000 hosts at random, relative to sweepd with one host" },
  { ...ownRate("crowded", 0.95), text: "100,000 files in a folder, relative to sweepd with few files" },
  faster("coded", ["nginx"], 2),
  faster("stored", ["nginx"], 1),
  costs("tls 1k", "cpuUsPerRequest", "CPU per request", 1.6),
  costs("tls 100m", "cpuSecondsPerGB", "CPU per gigabyte", 1.4),
  faster("tls connect", ["nginx"], 0.6),
  costs("h2 1k", "cpuUsPerRequest", "CPU per request", 1.5),
  costs("h2 1k x32", "cpuUsPerRequest", "CPU per request", 1),
  { ...ownRate("logged", 0.88), text: "access log on, relative to sweepd with the log off" },
  faster("two 1k", ["h2o"], 0.85),
  faster("two pareto", ["h2o"], 0.8),
];

/** Limits on the memory of sweepd after a workload, in MiB. */
const MEMORY_TARGETS = [
  { text: "memory after the mix, one worker", workload: "pareto", atMost: 200 },
  { text: "memory after the mix, two workers", workload: "two pareto", atMost: 260 },
];

function costs(workload: string, measure: Measure, text: string, atMost: number): Target {
  return {
    text: `${workload}: ${text}, relative to nginx`,
    measure,
    of: [workload, "sweepd"],
    to: [[workload, "nginx"]],
    atMost,
  };
}

function faster(workload: string, servers: readonly string[], atLeast: number): Target {
  return {
    text: `${workload}, relative to ${servers.join(" or ")}`,
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
    table(["ratio or figure", "target", "measured", ""], targetRows(results)),
    "![Requests per second, relative to nginx](results.svg)",
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
    `Each server has one worker on one core, and wrk, or h2load for HTTP/2, runs on another core. In the workloads with ` +
    `two workers, each server has both cores, which it shares with wrk.`,
    [
      ...servers.map(({ name, title }) => `- ${title}: ${versions.get(name)}`),
      ...missing.map((name) => `- ${name}: not measured, because it is not installed`),
    ].join("\n"),
    "How to read the figures: the machine also runs other programs, so absolute figures vary between runs; compare the " +
    "ratios instead. Each figure is the median of all rounds. Each ratio is the median of the ratios of all rounds, and " +
    "each of these compares two runs of the same round.",
    [
      "- CPU is the CPU time of all processes and threads of the server, in user and kernel mode.",
      "- Memory is the resident memory of the server after the run.",
      "- `lost` is the number of failed connections, reads and writes.",
      "- The bare loop is a program on the same runtime that only reads and writes. It shows the highest possible rate.",
      "- nginx runs in its default configuration and, as a second server, with `open_file_cache`. The others keep their " +
      "own caches, as they come. sweepd checks each file on disk at most every 100 ms.",
      "- In the workloads of HTML, nginx has `gzip on` or `gzip_static on`, and Caddy `encode` or `precompressed`. MB/s divided by requests/s is the size of an answer on the wire.",
      "- The workload of 10,000 files has server processes of its own, because the garbage that it leaves behind would " +
      "otherwise be collected during the next workload.",
      "- The folders of the 10,000 hosts are all in one folder, so that their workers need one permission. If the roots " +
      "of hosts lie in different folders, each check of a file takes 0.2 to 0.5 µs longer per root.",
    ].join("\n"),
  ];
}

function targetRows(results: Results): string[][] {
  const rows = TARGETS.map((target) => targetRow(results, target)).filter((row) => row !== null);
  rows.push(...memoryRows(results));
  const { idle, startMs } = results;
  if (idle !== null) {
    const count = idle.connections.toLocaleString("en");
    const slower = idle.besideP99Us / idle.aloneP99Us;
    rows.push([
      `memory per connection, of ${count} idle ones`,
      "≤ 5 KiB",
      `${idle.kiBEach.toFixed(1)} KiB`,
      mark(idle.kiBEach <= 5),
    ]);
    rows.push([
      "memory without load, one worker",
      "≤ 80 MiB",
      `${(idle.baseKiB / 1024).toFixed(0)} MiB`,
      mark(idle.baseKiB <= 80 * 1024),
    ]);
    rows.push([
      `p99 of 64 active connections with the idle ones, relative to without`,
      "≤ 2",
      slower.toFixed(2),
      mark(slower <= 2),
    ]);
  }
  if (startMs !== null) {
    rows.push([
      "time from start to first answer, run from source",
      "≤ 140 ms",
      `${startMs.toFixed(0)} ms`,
      mark(startMs <= 140),
    ]);
  }
  return rows;
}

function memoryRows({ figures }: Results): string[][] {
  return MEMORY_TARGETS.flatMap(({ text, workload, atMost }) => {
    const mebibytes = median((figures.get(`${workload} sweepd`) ?? []).map(({ residentKiB }) => residentKiB)) / 1024;
    return Number.isNaN(mebibytes)
      ? []
      : [[text, `≤ ${atMost} MiB`, `${mebibytes.toFixed(0)} MiB`, mark(mebibytes <= atMost)]];
  });
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

/** The median over all rounds of the figure of one pair divided by that of the other; `NaN` if one was not measured. */
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
