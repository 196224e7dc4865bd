/**
 * A worker: a thread with narrowed permissions that serves. Told everything by messages; has no arguments of its own.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { Permissions } from "../config/permissions.ts";
import { systemDisk } from "../files/disk.ts";
import { Capture } from "../log/capture.ts";
import { formatMessage } from "../log/message.ts";
import { BatchSink } from "../log/sink.ts";
import { Trace } from "../log/trace.ts";
import { systemClock } from "../net/clock.ts";
import type { Connection } from "../net/connection.ts";
import { SERVE_DEFAULTS } from "../net/defaults.ts";
import type { ConnectionEvent } from "../net/events.ts";
import { nextRound, untilNothingArrives } from "../net/delivery.ts";
import { prove } from "./proof.ts";
import { SiteServer } from "../server.ts";

interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** What a worker is to do. `start` comes first, once. */
export type Order =
  | {
    readonly kind: "start";
    /** The worker's number, for messages. */
    readonly number: number;
    readonly config: Config;
    readonly listen: {
      readonly addresses: readonly Address[];
      readonly reusePort: boolean;
      readonly tcpBacklog: number;
    };
    /** What this worker may do, for the proof that it may do no more. */
    readonly permissions: Permissions;
    /** Paths outside every root, for the same. */
    readonly outside: readonly string[];
    readonly debug: boolean;
    /** Messages as JSON. */
    readonly json: boolean;
    /** Whether to tell of one connection byte by byte. */
    readonly capture: boolean;
  }
  /** To serve another configuration from now on, which needs no permission that the one before did not need. */
  | {
    readonly kind: "configure";
    readonly config: Config;
    readonly permissions: Permissions;
    /** Paths that may not be read any more. */
    readonly giveUp: readonly string[];
    readonly outside: readonly string[];
  }
  /** To accept no more, and to serve what is there as before. */
  | { readonly kind: "stop accepting" }
  /** To end, while other workers serve: a connection that waits ends as an idle one, or with its next answer. */
  | { readonly kind: "retire" }
  /** To end: each connection gets one more answer if its request comes soon. */
  | { readonly kind: "end" };

/** What a worker tells. `drained` or `died` is the last. */
export type Report =
  | { readonly kind: "listening" }
  /** Cannot listen: what the system said. */
  | {
    readonly kind: "not listening";
    readonly address: Address;
    readonly error: { readonly name: string; readonly message: string };
  }
  /** Serves what it was last told to. */
  | { readonly kind: "configured" }
  /** Could do what it must not, or could not find out: in words. */
  | { readonly kind: "unproved"; readonly problems: readonly string[] }
  | { readonly kind: "beat"; readonly heapBytes: number }
  | { readonly kind: "access" | "message"; readonly lines: Uint8Array<ArrayBuffer> }
  | { readonly kind: "capture"; readonly text: string }
  /** Accepts no more. */
  | { readonly kind: "deaf" }
  | { readonly kind: "drained" }
  | { readonly kind: "died"; readonly message: string };

/** How often a worker says that it is alive. */
export const BEAT_MS = 1_000;

declare const self: WorkerScope;

interface WorkerScope {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
  addEventListener(type: "unhandledrejection", listener: (event: PromiseRejectionEvent) => void): void;
  postMessage(report: Report, transfer?: Transferable[]): void;
  close(): void;
}

let listeners: readonly Deno.TcpListener[] = [];
let server: SiteServer | null = null;
const stop = new AbortController();
const access = new BatchSink((lines) => self.postMessage({ kind: "access", lines }, [lines.buffer]));
const messages = new BatchSink((lines) => self.postMessage({ kind: "message", lines }, [lines.buffer]));

self.onmessage = ({ data }) => {
  if (data.kind === "start") return void start(data).catch(die);
  if (data.kind === "configure") return configure(data);
  if (data.kind === "stop accepting") return void stopAccepting();
  server?.limitLastMessage(data.kind === "retire" ? Infinity : SERVE_DEFAULTS.lastMessageMs);
  stop.abort();
};
self.addEventListener("error", (event) => {
  event.preventDefault(); // Or the runtime would print it.
  die(event.error);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  die(event.reason);
});

async function start(order: Extract<Order, { kind: "start" }>): Promise<void> {
  const problems = prove(order.permissions, order.outside);
  if (problems.length > 0) return self.postMessage({ kind: "unproved", problems });
  if (!listenOn(order.listen)) return;
  const beat = setInterval(() => self.postMessage({ kind: "beat", heapBytes: Deno.memoryUsage().heapUsed }), BEAT_MS);
  server = new SiteServer(order.config, {
    listener: listeners,
    clock: systemClock,
    disk: systemDisk,
    access: (line) => access.write(line),
    report: (problem, error) => messages.write(problemLine(`${problem}: ${describe(error)}`, order.json)),
    observe: observer(order),
    signal: stop.signal,
  });
  self.postMessage({ kind: "listening" });
  await server.run();
  clearInterval(beat);
  finish({ kind: "drained" });
}

/** On all the addresses, or on none: then the supervisor is told why. */
function listenOn({ addresses, ...options }: Extract<Order, { kind: "start" }>["listen"]): boolean {
  for (const address of addresses) {
    try {
      listeners = [...listeners, Deno.listen({ ...address, ...options })];
    } catch (error) {
      for (const listener of listeners) listener.close();
      const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
      self.postMessage({ kind: "not listening", address, error: { name, message } });
      return false;
    }
  }
  return true;
}

/** Requests that begin from now on are served by the new configuration; what it does not need is given up, which is proved. */
function configure({ config, permissions, giveUp, outside }: Extract<Order, { kind: "configure" }>): void {
  if (server === null) return; // It could not start, and has told of that.
  server.configure(config);
  for (const path of giveUp) Deno.permissions.revokeSync({ name: "read", path });
  const problems = giveUp.length === 0 ? [] : [...prove(permissions, [...outside, ...giveUp]), ...lost(permissions)];
  self.postMessage(problems.length > 0 ? { kind: "unproved", problems } : { kind: "configured" });
}

/** What was given up by mistake: the runtime revokes what a path lies in as well. */
function lost({ read }: Permissions): string[] {
  const paths = read === "everything" ? [] : read.map(({ what }) => what);
  const isGranted = (path: string) => Deno.permissions.querySync({ name: "read", path }).state === "granted";
  return paths.filter((path) => !isGranted(path)).map((path) => `a worker could not read ${path} any more`);
}

/** What the system has completed for us is accepted first: closing resets it. */
async function stopAccepting(): Promise<void> {
  await untilNothingArrives(systemClock);
  for (const listener of listeners) listener.close();
  // The system's socket is closed only when the pending accept has been told.
  await nextRound(systemClock, stop.signal);
  self.postMessage({ kind: "deaf" });
}

type Observe = (connection: Connection, event: ConnectionEvent) => void;

function problemLine(message: string, json: boolean): string {
  return formatMessage({ level: "error", event: "problem", message }, { json, wallMs: Date.now() });
}

function observer({ number, debug, json, capture }: Extract<Order, { kind: "start" }>): Observe | undefined {
  if (!debug && !capture) return undefined;
  const recorder = capture ? new Capture((text) => self.postMessage({ kind: "capture", text }), systemClock) : null;
  const trace = new Trace({ worker: number, json, clock: systemClock });
  return (connection, event) => {
    recorder?.observe(connection, event);
    if (debug) messages.write(trace.line(connection, event));
  };
}

function die(error: unknown): void {
  finish({ kind: "died", message: describe(error) });
}

/** The last report: behind all that was logged. */
function finish(report: Report): void {
  access.flush();
  messages.flush();
  self.postMessage(report);
  self.close();
}

/** With its stack where it is our own mistake rather than the system's: errors of the system have a code or a class of Deno's. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isSystem = "code" in error || Object.hasOwn(Deno.errors, error.name);
  return isSystem ? error.message : error.stack ?? error.message;
}
