/**
 * The header with which a proxy tells whose connection it passes on: PROXY protocol, versions 1 and 2, as HAProxy
 * specifies it. Pure: knows bytes; not which proxy is trusted.
 * @module
 */

/** The address of a client as its proxy saw it. */
export interface ProxiedAddress {
  readonly hostname: string;
  readonly port: number;
}

/**
 * `complete`: the first `length` bytes are the header. `source` is `null` if the proxy speaks for itself (LOCAL, health
 * checks) or does not know (UNKNOWN). `invalid`: no header, and the reason.
 */
export type ProxyHeader =
  | { readonly kind: "complete"; readonly length: number; readonly source: ProxiedAddress | null }
  | { readonly kind: "partial" }
  | { readonly kind: "invalid"; readonly reason: string };

/** Section 2.1: the longest line of version 1, with its CR LF. */
const LINE_BYTES_MAX = 107;

/** Version 2 permits 64 KiB of extensions. Those in use take a few hundred bytes. */
export const PROXY_HEADER_BYTES_MAX = 2048;

/** Section 2.2. No other protocol begins like this. */
const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);

const PREFIX = new TextEncoder().encode("PROXY ");

/** Bytes of version 2 before the addresses: signature, version and command, family, length. */
const FIXED_BYTES = 16;

const PARTIAL: ProxyHeader = { kind: "partial" };

/** Parses the header at the beginning of `bytes`. */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (beginsLike(bytes, SIGNATURE)) return bytes.length < FIXED_BYTES ? PARTIAL : parseBinary(bytes);
  if (beginsLike(bytes, PREFIX)) return parseLine(bytes);
  return invalid("the connection does not begin with a PROXY header");
}

/** Whether all bytes that are there are those of `prefix`. */
function beginsLike(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.subarray(0, bytes.length).every((octet, index) => bytes[index] === octet);
}

/** Version 1 (section 2.1): `PROXY TCP4 192.0.2.1 192.0.2.9 50000 80`, with exactly one blank between the words. */
function parseLine(bytes: Uint8Array): ProxyHeader {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, LINE_BYTES_MAX));
  const end = text.indexOf("\r\n");
  if (end < 0) return bytes.length < LINE_BYTES_MAX ? PARTIAL : invalid("the PROXY line has no end");
  const length = end + 2;
  const [, family, ...rest] = text.slice(0, end).split(" ");
  if (family === "UNKNOWN") return { kind: "complete", length, source: null }; // The rest must be ignored.
  if (family !== "TCP4" && family !== "TCP6") return invalid("the PROXY line names no known protocol");
  const [source = "", destination = "", sourcePort = "", destinationPort = ""] = rest;
  const isHost = family === "TCP4" ? isIpv4 : isIpv6;
  const isWhole = rest.length === 4 && isHost(source) && isHost(destination) &&
    isPort(sourcePort) && isPort(destinationPort);
  if (!isWhole) return invalid("the PROXY line has no valid addresses");
  return { kind: "complete", length, source: { hostname: source, port: Number(sourcePort) } };
}

/** Version 2 (section 2.2). Extensions after the addresses are skipped. */
function parseBinary(bytes: Uint8Array): ProxyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, command] = [bytes[12]! >> 4, bytes[12]! & 15];
  const length = FIXED_BYTES + view.getUint16(14);
  if (version !== 2 || command > 1) return invalid("the PROXY header has an unknown version or command");
  if (length > PROXY_HEADER_BYTES_MAX) return invalid("the PROXY header is too long");
  if (bytes.length < length) return PARTIAL;
  if (command === 0) return { kind: "complete", length, source: null }; // LOCAL
  return sourceOf(bytes[13]!, view, length);
}

/** Families other than TCP over IP have no address that we could use, but are valid (AF_UNSPEC, AF_UNIX). */
function sourceOf(family: number, view: DataView, length: number): ProxyHeader {
  const room = length - FIXED_BYTES;
  if (family === 0x11) {
    if (room < 12) return invalid("the PROXY header is too short for its addresses");
    const octets = Array.from({ length: 4 }, (_, index) => view.getUint8(FIXED_BYTES + index));
    return { kind: "complete", length, source: { hostname: octets.join("."), port: view.getUint16(FIXED_BYTES + 8) } };
  }
  if (family === 0x21) {
    if (room < 36) return invalid("the PROXY header is too short for its addresses");
    const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(FIXED_BYTES + 2 * index).toString(16));
    const hostname = new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
    return { kind: "complete", length, source: { hostname: plainMapped(hostname), port: view.getUint16(48) } };
  }
  const isKnown = [0x00, 0x12, 0x22, 0x31, 0x32].includes(family);
  return isKnown
    ? { kind: "complete", length, source: null }
    : invalid("the PROXY header has an unknown address family");
}

/** `::ffff:c000:201` is 192.0.2.1 (RFC 4291, section 2.5.5.2). */
function plainMapped(hostname: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname;
  const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}

function isIpv4(text: string): boolean {
  return /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/.test(text) &&
    text.split(".").every((part) => Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  return /^[0-9A-Fa-f:.]+$/.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`);
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65_535;
}

function invalid(reason: string): ProxyHeader {
  return { kind: "invalid", reason };
}
