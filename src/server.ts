/**
 * Builds a server from a configuration: site, handler, protocol, service.
 * The only file that knows net, http and files together.
 * @module
 */

import { cacheMiBAlone } from "./config/cache_share.ts";
import type { Config } from "./config/config.ts";
import { listenersOf } from "./config/listeners.ts";
import { FileCache } from "./files/cache.ts";
import type { EncodeElsewhere } from "./files/codings.ts";
import type { Disk } from "./files/disk.ts";
import { files } from "./site/handler.ts";
import { hostsOf } from "./hosts.ts";
import { RequestTally } from "./http/request_tally.ts";
import { type Counts, Tally } from "./net/tally.ts";
import type { Snapshot } from "./snapshot.ts";
import { isHealthCheck, withHealth } from "./site/health.ts";
import { Site } from "./site/host.ts";
import { answerOnTlsPort } from "./site/https.ts";
import type { TakeNote } from "./site/notes.ts";
import { trustedRanges } from "./config/parameters.ts";
import { Trust } from "./site/trust.ts";
import { http, type HttpProtocol } from "./http/h1/conversation.ts";
import type { HttpSettings } from "./http/h1/settings.ts";
import { httpOfAnyVersion, type VersionOptions } from "./http/h2/negotiation.ts";
import { PasswordChecks } from "./site/password_checks.ts";
import type { Exchange, Handler } from "./http/handler.ts";
import type { Changes } from "./live/changes.ts";
import { withLiveReload } from "./live/handler.ts";
import { HEAD_BYTES_MAX } from "./http/limits.ts";
import { accessFormat } from "./log/access.ts";
import { accessLogs, type Destination } from "./log/access_logs.ts";
import type { Clock } from "./net/clock.ts";
import type { Connection } from "./net/connection.ts";
import type { Protocol } from "./net/conversation.ts";
import type { ConnectionEvent } from "./net/events.ts";
import { SERVE_DEFAULTS } from "./net/defaults.ts";
import { type Listener, type ServeLimits, Service } from "./net/listener.ts";

/** The environment of a server. Tests use their own clocks, disks and networks. */
export interface Environment {
  readonly listener: Listener | readonly Listener[];
  readonly clock: Clock;
  readonly disk: Disk;
  /** Receives lines of the access log, each with its LF, where it goes, and its time in milliseconds since 1970. */
  readonly access: (line: string, destination: Destination, wallMs: number) => void;
  /** Encodes large files in another thread. Without it, they are sent as they are. */
  readonly encodeElsewhere?: EncodeElsewhere | undefined;
  /** Receives problems that no client caused. */
  readonly report: (problem: string, error: unknown) => void;
  /** The port of the listener for TLS, if the system has chosen it. */
  readonly tlsPort?: number | null | undefined;
  /** Receives notes of the steps about their decisions, for an explanation. */
  readonly note?: TakeNote | undefined;
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
  /** Changes of files, if pages are to be reloaded when their files change. */
  readonly live?: Changes | undefined;
  /** Whether health checks succeed; by default always. */
  readonly isReady?: (() => boolean) | undefined;
  /** Ends the server, see `ServeOptions`. */
  readonly signal?: AbortSignal | undefined;
}

/** Sizes of an accumulator. It must be able to contain a whole head and the beginning of the next. */
const ACCUMULATOR = { minBytes: 1024, maxBytes: 2 * HEAD_BYTES_MAX };

/** The protocols that are offered by ALPN (RFC 7301), the preferred one first. */
export const ALPN_PROTOCOLS: readonly string[] = ["h2", "http/1.1"];

/** Maximum of cached open files. The cache closes them if descriptors are missing. */
const OPEN_FILES_MAX = 4096;

/** Serves `config`. Resolves when the server has drained after `signal`. */
export async function runServer(config: Config, environment: Environment): Promise<void> {
  await new SiteServer(config, environment).run();
}

/** A server whose configuration can change while it runs, except for its addresses. */
export class SiteServer {
  readonly #environment: Environment;
  readonly #protocol: HttpProtocol;
  /** For plain requests on a listener for TLS. */
  readonly #redirecting: HttpProtocol;
  readonly #service: Service;
  readonly #checks: PasswordChecks;
  readonly #counting: Counting = { tally: new Tally(), requests: new RequestTally(), answered: 0, onRequest: null };
  #config: Config;
  #trust: Trust;
  #cache: FileCache;

  /** Accepts connections only after `run()`. */
  constructor(config: Config, environment: Environment) {
    const { listener, clock, report, observe, signal } = environment;
    this.#environment = environment;
    this.#config = config;
    this.#trust = new Trust(trustedRanges(config.parameters));
    this.#cache = makeCache(config, environment, this.#counting);
    this.#checks = new PasswordChecks(clock);
    this.#protocol = httpOfAnyVersion(...httpArguments(config, this.#resources, environment));
    this.#redirecting = http(...this.#redirectArguments(config));
    this.#service = new Service((connection) => this.#protocolFor(connection.security)(connection), {
      listener,
      clock,
      report,
      exhausted: () => this.#cache.closeUnused(),
      observe,
      tally: this.#counting.tally,
      signal,
      accumulator: ACCUMULATOR,
      ...limitsOf(config),
    });
  }

  /** The protocol of a connection. Of the versions of HTTP, it chooses what ALPN has chosen. */
  #protocolFor(security: Connection["security"]): Protocol {
    return security === "missing" ? this.#redirecting : this.#protocol;
  }

  #redirectArguments(config: Config): [Handler, VersionOptions] {
    const [, options] = httpArguments(config, this.#resources, this.#environment);
    const port = this.#environment.tlsPort ?? tlsPortOf(config) ?? 443;
    return [(request) => answerOnTlsPort(request, port), options];
  }

  /** See `Service`. Requests are counted if there is an access log, an admin listener or a live line. */
  get traffic(): Service["traffic"] & { readonly requests: number } {
    return { ...this.#service.traffic, requests: this.#counting.answered };
  }

  /** The counts. */
  get counting(): Counting {
    return this.#counting;
  }

  /** What it has counted, and what it holds now. */
  get snapshot(): Snapshot {
    const { bytes, files, openFiles } = this.#cache.usage;
    return {
      counts: withOpen(this.#counting.tally.counts, this.#service.connections),
      requests: this.#counting.requests.counts,
      gauges: {
        connections: this.#service.connections.size,
        streams: this.#streams,
        cacheBytes: bytes,
        cacheFiles: files,
        openFiles,
      },
    };
  }

  get #streams(): number {
    let streams = 0;
    for (const { duplex } of this.#service.connections) streams += duplex?.streams ?? 0;
    return streams;
  }

  /** After how many milliseconds the sweep closes an idle connection; `Infinity`: never. */
  get idleMs(): number {
    return millisecondsOrNever(this.#config.parameters.timeout.value);
  }

  /** The open connections, for a look at them. They must not be kept. */
  get connections(): Iterable<Connection> {
    return this.#service.connections;
  }

  get #resources(): Resources {
    return { cache: this.#cache, checks: this.#checks, trust: this.#trust, counting: this.#counting };
  }

  /** Resolves when it has drained after `signal`. */
  async run(): Promise<void> {
    try {
      await this.#service.run();
    } finally {
      this.#cache.close();
    }
  }

  /** Whether the proxy at this address is trusted. */
  trusts(hostname: string): boolean {
    return this.#trust.includes(hostname);
  }

  /** Counts a connection that was closed because of its PROXY header. */
  countRefusedProxy(): void {
    this.#counting.tally.counts.proxyRefused++;
  }

  /** Sets how long waiting connections have for one more message when the server ends. May be called while it ends. */
  limitLastMessage(lastMessageMs: number): void {
    this.#service.configure({ ...limitsOf(this.#config), lastMessageMs });
  }

  /**
   * Changes the configuration. A request uses the one that is current when its head is complete. Limits change for all
   * connections. Files of the old configuration are closed when no answer needs them any more.
   */
  configure(config: Config): void {
    const before = this.#cache;
    if (cacheKey(config) !== cacheKey(this.#config)) this.#cache = makeCache(config, this.#environment, this.#counting);
    this.#config = config;
    this.#trust = new Trust(trustedRanges(config.parameters));
    this.#protocol.configure(...httpArguments(config, this.#resources, this.#environment));
    this.#redirecting.configure(...this.#redirectArguments(config));
    this.#service.configure(limitsOf(config));
    if (before !== this.#cache) before.close();
  }
}

/** What the answers need besides the configuration. All hosts share `checks`, the checks of passwords. */
interface Resources {
  readonly cache: FileCache;
  readonly checks: PasswordChecks;
  readonly trust: Trust;
  readonly counting: Counting;
}

/** The counts of one server. They go on through changes of the configuration. */
export interface Counting {
  readonly tally: Tally;
  readonly requests: RequestTally;
  /** All requests, for the live line. */
  answered: number;
  /** Called with each exchange; `null`: nobody looks. */
  onRequest: ((exchange: Exchange) => void) | null;
}

/** Adds the bytes of open connections, which are counted when they close. */
function withOpen(counts: Counts, connections: Iterable<Connection>): Counts {
  const all = { ...counts };
  for (const { traffic } of connections) {
    all.bytesReceived += traffic.received;
    all.bytesSent += traffic.sent;
  }
  return all;
}

/** The arguments of `httpOfAnyVersion`. */
function httpArguments(
  config: Config,
  { cache, checks, trust, counting }: Resources,
  { clock, report, access, note, live, tlsPort = null, isReady = () => true }: Environment,
): [Handler, VersionOptions] {
  const { parameters } = config;
  const site = new Site(hostsOf(config, checks, note !== undefined, tlsPort ?? tlsPortOf(config)));
  const handler = files(site, { cache, clock, report, note });
  const edited = live === undefined ? handler : withLiveReload(handler, { site, changes: live });
  const isCheck = parameters.health.value === "off" ? null : isHealthCheck(parameters.health.value);
  return [isCheck === null ? edited : withHealth(edited, { isCheck, isReady }), {
    clock,
    serverName: parameters["server-name"].value,
    idleMs: millisecondsOrNever(parameters.timeout.value),
    h2c: parameters.h2c.value === "on",
    log: logger(config, counting, { clock, access }),
    tally: counting.tally,
    clientOf: trust.isEmpty ? null : trust.clientOf,
    isForEveryHost: isCheck,
    report,
  }];
}

/**
 * Writes the exchanges of each host where its access log goes, and counts them for an admin listener or a live line;
 * `null`: none of these is wanted, so that a request need not read the clock.
 */
function logger(
  config: Config,
  counting: Counting,
  { clock, access }: Pick<Environment, "clock" | "access">,
): HttpSettings["log"] {
  const logs = accessLogs(config);
  const isCounted = config.parameters.admin.value !== "off";
  if (logs.isOff && !isCounted && !config.showsLive) return null;
  const format = accessFormat(config.parameters.log.value);
  return (exchange) => {
    counting.answered++;
    if (isCounted) {
      counting.requests.add(exchange);
      counting.onRequest?.(exchange);
    }
    const destination = logs.for(exchange.servedBy);
    if (destination === null) return;
    const wallMs = clock.wall();
    access(format(exchange, wallMs), destination, wallMs);
  };
}

/** The port to which plain requests are redirected: 443 if TLS is spoken there; `null`: there is none. */
function tlsPortOf(config: Config): number | null {
  const ports = listenersOf(config).flatMap(({ port, tls }) => tls ? [port] : []);
  return ports.find((port) => port === 443) ?? ports[0] ?? null;
}

function makeCache(
  { media, passwords, certificates, logPlaces, parameters }: Config,
  environment: Environment,
  { tally }: Counting,
): FileCache {
  const { disk, clock, encodeElsewhere = null } = environment;
  return new FileCache({
    disk,
    clock,
    withheld: [...[...passwords, ...certificates].flatMap(({ places }) => places), ...logPlaces],
    encodeElsewhere,
    media: Object.fromEntries(media.map(({ extension, type }) => [extension, type])),
    bytesMax: cacheMiBAlone(parameters.cache.value) * 1024 * 1024,
    revalidateMs: parameters.revalidate.value * 1000,
    openFilesMax: OPEN_FILES_MAX,
    tally,
  });
}

/** Configurations with the same key can share a cache, because its files have the same types and roots. */
function cacheKey({ hosts, media, passwords, logPlaces, parameters: { cache, revalidate } }: Config): string {
  const roots = [...new Set(hosts.map(({ root }) => root))].sort();
  const types = media.map(({ extension, type }) => [extension, type]);
  return JSON.stringify([
    roots,
    types,
    passwords.map(({ places }) => places),
    logPlaces,
    cache.value,
    revalidate.value,
  ]);
}

function limitsOf({ parameters }: Config): ServeLimits {
  return {
    drainMs: parameters["drain-timeout"].value * 1000,
    lastMessageMs: SERVE_DEFAULTS.lastMessageMs,
    connectionsMax: parameters.connections.value,
    sweep: {
      idleMs: millisecondsOrNever(parameters.timeout.value),
      messageMs: millisecondsOrNever(parameters["head-timeout"].value),
    },
  };
}

function millisecondsOrNever(seconds: number): number {
  return seconds === 0 ? Infinity : seconds * 1000;
}
