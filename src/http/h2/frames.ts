/**
 * Frames of HTTP/2 (RFC 9113, sections 4 and 6): their header, and the payloads that we read and write.
 * Knows bytes; not streams or states.
 * @module
 */

import { latin1Bytes } from "../syntax.ts";
import { ConnectionError, ErrorCode } from "./errors.ts";

/** Bytes of the header of each frame. */
export const FRAME_HEADER_BYTES = 9;

/** The bytes with which a client begins (3.4). */
export const PREFACE = latin1Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** The largest payload that we accept: the smallest that an endpoint may announce (4.2). A larger one needs memory. */
export const FRAME_BYTES_MAX = 16_384;

/** Frame types by their names; others are extensions, which are ignored. */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
  /** RFC 9218, section 7.1. */
  PRIORITY_UPDATE: 0x10,
} as const;

/** Flags by their names. */
export const Flag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

/** Settings by their names (6.5.2). */
export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
  /** RFC 9218, section 2.1. */
  NO_RFC7540_PRIORITIES: 0x9,
} as const;

/** One frame in a buffer. It is reused for the next frame, and its payload is valid until more bytes are read. */
export class Frame {
  type = 0;
  flags = 0;
  stream = 0;
  /** The buffer with the payload, which is `bytes[first .. end)`. */
  bytes: Uint8Array = new Uint8Array(0);
  first = 0;
  end = 0;

  get length(): number {
    return this.end - this.first;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
}

/** Reads the frame at `bytes[first]` if all of it is before `end`. A payload that is too long is an error at once. */
export function readFrame(
  frame: Frame,
  bytes: Uint8Array,
  first: number,
  end: number,
): "complete" | "partial" | ConnectionError {
  if (end - first < FRAME_HEADER_BYTES) return "partial";
  const length = bytes[first]! << 16 | bytes[first + 1]! << 8 | bytes[first + 2]!;
  if (length > FRAME_BYTES_MAX) return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a frame is too long");
  if (end - first < FRAME_HEADER_BYTES + length) return "partial";
  frame.type = bytes[first + 3]!;
  frame.flags = bytes[first + 4]!;
  frame.stream = readUint31(bytes, first + 5);
  frame.bytes = bytes;
  frame.first = first + FRAME_HEADER_BYTES;
  frame.end = frame.first + length;
  return "complete";
}

/** The four octets at `at`, without the reserved first bit. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) & 0x7fffffff;
}

/** The four octets at `at`. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

/**
 * Removes the padding of a DATA or HEADERS frame from `frame.first` and `frame.end`; `false`: there is more padding than
 * payload (6.1).
 */
export function removePadding(frame: Frame): boolean {
  if (!frame.has(Flag.PADDED)) return true;
  const padding = frame.length === 0 ? Infinity : frame.bytes[frame.first]!;
  frame.first++;
  if (padding > frame.length) return false;
  frame.end -= padding;
  return true;
}

/** The octets of a frame header. */
export interface FrameHeader {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
}

/** Writes a frame header to `into[at ..]`. Its own parameters, because it is called for each frame that is sent. */
export function writeFrameHeader(
  into: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): void {
  into[at] = length >> 16;
  into[at + 1] = length >> 8;
  into[at + 2] = length;
  into[at + 3] = type;
  into[at + 4] = flags;
  writeUint32(into, at + 5, stream);
}

function writeUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}

/** A whole frame. For frames that are sent seldom. */
export function makeFrame({ type, flags = 0, stream = 0 }: FrameHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(frame, 0, payload.length, type, flags, stream);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

/** SETTINGS (6.5). */
export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(settings.length * 6);
  for (const [index, [id, value]] of settings.entries()) {
    payload[index * 6 + 1] = id;
    writeUint32(payload, index * 6 + 2, value);
  }
  return makeFrame({ type: FrameType.SETTINGS }, payload);
}

/** The acknowledgement of SETTINGS. */
export const SETTINGS_ACK = makeFrame({ type: FrameType.SETTINGS, flags: Flag.ACK }, new Uint8Array(0));

/** RST_STREAM (6.4). */
export function resetFrame(stream: number, code: number): Uint8Array<ArrayBuffer> {
  return makeFrame({ type: FrameType.RST_STREAM, stream }, uint32s(code));
}

/** WINDOW_UPDATE (6.9). Stream 0 is the connection. */
export function windowFrame(stream: number, increment: number): Uint8Array<ArrayBuffer> {
  return makeFrame({ type: FrameType.WINDOW_UPDATE, stream }, uint32s(increment));
}

/** PING with eight octets (6.7). */
export function pingFrame(payload: Uint8Array, isAck: boolean): Uint8Array<ArrayBuffer> {
  return makeFrame({ type: FrameType.PING, flags: isAck ? Flag.ACK : 0 }, payload);
}

/** GOAWAY (6.8). `reason` is for people, in ASCII. */
export function goAwayFrame(lastStream: number, code: number, reason = ""): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(8 + reason.length);
  payload.set(uint32s(lastStream, code));
  payload.set(latin1Bytes(reason), 8);
  return makeFrame({ type: FrameType.GOAWAY }, payload);
}

function uint32s(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  for (const [index, value] of values.entries()) writeUint32(bytes, index * 4, value);
  return bytes;
}
