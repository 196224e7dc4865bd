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
  faster("1k", ["nginx"], 1.5),
  faster("1k", ["lighttpd", "h2o"], 0.85),
  {
    text: "1k: CPU per request, relative to the bare loop",
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
  { ...ownRate("pipeline", 3), text: "16 pipelined requests, relative to sweepd without pipelining" },
  faster("connect", ["nginx"], 0.8),
  faster("pareto", ["nginx"], 1),
  { ...ownRate("hosts", 0.95), text: "10,000 hosts, relative to sweepd with one host" },
  { ...ownRate("crowded", 0.95), text: "100,000 files in a folder, relative to sweepd with few files" },
  faster("coded", ["nginx"], 2),
  faster("stored", ["nginx"], 1),
  costs("tls 1k", "cpuUsPerRequest", "CPU per request", 1.6),
  costs("tls 100m", "cpuSecondsPerGB", "CPU per gigabyte", 1.4),
  faster("tls connect", ["nginx"], 0.6),
  costs("h2 1k", "cpuUsPerRequest", "CPU per request", 1.5),
  costs("h2 1k x32", "cpuUsPerRequest", "CPU per request", 1),
  { ...ownRate("logged", 0.85), text: "access log on, relative to sweepd with the log off" },
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
    `Each server has one worker on one core, and wrk, or h2load for HTTP/2, runs on another core.`,
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
      "- nginx has its default configuration, and once more `open_file_cache`. sweepd checks each file on disk at most every 100 ms.",
      "- In the workloads of HTML, nginx has `gzip on` or `gzip_static on`, and Caddy `encode` or `precompressed`. MB/s divided by requests/s is the size of an answer on the wire.",
      "- The workload of 10,000 files has server processes of its own, because the garbage that it leaves behind would " +
      "otherwise be collected during the next workload.",
      "- The folders of the 10,000 hosts are all below one folder. If the roots of the hosts have no common parent, each " +
      "check of a file takes 0.2 µs longer per root.",
    ].join("\n"),
  ];
}

function targetRows(results: Results): string[][] {
  const rows = TARGETS.map((target) => targetRow(results, target)).filter((row) => row !== null);
  const { idle, startMs } = results;
  if (idle !== null) {
    const count = idle.connections.toLocaleString("en");
    const slower = idle.besideP99Us / idle.aloneP99Us;
    rows.push([
      `memory per connection, of ${count} idle ones`,
      "≤ 6 KiB",
      `${idle.kiBEach.toFixed(1)} KiB`,
      mark(idle.kiBEach <= 6),
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
      "≤ 150 ms",
      `${startMs.toFixed(0)} ms`,
      mark(startMs <= 150),
    ]);
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
