/**
 * What a configuration implies that a worker may do: to read the roots and to listen, nothing else. Pure.
 * @module
 */

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

/** The scope that `config` implies on `address`. A root of several hosts is one grant. */
export function scopeOf({ hosts, parameters }: Config, address: Address): Scope {
  const read = new Map<string, Grant>();
  for (const { root, origin } of hosts) {
    const earlier = read.get(root)?.origin;
    const from = formatOrigin(origin);
    read.set(root, { what: root, origin: earlier === undefined ? from : `${earlier}, ${from}` });
  }
  const listen = { what: hostAndPort(address.hostname, address.port), origin: formatOrigin(parameters.port.origin) };
  return { read: [...read.values()], listen };
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
