/**
 * Chooses the version of HTTP for each connection: HTTP/2 where the client has chosen it, HTTP/1.1 otherwise
 * (RFC 9113, section 3).
 * @module
 */

import type { Connection } from "../../net/connection.ts";
import type { Conversation, Outgoing, Turn } from "../../net/conversation.ts";
import { http, type HttpProtocol } from "../h1/conversation.ts";
import type { HttpOptions } from "../h1/settings.ts";
import type { Handler } from "../handler.ts";
import { Http2Conversation } from "./conversation.ts";
import { isAt, latin1, LF } from "../syntax.ts";
import { PREFACE } from "./frames.ts";
import { makeShared } from "./shared.ts";

/** Options of both versions. */
export interface VersionOptions extends HttpOptions {
  /** Whether connections without TLS may begin with the preface of HTTP/2 (3.3). */
  readonly h2c?: boolean;
}

/** HTTP/1.0, 1.1 and 2 for `serve`. */
export function httpOfAnyVersion(handler: Handler, { h2c = false, ...options }: VersionOptions): HttpProtocol {
  const second = http2(handler, options);
  const first = http(handler, options);
  let readsPreface = h2c;
  const protocol = (connection: Connection) => {
    const { security } = connection;
    if (security !== null) {
      return security !== "missing" && security.alpn === "h2" ? second(connection) : first(connection);
    }
    return readsPreface ? new PrefaceConversation(connection, { first, second }) : first(connection);
  };
  return Object.assign(protocol, {
    configure: (handler: Handler, { h2c = false, ...options }: VersionOptions = {}) => {
      second.configure(handler, options);
      first.configure(handler, options);
      readsPreface = h2c;
    },
  });
}

/** The protocols of both versions. */
interface Versions {
  readonly first: HttpProtocol;
  readonly second: Http2Protocol;
}

/** The first line of the preface. No request of HTTP/1.1 begins like it. */
const PREFACE_LINE = PREFACE.subarray(0, "PRI * HTTP/2.0\r\n".length);

/** A longer first line is left to HTTP/1.1, so that the search for its end stays short. */
const FOREIGN_LINE_BYTES_MAX = 256;

/** Three words, of which the last one is no version of HTTP, however it is written. */
const FOREIGN_LINE = /^[^ \r\n]+ [^ \r\n]+ (?!HTTP\/)[^ \r\n]+\r?$/i;

/**
 * Whether a first line is neither that of the preface nor of a request, but has its form. `"partial"`: its end has not
 * come. The peer speaks HTTP/2 wrongly rather than HTTP/1.1, and would read an answer of HTTP/1.1 as frames.
 */
function isForeign(bytes: Uint8Array): boolean | "partial" {
  const end = bytes.indexOf(LF);
  if (end < 0) return bytes.length < FOREIGN_LINE_BYTES_MAX && "partial";
  return end < FOREIGN_LINE_BYTES_MAX && FOREIGN_LINE.test(latin1(bytes, 0, end));
}

/** A conversation whose version the first line decides. */
class PrefaceConversation implements Conversation {
  readonly outgoing: Outgoing;
  readonly #connection: Connection;
  readonly #versions: Versions;
  #chosen: Conversation | null = null;

  constructor(connection: Connection, versions: Versions) {
    this.#connection = connection;
    this.#versions = versions;
    this.outgoing = new ChosenOutgoing(() => this.#chosen?.outgoing ?? null);
  }

  turn(): Turn | Promise<Turn> {
    if (this.#chosen !== null) return this.#chosen.turn();
    const { bytes, start, length } = this.#connection.input;
    const known = Math.min(length, PREFACE_LINE.length);
    if (!isAt(bytes, start, PREFACE_LINE.subarray(0, known))) {
      const foreign = isForeign(bytes.subarray(start, start + length));
      return foreign === "partial" ? "read" : this.#choose(foreign ? "second" : "first").turn();
    }
    return known < PREFACE_LINE.length ? "read" : this.#choose("second").turn();
  }

  ended(): Turn | Promise<Turn> {
    return (this.#chosen ?? this.#choose("first")).ended();
  }

  resumed(): void {
    this.#chosen?.resumed();
  }

  get underWay(): string | null {
    return this.#chosen?.underWay ?? null;
  }

  farewell(): Uint8Array {
    return (this.#chosen ?? this.#choose("first")).farewell();
  }

  #choose(version: keyof Versions): Conversation {
    const conversation = this.#versions[version](this.#connection);
    if (conversation instanceof Promise) throw new TypeError("HTTP is a conversation in turns");
    return this.#chosen = conversation;
  }
}

/** The bytes that the chosen conversation has collected. */
class ChosenOutgoing implements Outgoing {
  readonly #chosen: () => Outgoing | null;

  constructor(chosen: () => Outgoing | null) {
    this.#chosen = chosen;
  }

  get length(): number {
    return this.#chosen()?.length ?? 0;
  }

  held(): Uint8Array {
    return this.#chosen()!.held();
  }

  sent(): void {
    this.#chosen()?.sent();
  }
}

/** HTTP/2 for connections on which the client has chosen it. Handler and options can change, as in `HttpProtocol`. */
export interface Http2Protocol {
  (connection: Connection): Conversation;
  configure(handler: Handler, options?: HttpOptions): void;
}

/** HTTP/2 for `serve`. `handler` answers each request. */
export function http2(handler: Handler, options: HttpOptions = {}): Http2Protocol {
  const current = { shared: makeShared(handler, options, null) };
  const protocol = (connection: Connection) => new Http2Conversation(connection, current);
  return Object.assign(protocol, {
    configure: (handler: Handler, options: HttpOptions = {}) => {
      current.shared = makeShared(handler, options, current.shared);
    },
  });
}
