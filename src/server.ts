/**
 * The composition root: a configuration becomes a site, a handler, a protocol, and a running server.
 * The only place that knows net, http and files together.
 * @module
 */

import { type Config, type Lines, settingsFor } from "./config/config.ts";
import { FileCache } from "./files/cache.ts";
import type { Disk } from "./files/disk.ts";
import { files } from "./site/handler.ts";
import { type HostOptions, Site } from "./site/host.ts";
import { http, type HttpOptions, type HttpProtocol } from "./http/h1/conversation.ts";
import type { Handler } from "./http/handler.ts";
import { HEAD_BYTES_MAX } from "./http/limits.ts";
import { accessFormat } from "./log/access.ts";
import type { Clock } from "./net/clock.ts";
import type { Connection } from "./net/connection.ts";
import type { ConnectionEvent } from "./net/events.ts";
import { type Listener, type ServeLimits, Service } from "./net/listener.ts";

/** What a server stands on; tests put in clocks, disks and networks of their own. */
export interface Surroundings {
  readonly listener: Listener | readonly Listener[];
  readonly clock: Clock;
  readonly disk: Disk;
  /** Takes lines of the access log, each with its LF. */
  readonly access: (line: string) => void;
  /** Takes what went wrong and was nobody's request. */
  readonly report: (problem: string, error: unknown) => void;
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
  /** Ends the server: see `ServeOptions`. */
  readonly signal?: AbortSignal | undefined;
}

/** What a new connection's accumulator takes, and what it may grow to: a whole head and the beginning of the next. */
const ACCUMULATOR = { minBytes: 1024, maxBytes: 2 * HEAD_BYTES_MAX };

/** Files that are kept open. They are given back when there are no descriptors left. */
const OPEN_FILES_MAX = 4096;

/** Serves what `config` says; resolves when it has drained after `signal`. */
export async function runServer(config: Config, surroundings: Surroundings): Promise<void> {
  await new SiteServer(config, surroundings).run();
}

/** A server of files that takes another configuration while it runs. Where it listens does not change. */
export class SiteServer {
  readonly #surroundings: Surroundings;
  readonly #protocol: HttpProtocol;
  readonly #service: Service;
  #config: Config;
  #cache: FileCache;

  /** Accepts nothing before `run()`. */
  constructor(config: Config, surroundings: Surroundings) {
    const { listener, clock, report, observe, signal } = surroundings;
    this.#surroundings = surroundings;
    this.#config = config;
    this.#cache = makeCache(config, surroundings);
    this.#protocol = http(...answering(config, this.#cache, surroundings));
    this.#service = new Service(this.#protocol, {
      listener,
      clock,
      report,
      exhausted: () => this.#cache.closeKept(),
      observe,
      signal,
      accumulator: ACCUMULATOR,
      ...limitsOf(config),
    });
  }

  /** Resolves when it has drained after `signal`. */
  async run(): Promise<void> {
    try {
      await this.#service.run();
    } finally {
      this.#cache.close();
    }
  }

  /**
   * Serves what `config` says from now on: requests that begin later are answered by it, those under way end as they began,
   * and limits hold for all. Files that were kept under the old configuration are closed when nobody reads them any more.
   */
  configure(config: Config): void {
    const before = this.#cache;
    if (cacheKey(config) !== cacheKey(this.#config)) this.#cache = makeCache(config, this.#surroundings);
    this.#config = config;
    this.#protocol.configure(...answering(config, this.#cache, this.#surroundings));
    this.#service.configure(limitsOf(config));
    if (before !== this.#cache) before.close();
  }
}

/** What `http` answers with. */
function answering(
  config: Config,
  cache: FileCache,
  { clock, report, access }: Surroundings,
): [Handler, HttpOptions] {
  const { parameters } = config;
  const format = accessFormat(parameters.log.value);
  return [files(new Site(hostsOf(config)), { cache, clock, report }), {
    clock,
    serverName: parameters["server-name"].value,
    idleMs: millisecondsOrNever(parameters.timeout.value),
    log: format === null ? null : (exchange) => access(format(exchange, clock.wall())),
    report,
  }];
}

/** Hosts with the settings that hold for them. */
function hostsOf(config: Config): HostOptions[] {
  return config.hosts.map((host) => {
    const settings = settingsFor(config, host);
    return {
      name: host.name,
      root: host.root,
      index: settings.index.value,
      dotFiles: settings.dotfiles.value ? "served" : "hidden",
      charset: settings.charset.value,
      errors: valuesOf(settings.error),
      redirects: valuesOf(settings.redirect),
      fallback: settings.fallback.value,
      cleanUrls: settings["clean-urls"].value,
      headers: valuesOf(settings.header),
      caching: valuesOf(settings.cache),
      allow: valuesOf(settings.allow).flat(),
      deny: valuesOf(settings.deny).flat(),
    };
  });
}

function valuesOf<T>({ lines }: Lines<T>): readonly T[] {
  return lines.map(({ value }) => value);
}

function makeCache({ media, parameters }: Config, { disk, clock }: Surroundings): FileCache {
  return new FileCache({
    disk,
    clock,
    media: Object.fromEntries(media.map(({ extension, type }) => [extension, type])),
    bytesMax: parameters.cache.value * 1024 * 1024,
    revalidateMs: parameters.revalidate.value * 1000,
    openFilesMax: OPEN_FILES_MAX,
  });
}

/** Configurations with the same can share a cache: its files have the same types, and belong to roots that both serve. */
function cacheKey({ hosts, media, parameters: { cache, revalidate } }: Config): string {
  const roots = [...new Set(hosts.map(({ root }) => root))].sort();
  return JSON.stringify([roots, media.map(({ extension, type }) => [extension, type]), cache.value, revalidate.value]);
}

function limitsOf({ parameters }: Config): ServeLimits {
  return {
    drainMs: parameters["drain-timeout"].value * 1000,
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
