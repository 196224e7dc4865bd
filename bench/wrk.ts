/**
 * Runs wrk once. Collects wrk's figures, and the CPU time and memory of the server.
 * @module
 */

import { fromFileUrl } from "@std/path";
import { cpuSeconds, residentKiB } from "./usage.ts";

/** How to load a server. */
export interface Load {
  readonly port: number;
  /** Whether the server speaks TLS. */
  readonly isSecure?: boolean;
  /** Process whose CPU time and memory are measured, including its children. */
  readonly pid: number;
  /** The CPU that wrk runs on. */
  readonly cpu: number;
  readonly connections: number;
  readonly seconds: number;
  /** Texts to send. wrk sends one of them at random each time. */
  readonly requests: readonly string[];
}

/** The figures of one run. The memory is measured at its end. */
export interface Figures {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly cpuSecondsPerGB: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly residentKiB: number;
  /** Connections, reads and writes that failed or took too long. */
  readonly lost: number;
  /** Answers of status 400 and above. */
  readonly refused: number;
}

/** Runs wrk with one thread. Throws an error with wrk's output if wrk fails. */
export async function runWrk(load: Load): Promise<Figures> {
  const file = await Deno.makeTempFile({ prefix: "sweepd_requests_" });
  try {
    await Deno.writeTextFile(file, load.requests.map((request) => `${request}\0`).join(""));
    return await figuresOf(load.pid, () => wrk(load, file));
  } finally {
    await Deno.remove(file);
  }
}

/** Runs the load. Adds the CPU time and memory of the process `pid` and its children to what the load reports. */
export async function figuresOf(pid: number, run: () => Promise<LoadResult>): Promise<Figures> {
  const cpuBefore = cpuSeconds(pid);
  const result = await run();
  const cpu = cpuSeconds(pid) - cpuBefore;
  const seconds = result.durationUs / 1e6;
  return {
    requestsPerSecond: result.requests / seconds,
    bytesPerSecond: result.bytes / seconds,
    cpuUsPerRequest: cpu * 1e6 / result.requests,
    cpuSecondsPerGB: cpu * 1e9 / result.bytes,
    p50Us: result.p50Us,
    p99Us: result.p99Us,
    residentKiB: residentKiB(pid),
    lost: result.lost,
    refused: result.refused,
  };
}

/** What a load reports about itself. It is also the JSON that wrk.lua prints. */
export interface LoadResult {
  readonly requests: number;
  readonly durationUs: number;
  readonly bytes: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly lost: number;
  readonly refused: number;
}

async function wrk({ port, isSecure, connections, seconds, cpu }: Load, file: string): Promise<LoadResult> {
  const script = fromFileUrl(new URL("wrk.lua", import.meta.url));
  const count = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s"];
  const { success, stdout, stderr } = await new Deno.Command("taskset", {
    args: [
      "-c",
      `${cpu}`,
      "wrk",
      ...count,
      "-s",
      script,
      `${isSecure ? "https" : "http"}://127.0.0.1:${port}/`,
      "--",
      file,
    ],
  }).output();
  const text = new TextDecoder().decode(stdout);
  const json = text.split("\n").find((line) => line.startsWith("{"));
  if (!success || json === undefined) throw new Error(`wrk failed: ${text}${new TextDecoder().decode(stderr)}`);
  return JSON.parse(json);
}
