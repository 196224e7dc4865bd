/**
 * The address to listen on: settled before the workers start, and explained where it cannot be had.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Config } from "../config/config.ts";
import { explainDenied } from "../config/remedy.ts";
import { hostAndPort } from "../net/peer.ts";
import type { Address } from "./scope.ts";

/** An address that cannot be listened on: for the person, in one line. */
export class ListenError extends Error {
  override name = "ListenError";
}

/** Connections that the system completes and holds for us until they are accepted. */
export const BACKLOG = 1024;

/** Only Linux spreads connections over several listeners of one port. */
export const CAN_SHARE_PORT = Deno.build.os === "linux";

/**
 * Settles the address by listening there for a moment: without `reusePort`, because with it a second server on the same port
 * would go unnoticed. (Two that start within the same few milliseconds still do.)
 */
export function settleAddress({ parameters }: Config): Address {
  const wanted = { hostname: parameters.address.value, port: parameters.port.value };
  try {
    return tryAddress(wanted);
  } catch (error) {
    if (wanted.hostname !== "::" || error instanceof Deno.errors.AddrInUse) throw listenError(wanted, error);
  }
  const ipv4 = { ...wanted, hostname: "0.0.0.0" }; // A system without IPv6.
  try {
    return tryAddress(ipv4);
  } catch (error) {
    throw listenError(ipv4, error);
  }
}

function tryAddress(wanted: Address): Address {
  const listener = Deno.listen(wanted);
  const { port } = listener.addr;
  listener.close();
  return { hostname: wanted.hostname, port };
}

function listenError({ hostname, port }: Address, error: unknown): ListenError {
  const place = hostAndPort(hostname, port);
  const reason = error instanceof Deno.errors.NotCapable
    ? explainDenied("net", place, readBuild())
    : listenReason(error);
  return new ListenError(`cannot listen on ${place}: ${reason}`, { cause: error });
}

function listenReason(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "another program has this port; choose another with --port";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this machine has no such address";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not; ports below 1024 are for root";
  return error instanceof Error ? error.message : String(error);
}
