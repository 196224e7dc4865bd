/**
 * The benchmark: measures sweepd and other servers under the same loads, in interleaved rounds. Run it with
 * `deno task bench`. It writes RESULTS.md and results.svg next to this file. It needs Linux, wrk and taskset, and h2load for HTTP/2.
 * @module
 */

import { equals } from "@std/bytes/equals";
import { fromFileUrl } from "@std/path";
import { type Answer, HttpClient } from "../src/mod.ts";
import type { Cpus } from "./cpus.ts";
import { hasH2load, runH2load } from "./h2load.ts";
import { IDLE_CONNECTIONS, measureIdle } from "./idle.ts";
import { count, CPUS, flag, names, runBenchmark, type Values } from "./options.ts";
import { withFolder } from "./own.ts";
import { plot } from "./plot.ts";
import { report, type Results } from "./report.ts";
import { type Assignment, type RunningServer, type Server, SERVERS, startServer, versionOf } from "./servers.ts";
import { HOSTS, makeSites, type Sites } from "./sites.ts";
import { writeResults } from "./sections.ts";
import { measureStart } from "./start_up.ts";
import { type BenchRequest, format, hasPeers, isCoded, type Setting, type Workload, workloads } from "./workloads.ts";
import { type Figures, runWrk } from "./wrk.ts";

const OPTIONS = {
  rounds: count("number of measurements of each pair of server and workload", 5, 100),
  seconds: count("length of each measurement", 2, 60),
  only: names("what to measure", [...workloads("").map(({ name }) => name), "idle", "start"]),
  servers: names("other servers to run", SERVERS.slice(1).map(({ name }) => name)),
  cpus: CPUS,
  dry: flag("print the results and write no files"),
};

type Options = Values<typeof OPTIONS>;

async function main(options: Options): Promise<number> {
  const results = await withFolder((folder) => measureAll(options, folder));
  const text = report(results);
  console.log(text);
  if (options.dry) return 0;
  await writeResults(text);
  await Deno.writeTextFile(fromFileUrl(new URL("results.svg", import.meta.url)), plot(results));
  return 0;
}

async function measureAll(options: Options, folder: string): Promise<Results> {
  const sites = await makeSites(folder);
  const { mtime } = await Deno.stat(`${sites.plain}/1k.txt`);
  const unchangedSince = mtime?.toUTCString() ?? "";
  await new Promise((resolve) => setTimeout(resolve, 3000)); // sweepd caches a file only 2.5 s after its last change.
  const wanted = (name: string) => options.only?.includes(name) ?? true;
  const versions = await findServers(options);
  const servers = SERVERS.filter(({ name }) => versions.get(name));
  const loads = await runnable(workloads(unchangedSince).filter(({ name }) => wanted(name)));
  const figures = await measureLoads(options, loads, servers, sites, folder);
  const own = SERVERS[0]!;
  return {
    date: new Date(),
    machine: machine(),
    rounds: options.rounds,
    seconds: options.seconds,
    versions,
    workloads: loads,
    servers,
    figures,
    idle: wanted("idle") ? await measureIdle(own, sites.plain, { ...options, connections: IDLE_CONNECTIONS }) : null,
    startMs: wanted("start") ? await measureStart() : null,
  };
}

function machine(): string {
  const [, cpu = "unknown"] = /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo")) ?? [];
  return `${navigator.hardwareConcurrency} cores (${cpu}), Linux ${Deno.osRelease()}`;
}

async function findServers({ servers }: Options): Promise<Map<string, string | null>> {
  const versions = new Map<string, string | null>();
  for (const server of SERVERS) {
    if (server.name !== "sweepd" && servers !== null && !servers.includes(server.name)) continue;
    const version = await versionOf(server);
    if (version === null) {
      console.error(`${server.title} is not installed (Debian package: ${server.debian}), so it is not measured`);
    }
    versions.set(server.name, version);
  }
  return versions;
}

/** The workloads for which the program that makes the load is installed. */
async function runnable(loads: readonly Workload[]): Promise<readonly Workload[]> {
  if (loads.every(({ streams }) => streams === null) || await hasH2load()) return loads;
  console.error("h2load is not installed (Debian package: nghttp2-client), so HTTP/2 is not measured");
  return loads.filter(({ streams }) => streams === null);
}

/** Runs all rounds. Each round measures every pair once, so that slow phases of the machine affect all pairs alike. */
async function measureLoads(
  { rounds, seconds, cpus }: Options,
  loads: readonly Workload[],
  servers: readonly Server[],
  sites: Sites,
  folder: string,
): Promise<Results["figures"]> {
  const figures = new Map<string, Figures[]>();
  await using running = new Fleet(cpus);
  for (let round = 0; round <= rounds; round++) { // Round 0 warms the servers up and checks their answers.
    for (const workload of loads) {
      for (const server of servers) {
        if (!takesPart(server, workload)) continue;
        const target = await running.get(server, workload.setting, sites, folder);
        if (round === 0) await check(target, workload, sites);
        const came = await load(target, workload, cpus.load, round === 0 ? warmUpSeconds(workload) : seconds);
        const key = `${workload.name} ${server.name}`;
        console.error(`round ${round}: ${key}: ${came.requestsPerSecond.toFixed(0)} requests/s`);
        if (round > 0) figures.set(key, [...figures.get(key) ?? [], came]);
      }
    }
  }
  return figures;
}

/** A mix is asked for until nearly all of its files have been found once: its first pass is what `bench:mix` measures. */
function warmUpSeconds({ requests }: Workload): number {
  return requests.length > 1 ? 6 : 1;
}

/** Loads a running server once, with wrk or, over HTTP/2, with h2load. */
function load({ port, pid }: RunningServer, workload: Workload, cpu: number, seconds: number): Promise<Figures> {
  const { setting, requests, depth, connections, streams } = workload;
  const common = { port, pid, cpu, connections, seconds };
  if (streams !== null) return runH2load({ ...common, streams, target: requests[0]!.target });
  return runWrk({
    ...common,
    isSecure: setting === "tls",
    requests: requests.map((request) => format(request).repeat(depth)),
  });
}

/** The servers whose codings are configured. */
const CODING = ["sweepd", "nginx", "caddy"];

/** The servers whose certificates are configured. */
const SECURED = ["sweepd", "nginx", "h2o"];

function takesPart({ name }: Server, { setting, hasBare }: Workload): boolean {
  if (setting === "tls") return SECURED.includes(name);
  if (isCoded(setting)) return CODING.includes(name);
  if (name === "bare") return hasBare;
  return name === "sweepd" || hasPeers(setting);
}

/** The running servers: one process for each pair of server and setting. */
class Fleet implements AsyncDisposable {
  readonly #cpus: Cpus;
  readonly #running = new Map<string, RunningServer>();

  constructor(cpus: Cpus) {
    this.#cpus = cpus;
  }

  async get(server: Server, setting: Setting, sites: Sites, folder: string): Promise<RunningServer> {
    const key = `${server.name} ${setting}`;
    const known = this.#running.get(key);
    if (known !== undefined) return known;
    const task = taskOf(setting, sites, `${folder}/${server.name}.log`);
    const { server: cpu, load } = this.#cpus;
    const started = await startServer(server, { ...task, cpu: task.workers === 2 ? `${cpu},${load}` : cpu });
    this.#running.set(key, started);
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#running.values()) await server[Symbol.asyncDispose]();
  }
}

function taskOf(setting: Setting, sites: Sites, log: string): Omit<Assignment, "cpu"> {
  switch (setting) {
    case "plain":
    case "mix":
      return { root: sites.plain, log: null };
    case "two":
    case "two mix":
      return { root: sites.plain, log: null, workers: 2 };
    case "tls":
      return { root: sites.plain, log: null, tls: sites.tls };
    case "logged":
      return { root: sites.plain, log };
    case "crowded":
      return { root: sites.crowded, log: null };
    case "coded":
      return { root: sites.coded, log: null, codings: "made" };
    case "stored":
      return { root: sites.stored, log: null, codings: "stored" };
    case "hosts":
      return { root: sites.plain, log: null, hosts: Array.from({ length: HOSTS }, (_, host) => hostOf(sites, host)) };
  }
}

function hostOf({ hosts }: Sites, host: number): { name: string; root: string } {
  return { name: `h${host}.example`, root: `${hosts}/${host}` };
}

const CONTENT_BYTES_MAX = 128 * 1024 * 1024;

/** Compares the server's answer with the expected one, byte for byte. Throws if they differ. */
async function check({ server, port }: RunningServer, workload: Workload, sites: Sites): Promise<void> {
  const [request] = workload.requests;
  if (request === undefined) throw new Error(`${workload.name} has no requests`);
  const answer = workload.setting === "tls" ? await askSecurely(port, request, sites) : await ask(port, request);
  const expected = workload.content === null
    ? null
    : await readPart(`${sites.plain}${request.target}`, workload.content);
  const isRight = answer.status === workload.status && (expected === null || equals(answer.content, expected));
  if (!isRight && server.name !== "bare") {
    throw new Error(`${server.title} answers ${workload.name} with ${answer.status}, ${answer.contentBytes} bytes`);
  }
}

async function ask(port: number, { target, host, fields }: BenchRequest): Promise<Answer> {
  const address = { hostname: "127.0.0.1", port };
  const client = await HttpClient.connect(address, { host, contentBytesMax: CONTENT_BYTES_MAX });
  try {
    return await client.request({ target, fields });
  } finally {
    client.close();
  }
}

/** A request over TLS, by the client of the runtime. */
async function askSecurely(port: number, { target }: BenchRequest, { tls }: Sites) {
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(tls.authority)] });
  const response = await fetch(`https://localhost:${port}${target}`, { client });
  const content = await response.bytes();
  return { status: response.status, content, contentBytes: content.length };
}

async function readPart(path: string, { first, length }: { first: number; length: number }): Promise<Uint8Array> {
  return (await Deno.readFile(path)).subarray(first, first + length);
}

if (import.meta.main) Deno.exit(await runBenchmark("bench", OPTIONS, main));
