/**
 * Request targets (RFC 9112, section 3.2; RFC 3986): form, decoding, dot segments; and the host they are for.
 * Works on segments, so that nothing which is decoded can become a separator afterwards.
 * @module
 */

import type { Head } from "./fields.ts";
import { isRefusal, type Refusal, refuse } from "./status.ts";
import { latin1Bytes } from "./syntax.ts";

/**
 * What a request is for. `segments` are decoded once and hold no empty one, no `.` or `..`, no slash, backslash or NUL; one
 * that does not spell UTF-8 is no well-formed string.
 * `directory`: the path ended with a slash or a dot segment. `query` includes its `?`, undecoded.
 * `authority` is that of an absolute-form target, else `null`.
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

/** Parses a target as it was sent, one character an octet: `*` is only for OPTIONS, authority-form for CONNECT and nothing else. */
export function parseTarget(raw: string, method: string): Target | Refusal {
  if (method === "CONNECT") return parseAuthority(raw); // 3.2.3
  if (raw.startsWith("/")) return parsePath(raw, null);
  if (raw === "*") {
    return method === "OPTIONS" ? { kind: "asterisk", authority: null } : refuse(400, "* is for OPTIONS only"); // 3.2.4
  }
  const absolute = /^http(s?):\/\/([^/?]*)(.*)$/i.exec(raw); // 3.2.2
  if (absolute === null) return refuse(400, "the target has no known form");
  const [, secure, authority = "", rest = ""] = absolute;
  if (secure !== "") return refuse(421, "https on a connection that is not secured"); // RFC 9110, 7.4
  if (authority === "") return refuse(400, "an absolute target without a host"); // RFC 9110, 4.2.1
  if (method === "OPTIONS" && rest === "") return { kind: "asterisk", authority }; // 3.2.4
  return parsePath(rest.startsWith("/") ? rest : `/${rest}`, authority);
}

function parseAuthority(raw: string): Target | Refusal {
  const hasPort = /:[0-9]+$/.test(raw);
  return hasPort && !isRefusal(parseHost(raw))
    ? { kind: "authority", authority: raw }
    : refuse(400, "CONNECT takes host:port");
}

function parsePath(raw: string, authority: string | null): Target | Refusal {
  const question = raw.indexOf("?");
  const path = question < 0 ? raw : raw.slice(0, question);
  const query = question < 0 ? "" : raw.slice(question);
  const decoded = decodeSegments(path);
  if (isRefusal(decoded)) return decoded;
  return { kind: "path", ...removeDots(decoded), query, authority };
}

/** The segments behind the first slash, percent-decoded. */
function decodeSegments(path: string): string[] | Refusal {
  const segments: string[] = [];
  for (const raw of path.slice(1).split("/")) {
    const segment = decodeSegment(raw);
    if (segment === null) return refuse(400, "bad percent-encoding");
    // Neither can be part of a name on every platform; where they could, they would be read as separators elsewhere.
    if (/[/\\\0]/.test(segment)) return refuse(400, "an encoded slash, a backslash or NUL in the path");
    segments.push(segment);
  }
  return segments;
}

/** One character of `raw` is an octet as it was sent. `null` where the encoding is broken. */
function decodeSegment(raw: string): string | null {
  if (!/[%\x80-\xff]/.test(raw)) return raw;
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return null;
  const octets = raw.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  return fromUtf8(octets) ??
    octets.replace(/[\x80-\xff]/g, (char) => String.fromCharCode(ESCAPED + char.charCodeAt(0)));
}

/**
 * Octets that do not spell UTF-8 are legal in a URI, and in the names of some file systems. From 0x80 on each of them becomes a
 * half of a surrogate pair without its other half, which no text has, so that `encodePath` gives the octets again.
 */
const ESCAPED = 0xdc00;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function fromUtf8(octets: string): string | null {
  try {
    return utf8.decode(latin1Bytes(octets));
  } catch {
    return null; // It does not spell UTF-8.
  }
}

/** RFC 3986, section 5.2.4; `..` at the root stays at the root. Empty segments name nothing and are dropped. */
function removeDots(decoded: readonly string[]): { segments: string[]; directory: boolean } {
  const kept: string[] = [];
  for (const segment of decoded) {
    if (segment === "..") kept.pop(); // An empty segment, too, is one.
    else if (segment !== ".") kept.push(segment);
  }
  const segments = kept.filter((segment) => segment !== "");
  const last = decoded.at(-1);
  return { segments, directory: last === "" || last === "." || last === ".." };
}

/** `/a b/` from segments: decoded, for comparisons. */
export function decodedPath(segments: readonly string[], directory: boolean): string {
  return segments.length === 0 ? "/" : `/${segments.join("/")}${directory ? "/" : ""}`;
}

/** `/a%20b/` from segments: always one slash at the front, so that it cannot name another host (`//evil`). */
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

/** A query, with its `?`, as a URI may hold it (RFC 3986, section 3.4): octets that clients send raw are percent-encoded. */
export function encodeQuery(query: string): string {
  const raw = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]/g;
  return query.replace(raw, (char) => encodeOctet(char.charCodeAt(0)));
}

function encodeOctet(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
}

/**
 * The host that a request is for, in lower case without its port; `""` where a client may leave it out.
 * The authority of an absolute target wins over Host (RFC 9112, section 3.2.2), which must be there and valid all the same.
 */
export function requestHost(head: Head, target: Target): string | Refusal {
  const count = head.count("host");
  if (count > 1) return refuse(400, "Host more than once"); // RFC 9112, 3.2
  if (count === 0 && head.version !== "1.0") return refuse(400, "no Host"); // RFC 9112, 3.2
  const host = parseHost(head.value("host") ?? "");
  if (isRefusal(host)) return host;
  if (target.authority !== null) return parseHost(target.authority);
  // RFC 9110, 4.2.1: a URI without a host is invalid. Clients of HTTP/1.0 know no Host.
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

/** An address in brackets. The runtime's own parser knows the many forms; it would take more than those octets. */
function isIpv6(literal: string): boolean {
  return /^\[[0-9A-Fa-f:.]+\]$/.test(literal) && URL.canParse(`http://${literal}/`);
}
