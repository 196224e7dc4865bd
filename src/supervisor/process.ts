/**
 * What the process itself was given by the runtime: ring 1, around the workers' ring 2.
 * Asks, and never prompts.
 * @module
 */

import type { Config } from "../config/config.ts";

/** The kinds of permission, in the runtime's order. */
const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/** Addresses of this machine that others can reach; empty where we may not ask. */
export function interfaceAddresses(): string[] {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" });
  if (state !== "granted") return [];
  const isReachable = ({ address }: Deno.NetworkInterfaceInfo) => !/^(?:127\.|::1$|fe80:)/.test(address);
  return Deno.networkInterfaces().filter(isReachable).map(({ address }) => address);
}

/** Ring 1 in one line. */
export function describeProcess(config: Config): string {
  const parts = KINDS.flatMap((kind) => {
    const given = describeKind(kind, config);
    return given === "nothing" ? [] : [`${kind} ${given}`];
  });
  return `was given ${parts.join(", ") || "nothing"}; it talks to nobody`;
}

/** Ring 1 as `--permissions` shows it: one kind a line. */
export function listPermissions(config: Config): string {
  return KINDS.map((kind) => `${kind.padEnd(7)} ${describeKind(kind, config)}\n`).join("");
}

/** All of a kind, the parts of it that the configuration needs, or nothing. */
function describeKind(kind: (typeof KINDS)[number], config: Config): string {
  if (Deno.permissions.querySync({ name: kind }).state === "granted") return "everything";
  const granted = partsOf(kind, config).filter(({ query }) => Deno.permissions.querySync(query).state === "granted");
  return granted.map(({ name }) => name).join(" ") || "nothing";
}

interface Part {
  readonly name: string;
  readonly query: Deno.PermissionDescriptor;
}

function partsOf(kind: (typeof KINDS)[number], { hosts, parameters }: Config): Part[] {
  switch (kind) {
    case "read":
      return [...new Set(["web.conf", ...hosts.map(({ root }) => root)])].map((path) => ({
        name: path,
        query: { name: "read", path },
      }));
    case "net": {
      const { address, port } = parameters;
      const host = `${address.value.includes(":") ? `[${address.value}]` : address.value}:${port.value}`;
      return [{ name: host, query: { name: "net", host } }];
    }
    case "sys":
      return [{ name: "networkInterfaces", query: { name: "sys", kind: "networkInterfaces" } }];
    default:
      return [];
  }
}
