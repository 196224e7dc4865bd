/**
 * Secures the connections of a server: chooses certificates by the hosts of a configuration.
 * Is loaded only if a listener speaks TLS, because the runtime's module for TLS takes 50 ms.
 * @module
 */

import { createSecureContext } from "node:tls";
import { certificateChooser, coversHost } from "./config/certificate_choice.ts";
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

/** Chooses by server name. The credentials of each certificate are made once. */
function chooser(config: Config): (serverName: string) => Credentials {
  const all = new Map(config.certificates.map((certificate) => [certificate, credentialsOf(certificate)]));
  const choose = certificateChooser(config);
  if (choose("") === null) throw new Error("A listener for TLS needs a certificate");
  return (serverName) => all.get(choose(serverName)!)!;
}

function credentialsOf(certificate: Certificate): Credentials {
  const { certificate: cert, key } = certificate;
  return {
    context: createSecureContext({ cert, key, minVersion: "TLSv1.2" }),
    covers: (host) => coversHost(certificate, host),
  };
}
