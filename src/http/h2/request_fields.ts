/**
 * The field section of a request (RFC 9113, section 8): checks what only HTTP/2 requires, and writes the fields as a head
 * of HTTP/1.1, so that one parser judges the requests of both versions.
 * Knows fields; not frames, streams or tables.
 * @module
 */

import type { Accumulator } from "../../net/accumulator.ts";
import { COLON, isAt, isBlank, isDigit, isFieldValue, isToken, latin1Bytes } from "../syntax.ts";
import { ENTRY_OVERHEAD_BYTES } from "./dynamic_table.ts";
import type { FieldSink } from "./hpack_decoder.ts";
import { FIELD_SECTION_BYTES_LAST, FIELD_SECTION_BYTES_MAX } from "./limits.ts";
import { parsePriority, type Priority } from "./priority.ts";

type PseudoName = "method" | "scheme" | "authority" | "path";

const PSEUDO_NAMES: readonly (readonly [PseudoName, Uint8Array])[] =
  (["method", "scheme", "authority", "path"] as const).map((name) => [name, latin1Bytes(`:${name}`)]);

const CONNECTION_NAMES = ["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]
  .map(latin1Bytes);
const TE = latin1Bytes("te");
const TRAILERS = latin1Bytes("trailers");
const HOST = latin1Bytes("host");
const COOKIE = latin1Bytes("cookie");
const PRIORITY = latin1Bytes("priority");
const CONNECT = latin1Bytes("CONNECT");
const OPTIONS = latin1Bytes("OPTIONS");
const SLASH = "/".charCodeAt(0);
const LINE_END = latin1Bytes("\r\n");
const NAME_END = latin1Bytes(": ");
const CRUMB_END = latin1Bytes("; ");
const BLANK = latin1Bytes(" ");
const VERSION_AND_HOST = latin1Bytes(" HTTP/1.1\r\nhost: ");
const VERSION = latin1Bytes(" HTTP/1.1\r\n");

/** The fields of one section, as the decoder delivers them. It is reused for the next one. */
export class RequestFields implements FieldSink {
  /** Why the section is malformed (8.1.1); `null`: it is not. The stream must be reset. */
  problem: string | null = null;
  /** The value of the Priority field; `null`: none. */
  priority: Priority | null = null;
  #isTrailer = false;
  #bytes = 0;
  #method: Uint8Array | null = null;
  #scheme: Uint8Array | null = null;
  #authority: Uint8Array | null = null;
  #path: Uint8Array | null = null;
  #host: Uint8Array | null = null;
  #hasField = false;
  readonly #names: Uint8Array[] = [];
  readonly #values: Uint8Array[] = [];
  readonly #crumbs: Uint8Array[] = [];

  /** Prepares for a section. Trailers have no pseudo-fields and are not kept (8.1). */
  begin(isTrailer: boolean): void {
    this.problem = this.priority = null;
    this.#isTrailer = isTrailer;
    this.#bytes = 0;
    this.#method =
      this.#scheme =
      this.#authority =
      this.#path =
      this.#host =
        null;
    this.#hasField = false;
    this.#names.length = this.#values.length = this.#crumbs.length = 0;
  }

  /** Whether the section is beyond its limit. */
  get isTooLarge(): boolean {
    return this.#bytes > FIELD_SECTION_BYTES_MAX;
  }

  /** A section that is refused anyway needs no further checks, which a small block could make long (HPACK bomb). */
  get isDone(): boolean {
    return this.problem !== null || this.isTooLarge;
  }

  /** Whether the section is so far beyond its limit that the connection must end. */
  get isBomb(): boolean {
    return this.#bytes > FIELD_SECTION_BYTES_LAST;
  }

  field(name: Uint8Array, value: Uint8Array): void {
    this.#bytes += name.length + value.length + ENTRY_OVERHEAD_BYTES;
    if (this.isDone) return;
    if (!isCleanValue(value)) return this.#fail("a field value has bad octets"); // 8.2.1
    if (name[0] === COLON) return this.#pseudoField(name, value);
    this.#hasField = true;
    if (!isLowerCaseToken(name)) return this.#fail("a field name is not a token in lower case"); // 8.2, 8.2.1
    if (isConnectionName(name)) return this.#fail("a field of the connection"); // 8.2.2
    if (isSame(name, TE) && !isSame(value, TRAILERS)) return this.#fail("TE with another value than trailers");
    if (!this.#isTrailer) this.#keep(name, value);
  }

  #keep(name: Uint8Array, value: Uint8Array): void {
    if (isSame(name, COOKIE)) return void this.#crumbs.push(value);
    if (isSame(name, PRIORITY)) this.priority = parsePriority(value, 0, value.length);
    if (isSame(name, HOST) && this.#host === null) return void (this.#host = value);
    this.#names.push(name);
    this.#values.push(value);
  }

  /** Each at most once, before all other fields, and none that the RFC does not name (8.3, 8.3.1). */
  #pseudoField(name: Uint8Array, value: Uint8Array): void {
    if (this.#isTrailer) return this.#fail("a pseudo-field in trailers"); // 8.1
    if (this.#hasField) return this.#fail("a pseudo-field after other fields");
    const [known] = PSEUDO_NAMES.find(([, octets]) => isSame(octets, name)) ?? [];
    if (known === undefined) return this.#fail("an unknown pseudo-field");
    if (this.#pseudo(known) !== null) return this.#fail("a pseudo-field twice");
    switch (known) {
      case "method":
        return void (this.#method = value);
      case "scheme":
        return void (this.#scheme = value);
      case "authority":
        return void (this.#authority = value);
      case "path":
        return void (this.#path = value);
    }
  }

  #pseudo(name: PseudoName): Uint8Array | null {
    switch (name) {
      case "method":
        return this.#method;
      case "scheme":
        return this.#scheme;
      case "authority":
        return this.#authority;
      case "path":
        return this.#path;
    }
  }

  #fail(problem: string): void {
    this.problem ??= problem;
  }

  /** Checks the fields together, when the section of a request is complete (8.3.1, 8.5). */
  finish(): void {
    const method = this.#method;
    if (method === null || method.length === 0) return this.#fail("no :method");
    if (isSame(method, CONNECT)) {
      const isConnect = this.#authority !== null && this.#scheme === null && this.#path === null;
      return isConnect ? undefined : this.#fail("CONNECT has :authority alone");
    }
    if (this.#scheme === null || this.#scheme.length === 0) return this.#fail("no :scheme");
    if (!isScheme(this.#scheme)) return this.#fail(":scheme is malformed");
    const path = this.#path;
    if (path === null || path.length === 0) return this.#fail("no :path");
    const isAsterisk = path.length === 1 && path[0] === ASTERISK && isSame(method, OPTIONS);
    if (path[0] !== SLASH && !isAsterisk) return this.#fail(":path does not begin with a slash");
    const host = this.#host;
    if (this.#authority !== null && host !== null && !isSameIgnoringCase(this.#authority, host)) {
      this.#fail(":authority and Host differ");
    }
  }

  /** Writes the request as a head of HTTP/1.1. All is checked that could end a line. */
  write(into: Accumulator): void {
    const writer = new HeadText(into);
    const host = this.#authority ?? this.#host;
    writer.put(this.#method!).put(BLANK).put(this.#path ?? host ?? BLANK);
    if (host === null) writer.put(VERSION);
    else writer.put(VERSION_AND_HOST).put(host).put(LINE_END);
    for (const [index, name] of this.#names.entries()) {
      writer.put(name).put(NAME_END).put(this.#values[index]!).put(LINE_END);
    }
    for (const [index, crumb] of this.#crumbs.entries()) { // One line (8.2.3).
      if (index === 0) writer.put(COOKIE).put(NAME_END);
      else writer.put(CRUMB_END);
      writer.put(crumb);
    }
    if (this.#crumbs.length > 0) writer.put(LINE_END);
    writer.put(LINE_END).end();
  }
}

/** Writes into the free space of an accumulator, which must have enough of it. */
class HeadText {
  readonly #into: Accumulator;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(into: Accumulator) {
    this.#into = into;
    this.#bytes = into.space();
  }

  put(octets: Uint8Array): this {
    this.#bytes.set(octets, this.#at);
    this.#at += octets.length;
    return this;
  }

  end(): void {
    this.#into.commit(this.#at);
  }
}

const ASTERISK = "*".charCodeAt(0);

/** No control, and no blank around it (8.2.1). */
function isCleanValue(value: Uint8Array): boolean {
  return isFieldValue(value, 0, value.length) && !isBlank(value[0]) && !isBlank(value[value.length - 1]);
}

function isConnectionName(name: Uint8Array): boolean {
  for (const each of CONNECTION_NAMES) if (each.length === name.length && isAt(name, 0, each)) return true;
  return false;
}

function isLowerCaseToken(name: Uint8Array): boolean {
  for (const octet of name) if (octet >= 0x41 && octet <= 0x5a) return false;
  return isToken(name, 0, name.length);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || a.length === b.length && isAt(a, 0, b);
}

function isSameIgnoringCase(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => lowerCase(octet) === lowerCase(b[at]!));
}

function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

/** Whether the octets are a scheme of a URI (RFC 3986, section 3.1): a letter, then letters, digits, `+`, `-` and `.`. */
function isScheme(octets: Uint8Array): boolean {
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at]!;
    const isLetter = (octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x7a;
    const isOther = isDigit(octet) || octet === 0x2b || octet === 0x2d || octet === 0x2e;
    if (!isLetter && (at === 0 || !isOther)) return false;
  }
  return true;
}
