/**
 * Where the access log of each host goes: standard output, a file, both or neither. Pure.
 * @module
 */

import { type Config, settingsFor } from "../config/config.ts";

/** Where lines of the access log go. At least one of both. */
export interface Destination {
  readonly standardOutput: boolean;
  /** The absolute path of a file; `null`: none. */
  readonly file: string | null;
}

/** The destinations of one configuration. */
export interface AccessLogs {
  /** The destination for the host with this name, as configured; `null`: for requests that no host has answered. */
  for(host: string | null): Destination | null;
  /** Whether no exchange is logged at all. */
  readonly isOff: boolean;
}

/** The destinations for `config`. Hosts with the same destination share one object. */
export function accessLogs(config: Config): AccessLogs {
  const { parameters, isSilent, hosts } = config;
  const standardOutput = !isSilent && parameters.log.value !== "off";
  const known = new Map<string, Destination | null>();
  const to = (log: string): Destination | null => {
    const word = log === "default" ? parameters["access-log"].value : log;
    const file = word === "off" ? null : word;
    const isNone = log === "off" || file === null && !standardOutput;
    const destination = known.get(`${isNone} ${file}`) ?? (isNone ? null : { standardOutput, file });
    known.set(`${isNone} ${file}`, destination);
    return destination;
  };
  const common = to("default");
  const own = new Map(hosts.map((host) => [host.name, to(settingsFor(config, host).log.value)]));
  return {
    for: (host) => host === null ? common : own.get(host) ?? null,
    isOff: common === null && [...own.values()].every((destination) => destination === null),
  };
}
