/**
 * The request for `sweepd explain`, from words of the command line. Pure.
 * @module
 */

import { parseAddress } from "../site/cidr.ts";

/** A request. */
export interface Question {
  /** Whether the request comes over TLS. */
  readonly isSecure: boolean;
  /** Whether it is sent in HTTP/2, if the connection can have it. */
  readonly isHttp2: boolean;
  /** The host of the address, which a client names for TLS. */
  readonly serverName: string;
  /** The value of Host. */
  readonly host: string;
  /** Path and query in the form in which they are sent. */
  readonly target: string;
  /** Further field lines. */
  readonly fields: readonly string[];
  /** The address of the client. */
  readonly from: string;
}

/** The words of the command line. */
export interface QuestionWords {
  readonly url: string;
  /** Field lines: `Name: value`. */
  readonly headers: readonly string[];
  /** `null`: this machine. */
  readonly from: string | null;
  readonly isHttp2?: boolean;
}

/** Parses the words to a request, or returns why they are invalid. */
export function readQuestion({ url, headers, from, isHttp2 = false }: QuestionWords): Question | string {
  const [, authority = "", rest = ""] = /^(?:https?:\/\/)?([^/?#]*)([^#]*)/i.exec(url) ?? [];
  const [, user = null, host = ""] = /^(?:([^@]*)@)?(.*)$/s.exec(authority) ?? [];
  const [, scheme = "http"] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
  if (/\s/.test(host) || !/^https?$/i.test(scheme)) return `"${url}" is not an address of HTTP`;
  const wrong = headers.find((line) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\uffff]*$/.test(line));
  if (wrong !== undefined) return `"${wrong}" is not a field; write it as Name: value`;
  if (from !== null && parseAddress(from) === null) return `"${from}" is not an IP address`;
  const named = headers.find((line) => /^host:/i.test(line))?.replace(/^host:\s*/i, "");
  const others = headers.filter((line) => !/^host:/i.test(line));
  return {
    isSecure: /^https$/i.test(scheme),
    isHttp2,
    serverName: toAscii(host).toLowerCase().replace(/:\d*$/, "") || "localhost",
    host: toAscii(named ?? host) || "localhost",
    target: encode(rest.startsWith("/") ? rest : `/${rest}`),
    fields: user === null ? others : [...others, `Authorization: Basic ${toBase64(decodeURIComponent(user))}`],
    from: from ?? "127.0.0.1",
  };
}

/** The address of the request in its usual form. */
export function urlOf({ isSecure, host, target }: Question): string {
  return `${isSecure ? "https" : "http"}://${host}${target}`;
}

/** Converts names with other letters to ASCII, as browsers do. */
function toAscii(host: string): string {
  return /^[\0-\x7f]*$/.test(host) ? host : URL.parse(`http://${host}/`)?.host ?? host;
}

/** Encodes what browsers encode. Everything else is sent as written, because the user may ask about exactly that. */
function encode(target: string): string {
  return target.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
