/**
 * What a configuration implies that the process, and in it each worker, may do. Pure.
 *
 * The process (ring 1) reads web.conf, the roots and password files, and listens; the workers (ring 2) read the roots and listen, nothing else.
 * @module
 */

import { SEPARATOR } from "@std/path/constants";
import { dirname } from "@std/path/dirname";
import { normalize } from "@std/path/normalize";
import { type Flavour, SHOWN_EMBEDDED } from "../config/build.ts";
import { type Config, formatOrigin, type HostEntry, passwordFilesOf } from "../config/config.ts";
import { type Grant, type Permissions, permit } from "../config/permissions.ts";
import { hostAndPort } from "../net/peer.ts";

/** An address to listen on. Settled: its port is not 0. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/**
 * The addresses that a configuration names. `::` stands for `0.0.0.0`, too: a system without IPv6 has only that, and one that
 * keeps the two apart needs both for "every address".
 */
export function addressesOf({ parameters }: Pick<Config, "parameters">): Address[] {
  const { address: { value: hostname }, port: { value: port } } = parameters;
  return (hostname === "::" ? ["::", "0.0.0.0"] : [hostname]).map((name) => ({ hostname: name, port }));
}

/** What a worker may do that serves `config` on `addresses`: read the roots, and listen there. */
export function workerPermissions(config: Config, addresses: readonly Address[] = addressesOf(config)): Permissions {
  return permit({ read: rootGrants(config.hosts), net: addressGrants(config, addresses) });
}

/** What the process needs to serve `config`, which it read from `file`. What is embedded may be read without being asked for. */
export function processPermissions(config: Config, file: string | null): Permissions {
  const files = file === null ? [] : [{ what: file, origin: "configuration" }];
  const roots = rootGrants(config.hosts.filter(({ written }) => written === undefined));
  return permit({
    read: [...files, ...passwordGrants(config), ...roots],
    net: addressGrants(config, addressesOf(config)),
  });
}

/** Only the supervisor reads them, before it starts workers and at each reload. What is embedded may be read anyway. */
function passwordGrants(config: Config): Grant[] {
  return passwordFilesOf(config).map(({ written, origins }) => {
    const what = config.passwords.find((file) => file.written === written)?.path ?? written;
    return { what, origin: shortList(origins.map(formatOrigin)) };
  });
}

/** How a binary is built. */
export interface BuildOptions {
  readonly flavour: Flavour;
  /** The configuration's path, as the binary will be given it. */
  readonly file: string;
  /** Whether the banner may show the addresses of the machine. */
  readonly lan: boolean;
}

/** What a binary is given that is built for `config`; `portable`: for any configuration. */
export function buildPermissions(config: Config, { flavour, file, lan }: BuildOptions): Permissions {
  const sys = lan ? [{ what: "networkInterfaces", origin: "banner" }] : [];
  if (flavour === "portable") return permit({ read: "everything", net: "everything", sys });
  const { read, net } = processPermissions(config, file);
  return permit({ read: flavour === "embedded" ? [] : read, net, sys });
}

/** `host:port`; port 0 is one that is not known yet, so that any of the address is granted. */
function addressGrants({ parameters: { address, port } }: Config, addresses: readonly Address[]): Grant[] {
  const origins = [address, port].map((setting) => formatOrigin(setting.origin));
  const named = [...new Set(origins.filter((origin) => origin !== "default"))];
  const origin = named.join(", ") || "default";
  return addresses.map(({ hostname, port }) => {
    const what = hostAndPort(hostname, port);
    return { what: port === 0 ? what.replace(/:0$/, "") : what, origin };
  });
}

/**
 * A root of several hosts is one grant, and a root inside another is none: it may be read already, and the runtime goes through
 * all grants each time that a file is looked at.
 */
function rootGrants(hosts: readonly HostEntry[]): Grant[] {
  const roots = new Map<string, string>();
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

/** Normal, and without a slash at its end. */
function plainName(root: string): string {
  const name = normalize(root);
  return name.length > 1 && name.endsWith(SEPARATOR) ? name.slice(0, -1) : name;
}

/** The outermost of `roots`, which are by plain names, that `root` is or lies in, as it was written. */
function outermost(root: string, roots: ReadonlyMap<string, string>): string {
  let name = plainName(root);
  let found = roots.get(name) ?? root;
  if (name.startsWith("..")) return found; // What lies above the current folder its name does not tell.
  for (let above = dirname(name); above !== name; above = dirname(above)) {
    found = roots.get(above) ?? found;
    name = above;
  }
  return found;
}

/** Many hosts may share a root, but a banner is for reading. */
const LISTED_MAX = 4;

function shortList(items: readonly string[]): string {
  if (items.length <= LISTED_MAX) return items.join(", ");
  return `${items.slice(0, LISTED_MAX - 1).join(", ")} and ${items.length - LISTED_MAX + 1} more`;
}
