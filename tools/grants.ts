/**
 * The permissions of a binary, from the web.conf that it is built for; and the flags that say so to the compiler. Pure.
 * @module
 */

import type { Flavour, Granted, Grants } from "../src/config/build.ts";
import type { Config } from "../src/config/config.ts";
import { hostAndPort } from "../src/net/peer.ts";

export interface GrantOptions {
  readonly flavour: Flavour;
  /** The configuration's path, as the binary will be given it. */
  readonly config: string;
  /** Whether the banner may show the addresses of the machine. */
  readonly lan: boolean;
}

/** web.conf names no file that is written to, so that nothing may be written. */
export function grantsFor({ hosts, parameters }: Config, { flavour, config, lan }: GrantOptions): Grants {
  const sys = lan ? ["networkInterfaces"] : [];
  if (flavour === "portable") return { read: "everything", net: "everything", sys };
  const roots = [...new Set(hosts.map(({ root }) => root))];
  const net = addressesOf(parameters.address.value, parameters.port.value);
  return { read: flavour === "embedded" ? [] : [...new Set([config, ...roots])], net, sys };
}

/** A system without IPv6 has only `0.0.0.0` of `::`. Port 0 is one that is not known yet: any of that address. */
function addressesOf(address: string, port: number): string[] {
  const hostnames = address === "::" ? ["::", "0.0.0.0"] : [address];
  return hostnames.map((hostname) =>
    port === 0 ? hostAndPort(hostname, 0).replace(/:0$/, "") : hostAndPort(hostname, port)
  );
}

/** A path that the runtime's flags cannot name. */
export class UnnameableError extends Error {
  override name = "UnnameableError";
}

/** The runtime's flags for exactly these grants: to `deno compile`, and to `deno run`. Throws `UnnameableError`. */
export function flagsFor({ read, net, sys }: Grants): string[] {
  return [
    "--no-prompt", // Or it would stop and ask a terminal for what it lacks.
    "--deny-import", // Or modules of seven registries were allowed.
    ...flag("--allow-read", read),
    ...flag("--allow-net", net),
    ...flag("--allow-sys", sys),
  ];
}

function flag(name: string, granted: Granted): string[] {
  if (granted === "everything") return [name];
  const bad = granted.find((what) => what.includes(",") || what !== what.trim());
  if (bad !== undefined) {
    const problem = bad.includes(",") ? "a comma separates paths in permissions" : "permissions lose outer blanks";
    throw new UnnameableError(`"${bad}" cannot be granted: ${problem}; rename it, or build with --portable`);
  }
  return granted.length === 0 ? [] : [`${name}=${granted.join(",")}`];
}
