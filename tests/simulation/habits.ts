/**
 * How clients behave: the kinds that there are, how each reads, and the network that it has.
 */

import type { Weather } from "./link.ts";
import type { Random } from "./random.ts";

/** How a client behaves. The first line is of those who are owed an answer to everything. */
export const KINDS = [
  ...["steady", "steady", "steady", "trickling", "half-closing", "refused", "refused", "reading slowly"] as const,
  ...["partial", "idle", "resetting", "vanishing", "not reading", "crawling", "leaving"] as const,
];

export type Kind = (typeof KINDS)[number];

/** Whether such a client takes all that comes, and waits for it. */
export function isPatient(kind: Kind): boolean {
  return KINDS.indexOf(kind) < KINDS.indexOf("partial");
}

/** How a client reads: so many bytes so often. */
export interface Reading {
  readonly bytes: number;
  readonly everyMs: number;
}

/** How a client of that kind reads; `null`: never. */
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

/** The network of a client that reads like that. */
export function weatherOf(reading: Reading | null, random: Random): Weather {
  const isFair = random.chance(0.3);
  const trouble = ["reset before", "reset during", "reset after", "odd"] as const;
  // A small buffer is filled by those who do not read, and may not hold up those who do.
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
