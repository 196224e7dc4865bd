/**
 * A worker: a thread with narrow permissions that serves. It receives everything by messages and has no arguments.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { ListenFlags } from "../config/listeners.ts";
import type { Permissions } from "../config/permissions.ts";
import { systemDisk } from "../files/disk.ts";
import { Capture } from "../log/capture.ts";
import { NO_TRAFFIC, type Traffic } from "../log/live.ts";
import { formatMessage } from "../log/message.ts";
import type { Destination } from "../log/access_logs.ts";
import type { TimedLines } from "../log/merger.ts";
import { BatchSink } from "../log/sink.ts";
import { type Debug, Trace } from "../log/trace.ts";
import { type Change, Changes } from "../live/changes.ts";
import { systemClock } from "../net/clock.ts";
import type { Connection } from "../net/connection.ts";
import { SERVE_DEFAULTS } from "../net/defaults.ts";
import type { ConnectionEvent } from "../net/events.ts";
import type { Listener } from "../net/listener.ts";
import { proxied } from "../net/proxied.ts";
import { nextRound, untilNothingArrives } from "../net/delivery.ts";
import { EncoderClient, type EncodeRequest, type EncodeResult } from "./encoder_client.ts";
import { checkSandbox } from "./sandbox_check.ts";
import type { Securing } from "../secure.ts";
import { ALPN_PROTOCOLS, SiteServer } from "../server.ts";
import { beginView } from "./view.ts";
import { type ConnectionSight, sightOf, type Snapshot } from "../snapshot.ts";

/** An address to listen on, and what is spoken there. */
export interface Address extends ListenFlags {
  readonly hostname: string;
  readonly port: number;
}

/** Orders to a worker. `start` comes first, once. */
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
    /** The permissions of this worker, for the check that it has no others. */
    readonly permissions: Permissions;
    /** Paths outside all roots, for the check. */
    readonly outside: readonly string[];
    readonly debug: Debug;
    /** Messages as JSON. */
    readonly json: boolean;
    /** Whether to report all bytes of one connection. */
    readonly capture: boolean;
    /** The version of the files, if pages are to be reloaded when files change; `null`: they are not. */
    readonly liveVersion: number | null;
  }
  /** Change the configuration. The new one needs no new permission. */
  | {
    readonly kind: "configure";
    readonly config: Config;
    readonly permissions: Permissions;
    /** Paths whose permission must be revoked. */
    readonly revoke: readonly string[];
    readonly outside: readonly string[];
  }
  /** The result of an encoding that the worker has asked for. */
  | EncodeResult
  /** Send events for the live view, or end that. */
  | { readonly kind: "watch"; readonly isWatched: boolean }
  /** Report the counts, or the open connections. */
  | { readonly kind: "look"; readonly what: "counts" | "connections" }
  /** Files have changed. */
  | { readonly kind: "changed"; readonly change: Change }
  /** Fail health checks, and serve as before, because the server will end soon. */
  | { readonly kind: "not ready" }
  /** Close the listeners, and serve the open connections as before. */
  | { readonly kind: "stop accepting" }
  /** End while other workers serve. A waiting connection ends after its next answer, or after its idle timeout. */
  | { readonly kind: "retire" }
  /** End. A waiting connection gets one more answer if its request arrives soon. */
  | { readonly kind: "end" };

/** Reports of a worker. `drained` or `died` is the last one. */
export type Report =
  | { readonly kind: "listening" }
  /** An address cannot be opened: the error of the system. */
  | {
    readonly kind: "not listening";
    readonly address: Address;
    readonly error: { readonly name: string; readonly message: string };
  }
  /** An event for the live view. */
  | { readonly kind: "view"; readonly event: Uint8Array<ArrayBuffer> }
  /** The counts. Also sent before the end. */
  | { readonly kind: "counts"; readonly snapshot: Snapshot }
  | { readonly kind: "connections"; readonly connections: readonly ConnectionSight[] }
  /** The configuration has been changed. */
  | { readonly kind: "configured" }
  /** The worker has other permissions than it should. */
  | { readonly kind: "sandbox too wide"; readonly problems: readonly string[] }
  /** Content to be encoded by another thread. */
  | EncodeRequest
  | { readonly kind: "heartbeat"; readonly heapBytes: number; readonly traffic: Traffic }
  /** Lines of the access log for one destination, with the time of each in milliseconds since 1970. */
  | ({ readonly kind: "access"; readonly destination: Destination } & TimedLines)
  | { readonly kind: "message"; readonly lines: Uint8Array }
  | { readonly kind: "capture"; readonly text: string }
  /** The listeners are closed. */
  | { readonly kind: "stopped accepting" }
  | { readonly kind: "drained" }
  | { readonly kind: "died"; readonly message: string };

/** Period of `heartbeat`, which shows that the worker is not stuck. */
export const HEARTBEAT_MS = 1_000;

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
let number = 0;
let endView: (() => void) | null = null;
let changes: Changes | undefined;
let securing: Securing | null = null;
let isReady = true;
const stop = new AbortController();
/** The sinks by destination. */
const access = new Map<Destination, BatchSink>();
const messages = new BatchSink((lines) => self.postMessage({ kind: "message", lines }, [lines.buffer]));

const encoder = new EncoderClient((request) => self.postMessage(request, [request.bytes.buffer]));

self.onmessage = ({ data }) => {
  if (data.kind === "start") return void start(data).catch(die);
  if (data.kind === "configure") return configure(data);
  if (data.kind === "encoded") return encoder.settle(data);
  if (data.kind === "watch") return watch(data.isWatched);
  if (data.kind === "look") return look(data.what);
  if (data.kind === "not ready") return void (isReady = false);
  if (data.kind === "changed") return changes?.announce(data.change);
  if (data.kind === "stop accepting") return void stopAccepting();
  server?.limitLastMessage(data.kind === "retire" ? Infinity : SERVE_DEFAULTS.lastMessageMs);
  isReady &&= data.kind === "retire";
  changes?.close(); // These streams would last until the limit of the drain.
  stop.abort();
};
self.addEventListener("error", (event) => {
  event.preventDefault(); // Otherwise the runtime would print it.
  die(event.error);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  die(event.reason);
});

async function start(order: Extract<Order, { kind: "start" }>): Promise<void> {
  const problems = tooWide(checkSandbox(order.permissions, order.outside));
  if (problems.length > 0) return self.postMessage({ kind: "sandbox too wide", problems });
  if (!listenOn(order.listen)) return;
  const secured = await secure(order);
  const heartbeat = setInterval(
    () =>
      self.postMessage({
        kind: "heartbeat",
        heapBytes: Deno.memoryUsage().heapUsed,
        traffic: server?.traffic ?? NO_TRAFFIC,
      }),
    HEARTBEAT_MS,
  );
  if (order.liveVersion !== null) changes = new Changes(order.liveVersion, systemClock);
  number = order.number;
  server = new SiteServer(order.config, {
    listener: secured,
    tlsPort: tlsPortOf(order.listen.addresses),
    clock: systemClock,
    disk: systemDisk,
    access: (line, destination, wallMs) => sinkFor(destination).write(line, wallMs),
    encodeElsewhere: encoder.encode,
    report: (problem, error) => messages.write(problemLine(`${problem}: ${describe(error)}`, order.json)),
    observe: observer(order),
    live: changes,
    isReady: () => isReady,
    signal: stop.signal,
  });
  self.postMessage({ kind: "listening" });
  await server.run();
  clearInterval(heartbeat);
  finish({ kind: "drained" });
}

function look(what: Extract<Order, { kind: "look" }>["what"]): void {
  if (server === null) return;
  if (what === "counts") return self.postMessage({ kind: "counts", snapshot: server.snapshot });
  const connections = Array.from(server.connections, (each) => sightOf(each, number, systemClock.now()));
  self.postMessage({ kind: "connections", connections });
}

function watch(isWatched: boolean): void {
  endView?.();
  endView = null;
  if (!isWatched || server === null) return;
  const send = (event: Uint8Array<ArrayBuffer>) => self.postMessage({ kind: "view", event }, [event.buffer]);
  endView = beginView({ worker: number, server, clock: systemClock, send });
}

function sinkFor(destination: Destination): BatchSink {
  const known = access.get(destination);
  if (known !== undefined) return known;
  const sink = new BatchSink((lines, times) => {
    self.postMessage({ kind: "access", destination, lines, times }, [lines.buffer, times.buffer]);
  });
  access.set(destination, sink);
  return sink;
}

function flushAccess(): void {
  for (const sink of access.values()) sink.flush();
}

/** Opens all addresses. If one cannot be opened, closes the others and reports the error. */
function listenOn({ addresses, ...options }: Extract<Order, { kind: "start" }>["listen"]): boolean {
  for (const address of addresses) {
    try {
      const { hostname, port } = address;
      listeners = [...listeners, Deno.listen({ hostname, port, ...options })];
    } catch (error) {
      for (const listener of listeners) listener.close();
      const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
      self.postMessage({ kind: "not listening", address, error: { name, message } });
      return false;
    }
  }
  return true;
}

/** The listeners; those for TLS are secured. */
async function secure({ config, listen: { addresses }, json }: Extract<Order, { kind: "start" }>): Promise<Listener[]> {
  const bare = listeners.map((listener, index) => withoutHeaders(listener, addresses[index]!, json));
  if (!addresses.some(({ tls }) => tls)) return bare;
  const { Securing } = await import("../secure.ts");
  const all = securing = new Securing(config, ALPN_PROTOCOLS);
  return bare.map((listener, index) => addresses[index]!.tls ? all.listener(listener, systemClock) : listener);
}

/** The port to which plain requests are redirected: 443 if TLS is spoken there. */
function tlsPortOf(addresses: readonly Address[]): number | null {
  const ports = addresses.flatMap(({ port, tls }) => tls ? [port] : []);
  return ports.find((port) => port === 443) ?? ports[0] ?? null;
}

/** The listener without the headers of proxies. */
function withoutHeaders(listener: Listener, { proxy }: Address, json: boolean): Listener {
  if (proxy === undefined) return listener;
  return proxied(listener, {
    isTrusted: (hostname) => server?.trusts(hostname) === true,
    clock: systemClock,
    report: (problem) => messages.write(problemLine(problem, json)),
    onRefuse: () => server?.countRefusedProxy(),
  });
}

/** Changes the configuration, then revokes permissions and checks that they are gone. */
function configure({ config, permissions, revoke, outside }: Extract<Order, { kind: "configure" }>): void {
  if (server === null) return; // The start has failed and was reported.
  server.configure(config);
  securing?.configure(config);
  flushAccess();
  access.clear(); // The new configuration has destinations of its own.
  for (const path of revoke) Deno.permissions.revokeSync({ name: "read", path });
  const problems = revoke.length === 0
    ? []
    : [...tooWide(checkSandbox(permissions, [...outside, ...revoke])), ...lost(permissions)];
  self.postMessage(problems.length > 0 ? { kind: "sandbox too wide", problems } : { kind: "configured" });
}

/** One sentence about all problems of the sandbox. */
function tooWide(problems: readonly string[]): string[] {
  return problems.length === 0 ? [] : [`the worker sandbox is too wide (${problems.join("; ")})`];
}

/** Roots that are not readable any more. Revoking a path also revokes permissions for the folders that contain it. */
function lost({ read }: Permissions): string[] {
  const paths = read === "everything" ? [] : read.map(({ what }) => what);
  const isGranted = (path: string) => Deno.permissions.querySync({ name: "read", path }).state === "granted";
  return paths.filter((path) => !isGranted(path)).map((path) => `the worker cannot read ${path} any more`);
}

/** Accepts the connections in the queue of the system first, because closing a listener resets them. */
async function stopAccepting(): Promise<void> {
  await untilNothingArrives(systemClock);
  for (const listener of listeners) listener.close();
  // The runtime closes the socket when the pending accept has failed.
  await nextRound(systemClock, stop.signal);
  self.postMessage({ kind: "stopped accepting" });
}

type Observe = (connection: Connection, event: ConnectionEvent) => void;

function problemLine(message: string, json: boolean): string {
  return formatMessage({ level: "error", event: "problem", message }, { json, wallMs: Date.now() });
}

function observer({ number, debug, json, capture }: Extract<Order, { kind: "start" }>): Observe | undefined {
  if (debug === "off" && !capture) return undefined;
  const recorder = capture ? new Capture((text) => self.postMessage({ kind: "capture", text }), systemClock) : null;
  const trace = new Trace({ worker: number, json, isColoured: debug === "coloured", clock: systemClock });
  return (connection, event) => {
    recorder?.observe(connection, event);
    if (debug !== "off") messages.write(trace.line(connection, event));
  };
}

function die(error: unknown): void {
  finish({ kind: "died", message: describe(error) });
}

/** Sends the last report, after all log lines. */
function finish(report: Report): void {
  flushAccess();
  look("counts");
  messages.flush();
  self.postMessage(report);
  self.close();
}

/** The message of a system error, which has a code or a class of Deno's. For a mistake of ours, the stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isSystem = "code" in error || Object.hasOwn(Deno.errors, error.name);
  return isSystem ? error.message : error.stack ?? error.message;
}
