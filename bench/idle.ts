/**
 * Measures idle connections: their memory, and how much they slow down active connections. A part of `deno task bench`;
 * run it alone with `deno task bench:idle`. It needs Linux, wrk and taskset.
 * @module
 */

import { count, CPUS, runBenchmark, type Values } from "./options.ts";
import { median, pause, withFolder } from "./own.ts";
import { type Server, SERVERS, startServer } from "./servers.ts";
import { residentKiB } from "./usage.ts";
import { runWrk } from "./wrk.ts";

/** The results. */
export interface IdleFigures {
  readonly connections: number;
  /** Memory of the server before its first request, in KiB. */
  readonly baseKiB: number;
  /** Memory per idle connection, in KiB. */
  readonly kiBEach: number;
  /** The p99 of 64 active connections, without and with the idle ones, in microseconds. */
  readonly aloneP99Us: number;
  readonly besideP99Us: number;
}

/** The number of idle connections in the report. */
export const IDLE_CONNECTIONS = 15_000;

const OPTIONS = {
  connections: count("number of idle connections", IDLE_CONNECTIONS, 60_000),
  rounds: count("number of measurements", 5, 100),
  cpus: CPUS,
};

type Options = Values<typeof OPTIONS>;

/** Number of connections to open at the same time. More would wait in the backlog for seconds. */
const CONNECTING = 250;

const SECONDS = 2;

/** A server that has just started still frees memory of its start. */
const SETTLE_MS = 1_000;

const WARM_UP_RUNS = 3;

const REQUEST = "GET /1k.txt HTTP/1.1\r\nHost: bench.example\r\n\r\n";

/** Opens idle connections and measures. Each has received one answer, like a kept-alive connection of a browser. */
export async function measureIdle(server: Server, root: string, options: Options): Promise<IdleFigures> {
  const { connections: idle, rounds, cpus } = options;
  await using running = await startServer(server, { cpu: cpus.server, root, log: null });
  const { pid, port } = running;
  const load = { port, pid, cpu: cpus.load, connections: 64, seconds: SECONDS, requests: [REQUEST] };
  await pause(SETTLE_MS);
  const baseKiB = residentKiB(pid);
  // Otherwise the heap would still grow during the measurement.
  for (let run = 0; run < WARM_UP_RUNS; run++) await runWrk(load);
  const alone: number[] = [];
  const beside: number[] = [];
  const kiBEach: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push((await runWrk(load)).p99Us);
    const before = residentKiB(pid);
    const connections = await connectAll(port, idle);
    if (round === 0) kiBEach.push((residentKiB(pid) - before) / idle); // Later rounds reuse the memory of the first.
    beside.push((await runWrk(load)).p99Us);
    for (const connection of connections) connection.close();
  }
  return {
    connections: idle,
    baseKiB,
    kiBEach: median(kiBEach),
    aloneP99Us: median(alone),
    besideP99Us: median(beside),
  };
}

async function connectAll(port: number, wanted: number): Promise<Deno.TcpConn[]> {
  const connections: Deno.TcpConn[] = [];
  while (connections.length < wanted) {
    const length = Math.min(CONNECTING, wanted - connections.length);
    connections.push(...await Promise.all(Array.from({ length }, () => connectOne(port))));
  }
  return connections;
}

async function connectOne(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(REQUEST));
  let received = 0;
  for (const buffer = new Uint8Array(4096); received < 1024;) received += await connection.read(buffer) ?? NaN;
  return connection;
}

async function main(options: Options): Promise<number> {
  return await withFolder(async (root) => {
    await Deno.writeFile(`${root}/1k.txt`, new Uint8Array(1024).fill(97));
    const { connections, baseKiB, kiBEach, aloneP99Us, besideP99Us } = await measureIdle(SERVERS[0]!, root, options);
    console.log(`memory without load: ${(baseKiB / 1024).toFixed(0)} MiB`);
    console.log(`${connections} idle connections: ${kiBEach.toFixed(1)} KiB each`);
    console.log(`p99 of 64 active ones: ${aloneP99Us.toFixed(0)} µs alone, ${besideP99Us.toFixed(0)} µs beside them`);
    return 0;
  });
}

if (import.meta.main) Deno.exit(await runBenchmark("bench:idle", OPTIONS, main));
