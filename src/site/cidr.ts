/**
 * Addresses and ranges of them (RFC 4632, RFC 4291): which range holds the address of a peer. An IPv4 address is one and the same
 * whether it came over IPv4 or, as `::ffff:192.0.2.1`, to a listener for both. Pure.
 * @module
 */

/** Four octets of IPv4, or sixteen of IPv6. */
export type Address = Uint8Array;

/** All addresses whose first `bits` bits are those of `address`. */
export interface AddressRange {
  readonly address: Address;
  readonly bits: number;
}

/** `192.0.2.0/24`, `2001:db8::/32`, or one address alone. A string says why a word is no range. */
export function parseRange(word: string): AddressRange | string {
  const [, text = "", length] = /^([^/]*)(?:\/(.*))?$/.exec(word) ?? [];
  const address = text.includes("%") ? null : parseAddress(text);
  if (address === null) return explain(word, text);
  const written = bitsIn(address, text);
  if (length === undefined) return { address, bits: address.length * 8 };
  const bits = /^[0-9]{1,3}$/.test(length) ? Number(length) - written.before : NaN;
  if (!(bits >= 0 && bits <= address.length * 8)) {
    return `"${word}" is not a range; behind the slash stands a number from ${written.before} to ${written.all}`;
  }
  const range = { address: firstOf(address, bits), bits };
  if (address.some((octet, index) => octet !== range.address[index])) {
    return `"${word}" has bits behind its prefix; write ${formatRange(range)}, or ${formatAddress(address)} alone`;
  }
  return range;
}

/** The address of a peer as the runtime writes it, or `null`. A zone (`%eth0`) is left out: it says where, not who. */
export function parseAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/s, "");
  return bare.includes(":") ? parseIpv6(bare) : parseIpv4(bare);
}

/** Whether `address` is one of `range`. An IPv6 range has no address of IPv4, nor the other way round. */
export function holds({ address: first, bits }: AddressRange, address: Address): boolean {
  if (first.length !== address.length) return false;
  return firstOf(address, bits).every((octet, index) => octet === first[index]);
}

/** Whether all addresses of `inner` are of `outer`, too. */
export function holdsAll(outer: AddressRange, inner: AddressRange): boolean {
  return outer.bits <= inner.bits && holds(outer, inner.address);
}

/** As a person writes it. */
export function formatRange({ address, bits }: AddressRange): string {
  return bits === address.length * 8 ? formatAddress(address) : `${formatAddress(address)}/${bits}`;
}

function formatAddress(address: Address): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => address[2 * index]! * 256 + address[2 * index + 1]!);
  const text = groups.map((group) => group.toString(16)).join(":");
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

/** Exactly four decimal numbers: what else a URL takes for an address (`127.1`, `0x7f.1`, `010.0.0.1`), readers take for different ones. */
function parseIpv4(text: string): Address | null {
  const numbers = text.split(".");
  const isAddress = numbers.length === 4 && numbers.every((number) => /^(?:0|[1-9][0-9]{0,2})$/.test(number));
  return isAddress && numbers.every((number) => Number(number) <= 255) ? Uint8Array.from(numbers, Number) : null;
}

/** The runtime's parser for URLs knows the many forms, and makes one of them. */
function parseIpv6(text: string): Address | null {
  if (!/^[0-9A-Fa-f:.]+$/.test(text)) return null;
  const host = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1);
  if (host === undefined) return null;
  const [head = [], tail = []] = host.split("::").map((part) => part === "" ? [] : part.split(":"));
  const groups = [...head, ...new Array(8 - head.length - tail.length).fill("0"), ...tail];
  const octets = Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]));
  return isMapped(octets) ? octets.slice(12) : octets;
}

/** `::ffff:0:0/96` (RFC 4291, section 2.5.5.2). */
function isMapped(octets: Address): boolean {
  return octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
}

/** How many bits a prefix of the address may have as it was written, and how many of them stand before what is kept of it. */
function bitsIn(address: Address, text: string): { readonly before: number; readonly all: number } {
  const all = text.includes(":") ? 128 : 32;
  return { before: all - address.length * 8, all };
}

/** The address with all but its first `bits` bits zero. */
function firstOf(address: Address, bits: number): Address {
  return address.map((octet, index) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * index));
    return octet & (0xff00 >> kept);
  });
}

function explain(word: string, text: string): string {
  const lower = text.toLowerCase();
  if (lower === "all" || lower === "any" || lower === "*") {
    return `"${word}" is not an address; all of them are 0.0.0.0/0 and ::/0. Where there is an allow line, others are denied anyway`;
  }
  if (lower === "localhost") return `"${word}" is a name; write its addresses: 127.0.0.1 ::1`;
  if (text.includes("%")) return `"${word}" has a zone, which no peer is known by; write the address without it`;
  return `"${word}" is not an IP address or range; write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32`;
}
