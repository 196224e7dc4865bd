/**
 * What the server says of itself when it starts. Pure.
 * @module
 */

import { type Config, formatOrigin, writtenRoot } from "../config/config.ts";
import { describePermissions, type Row } from "../config/permissions.ts";
import { hostAndPort } from "../net/peer.ts";
import { VERSION } from "../version.ts";
import { BACKLOG } from "./address.ts";
import type { Running } from "./supervisor.ts";

/** A running server, and what surrounds it. */
export interface BannerOptions extends Running {
  /** Where the configuration came from. */
  readonly source: string;
  readonly pid: number;
  /** Addresses of this machine; empty where we may not ask. */
  readonly interfaces: readonly string[];
  /** What the process itself may do: ring 1. */
  readonly process: string;
  readonly debug: boolean;
  readonly colour: boolean;
}

/** Which configuration, hosts, addresses, scope: one fact a line. */
export function banner(options: BannerOptions): string {
  const { source, config, permissions, address, workers, pid, process, debug, colour } = options;
  const hosts = hostRows(config.hosts);
  const bold = (text: string) => colour ? `\x1b[1m${text}\x1b[22m` : text;
  const rows: Row[] = [
    ["configuration", source],
    ...hosts,
    ...urlsOf(options).map((url): Row => ["open", bold(url)]),
    ["workers", `${workers} on ${hostAndPort(address.hostname, address.port)}, supervised by process ${pid}`],
    ...debug ? limitRows(options) : [],
    ...describePermissions(permissions, HOSTS_MAX),
    ["proved", "each worker tried to do more, and was denied"],
    ["process", process],
  ];
  return [bold(`sweepd ${VERSION}`), ...rows.map(formatRow), "Ctrl-C ends it.", ""].join("\n");
}

/** The same for machines. */
export function bannerValue(options: BannerOptions): Readonly<Record<string, unknown>> {
  const { source, config, permissions, address, workers, pid } = options;
  return {
    event: "listening",
    version: VERSION,
    pid,
    configuration: source,
    hosts: config.hosts.map((host) => ({
      name: host.name,
      root: writtenRoot(host),
      origin: formatOrigin(host.origin),
    })),
    address,
    urls: urlsOf(options),
    workers,
    permissions,
  };
}

/** Beyond this a list is no banner any more. */
const HOSTS_MAX = 20;

function hostRows(hosts: Config["hosts"]): Row[] {
  const rows = hosts.slice(0, HOSTS_MAX).map((host): Row => [
    "host",
    `${host.name} -> ${writtenRoot(host)} (${formatOrigin(host.origin)})`,
  ]);
  const left = hosts.length - rows.length;
  return left === 0 ? rows : [...rows, ["host", `and ${left} more; sweepd check lists them`]];
}

function limitRows({ config }: BannerOptions): Row[] {
  return [["limits", `${config.parameters.connections.value} connections a worker, ${BACKLOG} more in the backlog`]];
}

/** The same label is written once. */
function formatRow([label, text]: Row, index: number, rows: readonly Row[]): string {
  return `  ${(rows[index - 1]?.[0] === label ? "" : label).padEnd(14)}${text}`;
}

/** What a person types, on this machine first. */
function urlsOf({ address: { hostname, port }, interfaces }: BannerOptions): string[] {
  if (hostname !== "::" && hostname !== "0.0.0.0") return [`http://${hostAndPort(hostname, port)}/`];
  const reachable = interfaces.filter((address) => hostname === "::" || !address.includes(":"));
  return [`localhost:${port}`, ...reachable.map((address) => hostAndPort(address, port))].map((host) =>
    `http://${host}/`
  );
}
