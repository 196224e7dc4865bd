/**
 * The supervisor: finds an address, spawns workers narrowed to what the configuration implies, passes on what they tell,
 * and ends them. Serves nothing itself.
 * @module
 */

import { banner } from "./banner.ts";
import type { Config } from "./config/config.ts";
import type { Loaded } from "./config/load.ts";
import { Output } from "./log/output.ts";
import { systemClock } from "./net/clock.ts";
import { hostAndPort } from "./net/peer.ts";
import { DRAIN_MS } from "./server.ts";
import type { Order, Report } from "./worker.ts";

/** How to serve. */
export interface SuperviseOptions {
  readonly loaded: Loaded;
  readonly debug: boolean;
  readonly quiet: boolean;
}

/** An address that cannot be listened on: for the person, in one line. */
export class ListenError extends Error {
  override name = "ListenError";
}

/** What the ends of workers and outputs may take beyond their own limits. */
const SLACK_MS = 1_000;

interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Runs workers until a signal ends them. Throws `ListenError`, and what a worker died of. */
export async function supervise({ loaded, debug, quiet }: SuperviseOptions): Promise<void> {
  const stderr = new Output(Deno.stderr, () => {}); // Nobody is left to tell.
  const stdout = new Output(Deno.stdout, (problem) => stderr.write(`sweepd: ${problem}\n`));
  const config = quiet ? withoutLog(loaded.config) : loaded.config;
  const address = findAddress(config);
  const workers = Array.from(
    { length: workerCount(config) },
    () => new WorkerThread(config, address, { stdout, stderr }),
  );
  const stop = untilSignalled();
  try {
    await Promise.all(workers.map((worker) => worker.start(config, address, debug)));
    if (!quiet) stderr.write(banner({ source: loaded.source, config, ...address, workers: workers.length }));
    const ended = Promise.all(workers.map((worker) => worker.drained));
    await Promise.race([stop.first, ended]);
    for (const worker of workers) worker.drain();
    await Promise.race([stop.second, ended, systemClock.sleep(DRAIN_MS + SLACK_MS)]); // A worker may hang.
  } finally {
    for (const worker of workers) worker.terminate();
    const flushed = Promise.all([stdout.flush(), stderr.flush()]);
    await Promise.race([flushed, stop.second, systemClock.sleep(SLACK_MS)]); // Perhaps nobody reads them.
    stop.cancel();
  }
}

function withoutLog(config: Config): Config {
  return { ...config, parameters: { ...config.parameters, log: { ...config.parameters.log, value: "off" } } };
}

/** Only Linux spreads connections over several listeners of one port. */
function workerCount({ parameters }: Config): number {
  if (Deno.build.os !== "linux") return 1;
  return parameters.workers.value === "auto" ? navigator.hardwareConcurrency : parameters.workers.value;
}

/**
 * The address to listen on, settled by listening there for a moment: without `reusePort`, because with it a second server
 * on the same port would go unnoticed.
 */
function findAddress({ parameters }: Config): Address {
  const wanted = { hostname: parameters.address.value, port: parameters.port.value };
  try {
    return tryAddress(wanted);
  } catch (error) {
    if (wanted.hostname !== "::" || error instanceof Deno.errors.AddrInUse) throw listenError(wanted, error);
  }
  const ipv4 = { ...wanted, hostname: "0.0.0.0" }; // A system without IPv6.
  try {
    return tryAddress(ipv4);
  } catch (error) {
    throw listenError(ipv4, error);
  }
}

function tryAddress(wanted: Address): Address {
  const listener = Deno.listen(wanted);
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return { hostname: wanted.hostname, port };
}

function listenError({ hostname, port }: Address, error: unknown): ListenError {
  return new ListenError(`cannot listen on ${hostAndPort(hostname, port)}: ${listenReason(error)}`, { cause: error });
}

function listenReason(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "another program has this port; choose another with --port";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this machine has no such address";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not; ports below 1024 are for root";
  if (error instanceof Deno.errors.NotCapable) return "this process was not permitted to (see --allow-net)";
  return error instanceof Error ? error.message : String(error);
}

/** One worker, as the supervisor sees it. */
class WorkerThread {
  readonly #worker: Worker;
  readonly #listening = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();

  constructor(config: Config, address: Address, outputs: { readonly stdout: Output; readonly stderr: Output }) {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url).href, {
      type: "module",
      name: "sweepd worker",
      deno: { permissions: scopeOf(config, address) },
    });
    this.#drained.promise.catch(() => {}); // Whoever waits for it sees it; before, `listening` tells.
    this.#worker.onmessage = ({ data }: MessageEvent<Report>) => {
      switch (data.kind) {
        case "listening":
          return this.#listening.resolve();
        case "access":
          return outputs.stdout.write(data.text);
        case "message":
          return outputs.stderr.write(data.text);
        case "drained":
          return this.#drained.resolve();
      }
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const error = new Error(`a worker died: ${event.message}`);
      this.#listening.reject(error);
      this.#drained.reject(error);
    };
  }

  /** Resolves when the worker has finished what was under way; rejects when it died. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  /** Resolves when the worker listens. */
  start(config: Config, address: Address, debug: boolean): Promise<void> {
    this.#order({ kind: "start", config, listen: { ...address, reusePort: Deno.build.os === "linux" }, debug });
    return this.#listening.promise;
  }

  drain(): void {
    this.#order({ kind: "drain" });
  }

  terminate(): void {
    this.#worker.terminate();
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }
}

/** Exactly what the configuration implies: to read the roots and to listen on the address. */
function scopeOf(config: Config, { hostname, port }: Address): Deno.PermissionOptionsObject {
  return {
    read: [...new Set(config.hosts.map(({ root }) => root))],
    net: [hostAndPort(hostname, port)],
    env: false,
    ffi: false,
    import: false,
    run: false,
    sys: false,
    write: false,
  };
}

/** The first and the second request to end, by Ctrl-C or by `kill`. */
function untilSignalled(): { first: Promise<void>; second: Promise<void>; cancel: () => void } {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let count = 0;
  const onSignal = () => count++ === 0 ? first.resolve() : second.resolve();
  // Windows has no SIGTERM, and to listen for what a system lacks throws.
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return {
    first: first.promise,
    second: second.promise,
    cancel: () => signals.forEach((signal) => Deno.removeSignalListener(signal, onSignal)),
  };
}
