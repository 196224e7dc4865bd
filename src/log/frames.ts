/**
 * The frames of HTTP/2 in the bytes of a connection, as text for `-d`. Chunks may end anywhere.
 * Knows frame headers; not what is in the frames.
 * @module
 */

import { Flag, FRAME_HEADER_BYTES, FrameType, PREFACE, readUint31 } from "../http/h2/frames.ts";
import type { ConnectionEvent } from "../net/events.ts";

const TYPE_NAMES = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]));

/** Flags of the types that have some, in the order of their bits. */
const FLAG_NAMES: Readonly<Record<string, readonly (readonly [bit: number, name: string])[]>> = {
  DATA: [[Flag.END_STREAM, "END_STREAM"], [Flag.PADDED, "PADDED"]],
  HEADERS: [
    [Flag.END_STREAM, "END_STREAM"],
    [Flag.END_HEADERS, "END_HEADERS"],
    [Flag.PADDED, "PADDED"],
    [Flag.PRIORITY, "PRIORITY"],
  ],
  CONTINUATION: [[Flag.END_HEADERS, "END_HEADERS"]],
  SETTINGS: [[Flag.ACK, "ACK"]],
  PING: [[Flag.ACK, "ACK"]],
};

/** The frames of one connection, in both directions. */
export class FrameTrace {
  #prefaceBytes = 0;
  #isHttp2 = true;
  readonly #received = new FrameScanner();
  readonly #sent = new FrameScanner();

  /** Lines such as `HEADERS with 27 bytes on stream 1, END_STREAM`, for the frames that begin in the event's bytes. */
  describe(event: ConnectionEvent): readonly string[] {
    if (!this.#isHttp2) return [];
    if (event.kind === "write") return this.#sent.scan(event.chunk).map((frame) => `sent ${frame}`);
    if (event.kind !== "read") return [];
    return this.#received.scan(this.#afterPreface(event.chunk)).map((frame) => `received ${frame}`);
  }

  /** The bytes after the preface; none if the connection does not begin with it. */
  #afterPreface(chunk: Uint8Array): Uint8Array {
    const count = Math.min(PREFACE.length - this.#prefaceBytes, chunk.length);
    for (let at = 0; at < count; at++) {
      if (chunk[at] !== PREFACE[this.#prefaceBytes + at]) this.#isHttp2 = false;
    }
    this.#prefaceBytes += count;
    return this.#isHttp2 ? chunk.subarray(count) : new Uint8Array(0);
  }
}

/** Finds the headers of frames in one direction. */
class FrameScanner {
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  /** Bytes of the current payload that are still to come. */
  #payloadLeft = 0;

  scan(chunk: Uint8Array): string[] {
    const frames: string[] = [];
    for (let at = 0; at < chunk.length;) {
      const skipped = Math.min(this.#payloadLeft, chunk.length - at);
      this.#payloadLeft -= skipped;
      at += skipped;
      if (at === chunk.length) break;
      this.#header[this.#headerBytes++] = chunk[at++]!;
      if (this.#headerBytes === FRAME_HEADER_BYTES) frames.push(this.#endHeader());
    }
    return frames;
  }

  #endHeader(): string {
    const header = this.#header;
    this.#headerBytes = 0;
    this.#payloadLeft = header[0]! << 16 | header[1]! << 8 | header[2]!;
    return describeFrame(header, this.#payloadLeft);
  }
}

/** Which frame of a sequence of whole frames contains the byte at `offset`, in words; `null`: none does. */
export function frameAt(bytes: Uint8Array, offset: number): string | null {
  let index = 0;
  for (let first = 0; first + FRAME_HEADER_BYTES <= bytes.length; index++) {
    const header = bytes.subarray(first, first + FRAME_HEADER_BYTES);
    const length = header[0]! << 16 | header[1]! << 8 | header[2]!;
    first += FRAME_HEADER_BYTES + length;
    if (offset < first) return `frame ${index + 1}, ${describeFrame(header, length)}`;
  }
  return null;
}

function describeFrame(header: Uint8Array, length: number): string {
  const type = TYPE_NAMES.get(header[3]!) ?? `type ${header[3]}`;
  const stream = readUint31(header, 5);
  const flags = (FLAG_NAMES[type] ?? []).filter(([bit]) => (header[4]! & bit) !== 0).map(([, name]) => name);
  const where = stream === 0 ? "" : ` on stream ${stream}`;
  return `${type} with ${length} bytes${where}${flags.length === 0 ? "" : `, ${flags.join(" ")}`}`;
}
