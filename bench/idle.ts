/**
 * What idle connections cost: memory, and the time of those that are active beside them.
 * @module
 */

import { median } from "./own.ts";
import { type Assignment, type Server, startServer } from "./servers.ts";
import { residentKiB } from "./usage.ts";
import { runWrk } from "./wrk.ts";

/** What was found. */
export interface IdleFigures {
  readonly connections: number;
  /** Of memory a connection. */
  readonly kiBEach: number;
  /** Of 64 active connections, alone and beside the idle ones. */
  readonly aloneP99Us: number;
  readonly besideP99Us: number;
}

const CONNECTIONS = 15_000;

/** At most so many under way, so that none waits in the backlog for seconds. */
const CONNECTING = 250;

const SECONDS = 2;

const WARM_UP_RUNS = 3;

const REQUEST = "GET /1k.txt HTTP/1.1\r\nHost: bench.example\r\n\r\n";

/** Each idle connection has had one answer, as keep-alive ones have. */
export async function measureIdle(server: Server, assignment: Assignment, rounds: number): Promise<IdleFigures> {
  await using running = await startServer(server, assignment);
  const { pid, port } = running;
  const load = { port, pid, connections: 64, seconds: SECONDS, requests: [REQUEST] };
  for (let run = 0; run < WARM_UP_RUNS; run++) await runWrk(load); // Or the heap's own growth would count.
  const alone: number[] = [];
  const beside: number[] = [];
  const kiBEach: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push((await runWrk(load)).p99Us);
    const before = residentKiB(pid);
    const connections = await connectAll(port);
    if (round === 0) kiBEach.push((residentKiB(pid) - before) / CONNECTIONS); // Later ones take what these have left.
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
