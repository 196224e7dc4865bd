/**
 * Runs h2load once: HTTP/2 over TLS, with several streams on each connection. Collects the same figures as wrk.ts.
 * @module
 */

import { type Figures, figuresOf, type LoadResult } from "./wrk.ts";

/** How to load a server. */
export interface StreamLoad {
  readonly port: number;
  /** Process whose CPU time and memory are measured, including its children. */
  readonly pid: number;
  /** The CPU that h2load runs on. */
  readonly cpu: number;
  readonly connections: number;
  /** Requests at the same time on each connection. */
  readonly streams: number;
  readonly seconds: number;
  readonly target: string;
}

/** Runs h2load with one thread. Throws an error with h2load's output if h2load fails or does not speak HTTP/2. */
export async function runH2load(load: StreamLoad): Promise<Figures> {
  const log = await Deno.makeTempFile({ prefix: "sweepd_h2load_" });
  try {
    return await figuresOf(load.pid, () => h2load(load, log));
  } finally {
    await Deno.remove(log);
  }
}

/** Whether h2load is installed. */
export async function hasH2load(): Promise<boolean> {
  try {
    return (await new Deno.Command("h2load", { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function h2load(
  { port, cpu, connections, streams, seconds, target }: StreamLoad,
  log: string,
): Promise<LoadResult> {
  const count = ["-t1", `-c${connections}`, `-m${streams}`, `-D${seconds}`];
  const url = `https://localhost:${port}${target}`; // The name in the certificate; servers refuse others.
  const { success, stdout, stderr } = await new Deno.Command("taskset", {
    args: ["-c", `${cpu}`, "h2load", ...count, `--connect-to=127.0.0.1:${port}`, `--log-file=${log}`, url],
  }).output();
  const text = new TextDecoder().decode(stdout);
  const result = success ? readH2load(text, await Deno.readTextFile(log)) : null;
  if (result === null) throw new Error(`h2load failed: ${text}${new TextDecoder().decode(stderr)}`);
  return result;
}

/**
 * The result in h2load's output and log. `null` if the output has no result, or is of another protocol than HTTP/2.
 * Each line of the log has the start of a request, its status, and its duration in microseconds (h2load(1), `--log-file`).
 */
export function readH2load(text: string, log: string): LoadResult | null {
  const [, rate] = /^finished in .*, ([0-9.]+) req\/s/m.exec(text) ?? [];
  const [, done, failed, errored, late] =
    /([0-9]+) done, .* ([0-9]+) failed, ([0-9]+) errored, ([0-9]+) timeout/.exec(text) ?? [];
  const [, clientErrors, serverErrors] = /([0-9]+) 4xx, ([0-9]+) 5xx/.exec(text) ?? [];
  const [, bytes] = /^traffic: .*?\(([0-9]+)\) total/m.exec(text) ?? [];
  if (!/^Application protocol: h2$/m.test(text) || Number(done ?? 0) === 0) return null;
  const times = Float64Array.from(log.trim().split("\n"), (line) => Number(line.split("\t")[2])).sort();
  return {
    requests: Number(done),
    durationUs: Number(done) / Number(rate) * 1e6,
    bytes: Number(bytes),
    p50Us: part(times, 0.5),
    p99Us: part(times, 0.99),
    lost: Number(failed) + Number(errored) + Number(late),
    refused: Number(clientErrors) + Number(serverErrors),
  };
}

/** The value that `share` of the ascending `values` are below. */
function part(values: Float64Array, share: number): number {
  return values[Math.floor(values.length * share)] ?? NaN;
}
