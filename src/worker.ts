/**
 * A worker: a thread with narrowed permissions that serves. Told everything by messages; has no arguments of its own.
 * @module
 */

import type { Config } from "./config/config.ts";
import { systemDisk } from "./files/disk.ts";
import { formatEvent } from "./log/events.ts";
import { BatchSink } from "./log/sink.ts";
import { systemClock } from "./net/clock.ts";
import { runServer } from "./server.ts";

/** What a worker is to do. `start` comes first, once. */
export type Order =
  | {
    readonly kind: "start";
    readonly config: Config;
    readonly listen: { readonly hostname: string; readonly port: number; readonly reusePort: boolean };
    readonly debug: boolean;
  }
  | { readonly kind: "drain" };

/** What a worker tells. `drained` is the last. */
export type Report =
  | { readonly kind: "listening" }
  | { readonly kind: "access"; readonly text: string }
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "drained" };

declare const self: DedicatedWorkerGlobalScope;

interface DedicatedWorkerGlobalScope {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(report: Report): void;
  close(): void;
}

const stop = new AbortController();

self.onmessage = ({ data }) => {
  if (data.kind === "start") start(data);
  else stop.abort();
};

async function start({ config, listen, debug }: Extract<Order, { kind: "start" }>): Promise<void> {
  const access = new BatchSink((text) => self.postMessage({ kind: "access", text }));
  const messages = new BatchSink((text) => self.postMessage({ kind: "message", text }));
  const listener = Deno.listen(listen);
  self.postMessage({ kind: "listening" });
  await runServer(config, {
    listener,
    clock: systemClock,
    disk: systemDisk,
    access: (line) => access.write(line),
    report: (problem, error) => messages.write(`sweepd: ${problem}: ${describe(error)}\n`),
    observe: debug ? (connection, event) => messages.write(formatEvent(connection, event) + "\n") : undefined,
    signal: stop.signal,
  });
  access.flush();
  messages.flush();
  self.postMessage({ kind: "drained" });
  self.close();
}

/** With its stack where it is our own mistake rather than the system's: errors of the system have a class of `Deno.errors`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isSystem = "code" in error || Object.hasOwn(Deno.errors, error.name);
  return isSystem ? error.message : error.stack ?? error.message;
}
