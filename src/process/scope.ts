/**
 * The permissions that a configuration needs: of the process, and of each worker in it. Pure.
 *
 * The process reads web.conf, the roots and password files, writes log files, and listens. The workers only read the
 * roots and listen. The worker of the admin listener only listens there.
 * @module
 */

import { SEPARATOR } from "@std/path/constants";
import { dirname } from "@std/path/dirname";
import { normalize } from "@std/path/normalize";
import { type Flavour, SHOWN_EMBEDDED } from "../config/build.ts";
import {
  certificateFilesOf,
  type Config,
  formatOrigin,
  type HostEntry,
  logFilesOf,
  passwordFilesOf,
} from "../config/config.ts";
import { type ListenEntry, listenersOf, type ListenFlags } from "../config/listeners.ts";
import { type Grant, type Permissions, permit } from "../config/permissions.ts";
import { hostAndPort } from "../net/peer.ts";
import { isBelow } from "../paths.ts";

/** An address to listen on, and what is spoken there. */
export interface Address extends ListenFlags {
  readonly hostname: string;
  readonly port: number;
}

/**
 * The addresses of a configuration. `::` includes `0.0.0.0`, because a system without IPv6 has only that, and a system
 * that separates the two needs both for "every address".
 */
export function addressesOf(config: Pick<Config, "listen" | "parameters">): Address[] {
  return listenersOf(config).flatMap(withIpv4);
}

/** The listener's address and, for `::`, that for IPv4. */
export function withIpv4({ origins: _, ...address }: ListenEntry): Address[] {
  return address.hostname === "::" ? [address, { ...address, hostname: "0.0.0.0" }] : [address];
}

/** What the permissions of a worker depend on besides the configuration. */
export interface WorkerScope {
  /** Those of the configuration by default. */
  readonly addresses?: readonly Address[];
  /** The configuration file; `null`, the default: there is none. */
  readonly file?: string | null;
  /** Whether the process may give a worker all of these permissions. By default it may. */
  readonly isGivable?: (permissions: Permissions) => boolean;
}

/**
 * The permissions of a worker that serves `config` on `addresses`: to read the roots, and to listen there. If the
 * process may read the folder of very many roots, that is one permission, see `sharedFolders`.
 */
export function workerPermissions(
  config: Config,
  { addresses = addressesOf(config), file = null, isGivable = () => true }: WorkerScope = {},
): Permissions {
  const net = addressGrants(config, addresses);
  const shared = permit({ read: rootGrants(config.hosts, sharedFolders(config, file)), net });
  return isGivable(shared) ? shared : permit({ read: rootGrants(config.hosts), net });
}

/** The one of the permissions of a worker that lets it read the root of `host`; `null`: none does. */
export function rootGrant({ read }: Permissions, host: HostEntry | null): Grant | null {
  if (host === null || read === "everything") return null;
  return read.find(({ what }) => isBelow(what, host.root)) ?? null;
}

/** The files that the process reads or writes, and that a worker must not be able to read. */
export function secretPaths(config: Config): string[] {
  const { passwords, certificates } = config;
  const read = [...passwords, ...certificates.flatMap(({ stamps }) => stamps)];
  return [...read, ...logFilesOf(config)].map(({ path }) => path);
}

/**
 * The permissions that the process needs for `config` from `file`. Embedded files need no permission. `folders`: see
 * `rootGrants`.
 */
export function processPermissions(config: Config, file: string | null, folders: readonly string[] = []): Permissions {
  const files = file === null ? [] : [{ what: file, origin: "configuration" }];
  const roots = rootGrants(config.hosts.filter(({ written }) => written === undefined), folders);
  return permit({
    read: [...files, ...passwordGrants(config), ...certificateGrants(config), ...roots],
    write: logGrants(config),
    net: [...addressGrants(config, addressesOf(config)), ...adminGrants(config, adminAddress(config))],
  });
}

/** The address of the admin listener; `null`: there is none. */
export function adminAddress({ parameters }: Pick<Config, "parameters">): Address | null {
  return adminPlace(parameters.admin.value);
}

/** The address that a value of `parameter admin` means; `null`: `off`. */
export function adminPlace(value: string): Address | null {
  const [, hostname, port] = /^\[?(.*?)\]?:(\d+)$/.exec(value) ?? [];
  return hostname === undefined ? null : { hostname, port: Number(port) };
}

/** The permissions of the worker that listens on the admin address: that, and nothing else. */
export function adminPermissions(config: Config, address: Address | null = adminAddress(config)): Permissions {
  return permit({ net: adminGrants(config, address) });
}

function adminGrants({ parameters: { admin } }: Config, address: Address | null): Grant[] {
  return address === null ? [] : [{ what: portGrant(address), origin: formatOrigin(admin.origin) }];
}

/** Only the supervisor writes log files. */
function logGrants(config: Config): Grant[] {
  return logFilesOf(config).map(({ path, origins }) => ({
    what: path,
    origin: shortList([...new Set(origins.map(formatOrigin))]),
  }));
}

/** Only the supervisor reads certificates and keys, at the start and at each reload. */
function certificateGrants(config: Config): Grant[] {
  return certificateFilesOf(config).flatMap(({ cert, key, origins }) => {
    const found = config.certificates.find(({ written }) => written?.cert === cert && written?.key === key);
    const origin = shortList(origins.map(formatOrigin));
    return [cert, key].map((written, index) => ({ what: found?.stamps[index]?.path ?? written, origin }));
  });
}

/** Only the supervisor reads password files, at the start and at each reload. Embedded ones need no permission. */
function passwordGrants(config: Config): Grant[] {
  return passwordFilesOf(config).map(({ written, origins }) => {
    const what = config.passwords.find((file) => file.written === written)?.path ?? written;
    return { what, origin: shortList(origins.map(formatOrigin)) };
  });
}

/** Options of a binary. */
export interface BuildOptions {
  readonly flavour: Flavour;
  /** The path of the configuration on the machine that runs the binary. */
  readonly file: string;
  /** Whether the banner may show the addresses of the machine. */
  readonly lan: boolean;
}

/** A portable binary cannot know the log files of its users. It may write where the system keeps those of services. */
const LOG_FOLDER: Grant = { what: "/var/log/sweepd", origin: "log files" };

/** The permissions of a binary for `config`. `portable`: for any configuration. */
export function buildPermissions(config: Config, { flavour, file, lan }: BuildOptions): Permissions {
  const sys = factGrants(config, { flavour, lan });
  const write = logGrants(config);
  if (flavour === "portable") {
    return permit({ read: "everything", write: [...write, LOG_FOLDER], net: "everything", sys });
  }
  const { read, net } = processPermissions(config, file, sharedFolders(config, file));
  // A key is never embedded, because the binary may be copied. It is read from its place at the start.
  return permit({ read: flavour === "embedded" ? certificateGrants(config) : read, write, net, sys });
}

/** The facts about the machine that the process may ask for. None is needed: without it, the process does without. */
function factGrants(config: Config, { flavour, lan }: Pick<BuildOptions, "flavour" | "lan">): Grant[] {
  const isPortable = flavour === "portable";
  const { cache } = config.parameters;
  const mayNeedName = isPortable || needsName(config);
  const mayNeedMemory = isPortable || cache.value === "auto";
  return [
    ...lan ? [{ what: "networkInterfaces", origin: "banner" }] : [],
    ...lan && mayNeedName ? [{ what: "hostname", origin: "certificate of its own" }] : [],
    ...mayNeedMemory ? [{ what: "systemMemoryInfo", origin: "cache auto" }] : [],
  ];
}

/** Whether the server may make a certificate of its own, which is for the name of the machine. */
function needsName(config: Config): boolean {
  return certificateFilesOf(config).length === 0 && listenersOf(config).some(({ tls }) => tls);
}

/** `host:port`. Port 0 is not known yet, so all ports of the address are granted. */
function addressGrants(config: Config, addresses: readonly Address[]): Grant[] {
  return addresses.map((address) => ({ what: portGrant(address), origin: listenOrigin(config, address) }));
}

function portGrant({ hostname, port }: Address): string {
  const what = hostAndPort(hostname, port);
  return port === 0 ? what.replace(/:0$/, "") : what;
}

/** The lines and flags with this address. A port that the system chose is in no line. */
export function listenOrigin(config: Config, { hostname, port }: Pick<Address, "hostname" | "port">): string {
  const all = listenersOf(config);
  const isThere = (entry: ListenEntry) => withIpv4(entry).some((address) => address.hostname === hostname);
  const found = all.find((entry) => entry.port === port && isThere(entry)) ??
    all.find((entry) => entry.port === 0 && isThere(entry)) ?? all[0]!;
  const named = [...new Set(found.origins.map(formatOrigin).filter((origin) => origin !== "default"))];
  return named.join(", ") || "default";
}

/** How many roots directly in one folder are a permission each. To check so many takes as long as a call of the system. */
const OWN_ROOTS_MAX = 64;

/**
 * The folders that directly contain more roots than that, because the runtime compares each path with all permissions in
 * order: with 10,000 of them an access to a file takes milliseconds. None is the whole disk, or contains a secret or the
 * configuration `file`. The check of the server itself still confines each host to its own root.
 */
function sharedFolders(config: Config, file: string | null): string[] {
  const names = new Set(config.hosts.filter(({ written }) => written === undefined).map(({ root }) => plainName(root)));
  const counts = new Map<string, number>();
  for (const name of names) counts.set(dirname(name), (counts.get(dirname(name)) ?? 0) + 1);
  const kept = [...secretPaths(config), ...file === null ? [] : [file]];
  return [...counts].flatMap(([folder, count]) => {
    // The name `.` or `..` does not tell where the folder is.
    const isNamed = !/^\.\.?$|[/\\]\.\.$/.test(folder) && dirname(folder) !== folder;
    return isNamed && count > OWN_ROOTS_MAX && !kept.some((path) => isBelow(folder, path)) ? [folder] : [];
  });
}

/**
 * A root of several hosts is one grant. A root inside another, or in one of `folders`, needs none, because the runtime
 * checks all grants at each access to a file.
 */
function rootGrants(hosts: readonly HostEntry[], folders: readonly string[] = []): Grant[] {
  const roots = new Map<string, string>(folders.map((folder) => [folder, folder]));
  for (const { root } of hosts) roots.set(plainName(root), roots.get(plainName(root)) ?? root);
  const grants = new Map<string, { readonly origins: string[]; readonly isEmbedded: boolean }>();
  for (const { root, origin, written } of hosts) {
    const what = outermost(root, roots);
    const grant = grants.get(what) ?? { origins: [], isEmbedded: written !== undefined };
    grant.origins.push(formatOrigin(origin));
    grants.set(what, grant);
  }
  return Array.from(grants, ([what, { origins, isEmbedded }]) => ({
    what,
    origin: shortList(origins),
    ...isEmbedded && { shown: SHOWN_EMBEDDED },
  }));
}

/** The normalized path without a slash at its end. */
function plainName(root: string): string {
  const name = normalize(root);
  return name.length > 1 && name.endsWith(SEPARATOR) ? name.slice(0, -1) : name;
}

/** The outermost of `roots` that is `root` or contains it, as written in web.conf. Keys are plain names. */
function outermost(root: string, roots: ReadonlyMap<string, string>): string {
  let name = plainName(root);
  let found = roots.get(name) ?? root;
  if (name.startsWith("..")) return found; // The name does not tell what is above the current folder.
  for (let above = dirname(name); above !== name; above = dirname(above)) {
    found = roots.get(above) ?? found;
    name = above;
  }
  return found;
}

/** Many hosts may share a root, but the banner must stay readable. */
const LISTED_MAX = 4;

function shortList(items: readonly string[]): string {
  if (items.length <= LISTED_MAX) return items.join(", ");
  return `${items.slice(0, LISTED_MAX - 1).join(", ")} and ${items.length - LISTED_MAX + 1} more`;
}
