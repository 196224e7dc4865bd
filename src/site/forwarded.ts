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
  for (const { hostname, port, isSecure } of hopsOf(fields).toReversed()) {
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
  const words = list.split(",");
  const schemes = protos === null ? [] : protos.split(",");
  const isParallel = schemes.length === words.length;
  const nearest = words.length - 1;
  return words.map((word, index) => ({ word, index })).slice(-HOPS_MAX).map(({ word, index }) => {
    const scheme = isParallel ? schemes[index] : index === nearest ? schemes.at(-1) : undefined;
    return { ...parseNode(word), isSecure: schemeOf(scheme ?? "") };
  });
}

/** Parses a Forwarded field (RFC 7239, section 4): `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"`. */
export function parseForwarded(value: string): Hop[] {
  return splitOutside(value, ",").slice(-HOPS_MAX).map((element) => {
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

/**
 * Splits at a separator that is not in a quoted string. Searches from the right, because the client wrote the left part:
 * a quotation mark that it never closes must not take in what a proxy has appended.
 */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let end = text.length;
  let isQuoted = false;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === '"' && !isEscaped(text, at)) isQuoted = !isQuoted;
    else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(at + 1, end));
      end = at;
    }
  }
  parts.push(text.slice(0, end));
  return parts.reverse();
}

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
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
