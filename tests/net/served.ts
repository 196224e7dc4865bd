/**
 * Runs `serve()` on a listener that the test controls.
 */

import type { Connection } from "../../src/net/connection.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import type { Protocol } from "../../src/net/conversation.ts";
import { serve, type ServeSettings } from "../../src/net/listener.ts";
import { untilSettled, VirtualClock } from "../virtual_clock.ts";
import { connectionOptions, FakeListener, LINGER } from "./fake_socket.ts";

export const IDLE_MS = 5000;
export const DRAIN_MS = 30_000;

/** A running server, and the values that a test can check. */
export interface Served {
  readonly clock: VirtualClock;
  readonly listener: FakeListener;
  readonly problems: string[];
  readonly events: { readonly id: number; readonly event: ConnectionEvent }[];
  /** The closed connections with their reasons. */
  closed(): [number, string][];
  stop(): void;
  readonly ended: Promise<void>;
  /** Stops the server and moves the clock until it has ended. */
  finish(): Promise<void>;
}

export function begin(protocol: Protocol, options: Partial<ServeSettings> = {}): Served {
  const clock = new VirtualClock();
  const listener = new FakeListener();
  const problems: string[] = [];
  const events: { id: number; event: ConnectionEvent }[] = [];
  const stop = new AbortController();
  const ended = serve(protocol, {
    ...connectionOptions(clock),
    linger: LINGER,
    listener,
    clock,
    connectionsMax: 100,
    sweep: { idleMs: IDLE_MS, messageMs: 10_000 },
    signal: stop.signal,
    drainMs: DRAIN_MS,
    report: (problem) => void problems.push(problem),
    observe: ({ id }, event) => void events.push({ id, event }),
    ...options,
  });
  const closed = (): [number, string][] =>
    events.flatMap(({ id, event }) => event.kind === "close" ? [[id, event.reason]] : []);
  const finish = async () => {
    stop.abort();
    await untilSettled(clock, ended);
  };
  return { clock, listener, problems, events, closed, stop: () => stop.abort(), ended, finish };
}

/** Sends back the bytes of each read. Every read is a message. */
export async function echo(connection: Connection): Promise<void> {
  const { input } = connection;
  while (await connection.fill() === "bytes") {
    const message = input.bytes.slice(input.start, input.end);
    input.consume(input.length);
    connection.endMessage();
    await connection.write(message);
  }
}

/** Reads one message that ends with `.`, and ends. */
export async function untilFullStop(connection: Connection): Promise<void> {
  while (await connection.fill() === "bytes") {
    if (connection.input.bytes[connection.input.end - 1] === ".".charCodeAt(0)) return;
  }
}
