/**
 * Measures the load of a site with many files. Each server is started again for each round. It gets every file once
 * (cold), then again in other orders (second pass, warm). After that it sends a page of 60 files to browsers with six connections each.
 * The figure is the CPU time of the server, because it varies less than rates. Run it with `deno task bench:mix`. It
 * needs Linux and taskset.
 * @module
 */

import { HttpClient } from "../src/mod.ts";
import { count, CPUS, flag, names, runBenchmark, type Values } from "./options.ts";
import { median, pause, withFolder } from "./own.ts";
import { writeSection } from "./sections.ts";
import { type RunningServer, type Server, SERVERS, startServer, versionOf } from "./servers.ts";
import { makeMix } from "./sites.ts";
import { cpuSeconds, residentKiB } from "./usage.ts";

const OPTIONS = {
  files: count("number of files", 10_000, 100_000),
  rounds: count("number of measurements of each server", 3, 100),
  workers: count("workers of each server", 1, 8),
  servers: names("servers to run", SERVERS.map(({ name }) => name)),
  cpus: CPUS,
  write: flag("also write the table to RESULTS.md"),
};

type Options = Values<typeof OPTIONS>;

/** sweepd caches a file only 2.5 s after its last change. */
const SETTLE_MS = 3_000;

/** Passes after the second one. The figure of a warm site is their median. */
const WARM_PASSES = 3;

/** A page, as browsers load it: six connections share its files. */
const PAGE_FILES = 60;
const PAGE_CONNECTIONS = 6;
const PAGES = 100;

/** The figures of one server in one round. CPU times are in µs a request, for pages in ms a page. */
interface Round {
  readonly cold: number;
  readonly second: number;
  readonly warm: number;
  readonly page: number;
  readonly mebibytes: number;
}

const COLUMNS: readonly (readonly [title: string, figure: keyof Round])[] = [
  ["cold, µs a request", "cold"],
  ["second pass, µs", "second"],
  ["warm, µs", "warm"],
  ["page of 60 files on new connections, ms", "page"],
  ["memory, MiB", "mebibytes"],
];

async function main(options: Options): Promise<number> {
  await withFolder(async (root) => {
    const targets = makeMix(root, options.files);
    await pause(SETTLE_MS);
    const servers = await installed(options);
    const rounds = new Map<Server, Round[]>(servers.map((server) => [server, []]));
    for (let round = 0; round < options.rounds; round++) {
      for (const server of servers) rounds.get(server)?.push(await measure(server, root, targets, options));
    }
    const table = tableOf(rounds);
    console.log(table);
    const { files, workers, write } = options;
    const number = files.toLocaleString("en");
    const heading = `Mix of ${number} files, ${workers === 1 ? "one worker" : `${workers} workers`}`;
    if (write) await writeSection(heading, `${PREFACE}\n\n${table}`);
  });
  return 0;
}

async function installed({ servers }: Options): Promise<Server[]> {
  const wanted = SERVERS.filter(({ name }) => name !== "bare" && (servers?.includes(name) ?? true));
  const versions = await Promise.all(wanted.map(versionOf));
  return wanted.filter((_, index) => versions[index] !== null);
}

async function measure(
  server: Server,
  root: string,
  targets: readonly string[],
  { workers, cpus }: Options,
): Promise<Round> {
  const cpu = workers === 1 ? cpus.server : `${cpus.server},${cpus.load}`;
  await using running = await startServer(server, { cpu, root, log: null, workers });
  const pass = () =>
    cpuUsOf(running, () => fetchAll(running.port, shuffled(targets), PAGE_CONNECTIONS), targets.length);
  const [cold, second] = [await pass(), await pass()];
  const warm: number[] = [];
  for (let index = 0; index < WARM_PASSES; index++) warm.push(await pass());
  const page = await cpuUsOf(running, () => loadPages(running.port, targets.slice(-PAGE_FILES)), PAGES);
  return { cold, second, warm: median(warm), page: page / 1000, mebibytes: residentKiB(running.pid) / 1024 };
}

/** CPU time of the server while `load` runs, divided by `shares`, in µs. */
async function cpuUsOf({ pid }: RunningServer, load: () => Promise<void>, shares: number): Promise<number> {
  const before = cpuSeconds(pid);
  await load();
  return (cpuSeconds(pid) - before) * 1e6 / shares;
}

async function loadPages(port: number, files: readonly string[]): Promise<void> {
  for (let page = 0; page < PAGES; page++) await fetchAll(port, files, PAGE_CONNECTIONS);
}

/** Requests each target once, over several connections, each of which sends one request after the other. */
async function fetchAll(port: number, targets: readonly string[], connections: number): Promise<void> {
  const waiting = targets.values();
  await Promise.all(Array.from({ length: connections }, async () => {
    const client = await HttpClient.connect({ hostname: "127.0.0.1", port }, { keepsContent: false });
    try {
      for (const target of waiting) {
        const { status } = await client.request({ target });
        if (status !== 200) throw new Error(`the answer to ${target} is ${status}`);
      }
    } finally {
      client.close();
    }
  }));
}

function shuffled<T>(values: readonly T[]): T[] {
  return values.map((value) => ({ value, order: Math.random() })).sort((a, b) => a.order - b.order).map(({ value }) =>
    value
  );
}

/** Explains the table to readers of RESULTS.md. */
const PREFACE =
  "Written by `deno task bench:mix --write`. CPU time of the server for each request: in the first pass over all files, in " +
  "the second, and in later ones, whose median is the figure of a warm site. Medians of all rounds.";

function tableOf(rounds: ReadonlyMap<Server, readonly Round[]>): string {
  const rows = [...rounds].map(([{ title }, all]) => {
    const cells = COLUMNS.map(([, figure]) => median(all.map((round) => round[figure])).toFixed(1));
    return `| ${title} | ${cells.join(" | ")} |`;
  });
  const heading = `| server | ${COLUMNS.map(([title]) => title).join(" | ")} |`;
  return [heading, `| --- |${COLUMNS.map(() => " ---: |").join("")}`, ...rows].join("\n");
}

if (import.meta.main) Deno.exit(await runBenchmark("bench:mix", OPTIONS, main));
