/**
 * The text that a starting server prints. Pure.
 * @module
 */

import { cacheMiB, describeCache } from "../config/cache_share.ts";
import { type Config, formatOrigin, type HostEntry, logFilesOf, writtenRoot } from "../config/config.ts";
import { describeCertificate } from "../config/certificate_choice.ts";
import { describePermissions, type Granted, type Row } from "../config/permissions.ts";
import type { Message } from "../log/message.ts";
import { wrap } from "../log/wrap.ts";
import { hostAndPort } from "../net/peer.ts";
import { VERSION } from "../version.ts";
import { BACKLOG } from "./address.ts";
import type { Invitation } from "./invitation.ts";
import type { Address } from "./scope.ts";
import type { Running } from "./supervisor.ts";

/** A running server, and the facts about it that the banner shows. */
export interface BannerOptions extends Running {
  /** Where the configuration was found. */
  readonly source: string;
  /** Roots that have no index. */
  readonly withoutIndex: readonly string[];
  readonly pid: number;
  /** The addresses to type into a browser, the one to give away first. */
  readonly invitations: readonly [Invitation, ...Invitation[]];
  /** The first address as a QR code, in lines; `null`: none is shown. */
  readonly qr: string | null;
  /** Facts about the start that the user did not ask for, such as another port. */
  readonly notes: readonly string[];
  /** The permissions of the process itself, as text. */
  readonly process: string;
  readonly debug: boolean;
  readonly colour: boolean;
  /** The width of the terminal; 0: lines are not broken. */
  readonly columns: number;
}

/** Longer lists are shortened. */
const LISTED_MAX = 20;

/** The column in which the texts begin. */
const INDENT = 16;

/** Names of hosts in one line. */
const NAMES_MAX = 4;

/** A path may have 4,096 characters. */
const TEXT_CHARS_MAX = 300;

/** The address to give away, then the other addresses, configuration, hosts and permissions, one fact per line. */
export function banner(options: BannerOptions): string {
  const { source, config, permissions, addresses, workers, pid, process, debug } = options;
  const { invitations: [first, ...others], qr, notes, config: { parameters: { cache } } } = options;
  const bare = new Set(options.withoutIndex);
  const bold = (text: string) => options.colour ? `\x1b[1m${text}\x1b[22m` : text;
  const rows: Row[] = [
    ["why this one", first.why],
    ...rowsOf("also open", others.map(({ url, why }) => `${url} ${why}`)),
    ...rowsOf("note", [...notes, ...namesNote(config), ...options.withoutIndex.slice(0, NAMES_MAX).map(indexNote)]),
    ["configuration", source],
    ...rowsOf("host", config.hosts.map((host) => describeHost(host, bare)), "; sweepd check lists them"),
    ["workers", `${workers}${oneRemark(options)} on ${placesOf(addresses)}, supervised by process ${pid}`],
    ["cache", `${describeCache(cache.value, options)} (${formatOrigin(cache.origin)})`],
    ...rowsOf("certificate", config.certificates.map(describeCertificate), "; sweepd check lists them"),
    ...adminRows(options),
    ...debug ? limitRows(options) : [],
    ...describePermissions(permissions, LISTED_MAX),
    ["sandbox", "tested: each worker tried to do more, and was denied"],
    ["process", process],
  ];
  const lines = rows.flatMap(([label, text], index, all) => {
    const shown = all[index - 1]?.[0] === label ? "" : label; // The same label is written once.
    const parts = mayBreak(label, options.columns)
      ? wrap(harmless(text), options.columns - INDENT - 1)
      : [harmless(text)];
    return parts.map((part, at) => `  ${(at === 0 ? shown : "").padEnd(INDENT - 2)}${part}`);
  });
  const large = ["", `    ${bold(first.url)}`, "", ...qr === null ? [] : [qr, ""]];
  return [`sweepd ${VERSION}`, ...large, ...lines, "Ctrl-C ends it.", ""].join("\n");
}

/** A path stays in one piece, so that it can be copied. */
function mayBreak(label: string, columns: number): boolean {
  return columns > 2 * INDENT && !["configuration", "host", "may read", "log file"].includes(label);
}

/** The banner for programs. */
export function bannerMessage(options: BannerOptions): Message {
  const { source, config, permissions, address, addresses, workers, pid } = options;
  const hosts = config.hosts.slice(0, LISTED_MAX);
  const urls = options.invitations.slice(0, LISTED_MAX).map(({ url }) => url);
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
      addresses,
      certificates: config.certificates.slice(0, LISTED_MAX).map(({ written, names, expiresMs, fingerprint }) => {
        return { file: written?.cert ?? null, names, expires: new Date(expiresMs).toISOString(), fingerprint };
      }),
      urls,
      notes: options.notes,
      workers,
      cacheMiB: cacheMiB(config.parameters.cache.value, options),
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

function indexNote(host: string): string {
  return `the root of host ${host} has no index and listing is off, so / gets 404; "listing on" shows its files`;
}

/** Without a host for other names, an address that is a number gets 400. */
function namesNote({ hosts }: Config): string[] {
  if (hosts.length === 0 || hosts.some(({ name }) => name === "default")) return [];
  const names = hosts.slice(0, NAMES_MAX).map(({ name }) => name).join(", ");
  return [
    `there is no default host, so only these names are answered: ${names}${hosts.length > NAMES_MAX ? ", ..." : ""}`,
  ];
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

/** The addresses of the listeners: `[::]:8080, [::]:8443 (TLS)`. */
function placesOf(addresses: readonly Address[]): string {
  return addresses.map(({ hostname, port, tls, proxy }) => {
    const spoken = [...tls ? ["TLS"] : [], ...proxy ? ["PROXY"] : []].join(", ");
    return `${hostAndPort(hostname, port)}${spoken === "" ? "" : ` (${spoken})`}`;
  }).join(", ");
}
