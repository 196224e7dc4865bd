/**
 * The names that a certificate is valid for (RFC 9525). Pure.
 * @module
 */

/**
 * Whether `host`, in lower case and without its port, is one of `names`. `*.lab.org` covers exactly one more label. An
 * address must be there as such; IPv6 addresses have brackets in a Host field.
 */
export function isCovered(host: string, names: readonly string[]): boolean {
  const name = isAddress(host) ? plainAddress(host) : host;
  if (names.includes(name)) return true;
  const dot = name.indexOf(".");
  return dot > 0 && !isAddress(host) && names.includes(`*${name.slice(dot)}`);
}

/** Whether a host is an IP address. */
export function isAddress(host: string): boolean {
  return host.startsWith("[") || /^[0-9.]+$/.test(host) || host.includes(":");
}

/** An address in its usual form: IPv6 without brackets, in lower case and shortened. */
export function plainAddress(address: string): string {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "").toLowerCase();
  if (!plain.includes(":")) return plain;
  return URL.parse(`http://[${plain}]/`)?.hostname.slice(1, -1) ?? plain;
}

/** The octets of an address: 4 or 16. `null`: it is none. */
export function addressOctets(address: string): Uint8Array | null {
  const plain = plainAddress(address);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(plain)) return Uint8Array.from(plain.split(".").map(Number));
  if (!plain.includes(":")) return null;
  const [head = "", tail] = plain.split("::");
  const groupsOf = (text: string) => text === "" ? [] : text.split(":");
  const [before, after] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)];
  const missing = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  const groups = tail === undefined ? before : [...before, ...missing, ...after];
  if (groups.length !== 8) return null;
  return Uint8Array.from(groups.map((group) => parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]));
}
