/**
 * Frames of HTTP/2 for tests, written and read by code of their own, so that no mistake of the server's code hides.
 */

import { concat } from "@std/bytes/concat";
import { latin1Bytes } from "../../src/http/syntax.ts";

export const TYPES = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
  PRIORITY_UPDATE: 16,
} as const;

export type TypeName = keyof typeof TYPES;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;
export const PRIORITY_FLAG = 0x20;

/** The error codes by number (RFC 9113, section 7). */
export const CODES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export type Code = (typeof CODES)[number];

export const PREFACE = latin1Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const EMPTY = new Uint8Array(0);

/** A frame with any header. `length` may differ from that of the payload. */
export function frame(
  type: TypeName | number,
  flags: number,
  stream: number,
  payload: Uint8Array = EMPTY,
  length = payload.length,
): Uint8Array<ArrayBuffer> {
  const number = typeof type === "number" ? type : TYPES[type];
  const header = [length >> 16, length >> 8 & 255, length & 255, number, flags, ...uint32(stream)];
  return concat([Uint8Array.from(header), payload]);
}

export function uint32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];
}

/** A field block of literals without indexing and without Huffman codes. */
export function block(...lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return concat(lines.map((line) => {
    const at = line.indexOf(": ", 1);
    return concat([Uint8Array.of(0), string(line.slice(0, at)), string(line.slice(at + 2))]);
  }));
}

/** A string literal of HPACK, with its length in as many octets as it needs. */
function string(text: string): Uint8Array<ArrayBuffer> {
  const octets: number[] = text.length < 127 ? [text.length] : [127];
  if (text.length >= 127) {
    let rest = text.length - 127;
    for (; rest >= 128; rest >>= 7) octets.push(rest & 127 | 128);
    octets.push(rest);
  }
  return concat([Uint8Array.from(octets), latin1Bytes(text)]);
}

/** HEADERS of a whole request that ends the stream. */
export function get(stream: number, path = "/", ...fields: readonly string[]): Uint8Array<ArrayBuffer> {
  return headers(
    stream,
    END_STREAM,
    ":method: GET",
    ":scheme: http",
    ":authority: a.example",
    `:path: ${path}`,
    ...fields,
  );
}

/** HEADERS of a request whose content follows. */
export function post(stream: number, path = "/", ...fields: readonly string[]): Uint8Array<ArrayBuffer> {
  return headers(stream, 0, ":method: POST", ":scheme: http", ":authority: a.example", `:path: ${path}`, ...fields);
}

/** HEADERS with END_HEADERS, these flags and these fields. */
export function headers(stream: number, flags: number, ...fields: readonly string[]): Uint8Array<ArrayBuffer> {
  return frame("HEADERS", END_HEADERS | flags, stream, block(...fields));
}

export function data(stream: number, content: string | number, flags = 0): Uint8Array<ArrayBuffer> {
  return frame("DATA", flags, stream, typeof content === "string" ? latin1Bytes(content) : new Uint8Array(content));
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Uint8Array<ArrayBuffer> {
  return frame(
    "SETTINGS",
    0,
    0,
    Uint8Array.from(pairs.flatMap(([id, value]) => [id >> 8, id & 255, ...uint32(value)])),
  );
}

export function windowUpdate(stream: number, increment: number): Uint8Array<ArrayBuffer> {
  return frame("WINDOW_UPDATE", 0, stream, Uint8Array.from(uint32(increment)));
}

export function reset(stream: number, code = 8): Uint8Array<ArrayBuffer> {
  return frame("RST_STREAM", 0, stream, Uint8Array.from(uint32(code)));
}

export function ping(text = "12345678", flags = 0, stream = 0): Uint8Array<ArrayBuffer> {
  return frame("PING", flags, stream, latin1Bytes(text));
}

export function priority(stream: number, dependency: number, weight = 15): Uint8Array<ArrayBuffer> {
  return frame("PRIORITY", 0, stream, Uint8Array.from([...uint32(dependency), weight]));
}

export function priorityUpdate(stream: number, value: string): Uint8Array<ArrayBuffer> {
  return frame("PRIORITY_UPDATE", 0, 0, concat([Uint8Array.from(uint32(stream)), latin1Bytes(value)]));
}

/** A received frame. */
export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** Parses frames. Throws if the bytes do not end with one. */
export function parseFrames(bytes: Uint8Array): ReceivedFrame[] {
  const frames: ReceivedFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    if (bytes.length - at < 9) throw new Error("The bytes end within a frame header");
    const length = view.getUint32(0) >>> 8;
    if (bytes.length - at < 9 + length) throw new Error("The bytes end within a frame");
    const stream = view.getUint32(5);
    frames.push({
      type: view.getUint8(3),
      flags: view.getUint8(4),
      stream,
      payload: bytes.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
  }
  return frames;
}

export function numberAt(payload: Uint8Array, at: number): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(at);
}
