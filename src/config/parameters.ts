/**
 * The parameters of web.conf: names, defaults and valid values. Flags use the same rules.
 * @module
 */

import { decodedPath, parseTarget } from "../http/target.ts";
import { parseRange } from "../site/cidr.ts";

export type LogFormat = "combined" | "common" | "json" | "off";

/** The parameters by their names in web.conf. Times are in seconds; 0 means never. */
export interface Parameters {
  readonly port: number;
  readonly address: string;
  readonly timeout: number;
  readonly "head-timeout": number;
  readonly connections: number;
  readonly workers: number | "auto";
  readonly log: LogFormat;
  readonly "server-name": string;
  readonly "drain-timeout": number;
  readonly "drain-delay": number;
  /** A path, or `off`. */
  readonly health: string;
  /** Addresses and ranges with blanks between them, or `none`. */
  readonly trust: string;
  readonly revalidate: number;
  /** MiB for each worker. */
  readonly cache: number | "auto";
  /** Whether connections without TLS may use HTTP/2. */
  readonly h2c: "on" | "off";
  /** Path of a file, or `off`. */
  readonly "access-log": string;
  readonly "error-log": string;
  /** `ADDRESS:PORT`, or `off`. */
  readonly admin: string;
}

export type ParameterName = keyof Parameters;

/** A word that is invalid, and the reason. */
export interface Invalid {
  readonly invalid: string;
}

interface Rule<T> {
  /** Whether the value is all words of the line, with blanks between them. */
  readonly isList?: boolean;
  readonly default: T;
  readonly summary: string;
  readonly parse: (word: string) => T | Invalid;
}

const LOG_FORMATS: readonly LogFormat[] = ["combined", "common", "json", "off"];

/** Each parameter's default, meaning and rule. */
export const PARAMETERS: { readonly [Name in ParameterName]: Rule<Parameters[Name]> } = {
  port: {
    default: 8080,
    summary: "TCP port to listen on; 0 lets the system choose",
    parse: integer("a port", 0, 65535),
  },
  address: {
    default: "::",
    summary: "IP address to listen on; :: is every IPv6 and IPv4 address",
    parse: parseAddress,
  },
  timeout: {
    default: 5,
    summary: "seconds after which an idle connection is closed; 0: never",
    parse: parseSeconds,
  },
  "head-timeout": {
    default: 10,
    summary: "seconds in which a request must arrive; 0: no limit",
    parse: parseSeconds,
  },
  connections: {
    default: 10_000,
    summary: "open connections per worker; more wait in the system's backlog",
    parse: integer("a number of connections", 1, 1_000_000),
  },
  workers: {
    default: "auto",
    summary: "threads that serve; auto: one per core, at most 8, on Linux; otherwise one",
    parse: (word) => word === "auto" ? "auto" : integer("a number of workers, or auto", 1, 256)(word),
  },
  log: {
    default: "combined",
    summary: "format of the access log on standard output",
    parse: (word) =>
      LOG_FORMATS.find((format) => format === word) ?? { invalid: `"${word}" is none of ${LOG_FORMATS.join(", ")}` },
  },
  "server-name": {
    default: "sweepd",
    summary: "value of the Server field",
    parse: parseServerName,
  },
  "drain-timeout": {
    default: 30,
    summary: "seconds to finish requests in progress when the server ends or reloads",
    parse: parseSeconds,
  },
  "drain-delay": {
    default: 0,
    summary: "seconds between a signal to end and the drain, in which health checks fail and all else goes on",
    parse: parseSeconds,
  },
  health: {
    default: "off",
    summary: "path that tells load balancers whether the server is ready, for every host; or off",
    parse: parseHealth,
  },
  trust: {
    isList: true,
    default: "none",
    summary: "addresses and ranges of proxies whose word about clients counts, or none",
    parse: parseTrust,
  },
  revalidate: {
    default: 0.1,
    summary: "seconds for which a cached look-up is used without checking the disk; 0: always check",
    parse: parseSeconds,
  },
  cache: {
    default: "auto",
    summary: "MiB of small files that a worker keeps in memory; auto: a quarter of what is free, at most 512 for all",
    parse: (word) => word === "auto" ? "auto" : integer("a number of MiB, or auto", 0, 65536)(word),
  },
  h2c: {
    default: "off",
    summary: "on: connections without TLS may use HTTP/2, by prior knowledge",
    parse: (word) => word === "on" || word === "off" ? word : { invalid: `"${word}" is neither on nor off` },
  },
  "access-log": {
    default: "off",
    summary: "file that the access log is added to, or off; parameter log names its format",
    parse: parseFile,
  },
  "error-log": {
    default: "off",
    summary: "file that all messages are added to, or off",
    parse: parseFile,
  },
  admin: {
    default: "off",
    summary: "[ADDRESS:]PORT for health, metrics and the live view, or off; 127.0.0.1 without ADDRESS",
    parse: parseAdmin,
  },
};

export const PARAMETER_NAMES = Object.keys(PARAMETERS) as readonly ParameterName[];

export function isParameterName(word: string): word is ParameterName {
  return Object.hasOwn(PARAMETERS, word);
}

export function isInvalid(value: unknown): value is Invalid {
  return typeof value === "object" && value !== null && "invalid" in value;
}

function integer(what: string, min: number, max: number): (word: string) => number | Invalid {
  return (word) => {
    const value = Number(word);
    if (/^[0-9]{1,9}$/.test(word) && value >= min && value <= max) return value;
    return { invalid: `"${word}" is not ${what}; use ${min} to ${max}` };
  };
}

/** A day is practically forever, and much more would overflow a timer. */
const SECONDS_MAX = 86_400;

function parseSeconds(word: string): number | Invalid {
  const isNumber = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(word);
  const isTick = Number(word) === 0 || Number(word) >= 0.001; // Timers count in milliseconds.
  if (isNumber && isTick && Number(word) <= SECONDS_MAX) return Number(word);
  return { invalid: `"${word}" is not a time; use seconds from 0 to ${SECONDS_MAX}, like 5 or 0.5` };
}

/** Only addresses are valid, because listening must not depend on a name server. */
function parseAddress(word: string): string | Invalid {
  const address = word.replace(/^\[(.*)\]$/, "$1");
  if (address.toLowerCase() === "localhost") return "127.0.0.1";
  if (address === "*") return "::";
  if (isIpv4(address) || isIpv6(address)) return address;
  return { invalid: `"${word}" is not an IP address; use one like 127.0.0.1 or ::` };
}

// The runtime's parser for URLs also parses addresses.

function isIpv4(address: string): boolean {
  return /^[0-9.]+$/.test(address) && URL.parse(`http://${address}/`)?.hostname === address;
}

function isIpv6(address: string): boolean {
  return /^[0-9A-Fa-f:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
}

/** The path as it is compared: decoded. */
function parseHealth(word: string): string | Invalid {
  if (word === "off") return word;
  const target = parseTarget(encodeURI(word), "GET");
  const isPath = /^\/[^?#\s%]+$/.test(word) && "kind" in target && target.kind === "path";
  if (isPath && target.segments.length > 0) return decodedPath(target.segments, target.directory);
  return { invalid: `"${word}" is not the path of a health check; write one like /healthz` };
}

function parseTrust(words: string): string | Invalid {
  const ranges = words.split(/\s+/).filter((word) => word !== "");
  if (words === "none") return words;
  const invalid = ranges.map((word) => parseRange(word)).find((range) => typeof range === "string");
  if (invalid !== undefined) return { invalid };
  return ranges.length > 0 ? ranges.join(" ") : { invalid: "no address is named; write one like 192.0.2.7 or none" };
}

/** The ranges of parameter `trust`. */
export function trustedRanges({ trust }: { readonly trust: { readonly value: string } }): readonly string[] {
  return trust.value === "none" ? [] : trust.value.split(" ");
}

/** A path. A file with the name `off` is written `./off`. */
export function parseFile(word: string): string | Invalid {
  if (word !== "" && !/\p{Cc}/u.test(word) && !/[/\\]$/.test(word)) return word;
  return { invalid: `"${word}" is not the path of a file` };
}

/** Without an address it is loopback, because health and metrics are not for everyone. */
function parseAdmin(word: string): string | Invalid {
  if (word === "off") return word;
  const [, host, digits = ""] = /^(?:(.+):)?([^:]*)$/s.exec(word) ?? [];
  if (host?.includes(":") && !host.startsWith("[")) {
    return { invalid: `"${word}" is ambiguous; write an IPv6 address in brackets, like [::1]:9090` };
  }
  const [address, port] = [parseAddress(host ?? "127.0.0.1"), integer("a port", 0, 65535)(digits)];
  if (isInvalid(address) || isInvalid(port)) {
    return {
      invalid: `"${word}" is not ADDRESS:PORT; use an IP address and a port, like 127.0.0.1:9090, or a port alone`,
    };
  }
  return `${isIpv6(address) ? `[${address}]` : address}:${port}`;
}

function parseServerName(word: string): string | Invalid {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(word)) return word;
  return { invalid: `"${word}" is not allowed in a field; use visible ASCII characters` };
}
