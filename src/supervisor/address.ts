/**
 * An address that cannot be listened on, explained; and whether one can, for `check`.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Config } from "../config/config.ts";
import { explainDenied } from "../config/remedy.ts";
import { hostAndPort } from "../net/peer.ts";
import { systemPorts } from "./ports.ts";
import { type Address, addressesOf } from "./scope.ts";

/** An address that cannot be listened on: for the person, in one line. */
export class ListenError extends Error {
  override name = "ListenError";
}

/** Connections that the system completes and holds for us until they are accepted. */
export const BACKLOG = 1024;

/** Listens for a moment where `config` says. Throws `ListenError`. */
export function tryAddress(config: Config): void {
  const [first, ...others] = addressesOf(config) as [Address, ...Address[]];
  try {
    systemPorts.tryToListen(first);
  } catch (error) {
    const [ipv4] = others; // A system without IPv6.
    if (ipv4 === undefined || error instanceof Deno.errors.AddrInUse) throw listenError(first, error);
    tryOther(ipv4);
  }
}

function tryOther(address: Address): void {
  try {
    systemPorts.tryToListen(address);
  } catch (error) {
    throw listenError(address, error);
  }
}

/** What the system said, for a person. `error` may be of a worker: then it has the name and the message of the system's. */
export function listenError({ hostname, port }: Address, error: unknown): ListenError {
  const place = hostAndPort(hostname, port);
  const name = error instanceof Error ? error.name : "";
  const reason = name === "NotCapable" ? explainDenied("net", place, readBuild()) : reasons[name] ?? messageOf(error);
  return new ListenError(`cannot listen on ${place}: ${reason}`, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  AddrInUse: "another program has this port; choose another with --port",
  AddrNotAvailable: "this machine has no such address",
  PermissionDenied: "this user may not; ports below 1024 are for root",
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
