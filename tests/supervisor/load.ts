/**
 * Steady load on a supervised server: clients on persistent connections, and every failure with its time.
 */

import { get, RawClient } from "../client.ts";

/** What came of a load. Times of failures in milliseconds of `performance.now()`. */
export interface LoadReport {
  answers: number;
  readonly failures: { readonly atMs: number; readonly reason: string }[];
}

/** Keeps `clients` connections busy until `isOver`; a client that fails begins anew. */
export async function keepBusy(port: number, clients: number, isOver: () => boolean): Promise<LoadReport> {
  const report: LoadReport = { answers: 0, failures: [] };
  await Promise.all(Array.from({ length: clients }, () => client(port, isOver, report)));
  return report;
}

async function client(port: number, isOver: () => boolean, report: LoadReport): Promise<void> {
  while (!isOver()) {
    try {
      using connection = await RawClient.connect(port);
      await converse(connection, isOver, report);
    } catch (error) {
      report.failures.push({ atMs: performance.now(), reason: String(error) });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Until the server says that it closes. */
async function converse(connection: RawClient, isOver: () => boolean, report: LoadReport): Promise<void> {
  while (!isOver()) {
    await connection.send(get("/a.txt"));
    const { status, text, field } = await connection.response();
    if (status !== 200 || text !== "content") throw new Error(`${status} ${text}`);
    report.answers++;
    if (field("connection") === "close") return;
  }
}
