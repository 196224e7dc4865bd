/**
 * Measures idle connections: their memory, and how much they slow down active connections.
 * @module
 */

import { median } from "./own.ts";
import { type Assignment, type Server, startServer } from "./servers.ts";
import { residentKiB } from "./usage.ts";
import { runWrk } from "./wrk.ts";

/** The results. */
export interface IdleFigures {
  readonly connections: number;
  /** Memory per idle connection, in KiB. */
  readonly kiBEach: number;
  /** The p99 of 64 active connections, without and with the idle ones, in microseconds. */
  readonly aloneP99Us: number;
  readonly besideP99Us: number;
}

const CONNECTIONS = 15_000;

/** Number of connections to open at the same time. More would wait in the backlog for seconds. */
const CONNECTING = 250;

const SECONDS = 2;

const WARM_UP_RUNS = 3;

const REQUEST = "GET /1k.txt HTTP/1.1\r\nHost: bench.example\r\n\r\n";

/** Opens idle connections and measures. Each has received one answer, like a kept-alive connection of a browser. */
export async function measureIdle(server: Server, assignment: Assignment, rounds: number): Promise<IdleFigures> {
  await using running = await startServer(server, assignment);
  const { pid, port } = running;
  const load = { port, pid, connections: 64, seconds: SECONDS, requests: [REQUEST] };
  // Otherwise the heap would still grow during the measurement.
  for (let run = 0; run < WARM_UP_RUNS; run++) await runWrk(load);
  const alone: number[] = [];
  const beside: number[] = [];
  const kiBEach: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push((await runWrk(load)).p99Us);
    const before = residentKiB(pid);
    const connections = await connectAll(port);
    if (round === 0) kiBEach.push((residentKiB(pid) - before) / CONNECTIONS); // Later rounds reuse the memory of the first.
    beside.push((await runWrk(load)).p99Us);
    for (const connection of connections) connection.close();
  }
  return {
    connections: CONNECTIONS,
    kiBEach: median(kiBEach),
    aloneP99Us: median(alone),
    besideP99Us: median(beside),
  };
}

async function connectAll(port: number): Promise<Deno.TcpConn[]> {
  const connections: Deno.TcpConn[] = [];
  while (connections.length < CONNECTIONS) {
    connections.push(...await Promise.all(Array.from({ length: CONNECTING }, () => connectOne(port))));
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
