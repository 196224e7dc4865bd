/**
 * The composition root: a configuration becomes a site, a handler, a protocol, and a running server.
 * The only place that knows net, http and files together.
 * @module
 */

import type { Config } from "./config/config.ts";
import { FileCache } from "./files/cache.ts";
import type { Disk } from "./files/disk.ts";
import { files } from "./files/handler.ts";
import { Site } from "./files/site.ts";
import { http } from "./http/exchange.ts";
import { HEAD_BYTES_MAX } from "./http/limits.ts";
import { accessFormat } from "./log/access.ts";
import type { Clock } from "./net/clock.ts";
import type { Connection } from "./net/connection.ts";
import type { ConnectionEvent } from "./net/events.ts";
import { type Listener, serve } from "./net/listener.ts";

/** What a server stands on; tests put in clocks, disks and networks of their own. */
export interface Surroundings {
  readonly listener: Listener;
  readonly clock: Clock;
  readonly disk: Disk;
  /** Takes lines of the access log, each with its LF. */
  readonly access: (line: string) => void;
  /** Takes what went wrong and was nobody's request. */
  readonly report: (problem: string, error: unknown) => void;
  readonly observe?: ((connection: Connection, event: ConnectionEvent) => void) | undefined;
  /** Ends the server, and its idle connections: see `ServeOptions`. */
  readonly signal?: AbortSignal | undefined;
  readonly idleSignal?: AbortSignal | undefined;
}

/** What a new connection's accumulator takes, and what it may grow to: a whole head and the beginning of the next. */
const ACCUMULATOR = { minBytes: 1024, maxBytes: 2 * HEAD_BYTES_MAX };

/** Files that are kept open. They are given back when there are no descriptors left. */
const OPEN_FILES_MAX = 4096;

/** Serves what `config` says; resolves when it has drained after `signal`. */
export async function runServer(config: Config, surroundings: Surroundings): Promise<void> {
  const { clock, disk, report, access } = surroundings;
  const parameters = config.parameters;
  const media = Object.fromEntries(config.media.map(({ extension, type }) => [extension, type]));
  const format = accessFormat(parameters.log.value);
  const cache = new FileCache({
    disk,
    clock,
    media,
    bytesMax: parameters.cache.value * 1024 * 1024,
    revalidateMs: parameters.revalidate.value * 1000,
    openFilesMax: OPEN_FILES_MAX,
  });
  const protocol = http(files(new Site(config.hosts), { cache, clock }), {
    clock,
    serverName: parameters["server-name"].value,
    log: format === null ? null : (exchange) => access(format(exchange, clock.wall())),
    report,
  });
  try {
    await serve(protocol, {
      listener: surroundings.listener,
      clock,
      report,
      exhausted: () => cache.closeKept(),
      observe: surroundings.observe,
      signal: surroundings.signal,
      idleSignal: surroundings.idleSignal,
      accumulator: ACCUMULATOR,
      drainMs: parameters["drain-timeout"].value * 1000,
      connectionsMax: parameters.connections.value,
      sweep: {
        idleMs: millisecondsOrNever(parameters.timeout.value),
        messageMs: millisecondsOrNever(parameters["head-timeout"].value),
      },
    });
  } finally {
    cache.close();
  }
}

function millisecondsOrNever(seconds: number): number {
  return seconds === 0 ? Infinity : seconds * 1000;
}
