/**
 * One worker as the live view draws it: what its connections do at this moment, and what has happened since the last
 * frame. Knows connections and numbers; not how they are drawn.
 * @module
 */

import type { Exchange } from "../http/handler.ts";
import { printable } from "../http/syntax.ts";
import type { Connection } from "../net/connection.ts";
import type { Activity, CloseReason } from "../net/events.ts";
import { hostAndPort } from "../net/peer.ts";

/** The period of frames in milliseconds. */
export const FRAME_MS = 200;

/** A worker with more connections shows the first ones, and the number of all. */
const CONNECTIONS_MAX = 1_000;

/** A busy worker shows some of its requests, and the number of all. */
const REQUESTS_MAX = 12;

/** Ends of connections that one frame names. */
const ENDED_MAX = 500;

const TARGET_CHARS_MAX = 100;

/**
 * Number, state, age, age of the mark, bytes in the accumulator, address, request under way, and open streams of HTTP/2
 * (`null`: another version). Ages in milliseconds.
 */
export type SeenConnection = readonly [
  id: number,
  state: Activity,
  ageMs: number,
  markAgeMs: number,
  accumulated: number,
  peer: string,
  request: string | null,
  streams: number | null,
];

/** One frame. */
export interface Frame {
  readonly worker: number;
  /** After how many milliseconds without a byte the sweep closes a connection; `null`: never. */
  readonly idleMs: number | null;
  /** Open connections, also those that are not shown. */
  readonly open: number;
  readonly connections: readonly SeenConnection[];
  /** Sweeps since the last frame. */
  readonly sweeps: number;
  /** Connections that have ended since the last frame. */
  readonly ended: readonly (readonly [id: number, reason: CloseReason])[];
  /** Requests since the last frame, and some of them. */
  readonly requests: number;
  readonly shown: readonly (readonly [status: number, durationMs: number, request: string])[];
}

/** Collects what happens between two frames. */
export class FrameMaker {
  readonly #worker: number;
  #sweeps = 0;
  #requests = 0;
  #shown: Frame["shown"][number][] = [];
  #ended: Frame["ended"][number][] = [];

  constructor(worker: number) {
    this.#worker = worker;
  }

  /** Notes a sweep. */
  noteSweep(): void {
    this.#sweeps++;
  }

  /** Notes the end of a connection. */
  noteClose({ id }: Connection, reason: CloseReason): void {
    if (this.#ended.length < ENDED_MAX) this.#ended.push([id, reason]);
  }

  /** Notes a request that was answered. */
  noteRequest({ head, status, durationMs }: Exchange): void {
    if (++this.#requests > REQUESTS_MAX) return;
    const request = head.hasRequestLine ? `${head.method} ${head.target}` : "no request line";
    this.#shown.push([status, Math.round(durationMs * 100) / 100, printable(request).slice(0, TARGET_CHARS_MAX)]);
  }

  /** The frame at `nowMs`. The next one begins. */
  take(
    connections: Iterable<Connection>,
    { nowMs, idleMs }: { readonly nowMs: number; readonly idleMs: number },
  ): Frame {
    const all = [...connections];
    const frame = {
      worker: this.#worker,
      idleMs: idleMs === Infinity ? null : idleMs,
      open: all.length,
      connections: all.slice(0, CONNECTIONS_MAX).map((connection) => seen(connection, nowMs)),
      sweeps: this.#sweeps,
      ended: this.#ended,
      requests: this.#requests,
      shown: this.#shown,
    };
    this.#sweeps = this.#requests = 0;
    this.#shown = [];
    this.#ended = [];
    return frame;
  }
}

function seen(connection: Connection, nowMs: number): SeenConnection {
  const { id, activity, sinceMs, markMs, input, peer, underWay, duplex } = connection;
  const request = underWay?.slice(0, TARGET_CHARS_MAX) ?? null;
  const [ageMs, markAgeMs] = [Math.round(nowMs - sinceMs), Math.round(nowMs - markMs)];
  const address = hostAndPort(peer.hostname, peer.port);
  return [id, activity, ageMs, markAgeMs, input.length, address, request, duplex?.streams ?? null];
}

/** A frame as a server-sent event (HTML standard, section 9.2). */
export function frameEvent(frame: Frame): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`data: ${JSON.stringify(frame)}\n\n`);
}
