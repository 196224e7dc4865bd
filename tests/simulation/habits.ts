/**
 * How clients behave: the kinds of clients, how each reads, and how its network behaves.
 */

import type { Weather } from "./link.ts";
import type { Random } from "./random.ts";

/** Kinds of clients. The server must answer every request of the kinds in the first two lines. */
export const KINDS = [
  ...["steady", "steady", "steady", "trickling", "half-closing", "refused", "refused", "reading slowly"] as const,
  ...["late", "late", "busy", "uploading"] as const,
  ...["partial", "idle", "resetting", "vanishing", "not reading", "crawling", "leaving"] as const,
];

export type Kind = (typeof KINDS)[number];

/** Whether a client of this kind waits for all answers and reads them. */
export function isPatient(kind: Kind): boolean {
  return KINDS.indexOf(kind) < KINDS.indexOf("partial");
}

/** How a client reads: up to `bytes` bytes, every `everyMs` milliseconds. */
export interface Reading {
  readonly bytes: number;
  readonly everyMs: number;
}

/** How a client of this kind reads; `null`: never. */
export function readingOf(kind: Kind, random: Random): Reading | null {
  const slowMs = random.integer(50, 1000);
  switch (kind) {
    case "not reading":
      return null;
    case "crawling":
      return { bytes: Math.ceil(slowMs * random.integer(10, 900) / 1000), everyMs: slowMs };
    case "reading slowly":
      return { bytes: Math.ceil(slowMs * random.integer(3000, 20_000) / 1000), everyMs: slowMs };
    default:
      return { bytes: Infinity, everyMs: random.pick([0, 0, 1, 10]) };
  }
}

/** The network of a client that reads in this way. */
export function weatherOf(reading: Reading | null, random: Random): Weather {
  const isFair = random.chance(0.3);
  const trouble = ["reset before", "reset during", "reset after", "odd"] as const;
  // With a small buffer, a client that does not read soon blocks the server's writes. Other clients need a larger one.
  const sendBytes = reading === null || reading.bytes < 1000
    ? random.integer(200, 4000)
    : random.pick([4096, 16_384, 65_536, 1_000_000]);
  return {
    receiveBytes: random.pick([100, 4096, 65_536]),
    sendBytes,
    shortReads: isFair ? 0 : random.pick([0, 0.1, 0.5]),
    shortWrites: isFair ? 0 : random.pick([0, 0.1, 0.5]),
    delays: isFair ? 0 : random.pick([0, 0.1, 0.3]),
    delayMaxMs: random.pick([1, 5, 10]),
    trouble: random.chance(0.1) ? { at: random.integer(1, 12), kind: random.pick(trouble) } : null,
  };
}

/** When a client connects, in milliseconds: some do just when the server is told to end, at `endMs`. */
export function startOf(endMs: number | null, random: Random): number {
  const comesLate = endMs !== null && random.chance(0.3);
  return comesLate ? Math.max(0, endMs + random.integer(-50, 10)) : random.integer(0, 3000);
}
