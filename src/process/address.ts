/**
 * Messages about an address that cannot be opened, and the test of an address for `check`.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Config } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import { explainDenied } from "../config/remedy.ts";
import { hostAndPort } from "../net/peer.ts";
import { systemPorts } from "./ports.ts";
import { type Address, adminAddress, withIpv4 } from "./scope.ts";

/** An address that cannot be listened on: for the person, in one line. */
export class ListenError extends Error {
  override name = "ListenError";
  readonly address: Address;

  /** The address cannot be listened on. `cause`: the error of the system. */
  constructor(message: string, address: Address, cause: unknown) {
    super(message, { cause });
    this.address = address;
  }
}

/** Connections that the system completes and holds for us until they are accepted. */
export const BACKLOG = 1024;

/** Opens the addresses of `config` and closes them. Throws `ListenError`. */
export function tryAddress(config: Config): void {
  const admin = adminAddress(config);
  if (admin !== null) tryAdmin(admin);
  for (const listener of listenersOf(config)) tryListener(withIpv4(listener));
}

function tryListener([first, ipv4]: readonly Address[]): void {
  try {
    systemPorts.tryToListen(first!);
  } catch (error) {
    // `ipv4` is for systems without IPv6.
    if (ipv4 === undefined || error instanceof Deno.errors.AddrInUse) throw listenError(first!, error);
    tryOther(ipv4);
  }
}

function tryAdmin(address: Address): void {
  try {
    systemPorts.tryToListen(address);
  } catch (error) {
    throw adminListenError(address, error);
  }
}

function tryOther(address: Address): void {
  try {
    systemPorts.tryToListen(address);
  } catch (error) {
    throw listenError(address, error);
  }
}

/** The error of the system as a message. An error from a worker is an object with `name` and `message`. */
export function listenError(address: Address, error: unknown): ListenError {
  const { hostname, port } = address;
  const place = hostAndPort(hostname, port);
  const { name, message } = isNamed(error) ? error : { name: "", message: String(error) };
  const reason = name === "NotCapable" ? explainDenied("net", place, readBuild()) : REASONS[name] ?? message;
  return new ListenError(`cannot listen on ${place}: ${reason}`, address, error);
}

/** Like `listenError`, for the address of the admin listener. It has no cause, because no other port may replace it. */
export function adminListenError(address: Address, error: unknown): ListenError {
  const isTaken = isNamed(error) && error.name === "AddrInUse";
  const message = isTaken
    ? `cannot listen on ${hostAndPort(address.hostname, address.port)}: another program has this port; ` +
      "choose another with parameter admin"
    : listenError(address, error).message;
  return new ListenError(message, address, null);
}

/** Whether a worker cannot listen because another program has the port. */
export function isPortTaken(error: unknown): error is ListenError {
  return error instanceof ListenError && isNamed(error.cause) && error.cause.name === "AddrInUse";
}

function isNamed(error: unknown): error is { readonly name: string; readonly message: string } {
  return typeof error === "object" && error !== null && "name" in error && "message" in error;
}

const REASONS: Readonly<Record<string, string>> = {
  AddrInUse: "another program has this port; choose another with --port",
  AddrNotAvailable: "this machine has no such address",
  PermissionDenied: "permission denied; ports below 1024 need root",
};
