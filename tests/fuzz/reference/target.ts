/**
 * A slow reference for request targets (RFC 9112, section 3.2) and hosts (RFC 3986, section 3.2.2). It works octet by octet,
 * and removes dot segments with the RFC's algorithm. It was written from the RFCs, and not from the parser that it checks.
 */

/** A valid path. */
export interface PathRead {
  readonly kind: "path";
  readonly segments: readonly string[];
  readonly query: string;
  /** The host of an absolute form, in lower case and without its port. */
  readonly host: string | null;
}

export type TargetRead = PathRead | { readonly kind: "other"; readonly host: string | null };

/** The meaning of `raw`; `null`: it must be refused. `raw` has one character per octet, and no blank, control or `#`. */
export function readTarget(raw: string, method: string): TargetRead | null {
  if (method === "CONNECT") {
    const host = /:[0-9]+$/.test(raw) ? readHost(raw) : null;
    return host === null ? null : { kind: "other", host };
  }
  if (raw === "*") return method === "OPTIONS" ? { kind: "other", host: null } : null;
  if (raw.startsWith("/")) return readPath(raw, null);
  if (raw.slice(0, 7).toLowerCase() !== "http://") return null; // `https` needs a secured connection.
  const rest = raw.slice(7);
  const authorityEnd = rest.search(/[/?]|$/);
  const host = authorityEnd === 0 ? null : readHost(rest.slice(0, authorityEnd));
  if (host === null) return null;
  const path = rest.slice(authorityEnd);
  if (path === "" && method === "OPTIONS") return { kind: "other", host };
  return readPath(path.startsWith("/") ? path : `/${path}`, host);
}

function readPath(raw: string, host: string | null): PathRead | null {
  const [path = ""] = raw.split("?");
  const segments: string[] = [];
  for (const segment of path.slice(1).split("/")) {
    const decoded = decode(segment);
    if (decoded === null || /[/\\\0]/.test(decoded)) return null;
    segments.push(decoded);
  }
  const names = removeDotSegments(`/${segments.join("/")}`).split("/").filter((name) => name !== "");
  return { kind: "path", segments: names, query: raw.slice(path.length), host };
}

/** Percent-decoding into UTF-8 (RFC 3986, section 2.1) or into octets that are marked as such, or `null`. */
function decode(text: string): string | null {
  const octets: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "%") {
      octets.push(text.charCodeAt(at));
      continue;
    }
    const hex = text.slice(at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return null;
    octets.push(parseInt(hex, 16));
    at += 2;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(octets));
  } catch {
    return octets.map((octet) => String.fromCharCode(octet < 0x80 ? octet : 0xdc00 + octet)).join("");
  }
}

/** The algorithm of RFC 3986, section 5.2.4. */
export function removeDotSegments(path: string): string {
  let input = path;
  let output = "";
  while (input !== "") {
    if (input.startsWith("../")) input = input.slice(3);
    else if (input.startsWith("./")) input = input.slice(2);
    else if (input.startsWith("/./")) input = input.slice(2);
    else if (input === "/.") input = "/";
    else if (input.startsWith("/../") || input === "/..") {
      input = input === "/.." ? "/" : input.slice(3);
      output = output.slice(0, Math.max(0, output.lastIndexOf("/")));
    } else if (input === "." || input === "..") input = "";
    else {
      const next = input.indexOf("/", 1);
      const end = next < 0 ? input.length : next;
      output += input.slice(0, end);
      input = input.slice(end);
    }
  }
  return output;
}

/** The host of `uri-host [ ":" port ]` in lower case, without a last dot; `null` if it is malformed. */
export function readHost(text: string): string | null {
  const colon = text.lastIndexOf(":");
  const hasPort = colon >= 0 && !text.slice(colon).includes("]");
  const host = hasPort ? text.slice(0, colon) : text;
  if (hasPort && (host === "" || !/^[0-9]*$/.test(text.slice(colon + 1)))) return null;
  const isHost = host.startsWith("[")
    ? host.endsWith("]") && isIpv6Address(host.slice(1, -1))
    : /^([\w.~!$&'()*+,;=-]|%[0-9A-Fa-f][0-9A-Fa-f])*$/.test(host);
  return isHost ? host.toLowerCase().replace(/\.$/, "") : null;
}

/** `IPv6address` of RFC 3986, section 3.2.2: eight groups of hexadecimal digits, the last two optionally as IPv4. */
export function isIpv6Address(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => half === "" ? [] : half.split(":"));
  const last = groups.at(-1)!.at(-1);
  let count = groups.flat().length;
  if (last !== undefined && isIpv4Address(last)) {
    groups.at(-1)!.pop();
    count++;
  }
  if (!groups.flat().every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count <= 7 : count === 8;
}

function isIpv4Address(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}
