/**
 * The text that a starting server prints. Pure.
 * @module
 */

import { formatOrigin, type HostEntry, logFilesOf, writtenRoot } from "../config/config.ts";
import { describePermissions, type Granted, type Row } from "../config/permissions.ts";
import type { Message } from "../log/message.ts";
import { hostAndPort } from "../net/peer.ts";
import { VERSION } from "../version.ts";
import { BACKLOG } from "./address.ts";
import type { Running } from "./supervisor.ts";

/** A running server, and the facts about it that the banner shows. */
export interface BannerOptions extends Running {
  /** Where the configuration was found. */
  readonly source: string;
  /** Roots that have no index. */
  readonly withoutIndex: readonly string[];
  readonly pid: number;
  /** Addresses of this machine; empty without the permission to ask for them. */
  readonly interfaces: readonly string[];
  /** The permissions of the process itself, as text. */
  readonly process: string;
  readonly debug: boolean;
  readonly colour: boolean;
}

/** Longer lists are shortened. */
const LISTED_MAX = 20;

/** A path may have 4,096 characters. */
const TEXT_CHARS_MAX = 300;

/** Configuration, hosts, addresses and permissions, one fact per line. */
export function banner(options: BannerOptions): string {
  const { source, config, permissions, address, workers, pid, process, debug } = options;
  const bare = new Set(options.withoutIndex);
  const bold = (text: string) => options.colour ? `\x1b[1m${text}\x1b[22m` : text;
  const rows: Row[] = [
    ["configuration", source],
    ...rowsOf("host", config.hosts.map((host) => describeHost(host, bare)), "; sweepd check lists them"),
    ...rowsOf("open", urlsOf(options)),
    [
      "workers",
      `${workers}${oneRemark(options)} on ${hostAndPort(address.hostname, address.port)}, supervised by process ${pid}`,
    ],
    ...adminRows(options),
    ...debug ? limitRows(options) : [],
    ...describePermissions(permissions, LISTED_MAX),
    ["sandbox", "tested: each worker tried to do more, and was denied"],
    ["process", process],
  ];
  const lines = rows.map(([label, text], index, all) => {
    const shown = label === "open" ? bold(text) : harmless(text);
    return `  ${(all[index - 1]?.[0] === label ? "" : label).padEnd(14)}${shown}`; // The same label is written once.
  });
  return [bold(`sweepd ${VERSION}`), ...lines, "Ctrl-C ends it.", ""].join("\n");
}

/** The banner for programs. */
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
      admin: options.admin,
      permissions: { ...permissions, read: first(permissions.read) },
    },
  };
}

/** The first grants. A grant for embedded files is shown with its text, because their folder does not exist. */
function first(granted: Granted): Granted {
  if (granted === "everything") return granted;
  return granted.slice(0, LISTED_MAX).map(({ what, origin, shown }) => ({ what: shown ?? what, origin }));
}

/** `default -> /srv/www (web.conf:3)`, with a note if it has no index. */
function describeHost(host: HostEntry, bare: ReadonlySet<string>): string {
  const note = bare.has(host.name) ? ", without an index" : "";
  const name = host.writtenName === undefined ? host.name : `${host.writtenName} (${host.name})`;
  return `${name} -> ${writtenRoot(host)} (${formatOrigin(host.origin)})${note}`;
}

/** The admin listener and the log files, with the lines of web.conf that ask for them. */
function adminRows({ config, admin, pid }: BannerOptions): Row[] {
  const { parameters } = config;
  const origin = formatOrigin(parameters.admin.origin);
  const place = admin === null ? "" : hostAndPort(admin.hostname, admin.port);
  const rows: Row[] = admin === null
    ? []
    : [["admin", `http://${place}/live, by a worker that may listen on ${place} (${origin}) and read nothing`]];
  const logs = logFilesOf(config).map(({ path, origins }): Row => {
    return [
      "log file",
      `${path} (${[...new Set(origins.map(formatOrigin))].join(", ")}), written by process ${pid} alone`,
    ];
  });
  return [...rows, ...logs.slice(0, LISTED_MAX)];
}

/** Why there is one worker, if nobody has asked for that. */
function oneRemark({ debug, workers, config }: BannerOptions): string {
  const isChosen = config.parameters.workers.origin.kind !== "default";
  return debug && workers === 1 && !isChosen ? " (because of -d; --workers N starts more)" : "";
}

function limitRows({ config }: BannerOptions): Row[] {
  return [["limits", `${config.parameters.connections.value} connections a worker, ${BACKLOG} more in the backlog`]];
}

/** One row for each text. If there are many, the first ones and the number of the others. */
function rowsOf(label: string, texts: readonly string[], where = ""): Row[] {
  const left = texts.length - LISTED_MAX;
  const shown = left <= 0 ? texts : [...texts.slice(0, LISTED_MAX), `and ${left} more${where}`];
  return shown.map((text) => [label, text]);
}

/** Replaces control characters of web.conf, so that they cannot control the terminal. */
function harmless(text: string): string {
  const short = text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}...` : text;
  return short.replace(/\p{Cc}/gu, "\uFFFD");
}

/** The addresses to type into a browser, first the one for this machine. */
function urlsOf({ address: { hostname, port }, interfaces }: BannerOptions): string[] {
  if (hostname !== "::" && hostname !== "0.0.0.0") return [`http://${hostAndPort(hostname, port)}/`];
  const reachable = interfaces.filter((address) => hostname === "::" || !address.includes(":"));
  return [`localhost:${port}`, ...reachable.map((address) => hostAndPort(address, port))].map((host) =>
    `http://${host}/`
  );
}
