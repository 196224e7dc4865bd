/**
 * The request that is explained, as frames of HTTP/2, and the answer in the frames of the server (RFC 9113). Pure.
 * @module
 */

import { nameOfCode } from "../http/h2/errors.ts";
import {
  Flag,
  Frame,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FrameType,
  makeFrame,
  PREFACE,
  readFrame,
  readUint32,
  settingsFrame,
} from "../http/h2/frames.ts";
import { HpackDecoder } from "../http/h2/hpack_decoder.ts";
import { encodeFields } from "../http/h2/hpack_encoder.ts";
import { TABLE_BYTES_MAX } from "../http/h2/limits.ts";
import { latin1, latin1Bytes } from "../http/syntax.ts";
import type { Question } from "./question.ts";

/** The head of an answer. */
export interface AnswerHead {
  /** 0: the server has not answered. */
  readonly status: number;
  /** The reason phrase of HTTP/1.1; over HTTP/2 empty, or why there is no answer. */
  readonly reason: string;
  /** Field lines, in order. */
  readonly fields: readonly string[];
}

/** The stream of the request: a client's first one. */
const STREAM = 1;

/** Preface, SETTINGS, and the HEADERS of the request, one character per byte. Fields are sent as they are given. */
export function http2Bytes({ isSecure, host, target, fields }: Question): string {
  const block = encodeFields([
    [":method", "GET"],
    [":scheme", isSecure ? "https" : "http"],
    [":authority", host],
    [":path", target],
    ...fields.map(splitField),
  ]);
  return [PREFACE, settingsFrame([]), ...headersFrames(block)].map((bytes) => latin1(bytes, 0, bytes.length)).join("");
}

/** A field line as HTTP/2 has it: the name in lower case, and no blanks around the value (8.2). */
function splitField(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  const value = line.slice(colon + 1).trim();
  return [line.slice(0, colon).toLowerCase(), latin1Octets(value)];
}

/** The octets of a text in UTF-8, one character each. */
function latin1Octets(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return latin1(bytes, 0, bytes.length);
}

/** HEADERS, and CONTINUATION for what does not fit. */
function headersFrames(block: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let first = 0; first === 0 || first < block.length; first += FRAME_BYTES_MAX) {
    const type = first === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
    const isLast = first + FRAME_BYTES_MAX >= block.length;
    const flags = (first === 0 ? Flag.END_STREAM : 0) | (isLast ? Flag.END_HEADERS : 0);
    frames.push(makeFrame({ type, flags, stream: STREAM }, block.subarray(first, first + FRAME_BYTES_MAX)));
  }
  return frames;
}

/** The answer in what the server has sent; `null`: it has not come yet. */
export function readHttp2Answer(sent: string): AnswerHead | null {
  const bytes = latin1Bytes(sent);
  const frame = new Frame();
  for (let first = 0; readFrame(frame, bytes, first, bytes.length) === "complete";) {
    first += FRAME_HEADER_BYTES + frame.length;
    if (frame.type === FrameType.HEADERS) return readFields(frame);
    if (frame.type === FrameType.RST_STREAM) return noAnswer("the stream is reset", codeOf(frame, 0));
    if (frame.type === FrameType.GOAWAY && codeOf(frame, 4) !== "NO_ERROR") {
      return noAnswer("the connection ends", codeOf(frame, 4));
    }
  }
  return null;
}

/** The field block of the answer. This server never sends CONTINUATION or padding. */
function readFields({ bytes, first, end }: Frame): AnswerHead {
  const fields: string[] = [];
  const text = (octets: Uint8Array) => latin1(octets, 0, octets.length);
  new HpackDecoder(TABLE_BYTES_MAX).decode(bytes, first, end, {
    field: (name, value) => void fields.push(`${text(name)}: ${text(value)}`),
  });
  const [, status = "0"] = /^:status: ([0-9]{3})$/.exec(fields[0] ?? "") ?? [];
  return { status: Number(status), reason: "", fields };
}

function noAnswer(what: string, code: string): AnswerHead {
  return { status: 0, reason: `none: ${what} (${code})`, fields: [] };
}

/** The error code at an offset of a frame's payload, by its name. */
function codeOf({ bytes, first }: Frame, offset: number): string {
  return nameOfCode(readUint32(bytes, first + offset));
}
