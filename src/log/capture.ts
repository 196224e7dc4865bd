/**
 * Captures: what one connection received and sent, by chunk and with times, as text that people can read, mail and
 * replay.
 * Knows the format; not where it is written or how it is replayed.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { FrameMasker } from "../http/h2/secrets.ts";
import type { Connection } from "../net/connection.ts";
import type { ConnectionEvent } from "../net/events.ts";
import type { Opened } from "../net/security.ts";

/** One line of a capture. `at`: milliseconds since the accept. `bytes`: one character (U+0000 to U+00FF) per byte. */
export type CaptureLine =
  | { readonly at: number; readonly kind: "accept"; readonly peer: string; readonly wallMs: number }
  | {
    readonly at: number;
    readonly kind: "secured";
    readonly version: string;
    readonly alpn: string | null;
    readonly serverName: string | null;
  }
  | { readonly at: number; readonly kind: "received"; readonly bytes: string }
  | { readonly at: number; readonly kind: "sent"; readonly bytes: string }
  | { readonly at: number; readonly kind: "end" }
  | { readonly at: number; readonly kind: "sweep"; readonly reason: string }
  | { readonly at: number; readonly kind: "close"; readonly reason: string };

/** The first line of a capture, which identifies the format. */
const HEADER = "# sweepd capture 1";

/** A capture is for a bug report. Beyond this many bytes the rest is left out. */
const BYTES_MAX = 16 * 1024 * 1024;

/** Records the first connection that has an event, and no other. */
export class Capture {
  readonly #emit: (text: string) => void;
  readonly #now: () => number;
  readonly #wall: () => number;
  readonly #masker = new SecretMasker();
  #connection: Connection | null = null;
  #startMs = 0;
  #bytes = 0;

  constructor(emit: (text: string) => void, clock: { now(): number; wall(): number }) {
    this.#emit = emit;
    this.#now = () => clock.now();
    this.#wall = () => clock.wall();
  }

  /** Receives the events of all connections. */
  observe(connection: Connection, event: ConnectionEvent): void {
    if (this.#connection === null) this.#begin(connection);
    if (this.#connection !== connection) return;
    const at = Number((this.#now() - this.#startMs).toFixed(3));
    switch (event.kind) {
      case "read":
        return this.#write({ at, kind: "received", bytes: this.#masker.mask(event.chunk) });
      case "write":
        return this.#write({ at, kind: "sent", bytes: toText(event.chunk) });
      case "end":
        return this.#write({ at, kind: "end" });
      case "sweep":
      case "close":
        return this.#write({ at, kind: event.kind, reason: event.reason });
      case "open":
        return this.#writeOpened(at, event.opened);
      case "accept":
        return;
    }
  }

  /** The bytes of a secured connection are those within TLS, so the capture must say how it was secured. */
  #writeOpened(at: number, opened: Opened): void {
    if (opened.kind !== "secure") return;
    const { version, alpn, serverName } = opened.security;
    this.#write({ at, kind: "secured", version, alpn, serverName });
  }

  #begin(connection: Connection): void {
    this.#connection = connection;
    this.#startMs = this.#now();
    this.#emit(HEADER + "\n");
    this.#write({ at: 0, kind: "accept", peer: connection.peer.hostname, wallMs: this.#wall() });
  }

  #write(line: CaptureLine): void {
    if (this.#bytes > BYTES_MAX) return;
    this.#bytes += "bytes" in line ? line.bytes.length : 0;
    if (this.#bytes > BYTES_MAX) return this.#emit(`# The rest is left out: more than ${BYTES_MAX} bytes\n`);
    this.#emit(JSON.stringify(line) + "\n");
  }
}

/**
 * Parses a capture. Returns its lines, or the first mistake as one line with its line number. The text may have been
 * mailed: lines may end in CR LF, and it may begin with a byte order mark.
 */
export function parseCapture(text: string): readonly CaptureLine[] | string {
  const [header, ...rest] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (header !== HEADER) return `1: this is not a capture: it does not begin with "${HEADER}"`;
  const lines: CaptureLine[] = [];
  for (const [index, line] of rest.entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const parsed = parseLine(line);
    if (parsed === null) return `${index + 2}: not a line of a capture`;
    if (parsed.at < (lines.at(-1)?.at ?? 0)) return `${index + 2}: the time is before that of the line above`;
    lines.push(parsed);
  }
  return lines[0]?.kind === "accept" ? lines : "2: a capture begins with an accept";
}

/** The latest time that a `Date` can represent. */
const WALL_MS_MAX = 8.64e15;

type Members = Readonly<Record<string, unknown>>;

/** Whether a line has the members that its kind requires. */
const IS_COMPLETE: { readonly [Kind in CaptureLine["kind"]]: (line: Members) => boolean } = {
  accept: ({ peer, wallMs }) =>
    typeof peer === "string" && typeof wallMs === "number" && Math.abs(wallMs) <= WALL_MS_MAX,
  secured: ({ version, alpn, serverName }) =>
    typeof version === "string" && [alpn, serverName].every((name) => name === null || typeof name === "string"),
  received: hasBytes,
  sent: hasBytes,
  end: () => true,
  sweep: hasReason,
  close: hasReason,
};

function hasBytes({ bytes }: Members): boolean {
  return typeof bytes === "string" && !/[^\0-\xff]/.test(bytes);
}

function hasReason({ reason }: Members): boolean {
  return typeof reason === "string";
}

function parseLine(line: string): CaptureLine | null {
  try {
    const value = JSON.parse(line);
    const { at, kind } = value;
    if (typeof at !== "number" || at < 0 || !Object.hasOwn(IS_COMPLETE, kind)) return null;
    return IS_COMPLETE[kind as CaptureLine["kind"]](value) ? value : null;
  } catch {
    return null; // Not JSON, or not an object.
  }
}

/** One character per byte. Unlike `latin1`, it is fast for any number of bytes. */
function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Bytes with which a connection of HTTP/2 begins (RFC 9113, section 3.4). */
const PREFACE_BYTES = 24;

/** Fields whose values give access to something, such as passwords. */
const SECRET_FIELDS = new Set(["authorization", "proxy-authorization", "cookie"]);

/** Replaces each byte of a secret field's value by `x`. Lines may be split over chunks; offsets stay the same. */
class SecretMasker {
  #line = "";
  #isSecret = false;
  /** The first bytes of the connection, until they show which version of HTTP it is. */
  #first: Uint8Array = new Uint8Array(0);
  #frames: FrameMasker | null = null;

  /** One character per byte. In HTTP/2, bytes may be held until their frame is complete. */
  mask(chunk: Uint8Array): string {
    if (this.#frames !== null) return toText(this.#frames.mask(chunk));
    const before = this.#first.length;
    if (before < PREFACE_BYTES) this.#first = concat([this.#first, chunk.subarray(0, PREFACE_BYTES - before)]);
    if (before >= PREFACE_BYTES || !FrameMasker.isPreface(this.#first)) return this.#maskLines(toText(chunk));
    this.#frames = new FrameMasker((name) => SECRET_FIELDS.has(name));
    const prefaceEnd = PREFACE_BYTES - before;
    return toText(chunk.subarray(0, prefaceEnd)) + toText(this.#frames.mask(chunk.subarray(prefaceEnd)));
  }

  #maskLines(chunk: string): string {
    let masked = "";
    for (const char of chunk) {
      masked += this.#isSecret && char !== "\r" && char !== "\n" ? "x" : char;
      if (char === "\n") {
        this.#line = "";
        this.#isSecret = false;
      } else if (!this.#isSecret && this.#line.length < 64) {
        if (char === ":") this.#isSecret = SECRET_FIELDS.has(this.#line.trim().toLowerCase());
        this.#line += char;
      }
    }
    return masked;
  }
}
