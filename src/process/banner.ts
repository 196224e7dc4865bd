/**
 * What the server says of itself when it starts. Pure.
 * @module
 */

import { formatOrigin, type HostEntry, writtenRoot } from "../config/config.ts";
import { describePermissions, type Granted, type Row } from "../config/permissions.ts";
import type { Message } from "../log/message.ts";
import { hostAndPort } from "../net/peer.ts";
import { VERSION } from "../version.ts";
import { BACKLOG } from "./address.ts";
import type { Running } from "./supervisor.ts";

/** A running server, and what surrounds it. */
export interface BannerOptions extends Running {
  /** Where the configuration came from. */
  readonly source: string;
  /** Roots that have no index. */
  readonly withoutIndex: readonly string[];
  readonly pid: number;
  /** Addresses of this machine; empty where we may not ask. */
  readonly interfaces: readonly string[];
  /** What the process itself may do: ring 1. */
  readonly process: string;
  readonly debug: boolean;
  readonly colour: boolean;
}

/** Beyond this a list is no banner any more. */
const LISTED_MAX = 20;

/** A path may have 4,096 characters. */
const TEXT_CHARS_MAX = 300;

/** Which configuration, hosts, addresses, scope: one fact a line. */
export function banner(options: BannerOptions): string {
  const { source, config, permissions, address, workers, pid, process, debug } = options;
  const bare = new Set(options.withoutIndex);
  const bold = (text: string) => options.colour ? `\x1b[1m${text}\x1b[22m` : text;
  const rows: Row[] = [
    ["configuration", source],
    ...rowsOf("host", config.hosts.map((host) => describeHost(host, bare)), "; sweepd check lists them"),
    ...rowsOf("open", urlsOf(options)),
    ["workers", `${workers} on ${hostAndPort(address.hostname, address.port)}, supervised by process ${pid}`],
    ...debug ? limitRows(options) : [],
    ...describePermissions(permissions, LISTED_MAX),
    ["proved", "each worker tried to do more, and was denied"],
    ["process", process],
  ];
  const lines = rows.map(([label, text], index, all) => {
    const shown = label === "open" ? bold(text) : harmless(text);
    return `  ${(all[index - 1]?.[0] === label ? "" : label).padEnd(14)}${shown}`; // The same label is written once.
  });
  return [bold(`sweepd ${VERSION}`), ...lines, "Ctrl-C ends it.", ""].join("\n");
}

/** The same for programs. */
export function bannerMessage(options: BannerOptions): Message {
  const { source, config, permissions, address, workers, pid } = options;
  const hosts = config.hosts.slice(0, LISTED_MAX);
  const urls = urlsOf(options).slice(0, LISTED_MAX);
  return {
    level: "info",
    event: "listening",
    message: `listening on ${urls[0]}`,
    fields: {
      version: VERSION,
      pid,
      configuration: source,
      hosts: hosts.map((host) => ({ name: host.name, root: writtenRoot(host), origin: formatOrigin(host.origin) })),
      hostCount: config.hosts.length,
      address,
      urls,
      workers,
      permissions: { ...permissions, read: first(permissions.read) },
    },
  };
}

/** As a person is told of them: where embedded files seem to lie is a folder that exists nowhere. */
function first(granted: Granted): Granted {
  if (granted === "everything") return granted;
  return granted.slice(0, LISTED_MAX).map(({ what, origin, shown }) => ({ what: shown ?? what, origin }));
}

/** `default -> /srv/www (web.conf:3)`, with a note where it has no index. */
function describeHost(host: HostEntry, bare: ReadonlySet<string>): string {
  const note = bare.has(host.name) ? ", without an index" : "";
  const name = host.writtenName === undefined ? host.name : `${host.writtenName} (${host.name})`;
  return `${name} -> ${writtenRoot(host)} (${formatOrigin(host.origin)})${note}`;
}

function limitRows({ config }: BannerOptions): Row[] {
  return [["limits", `${config.parameters.connections.value} connections a worker, ${BACKLOG} more in the backlog`]];
}

/** One row for each text, or for the first ones and how many more there are. */
function rowsOf(label: string, texts: readonly string[], where = ""): Row[] {
  const left = texts.length - LISTED_MAX;
  const shown = left <= 0 ? texts : [...texts.slice(0, LISTED_MAX), `and ${left} more${where}`];
  return shown.map((text) => [label, text]);
}

/** Words of web.conf must not steer a terminal. */
function harmless(text: string): string {
  const short = text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}...` : text;
  return short.replace(/\p{Cc}/gu, "\uFFFD");
}

/** What a person types, on this machine first. */
function urlsOf({ address: { hostname, port }, interfaces }: BannerOptions): string[] {
  if (hostname !== "::" && hostname !== "0.0.0.0") return [`http://${hostAndPort(hostname, port)}/`];
  const reachable = interfaces.filter((address) => hostname === "::" || !address.includes(":"));
  return [`localhost:${port}`, ...reachable.map((address) => hostAndPort(address, port))].map((host) =>
    `http://${host}/`
  );
}
