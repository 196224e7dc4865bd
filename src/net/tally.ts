/**
 * What a worker counts: one row for each cause, and plain number fields, so that counting costs an addition.
 * Knows names and numbers; not who looks at them.
 * @module
 */

import type { Connection } from "./connection.ts";
import type { CloseReason } from "./events.ts";

/** One counter. */
export interface CounterRow {
  /** The name of its metric, without `sweepd_` and `_total`. Rows with the same name differ in their label. */
  readonly metric: string;
  /** Name and value of its label. */
  readonly label?: readonly [name: string, value: string];
  /** One sentence without a full stop. */
  readonly help: string;
}

const CLOSED = "Connections that were closed, by the reason";
const LOOKED = "Look-ups of files, by whether the cache had the file";

const CODED = "Answers for which a content coding was chosen";

/** All counters. To add one, add a row here, and count where the cause is: `tally.counts.NAME++`. */
export const COUNTERS = {
  accepted: { metric: "connections_accepted", help: "Connections that were accepted" },
  full: { metric: "accept_waits", help: "Times that accepting waited at the limit on connections" },
  exhausted: { metric: "accept_exhausted", help: "Times that accepting failed for lack of descriptors" },
  proxyRefused: { metric: "proxy_refused", help: "Connections that were closed because of their PROXY header" },
  done: { metric: "connections_closed", label: ["reason", "done"], help: CLOSED },
  peerGone: { metric: "connections_closed", label: ["reason", "peer gone"], help: CLOSED },
  sweptIdle: { metric: "connections_closed", label: ["reason", "idle"], help: CLOSED },
  headOverdue: { metric: "connections_closed", label: ["reason", "message overdue"], help: CLOSED },
  tooSlow: { metric: "connections_closed", label: ["reason", "too slow"], help: CLOSED },
  lingered: { metric: "connections_closed", label: ["reason", "lingered"], help: CLOSED },
  drained: { metric: "connections_closed", label: ["reason", "drained"], help: CLOSED },
  failed: { metric: "connections_closed", label: ["reason", "failed"], help: CLOSED },
  handshakeFailed: { metric: "connections_closed", label: ["reason", "handshake failed"], help: CLOSED },
  bytesReceived: { metric: "received_bytes", help: "Bytes received" },
  bytesSent: { metric: "sent_bytes", help: "Bytes that the system accepted for sending" },
  turnsGiven: { metric: "turns_given", help: "Times that a busy connection let the others have their turns" },
  pipelined: { metric: "requests_pipelined", help: "Requests that were answered together with an earlier one" },
  viewFrames: { metric: "view_frames", help: "Frames that were sent for the live view" },
  http2: { metric: "requests_multiplexed", help: "Requests of HTTP/2" },
  cacheHits: { metric: "cache_lookups", label: ["result", "hit"], help: LOOKED },
  cacheMisses: { metric: "cache_lookups", label: ["result", "miss"], help: LOOKED },
  codedBr: { metric: "coded_answers", label: ["coding", "br"], help: CODED },
  codedZstd: { metric: "coded_answers", label: ["coding", "zstd"], help: CODED },
  codedGzip: { metric: "coded_answers", label: ["coding", "gzip"], help: CODED },
  encodings: { metric: "encodings", help: "Files that were encoded for the cache" },
} as const satisfies Readonly<Record<string, CounterRow>>;

/** The name of a counter. */
export type CounterName = keyof typeof COUNTERS;

/** The numbers, as a fixed object with one field for each counter. */
export type Counts = Record<CounterName, number>;

/** The counter for each reason. */
const BY_REASON: Readonly<Record<CloseReason, CounterName>> = {
  "done": "done",
  "peer gone": "peerGone",
  "idle": "sweptIdle",
  "message overdue": "headOverdue",
  "too slow": "tooSlow",
  "lingered": "lingered",
  "drained": "drained",
  "failed": "failed",
  "handshake failed": "handshakeFailed",
};

/** The counts of one worker, and what to call while a person looks at the connections. */
export class Tally {
  readonly counts: Counts = noCounts();
  /** Called at the end of a connection; `null`: nobody looks. */
  onClose: ((connection: Connection, reason: CloseReason) => void) | null = null;
  /** Called when a sweep begins; `null`: nobody looks. */
  onSweep: (() => void) | null = null;

  /** Counts a connection that has ended, with all its bytes. */
  close(connection: Connection, reason: CloseReason): void {
    const { received, sent } = connection.traffic;
    this.counts[BY_REASON[reason]]++;
    this.counts.bytesReceived += received;
    this.counts.bytesSent += sent;
    this.onClose?.(connection, reason);
  }
}

/** All counters at 0. */
export function noCounts(): Counts {
  return Object.fromEntries(Object.keys(COUNTERS).map((name) => [name, 0])) as Counts;
}
