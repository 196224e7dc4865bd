/**
 * Addresses and ranges of addresses (RFC 4632, RFC 4291). `::ffff:192.0.2.1`, from a listener for both protocols, is
 * the same address as `192.0.2.1`. Pure.
 * @module
 */

/** Four octets for IPv4, or sixteen for IPv6. */
export type Address = Uint8Array;

/** All addresses with the same first `bits` bits as `address`. */
export interface AddressRange {
  readonly address: Address;
  readonly bits: number;
}

/** Parses `192.0.2.0/24`, `2001:db8::/32`, or a single address. Returns the reason if the word is invalid. */
export function parseRange(word: string): AddressRange | string {
  const [, text = "", length] = /^([^/]*)(?:\/(.*))?$/.exec(word) ?? [];
  const address = text.includes("%") ? null : parseAddress(text);
  if (address === null) return explain(word, text);
  const written = bitsIn(address, text);
  if (length === undefined) return { address, bits: address.length * 8 };
  const bits = /^[0-9]{1,3}$/.test(length) ? Number(length) - written.before : NaN;
  if (!(bits >= 0 && bits <= address.length * 8)) {
    return `"${word}" is not a range; after the slash there must be a number from ${written.before} to ${written.all}`;
  }
  const range = { address: firstOf(address, bits), bits };
  if (address.some((octet, index) => octet !== range.address[index])) {
    return `"${word}" has bits after its prefix; write ${formatRange(range)}, or ${formatAddress(address)} alone`;
  }
  return range;
}

/** Parses a peer's address as the runtime writes it; `null`: it is none. Ignores a zone (`%eth0`), which is local. */
export function parseAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/s, "");
  return bare.includes(":") ? parseIpv6(bare) : parseIpv4(bare);
}

/** Whether `range` contains `address`. Ranges of IPv6 contain no IPv4 address, and vice versa. */
export function contains({ address: first, bits }: AddressRange, address: Address): boolean {
  if (first.length !== address.length) return false;
  return firstOf(address, bits).every((octet, index) => octet === first[index]);
}

/** Whether `outer` contains all addresses of `inner`. */
export function containsRange(outer: AddressRange, inner: AddressRange): boolean {
  return outer.bits <= inner.bits && contains(outer, inner.address);
}

/** The range in its usual notation. */
export function formatRange({ address, bits }: AddressRange): string {
  return bits === address.length * 8 ? formatAddress(address) : `${formatAddress(address)}/${bits}`;
}

/** The address in its usual notation. */
export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => address[2 * index]! * 256 + address[2 * index + 1]!);
  const text = groups.map((group) => group.toString(16)).join(":");
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

/** Accepts exactly four decimal numbers. Programs disagree about other forms (`127.1`, `0x7f.1`, `010.0.0.1`). */
function parseIpv4(text: string): Address | null {
  const numbers = text.split(".");
  const isAddress = numbers.length === 4 && numbers.every((number) => /^(?:0|[1-9][0-9]{0,2})$/.test(number));
  return isAddress && numbers.every((number) => Number(number) <= 255) ? Uint8Array.from(numbers, Number) : null;
}

/** Uses the runtime's parser for URLs, which knows all forms and returns one of them. */
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

/** The number of prefix bits that the notation permits, and the number of bits that precede them in the stored form. */
function bitsIn(address: Address, text: string): { readonly before: number; readonly all: number } {
  const all = text.includes(":") ? 128 : 32;
  return { before: all - address.length * 8, all };
}

/** The address with zeros after its first `bits` bits. */
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
  if (text.includes("%")) {
    return `"${word}" has a zone, which addresses of peers do not have; write the address without it`;
  }
  return `"${word}" is not an IP address or range; write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32`;
}
