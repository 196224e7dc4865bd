/**
 * Cases of RFC 9113, sections 3, 4 and 6: the preface, and the frames of streams.
 */

import { assertEquals } from "@std/assert";
import type { Case } from "./case.ts";
import {
  ACK,
  data,
  EMPTY,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  headers,
  PADDED,
  ping,
  post,
  PREFACE,
  priority,
  PRIORITY_FLAG,
  priorityUpdate,
  reset,
  settings,
  TYPES,
} from "./wire.ts";

const bytes = (...octets: readonly number[]) => Uint8Array.from(octets);
const text = (value: string) => new TextEncoder().encode(value);
const REQUEST = [":method: GET", ":scheme: http", ":authority: a.example", ":path: /"];
const requestBlock = get(1).subarray(9);
const half = Math.floor(requestBlock.length / 2);
const PROTOCOL = { connectionError: "PROTOCOL_ERROR" } as const;
const SIZE = { connectionError: "FRAME_SIZE_ERROR" } as const;
const ANSWERED = { answers: { 1: 200 } } as const;

export const FRAME_CASES: readonly Case[] = [
  // 3.4 and 4.1
  {
    section: "3.4",
    rule: "the server begins with SETTINGS",
    send: [],
    expect: {
      check: ({ frames }) =>
        assertEquals([frames[0]?.type, frames[0]?.flags, frames[0]?.stream], [TYPES.SETTINGS, 0, 0]),
    },
  },
  {
    section: "3.4",
    rule: "another preface is an error of the connection",
    raw: [text("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")],
    expect: PROTOCOL,
  },
  {
    section: "3.4",
    rule: "HTTP/1.1 instead of the preface is an error",
    raw: [text("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
    expect: PROTOCOL,
  },
  { section: "3.4", rule: "the first frame must be SETTINGS", raw: [PREFACE, ping()], expect: PROTOCOL },
  {
    section: "3.4",
    rule: "an acknowledgement is not the first SETTINGS",
    raw: [PREFACE, frame("SETTINGS", ACK, 0)],
    expect: PROTOCOL,
  },
  {
    section: "3.4",
    rule: "a request right behind the first SETTINGS is answered",
    raw: [PREFACE, settings(), get(1)],
    expect: ANSWERED,
  },
  {
    section: "4.1",
    rule: "frames of an unknown type are ignored",
    send: [frame(0xff, 0xff, 0, text("any")), get(1)],
    expect: ANSWERED,
  },
  { section: "4.1", rule: "undefined flags are ignored", send: [ping("12345678", 0xfe), get(1)], expect: ANSWERED },
  {
    section: "4.1",
    rule: "the reserved bit is ignored",
    send: [frame("PING", 0, 0x80000000, text("12345678")), get(1)],
    expect: ANSWERED,
  },
  {
    section: "4.1",
    rule: "the reserved bit of a request's stream is ignored",
    send: [frame("HEADERS", 5, 0x80000001, requestBlock)],
    expect: ANSWERED,
  },
  {
    section: "4.2",
    rule: "DATA of the largest size is taken",
    send: [post(1), data(1, 16_384, END_STREAM)],
    expect: { answers: { 1: 405 } },
  },
  { section: "4.2", rule: "DATA beyond the largest size is an error", send: [post(1), data(1, 16_385)], expect: SIZE },
  {
    section: "4.2",
    rule: "HEADERS beyond the largest size are an error",
    send: [frame("HEADERS", 5, 1, new Uint8Array(16_385))],
    expect: SIZE,
  },
  {
    section: "4.2",
    rule: "an extension beyond the largest size is an error",
    send: [frame(0xee, 0, 0, new Uint8Array(16_385))],
    expect: SIZE,
  },
  {
    section: "4.2",
    rule: "a length alone is refused before its bytes arrive",
    send: [frame("DATA", 0, 1, EMPTY, 0xffffff)],
    expect: SIZE,
  },
  {
    section: "4.3",
    rule: "a block that cannot be decoded is an error of the connection",
    send: [frame("HEADERS", 5, 1, bytes(0xbe))],
    expect: { connectionError: "COMPRESSION_ERROR" },
  },
  {
    section: "4.3",
    rule: "PRIORITY within a block is an error",
    send: [frame("HEADERS", 1, 1, requestBlock), priority(1, 0)],
    expect: PROTOCOL,
  },
  {
    section: "4.3",
    rule: "HEADERS of another stream within a block are an error",
    send: [frame("HEADERS", 1, 1, requestBlock), get(3)],
    expect: PROTOCOL,
  },
  {
    section: "4.3",
    rule: "the table serves all streams",
    send: [
      headers(1, END_STREAM, ...REQUEST.slice(0, 3), ":path: /empty"),
      frame("HEADERS", 5, 3, bytes(0x82, 0x86, 0x84, 0x41, 1, 0x61)),
      frame("HEADERS", 5, 5, bytes(0x82, 0x86, 0x84, 0xbe)),
    ],
    expect: { answers: { 1: 204, 3: 200, 5: 200 } },
  },

  // 6.1 DATA
  { section: "6.1", rule: "DATA on stream 0 is an error", send: [data(0, "x")], expect: PROTOCOL },
  {
    section: "6.1",
    rule: "padded DATA is taken",
    send: [post(1), frame("DATA", PADDED | END_STREAM, 1, bytes(3, 0x78, 0, 0, 0))],
    expect: { answers: { 1: 405 } },
  },
  {
    section: "6.1",
    rule: "DATA of padding alone is taken",
    send: [post(1), frame("DATA", PADDED | END_STREAM, 1, bytes(2, 0, 0))],
    expect: { answers: { 1: 405 } },
  },
  {
    section: "6.1",
    rule: "padding as long as the payload is an error",
    send: [post(1), frame("DATA", PADDED, 1, bytes(5, 0x78, 0, 0, 0))],
    expect: PROTOCOL,
  },
  {
    section: "6.1",
    rule: "a padded frame without a payload is an error",
    send: [post(1), frame("DATA", PADDED, 1)],
    expect: PROTOCOL,
  },

  // 6.2 HEADERS
  { section: "6.2", rule: "HEADERS on stream 0 are an error", send: [get(0)], expect: PROTOCOL },
  {
    section: "6.2",
    rule: "padded HEADERS are taken",
    send: [frame("HEADERS", 5 | PADDED, 1, bytes(2, ...requestBlock, 0, 0))],
    expect: ANSWERED,
  },
  {
    section: "6.2",
    rule: "more padding than payload is an error",
    send: [frame("HEADERS", 5 | PADDED, 1, bytes(255, ...requestBlock))],
    expect: PROTOCOL,
  },
  {
    section: "6.2",
    rule: "HEADERS with a priority are taken",
    send: [frame("HEADERS", 5 | PRIORITY_FLAG, 1, bytes(0x80, 0, 0, 7, 9, ...requestBlock))],
    expect: ANSWERED,
  },
  {
    section: "6.2",
    rule: "HEADERS with padding and a priority are taken",
    send: [frame("HEADERS", 5 | PADDED | PRIORITY_FLAG, 1, bytes(1, 0, 0, 0, 7, 9, ...requestBlock, 0))],
    expect: ANSWERED,
  },
  {
    section: "6.2",
    rule: "HEADERS too short for their priority are an error",
    send: [frame("HEADERS", 5 | PRIORITY_FLAG, 1, bytes(0, 0, 0))],
    expect: SIZE,
  },

  // 6.3 PRIORITY
  { section: "6.3", rule: "PRIORITY on stream 0 is an error", send: [priority(0, 1)], expect: PROTOCOL },
  {
    section: "6.3",
    rule: "PRIORITY is ignored on idle, open and closed streams",
    send: [priority(9, 0), get(1), priority(1, 0), priority(1, 3), get(3)],
    expect: { answers: { 1: 200, 3: 200 } },
  },
  {
    section: "6.3",
    rule: "PRIORITY of another length is an error of its stream",
    send: [post(1), frame("PRIORITY", 0, 1, bytes(0, 0, 0, 0))],
    expect: { streamError: [1, "FRAME_SIZE_ERROR"] },
  },
  {
    section: "6.3",
    rule: "on an idle stream it is one of the connection",
    send: [frame("PRIORITY", 0, 1, bytes(0, 0, 0, 0))],
    expect: SIZE,
  },
  {
    section: "5.3.1",
    rule: "a stream that depends on itself is an error (PRIORITY)",
    send: [post(1), priority(1, 1)],
    expect: { streamError: [1, "PROTOCOL_ERROR"] },
  },
  {
    section: "5.3.1",
    rule: "a stream that depends on itself is an error (HEADERS)",
    send: [frame("HEADERS", 5 | PRIORITY_FLAG, 1, bytes(0, 0, 0, 1, 9, ...requestBlock)), get(3)],
    expect: { streamError: [1, "PROTOCOL_ERROR"] },
  },
  {
    section: "9218 7.1",
    rule: "PRIORITY_UPDATE on a stream is an error",
    send: [frame("PRIORITY_UPDATE", 0, 1, bytes(0, 0, 0, 1))],
    expect: PROTOCOL,
  },
  {
    section: "9218 7.1",
    rule: "PRIORITY_UPDATE for stream 0 is an error",
    send: [priorityUpdate(0, "u=1")],
    expect: PROTOCOL,
  },
  {
    section: "9218 7.1",
    rule: "PRIORITY_UPDATE that is too short is an error",
    send: [frame("PRIORITY_UPDATE", 0, 0, bytes(0, 0, 1))],
    expect: SIZE,
  },
  {
    section: "9218 7.1",
    rule: "PRIORITY_UPDATE of any value is taken",
    send: [priorityUpdate(1, "u=9, i, \xff"), get(1)],
    expect: ANSWERED,
  },

  // 6.4 RST_STREAM
  { section: "6.4", rule: "RST_STREAM on stream 0 is an error", send: [reset(0)], expect: PROTOCOL },
  { section: "6.4", rule: "RST_STREAM on an idle stream is an error", send: [reset(1)], expect: PROTOCOL },
  {
    section: "6.4",
    rule: "RST_STREAM of another length is an error",
    send: [post(1), frame("RST_STREAM", 0, 1, bytes(0, 0, 0))],
    expect: SIZE,
  },
  {
    section: "6.4",
    rule: "RST_STREAM ends its stream alone",
    send: [post(1), reset(1), get(3)],
    expect: { answers: { 3: 200 } },
  },
  {
    section: "7",
    rule: "RST_STREAM with an unknown code is taken",
    send: [post(1), reset(1, 0xffff), get(3)],
    expect: { answers: { 3: 200 } },
  },

  // 6.10 CONTINUATION
  {
    section: "6.10",
    rule: "a block may be in several frames",
    send: [
      frame("HEADERS", END_STREAM, 1, requestBlock.subarray(0, half)),
      frame("CONTINUATION", 0, 1, requestBlock.subarray(half, half + 1)),
      frame("CONTINUATION", END_HEADERS, 1, requestBlock.subarray(half + 1)),
    ],
    expect: ANSWERED,
  },
  {
    section: "6.10",
    rule: "a fragment may be empty",
    send: [frame("HEADERS", END_STREAM, 1), frame("CONTINUATION", END_HEADERS, 1, requestBlock)],
    expect: ANSWERED,
  },
  {
    section: "6.10",
    rule: "CONTINUATION on stream 0 is an error",
    send: [frame("HEADERS", END_STREAM, 1, requestBlock), frame("CONTINUATION", END_HEADERS, 0)],
    expect: PROTOCOL,
  },
  {
    section: "6.10",
    rule: "CONTINUATION of another stream is an error",
    send: [frame("HEADERS", END_STREAM, 1, requestBlock), frame("CONTINUATION", END_HEADERS, 3)],
    expect: PROTOCOL,
  },
  {
    section: "6.10",
    rule: "CONTINUATION without HEADERS is an error",
    send: [frame("CONTINUATION", END_HEADERS, 1, requestBlock)],
    expect: PROTOCOL,
  },
  {
    section: "6.10",
    rule: "CONTINUATION after a complete block is an error",
    send: [get(1), frame("CONTINUATION", END_HEADERS, 1, requestBlock)],
    expect: PROTOCOL,
  },
  {
    section: "6.10",
    rule: "CONTINUATION after DATA is an error",
    send: [post(1), data(1, "x"), frame("CONTINUATION", END_HEADERS, 1)],
    expect: PROTOCOL,
  },
  {
    section: "6.10",
    rule: "another frame within a block is an error",
    send: [frame("HEADERS", END_STREAM, 1, requestBlock), data(1, "x")],
    expect: PROTOCOL,
  },
  {
    section: "6.10",
    rule: "SETTINGS within a block are an error",
    send: [frame("HEADERS", END_STREAM, 1, requestBlock), settings()],
    expect: PROTOCOL,
  },
  {
    section: "5.5",
    rule: "an extension within a block is an error",
    send: [frame("HEADERS", END_STREAM, 1, requestBlock), frame(0xee, 0, 1)],
    expect: PROTOCOL,
  },
];
