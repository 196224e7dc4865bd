/**
 * Whom a request comes from when proxies have passed it on: Forwarded (RFC 7239), X-Forwarded-For and
 * X-Forwarded-Proto. Pure: knows field values; not which addresses are trusted.
 * @module
 */

import type { Fields } from "../http/fields.ts";
import type { Client } from "../http/request.ts";
import { formatAddress, parseAddress } from "./cidr.ts";

/** Whether the proxy at this address tells the truth. */
export type IsTrusted = (hostname: string) => boolean;

/** One proxy's word about the peer that it got the request from. Missing or unusable parts are `null`. */
export interface Hop {
  readonly hostname: string | null;
  readonly port: number;
  /** Whether that peer's connection was secured. */
  readonly isSecure: boolean | null;
}

/** Longer chains are longer than any real one. The rest is not looked at. */
const HOPS_MAX = 64;

/**
 * The client of a request from `peer`. Anyone can send these fields, so each entry counts only as far as the one who
 * added it is trusted: from the right, the first address that is not trusted is the client. An entry that is no address
 * ends the walk, because nothing to its left is from a trusted proxy.
 */
export function clientOf(fields: Fields, from: Client, isTrusted: IsTrusted): Client {
  if (!isTrusted(from.peer.hostname)) return from;
  let client = from;
  for (const { hostname, port, isSecure } of hopsOf(fields).slice(-HOPS_MAX).reverse()) {
    client = { peer: client.peer, isSecure: isSecure ?? client.isSecure };
    if (hostname === null) break;
    client = { ...client, peer: { transport: "tcp", hostname, port } };
    if (!isTrusted(hostname)) break;
  }
  return client;
}

/**
 * The hops of a request, the nearest last. X-Forwarded-For comes first, because proxies that write it pass a Forwarded
 * field of the client on unchanged; those that write Forwarded alone are rare.
 */
function hopsOf(fields: Fields): readonly Hop[] {
  const list = fields.value("x-forwarded-for");
  if (list !== null) return hopsOfLists(list, fields.value("x-forwarded-proto"));
  const forwarded = fields.value("forwarded");
  if (forwarded !== null) return parseForwarded(forwarded);
  const proto = fields.value("x-forwarded-proto");
  return proto === null ? [] : [{ hostname: null, port: 0, isSecure: schemeOf(proto.split(",").at(-1) ?? "") }];
}

/** Schemes belong to addresses if there are as many; otherwise the last one is that of the nearest hop. */
function hopsOfLists(list: string, protos: string | null): Hop[] {
  const nodes = list.split(",").map(parseNode);
  const schemes = protos === null ? [] : protos.split(",").map(schemeOf);
  return nodes.map((node, index) => {
    const isNearest = index === nodes.length - 1;
    const scheme = schemes.length === nodes.length ? schemes[index] : isNearest ? schemes.at(-1) : null;
    return { ...node, isSecure: scheme ?? null };
  });
}

/** Parses a Forwarded field (RFC 7239, section 4): `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"`. */
export function parseForwarded(value: string): Hop[] {
  return splitOutside(value, ",").map((element) => {
    const pairs = new Map<string, string>();
    for (const pair of splitOutside(element, ";")) {
      const [, name = "", quoted, token] = /^\s*([^=\s]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*$/s.exec(pair) ?? [];
      const key = name.toLowerCase();
      if (pairs.has(key)) return UNUSABLE; // Each parameter once: readers differ about which one counts.
      pairs.set(key, quoted?.replace(/\\(.)/gs, "$1") ?? token ?? "");
    }
    return { ...parseNode(pairs.get("for") ?? ""), isSecure: schemeOf(pairs.get("proto") ?? "") };
  });
}

const UNUSABLE: Hop = { hostname: null, port: 0, isSecure: null };

/** Splits at a separator that is not in a quoted string. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isQuoted && char === "\\") at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Parses an address with or without a port. `unknown`, `_hidden` and others are no address. */
function parseNode(word: string): Hop {
  const [, bracketed, bare, port = "0"] =
    /^\s*(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*?))(?::([0-9]{1,5}))?\s*$/
      .exec(word) ?? [];
  const address = parseAddress(bracketed ?? bare ?? "");
  if (address === null || Number(port) > 65_535) return UNUSABLE;
  return { hostname: formatAddress(address), port: Number(port), isSecure: null };
}

function schemeOf(word: string): boolean | null {
  const scheme = word.trim().toLowerCase();
  return scheme === "https" ? true : scheme === "http" ? false : null;
}
