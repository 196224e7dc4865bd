/**
 * Which certificate of a configuration a client gets. Pure.
 * @module
 */

import { isCovered } from "../certificates/names.ts";
import { type Certificate, certificateFilesOf, type Config, settingsFor } from "./config.ts";
import { listenersOf } from "./listeners.ts";

/**
 * Makes a function that chooses by server name in lower case; `""`: the client sent none. The certificate of the host
 * with this name or, if that has none, one that is valid for the name. Otherwise that of the default host, or else the
 * first; `null`: there is none.
 */
export function certificateChooser(config: Config): (serverName: string) => Certificate | null {
  const all = config.certificates;
  const hosts = new Map(config.hosts.map((host) => {
    const { value } = settingsFor(config, host).certificate;
    const isNamed = ({ written }: Certificate) => written?.cert === value?.cert && written?.key === value?.key;
    return [host.name, value === null ? null : all.find(isNamed) ?? null];
  }));
  const byDefault = hosts.get("default") ?? all[0] ?? null;
  return (serverName) => {
    if (serverName === "") return byDefault;
    const covering = () => all.find(({ names }) => isCovered(serverName, names));
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

/**
 * Whether a certificate is valid for a host in lower case without its port. Clients know the server's own one by its
 * fingerprint, so that an address is no reason to refuse it: behind a router or in a container, it is another.
 */
export function coversHost({ written, names }: Certificate, host: string): boolean {
  return isCovered(host, names) || written === null && /^(?:\[.*\]|[0-9.]+)$/.test(host);
}

/** Whether a listener speaks TLS and there is no certificate, so that the server makes one of its own. */
export function needsOwnCertificate(config: Config): boolean {
  return certificateFilesOf(config).length === 0 && listenersOf(config).some(({ tls }) => tls);
}

/** More names are counted. */
const NAMES_MAX = 4;

/** `lab.pem for lab.org, www.lab.org until 2027-02-01`. People compare the fingerprint of one that nobody signed. */
export function describeCertificate({ written, names, expiresMs, fingerprint }: Certificate): string {
  const until = new Date(expiresMs).toISOString().slice(0, 10);
  const shown = names.length <= NAMES_MAX ? names : [...names.slice(0, NAMES_MAX), `${names.length - NAMES_MAX} more`];
  const about = `for ${shown.join(", ") || "no name"} until ${until}`;
  if (written !== null) return `${written.cert} ${about}`;
  return `of sweepd's own, ${about}; browsers warn of it. Its SHA-256 fingerprint: ${fingerprint}`;
}
