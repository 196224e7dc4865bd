/**
 * What a configuration implies that a worker may do: to read the roots and to listen, nothing else. Pure.
 * @module
 */

import { SEPARATOR } from "@std/path/constants";
import { dirname } from "@std/path/dirname";
import { normalize } from "@std/path/normalize";
import { type Config, formatOrigin } from "../config/config.ts";
import { hostAndPort } from "../net/peer.ts";

/** An address to listen on, settled: its port is not 0. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** One thing that is allowed, and the line of web.conf, or flag, that it comes from. */
export interface Grant {
  readonly what: string;
  readonly origin: string;
}

/** All that a worker may do. */
export interface Scope {
  /** Folders, as they are written. */
  readonly read: readonly Grant[];
  /** `host:port`. */
  readonly listen: Grant;
}

/**
 * The scope that `config` implies on `address`. A root of several hosts is one grant, and a root inside another is none: it
 * may be read already, and the runtime goes through all grants each time that a file is looked at.
 */
export function scopeOf({ hosts, parameters }: Config, address: Address): Scope {
  const roots = new Map<string, string>();
  for (const { root } of hosts) roots.set(plainName(root), roots.get(plainName(root)) ?? root);
  const origins = new Map<string, string[]>();
  for (const { root, origin } of hosts) {
    const grant = outermost(root, roots);
    const from = origins.get(grant) ?? [];
    from.push(formatOrigin(origin));
    origins.set(grant, from);
  }
  const read = Array.from(origins, ([what, from]) => ({ what, origin: shortList(from) }));
  const listen = { what: hostAndPort(address.hostname, address.port), origin: formatOrigin(parameters.port.origin) };
  return { read, listen };
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

/** The scope as the runtime takes it. What is not named would be inherited, so everything is. */
export function permissionsOf({ read, listen }: Scope): Deno.PermissionOptionsObject {
  return {
    read: read.map(({ what }) => what),
    net: [listen.what],
    env: false,
    ffi: false,
    import: false,
    run: false,
    sys: false,
    write: false,
  };
}

/** The scope in plain words, one grant a line: label and text. */
export function describeScope({ read, listen }: Scope): (readonly [label: string, text: string])[] {
  const roots = read.length === 0 ? ["nothing"] : read.map(({ what, origin }) => `${what} (${origin})`);
  return [
    ...roots.map((text) => ["may read", text] as const),
    ["may listen", `${listen.what} (${listen.origin})`],
    ["may write", "nothing"],
    ["nothing else", "no environment, no other network, no programs"],
  ];
}
