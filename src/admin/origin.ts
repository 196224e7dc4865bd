/**
 * Whether a request to the admin listener was made by a person or a program that means this listener, and not by a page
 * of another web site in the browser of this machine. Pure.
 * @module
 */

import type { Fields } from "../http/fields.ts";

/**
 * Whether `host`, in lower case and without its port, can be no other site's name. `""`: a client of HTTP/1.0 sent no
 * Host, and every browser sends one.
 */
export function isOwnHost(host: string, names: readonly string[]): boolean {
  return host === "" || isAddress(host) || host === "localhost" || host.endsWith(".localhost") ||
    names.some((name) => name === host || name.startsWith("*.") && host.endsWith(name.slice(1)));
}

/** An IP address is no name, so no name server can let it mean another machine. */
function isAddress(host: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || /^\[[0-9a-f:.]+\]$/.test(host);
}

/** Whether no browser says that a page of another site sends the request (Fetch standard, section 3.1). */
export function isOwnOrigin(fields: Fields): boolean {
  const origin = fields.value("origin");
  return origin === null || URL.parse(origin)?.host === fields.value("host")?.toLowerCase();
}
