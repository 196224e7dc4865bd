/**
 * Request targets (RFC 9112, section 3.2; RFC 3986): their forms, percent-encoding, dot segments, and the requested
 * host. Works on segments, so that no decoded character can become a separator.
 * @module
 */

import type { Head } from "./fields.ts";
import { isRefusal, type Refusal, refuse } from "./status.ts";
import { latin1Bytes } from "./syntax.ts";

/**
 * A parsed request target. `segments` are decoded once. They contain no empty segment, no `.` or `..`, no slash,
 * backslash or NUL. A segment whose octets are not UTF-8 is not a well-formed string. `directory`: the path ended with
 * a slash or a dot segment. `query` includes its `?` and is not decoded. `authority` is that of an absolute-form
 * target, otherwise `null`.
 */
export type Target =
  | {
    readonly kind: "path";
    readonly segments: readonly string[];
    readonly directory: boolean;
    readonly query: string;
    readonly authority: string | null;
  }
  | { readonly kind: "asterisk"; readonly authority: string | null }
  | { readonly kind: "authority"; readonly authority: string };

/** Parses a target, one character per octet. `isSecure`: it came over TLS. `*` is valid only with OPTIONS, and authority-form only with CONNECT. */
export function parseTarget(raw: string, method: string, isSecure = false): Target | Refusal {
  if (method === "CONNECT") return parseAuthority(raw); // 3.2.3
  if (raw.startsWith("/")) return parsePath(raw, null);
  if (raw === "*") {
    return method === "OPTIONS" ? { kind: "asterisk", authority: null } : refuse(400, "* is for OPTIONS only"); // 3.2.4
  }
  const absolute = /^http(s?):\/\/([^/?]*)(.*)$/i.exec(raw); // 3.2.2
  if (absolute === null) return refuse(400, "the target has no known form");
  const [, secure, authority = "", rest = ""] = absolute;
  if (secure !== "" && !isSecure) return refuse(421, "https on a connection that is not secured"); // RFC 9110, 7.4
  if (authority === "") return refuse(400, "an absolute target without a host"); // RFC 9110, 4.2.1
  if (method === "OPTIONS" && rest === "") return { kind: "asterisk", authority }; // 3.2.4
  return parsePath(rest.startsWith("/") ? rest : `/${rest}`, authority);
}

function parseAuthority(raw: string): Target | Refusal {
  const hasPort = /:[0-9]+$/.test(raw);
  return hasPort && !isRefusal(parseHost(raw))
    ? { kind: "authority", authority: raw }
    : refuse(400, "the target of CONNECT is not host:port");
}

function parsePath(raw: string, authority: string | null): Target | Refusal {
  const question = raw.indexOf("?");
  const path = question < 0 ? raw : raw.slice(0, question);
  const query = question < 0 ? "" : raw.slice(question);
  const decoded = decodeSegments(path);
  if (isRefusal(decoded)) return decoded;
  const { segments, directory } = removeDots(decoded);
  return { kind: "path", segments, directory, query, authority };
}

/** The percent-decoded segments after the first slash. */
function decodeSegments(path: string): string[] | Refusal {
  const segments: string[] = [];
  for (const raw of path.slice(1).split("/")) {
    const segment = decodeSegment(raw);
    if (segment === null) return refuse(400, "bad percent-encoding");
    // No file name contains these characters on every platform, and other software treats them as separators.
    if (/[/\\\0]/.test(segment)) return refuse(400, "an encoded slash, a backslash or NUL in the path");
    segments.push(segment);
  }
  return segments;
}

/** Decodes `raw`, one character per octet. `null`: the percent-encoding is malformed. */
function decodeSegment(raw: string): string | null {
  if (!/[%\x80-\xff]/.test(raw)) return raw;
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return null;
  const octets = raw.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  return fromUtf8(octets) ??
    octets.replace(/[\x80-\xff]/g, (char) => String.fromCharCode(ESCAPED + char.charCodeAt(0)));
}

/**
 * Octets that are not UTF-8 are legal in a URI and in the file names of some systems. Each octet from 0x80 is
 * represented by a lone surrogate, which no text contains, so that `encodePath` can restore the octets.
 */
const ESCAPED = 0xdc00;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function fromUtf8(octets: string): string | null {
  try {
    return utf8.decode(latin1Bytes(octets));
  } catch {
    return null; // It is not UTF-8.
  }
}

/** RFC 3986, section 5.2.4. `..` at the root stays at the root. Empty segments are removed. */
function removeDots(decoded: readonly string[]): { segments: string[]; directory: boolean } {
  const kept: string[] = [];
  for (const segment of decoded) {
    if (segment === "..") kept.pop(); // May remove an empty segment, which also counts as one.
    else if (segment !== ".") kept.push(segment);
  }
  const segments = kept.filter((segment) => segment !== "").slice(); // Without the room to grow, for the cache.
  const last = decoded.at(-1);
  return { segments, directory: last === "" || last === "." || last === ".." };
}

/** `/a b/` from segments. Decoded, for comparisons. */
export function decodedPath(segments: readonly string[], directory: boolean): string {
  return segments.length === 0 ? "/" : `/${segments.join("/")}${directory ? "/" : ""}`;
}

/** `/a%20b/` from segments. It begins with exactly one slash, because `//evil` would name another host. */
export function encodePath(segments: readonly string[], directory: boolean): string {
  const path = "/" + segments.map(encodeSegment).join("/");
  return directory && segments.length > 0 ? `${path}/` : path;
}

function encodeSegment(segment: string): string {
  if (segment.isWellFormed()) return encodeURIComponent(segment);
  return segment.replace(/[^]/g, (char) => {
    const octet = char.charCodeAt(0) - ESCAPED;
    return octet >= 0x80 && octet <= 0xff ? encodeOctet(octet) : encodeURIComponent(char);
  });
}

/** Percent-encodes the octets of a query, with its `?`, that a URI must not contain (RFC 3986, section 3.4). */
export function encodeQuery(query: string): string {
  const raw = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]/g;
  return query.replace(raw, (char) => encodeOctet(char.charCodeAt(0)));
}

function encodeOctet(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
}

/**
 * The requested host in lower case without its port; `""` if the client may leave it out and did.
 * The authority of an absolute target wins over Host (RFC 9112, section 3.2.2), which must still be present and valid.
 */
export function requestHost(head: Head, target: Target): string | Refusal {
  const count = head.count("host");
  if (count > 1) return refuse(400, "Host more than once"); // RFC 9112, 3.2
  if (count === 0 && head.version !== "1.0") return refuse(400, "no Host"); // RFC 9112, 3.2
  const host = parseHost(head.value("host") ?? "");
  if (isRefusal(host)) return host;
  if (target.authority !== null) return parseHost(target.authority);
  // RFC 9110, 4.2.1: a URI without a host is invalid. Clients of HTTP/1.0 do not know Host.
  return host === "" && head.version !== "1.0" ? refuse(400, "an empty Host") : host;
}

const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

/** `uri-host [":" port]` without user information (RFC 9110, sections 4.2.4 and 7.2). */
export function parseHost(value: string): string | Refusal {
  const [, host = "", port = ""] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(value) ?? [];
  const isHost = host.startsWith("[") ? isIpv6(host) : REG_NAME.test(host) && (host !== "" || value === "");
  if (!isHost || !/^[0-9]*$/.test(port)) return refuse(400, "a malformed Host");
  return host.toLowerCase().replace(/\.$/, "");
}

/** Whether `literal` is an IPv6 address in brackets. The runtime's parser alone would accept further characters. */
function isIpv6(literal: string): boolean {
  return /^\[[0-9A-Fa-f:.]+\]$/.test(literal) && URL.canParse(`http://${literal}/`);
}
