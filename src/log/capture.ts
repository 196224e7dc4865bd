/**
 * Captures: what one connection received and sent, chunk by chunk with times, as text that can be read, mailed and replayed.
 * Knows the format; not where it is written or how it is replayed.
 * @module
 */

import type { Connection } from "../net/connection.ts";
import type { ConnectionEvent } from "../net/events.ts";

/** One line of a capture. `at` is milliseconds since the accept; bytes are text, one character (U+0000 to U+00FF) a byte. */
export type CaptureLine =
  | { readonly at: number; readonly kind: "accept"; readonly peer: string; readonly wallMs: number }
  | { readonly at: number; readonly kind: "received"; readonly bytes: string }
  | { readonly at: number; readonly kind: "sent"; readonly bytes: string }
  | { readonly at: number; readonly kind: "end" }
  | { readonly at: number; readonly kind: "sweep"; readonly reason: string }
  | { readonly at: number; readonly kind: "close"; readonly reason: string };

/** What a capture begins with, so that nothing else is taken for one. */
const HEADER = "# sweepd capture 1";

/** A capture is for a bug report, not for an archive: past this many bytes the rest is left out. */
const BYTES_MAX = 16 * 1024 * 1024;

/** Records the first connection that it is told of, and no other. */
export class Capture {
  readonly #emit: (text: string) => void;
  readonly #now: () => number;
  readonly #wall: () => number;
  readonly #blanker = new Blanker();
  #connection: Connection | null = null;
  #startMs = 0;
  #bytes = 0;

  constructor(emit: (text: string) => void, clock: { now(): number; wall(): number }) {
    this.#emit = emit;
    this.#now = () => clock.now();
    this.#wall = () => clock.wall();
  }

  /** Takes an event of any connection. */
  observe(connection: Connection, event: ConnectionEvent): void {
    if (this.#connection === null) this.#begin(connection);
    if (this.#connection !== connection) return;
    const at = Number((this.#now() - this.#startMs).toFixed(3));
    switch (event.kind) {
      case "read":
        return this.#write({ at, kind: "received", bytes: this.#blanker.blank(toText(event.chunk)) });
      case "write":
        return this.#write({ at, kind: "sent", bytes: toText(event.chunk) });
      case "end":
        return this.#write({ at, kind: "end" });
      case "sweep":
      case "close":
        return this.#write({ at, kind: event.kind, reason: event.reason });
      case "accept":
        return;
    }
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
 * The lines of a capture, or what is wrong with it: one line that names the place. It may have been mailed: lines may end in
 * CR LF, and the text may begin with a byte order mark.
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

/** The last moment that a date can have. */
const WALL_MS_MAX = 8.64e15;

type Members = Readonly<Record<string, unknown>>;

/** Whether a line has what its kind needs besides its time. */
const IS_COMPLETE: { readonly [Kind in CaptureLine["kind"]]: (line: Members) => boolean } = {
  accept: ({ peer, wallMs }) =>
    typeof peer === "string" && typeof wallMs === "number" && Math.abs(wallMs) <= WALL_MS_MAX,
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

/** One character a byte; unlike `latin1` for any number of bytes at once. */
function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Fields whose values give access to something. */
const SECRET_FIELDS = new Set(["authorization", "proxy-authorization", "cookie"]);

/** Puts `x` for each byte of a secret field's value, however the lines are cut into chunks: offsets stay as they were. */
class Blanker {
  #line = "";
  #isSecret = false;

  blank(chunk: string): string {
    let blanked = "";
    for (const char of chunk) {
      blanked += this.#isSecret && char !== "\r" && char !== "\n" ? "x" : char;
      if (char === "\n") {
        this.#line = "";
        this.#isSecret = false;
      } else if (!this.#isSecret && this.#line.length < 64) {
        if (char === ":") this.#isSecret = SECRET_FIELDS.has(this.#line.trim().toLowerCase());
        this.#line += char;
      }
    }
    return blanked;
  }
}
