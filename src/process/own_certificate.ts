/**
 * The server's own certificate, for listeners that speak TLS without a certificate in web.conf: made in memory, for the
 * names and addresses of this machine. It is in no file, and no certificate authority has signed it.
 * @module
 */

import { isAddress, plainAddress } from "../certificates/names.ts";
import type { Certificate, Config } from "../config/config.ts";
import { needsOwnCertificate } from "../config/certificate_choice.ts";
import { interfaceAddresses, machineName } from "./process.ts";

/** Days for which it is valid, and days before its end after which a new one is made. */
const VALID_DAYS = 90;
const RENEWED_BEFORE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Makes the certificate when it is needed, and keeps it over reloads, so that clients can remember its fingerprint. */
export class OwnCertificate {
  #made: Certificate | null = null;

  /** `config`, with the own certificate if a listener speaks TLS and no host has a certificate. */
  async complete(config: Config, nowMs: number): Promise<Config> {
    if (!needsOwnCertificate(config)) return config;
    const names = certificateNames(config);
    const isUsable = this.#made !== null && !isOwnDue(this.#made, nowMs) &&
      names.every((name) => this.#made!.names.includes(name));
    this.#made = isUsable ? this.#made! : await make(names, nowMs);
    return { ...config, certificates: [this.#made] };
  }
}

/** Whether a certificate is the server's own, and must be renewed. */
export function isOwnDue({ written, expiresMs }: Certificate, nowMs: number): boolean {
  return written === null && nowMs >= expiresMs - RENEWED_BEFORE_DAYS * DAY_MS;
}

async function make(names: readonly string[], nowMs: number): Promise<Certificate> {
  const { issueOwn } = await import("../certificates/issue.ts"); // Few servers need it.
  const issued = await issueOwn({ commonName: "sweepd", names, nowMs, days: VALID_DAYS });
  return { ...issued, written: null, beginsMs: nowMs, places: [], stamps: [] };
}

/** The names and addresses of this machine, and those of the hosts. */
export function certificateNames({ hosts }: Pick<Config, "hosts">): string[] {
  const machine = machineName();
  const local = machine === null || machine.includes(".") ? [] : [`${machine}.local`]; // As mDNS names it.
  const named = hosts.map(({ name }) => name).filter((name) => name !== "default");
  const addresses = interfaceAddresses() ?? [];
  const all = ["localhost", ...machine === null ? [] : [machine], ...local, ...named, "127.0.0.1", "::1"];
  const reachable = addresses.map(({ address }) => address).filter((address) => !/^fe[89ab]/i.test(address));
  const names = [...all, ...reachable];
  return [...new Set(names.map((name) => isAddress(name) ? plainAddress(name) : name.toLowerCase()))];
}
