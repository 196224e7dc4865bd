/**
 * A running server for black-box tests: a folder of its own, a configuration, real sockets.
 */

import { parseConfig } from "../src/config/parse.ts";
import { readPasswords } from "../src/config/passwords.ts";
import type { Config } from "../src/config/config.ts";
import type { EncodeElsewhere } from "../src/files/codings.ts";
import { systemDisk } from "../src/files/disk.ts";
import { type Clock, systemClock } from "../src/net/clock.ts";
import { Changes } from "../src/live/changes.ts";
import type { Connection } from "../src/net/connection.ts";
import type { ConnectionEvent } from "../src/net/events.ts";
import { runServer } from "../src/server.ts";
import { TempFolder } from "./temp_folder.ts";

/** What a test can look at. */
export interface TestSite {
  readonly port: number;
  /** The folder of the `default` host, `www` in the configuration. */
  readonly root: string;
  /** Lines of the access log. */
  readonly access: string[];
  readonly problems: { readonly problem: string; readonly error: unknown }[];
  readonly events: { readonly connection: Connection; readonly event: ConnectionEvent }[];
  /** With live reload: the changes, from version 7 on. */
  readonly changes: Changes | undefined;
}

/** Files by their paths below the root. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** The configuration when a test gives none. `ROOT` stands for the root folder. */
const CONF = "host default ROOT\n";

/** What a site takes for the time, in milliseconds since 1970: ahead of the file system, so that what was just written is settled. */
export function siteWallMs(): number {
  return systemClock.wall() + 10_000;
}

const SITE_CLOCK: Clock = { ...systemClock, wall: siteWallMs };

/** Serves `files` for the length of `test`, then checks that the server drains, and removes everything. */
export async function withSite(
  { files = {}, conf = CONF, secrets = {}, hostname = "127.0.0.1", live = false, encodeElsewhere, clock = SITE_CLOCK }:
    {
      readonly files?: Files;
      readonly conf?: string;
      /** Files that the configuration names, in a folder of their own: `SECRETS` stands for it. */
      readonly secrets?: Files;
      /** Where it listens. */
      readonly hostname?: string;
      /** Whether pages are reloaded when files change. */
      readonly live?: boolean;
      /** Encodes large files. */
      readonly encodeElsewhere?: EncodeElsewhere;
      readonly clock?: Clock;
    },
  test: (site: TestSite) => Promise<void>,
): Promise<void> {
  using folder = new TempFolder();
  const root = folder.path;
  await fill(folder, files);
  using hidden = new TempFolder();
  await fill(hidden, secrets);
  const config = await configOf(conf.replaceAll("ROOT", root).replaceAll("SECRETS", hidden.path));
  const stop = new AbortController();
  const listener = Deno.listen({ hostname, port: 0 });
  const changes = live ? new Changes(7, SITE_CLOCK) : undefined;
  const site: TestSite = { port: listener.addr.port, root, access: [], problems: [], events: [], changes };
  const running = runServer(config, {
    listener,
    clock,
    disk: systemDisk,
    encodeElsewhere,
    access: (line) => site.access.push(line),
    report: (problem, error) => site.problems.push({ problem, error }),
    observe: (connection, event) => site.events.push({ connection, event }),
    live: changes,
    signal: stop.signal,
  });
  try {
    await test(site);
  } finally {
    changes?.close();
    stop.abort();
    await running;
  }
}

async function fill(folder: TempFolder, files: Files): Promise<void> {
  await Deno.chmod(folder.path, 0o755); // The tests that serve as another user must get in.
  for (const [path, content] of Object.entries(files)) {
    await Deno.utime(folder.write(path, content), new Date(), new Date(Date.now() - 1000)); // Dates tell it from now.
  }
}

async function configOf(conf: string): Promise<Config> {
  const { config, diagnostics } = parseConfig(conf, "web.conf");
  const passwords = await readPasswords(config, "/");
  const errors = [...diagnostics, ...passwords.diagnostics.filter(({ severity }) => severity === "error")];
  if (errors.length > 0) throw new Error(`The test's configuration is wrong: ${JSON.stringify(errors)}`);
  return { ...config, passwords: passwords.files };
}
