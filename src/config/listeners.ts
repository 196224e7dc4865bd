/**
 * Listeners: the addresses to listen on, and what is spoken there. Parses the words of `listen` and `--port`, and
 * combines web.conf with the command line. Pure.
 * @module
 */

import type { Config, Origin, Setting } from "./config.ts";
import { suggest } from "./diagnostic.ts";
import { isInvalid, PARAMETERS, type Parameters } from "./parameters.ts";
import { invalid, type InvalidWord } from "./setting_words.ts";

/** What is spoken on a listener besides HTTP over TCP. A plain listener has none of these. */
export interface ListenFlags {
  /** TLS. Plain HTTP is redirected to it. */
  readonly tls?: true;
  /** Each connection begins with a PROXY header of a trusted proxy. */
  readonly proxy?: true;
}

/** An address to listen on, as written. */
export interface Listen extends ListenFlags {
  /** An IP address; `null`: the default, that of `parameter address`. */
  readonly hostname: string | null;
  /** 0: any free port. */
  readonly port: number;
}

/** A listener in effect. */
export interface ListenEntry extends ListenFlags {
  readonly hostname: string;
  readonly port: number;
  /** The lines and flags that it comes from. */
  readonly origins: readonly Origin[];
}

/** The words that may follow the port. */
export const LISTEN_FLAGS: readonly (keyof ListenFlags)[] = ["tls", "proxy"];

/** The usage of a `listen` line. */
export const LISTEN_USAGE = "listen [ADDRESS:]PORT [tls] [proxy]";

/** Parses `[ADDRESS:]PORT [tls] [proxy]`. */
export function parseListen([place = "", ...flags]: readonly string[]): Listen | InvalidWord {
  const address = parsePlace(place);
  if (typeof address === "string") return invalid(0, address);
  for (const [index, flag] of flags.entries()) {
    if (!isListenFlag(flag)) {
      return invalid(index + 1, `"${flag}" is none of: ${LISTEN_FLAGS.join(", ")}${suggest(flag, LISTEN_FLAGS)}`);
    }
  }
  return { ...address, ...Object.fromEntries(flags.map((flag) => [flag.toLowerCase(), true])) };
}

function isListenFlag(word: string): boolean {
  return LISTEN_FLAGS.some((flag) => flag === word.toLowerCase());
}

/** `8443`, `127.0.0.1:8443` or `[::1]:8443`; or why it is none. */
function parsePlace(word: string): Pick<Listen, "hostname" | "port"> | string {
  const [, written = null, digits = ""] = /^(?:(.*):)?([^:]*)$/.exec(word) ?? [];
  const port = PARAMETERS.port.parse(digits);
  if (isInvalid(port)) return port.invalid;
  if (written === null) return { hostname: null, port };
  if (written.includes(":") && !written.startsWith("[")) {
    return `"${word}" is ambiguous; write an IPv6 address in brackets, like [::1]:${port}`;
  }
  const hostname = PARAMETERS.address.parse(written);
  return isInvalid(hostname) ? hostname.invalid : { hostname, port };
}

/** Parses the value of `--port`: `8080` or `8443/tls`; or says why it is neither. */
export function parsePortFlag(word: string): Pick<Listen, "port" | "tls"> | string {
  const [digits = "", ...flags] = word.split("/");
  const listen = parseListen([digits, ...flags]);
  if ("message" in listen) return listen.message;
  if (listen.proxy) return `"${word}": proxy is for a listen line of web.conf, beside parameter trust`;
  if (listen.hostname !== null) return `"${word}" is not a port; give the address with --address`;
  return { port: listen.port, ...listen.tls && { tls: true } };
}

/** The listeners in effect: the `listen` lines or, without any, one for `parameter port` and `address`. */
export function listenersOf({ listen, parameters }: Pick<Config, "listen" | "parameters">): readonly ListenEntry[] {
  if (listen.length === 0) return [ofParameters(parameters)];
  return listen.map(({ value: { hostname, ...rest }, origin }) => ({
    hostname: hostname ?? PARAMETERS.address.default,
    ...rest,
    origins: [origin],
  }));
}

/** What is spoken on a listener. */
export function flagsOf(entry: ListenFlags): ListenFlags {
  return Object.fromEntries(LISTEN_FLAGS.flatMap((flag) => entry[flag] === undefined ? [] : [[flag, entry[flag]]]));
}

function ofParameters({ address, port }: Config["parameters"]): ListenEntry {
  return { hostname: address.value, port: port.value, origins: [address.origin, port.origin] };
}

/** What the command line says of listeners. */
export interface ListenOptions {
  /** The values of `--port`, in order. */
  readonly ports: readonly Pick<Listen, "port" | "tls">[];
  /** The value of `--address`; `null`: there is none. */
  readonly address: Parameters["address"] | null;
  /** `--tls`: every port speaks TLS. */
  readonly tls: boolean;
}

const BY_PORT: Origin = { kind: "flag", flag: "--port" };
const BY_BOTH: Origin = { kind: "flag", flag: "--address, --port" };

/**
 * Applies the command line. `--port` and `--address` replace the plain listeners, and `--port N/tls` those with TLS.
 * Without a line in web.conf, the plain default goes if `--port` names TLS only. `--tls` turns plain listeners into
 * TLS. The result is empty if `parameter port` and `address`, as the command line has set them, say all.
 */
export function applyListenOptions(
  { listen, parameters }: Pick<Config, "listen" | "parameters">,
  { ports, address, tls }: ListenOptions,
): readonly Setting<Listen>[] {
  const plainPorts = ports.filter((port) => port.tls === undefined);
  const securePorts = ports.filter((port) => port.tls !== undefined);
  if (listen.length === 0 && securePorts.length === 0 && plainPorts.length <= 1 && !tls) return [];
  const flagged = (port: Pick<Listen, "port" | "tls">): Setting<Listen> => {
    const hostname = address ?? hostnameFor(port.tls, { listen, parameters });
    return { value: { hostname, ...port }, origin: address === null ? BY_PORT : BY_BOTH };
  };
  const plain = plainPorts.length > 0
    ? plainPorts.map(flagged)
    : moved(plainBefore({ listen, parameters }, securePorts.length > 0), address);
  const secure = securePorts.length > 0 ? securePorts.map(flagged) : listen.filter(({ value }) => value.tls);
  return [...plain.map((each) => tls ? { ...each, value: { ...each.value, tls: true as const } } : each), ...secure];
}

/** A port of the command line takes the address that it replaces, so that it is not open to more machines. */
function hostnameFor(tls: true | undefined, { listen, parameters }: Pick<Config, "listen" | "parameters">): string {
  const replaced = listen.filter(({ value }) => value.tls === tls).map(({ value }) => value.hostname);
  const [first, ...others] = new Set(replaced);
  if (listen.length === 0) return parameters.address.value;
  return (others.length === 0 ? first : null) ?? PARAMETERS.address.default;
}

/** The plain listeners of web.conf, or the one of the parameters. */
function plainBefore({ listen, parameters }: Pick<Config, "listen" | "parameters">, isReplaced: boolean) {
  if (listen.length > 0) return listen.filter(({ value }) => value.tls === undefined);
  const { address, port } = parameters;
  const isDefault = port.origin.kind === "default" && address.origin.kind !== "file";
  if (isReplaced && isDefault) return [];
  return [{
    value: { hostname: address.value, port: port.value },
    origin: port.origin.kind === "default" ? address.origin : port.origin,
  }];
}

function moved(plain: readonly Setting<Listen>[], address: string | null): readonly Setting<Listen>[] {
  const origin: Origin = { kind: "flag", flag: "--address" };
  return address === null ? plain : plain.map(({ value }) => ({ value: { ...value, hostname: address }, origin }));
}

/** Whether two listeners cannot be open at the same time. */
export function overlap(one: Listen, other: Listen): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  const [a, b] = [one, other].map(({ hostname }) => hostname ?? PARAMETERS.address.default);
  const isEvery = (address: string | undefined) => address === "::" || address === "0.0.0.0";
  return a === b || a === "::" || b === "::" || isEvery(a) && !b!.includes(":") || isEvery(b) && !a!.includes(":");
}

/** A listener as text: `8080`, `127.0.0.1:8443 tls`. */
export function formatListen(listen: Listen): string {
  const { hostname, port } = listen;
  const address = hostname === null ? "" : hostname.includes(":") ? `[${hostname}]:` : `${hostname}:`;
  return [`${address}${port}`, ...LISTEN_FLAGS.filter((flag) => listen[flag])].join(" ");
}
