/**
 * Steady load on a server: clients that connect for each request, that keep their connections, and that pipeline; and every
 * failure with its time.
 */

import { get, RawClient } from "../client.ts";

/** How a client asks. */
export type Habit = "new connection" | "keep-alive" | "pipelined";

/** What came of a load. Times of failures in milliseconds of `performance.now()`. */
export interface LoadReport {
  answers: number;
  /** Connections that were made. */
  connections: number;
  readonly failures: { readonly atMs: number; readonly habit: Habit; readonly reason: string }[];
}

const HABITS: readonly Habit[] = ["new connection", "keep-alive", "pipelined"];

/** Requests of a pipelining client that are on their way together. */
const PIPELINED = 8;

/** A report of nothing. */
export function emptyReport(): LoadReport {
  return { answers: 0, connections: 0, failures: [] };
}

/**
 * Has `clients` ask until `isOver`, by turns in each of `habits`; a client that fails starts again. `report` is written
 * meanwhile.
 */
export async function keepBusy(
  port: number,
  clients: number,
  isOver: () => boolean,
  habits: readonly Habit[] = HABITS,
  report: LoadReport = emptyReport(),
): Promise<LoadReport> {
  const ask = async (_: unknown, at: number) => await client(port, habits[at % habits.length]!, isOver, report);
  await Promise.all(Array.from({ length: clients }, ask));
  return report;
}

async function client(port: number, habit: Habit, isOver: () => boolean, report: LoadReport): Promise<void> {
  while (!isOver()) {
    try {
      using connection = await RawClient.connect(port);
      report.connections++;
      await converse(connection, habit, isOver, report);
    } catch (error) {
      report.failures.push({ atMs: performance.now(), habit, reason: String(error) });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Until the server says that it closes. */
async function converse(
  connection: RawClient,
  habit: Habit,
  isOver: () => boolean,
  report: LoadReport,
): Promise<void> {
  const request = get("/a.txt", habit === "new connection" ? { Connection: "close" } : {});
  const count = habit === "pipelined" ? PIPELINED : 1;
  while (!isOver()) {
    await connection.send(request.repeat(count));
    for (let left = count; left > 0; left--) {
      const { status, text, field } = await connection.response();
      if (status !== 200 || text !== "content") throw new Error(`${status} ${text}`);
      report.answers++;
      if (field("connection") === "close") return; // What was sent behind it is asked again.
    }
  }
}
