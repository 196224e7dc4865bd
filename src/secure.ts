/**
 * Secures the connections of a server: chooses certificates by the hosts of a configuration.
 * Is loaded only if a listener speaks TLS, because the runtime's module for TLS takes 50 ms.
 * @module
 */

import { createSecureContext } from "node:tls";
import { isCovered } from "./certificates/names.ts";
import { type Certificate, type Config, settingsFor } from "./config/config.ts";
import type { Clock } from "./net/clock.ts";
import type { Listener } from "./net/listener.ts";
import { TlsListener } from "./net/tls_listener.ts";
import type { Credentials, TlsSettings } from "./net/tls_socket.ts";

/** The certificates of a server. They can be replaced while it runs. */
export class Securing {
  readonly #protocols: readonly string[];
  #certificates: readonly Certificate[] = [];
  #hosts = "";
  #settings: TlsSettings;

  /** `protocols`: to offer by ALPN, the preferred one first. Throws if a certificate cannot be used. */
  constructor(config: Config, protocols: readonly string[]) {
    this.#protocols = protocols;
    this.#settings = this.#settingsOf(config);
  }

  /** Secures the connections of `listener`. */
  listener(listener: Listener, clock: Clock): Listener {
    return new TlsListener({ listener, clock, settings: () => this.#settings });
  }

  /** Uses the certificates of `config` for new connections. Tickets of the old ones become invalid if they differ. */
  configure(config: Config): void {
    const isSame = JSON.stringify(this.#certificates) === JSON.stringify(config.certificates);
    if (!isSame || this.#hosts !== hostsKey(config)) this.#settings = this.#settingsOf(config);
  }

  #settingsOf(config: Config): TlsSettings {
    this.#certificates = config.certificates;
    this.#hosts = hostsKey(config);
    return { protocols: this.#protocols, choose: chooser(config) };
  }
}

/** What decides which certificate a server name gets. */
function hostsKey(config: Config): string {
  return JSON.stringify(config.hosts.map((host) => [host.name, settingsFor(config, host).certificate.value]));
}

/**
 * Chooses by server name: the certificate of the host with this name or, if that has none, one that covers the name.
 * Otherwise that of the default host, or else the first.
 */
function chooser(config: Config): (serverName: string) => Credentials {
  const all = config.certificates.map((certificate) => ({ certificate, credentials: credentialsOf(certificate) }));
  const hosts = new Map(config.hosts.map((host) => {
    const { value } = settingsFor(config, host).certificate;
    const found = all.find(({ certificate: { written } }) => {
      return value !== null && written?.cert === value.cert && written.key === value.key;
    });
    return [host.name, found?.credentials ?? null];
  }));
  const byDefault = hosts.get("default") ?? all[0]?.credentials;
  if (byDefault === undefined) throw new Error("A listener for TLS needs a certificate");
  return (serverName) => {
    if (serverName === "") return byDefault;
    const covering = () => all.find(({ credentials }) => credentials.covers(serverName))?.credentials;
    return hostFor(hosts, serverName) ?? covering() ?? byDefault;
  };
}

/** The entry of a host name: an exact one, or else the longest wildcard; not that of `default`. */
function hostFor<T>(hosts: ReadonlyMap<string, T>, name: string): T | undefined {
  if (name !== "default" && hosts.has(name)) return hosts.get(name);
  for (let dot = name.indexOf(".", 1); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const found = hosts.get(`*${name.slice(dot)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Clients know the server's own certificate by its fingerprint, so that an address is no reason to refuse it. */
function credentialsOf({ written, certificate, key, names }: Certificate): Credentials {
  const isOwn = written === null;
  return {
    context: createSecureContext({ cert: certificate, key, minVersion: "TLSv1.2" }),
    covers: (host) => isCovered(host, names) || isOwn && /^(?:\[.*\]|[0-9.]+)$/.test(host),
  };
}
