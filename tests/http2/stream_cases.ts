/**
 * Cases of RFC 9113, section 5: the states of streams, their numbers and errors, and RFC 9218.
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import type { Case } from "./case.ts";
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  headers,
  ping,
  post,
  priorityUpdate,
  reset,
  settings,
  TYPES,
  windowUpdate,
} from "./wire.ts";

const PROTOCOL = { connectionError: "PROTOCOL_ERROR" } as const;
const CLOSED = { connectionError: "STREAM_CLOSED" } as const;
const requestBlock = get(1).subarray(9);
/** Keeps answers open, because no content may be sent. */
const NO_WINDOW = settings([4, 0]);
const ids = (count: number) => Array.from({ length: count }, (_, index) => 2 * index + 1);

/** The order in which streams have sent their content, by frames. */
function order(frames: readonly { type: number; stream: number }[]): number[] {
  return frames.filter(({ type }) => type === TYPES.DATA).map(({ stream }) => stream);
}

export const STREAM_CASES: readonly Case[] = [
  // 5.1, idle
  { section: "5.1", rule: "DATA on an idle stream is an error", send: [data(1, "x")], expect: PROTOCOL },
  { section: "5.1", rule: "RST_STREAM on a later idle stream is an error", send: [get(1), reset(3)], expect: PROTOCOL },
  {
    section: "5.1",
    rule: "WINDOW_UPDATE on a later idle stream is an error",
    send: [get(1), windowUpdate(3, 1)],
    expect: PROTOCOL,
  },
  {
    section: "5.1",
    rule: "CONTINUATION on an idle stream is an error",
    send: [frame("CONTINUATION", END_HEADERS, 1)],
    expect: PROTOCOL,
  },
  { section: "5.1", rule: "DATA on a stream of the server is an error", send: [data(2, "x")], expect: PROTOCOL },

  // 5.1, half-closed (remote): the client has ended its side, and the answer waits for a window.
  {
    section: "5.1",
    rule: "DATA after END_STREAM is an error",
    send: [NO_WINDOW, get(1), data(1, "x")],
    expect: { streamError: [1, "STREAM_CLOSED"] },
  },
  {
    section: "5.1",
    rule: "HEADERS after END_STREAM are an error",
    send: [NO_WINDOW, get(1), get(1)],
    expect: { streamError: [1, "STREAM_CLOSED"] },
  },
  {
    section: "5.1",
    rule: "CONTINUATION after END_STREAM is an error",
    send: [NO_WINDOW, get(1), frame("CONTINUATION", END_HEADERS, 1)],
    expect: PROTOCOL,
  },
  {
    section: "5.1",
    rule: "RST_STREAM and WINDOW_UPDATE after END_STREAM are taken",
    send: [NO_WINDOW, get(1), windowUpdate(1, 5), get(3), reset(3), get(5, "/empty")],
    expect: { answers: { 1: 200, 5: 204 } },
  },

  // 5.1, closed
  {
    section: "5.1",
    rule: "DATA after both ends is an error",
    send: [get(1, "/empty")],
    steps: [data(1, "x")],
    expect: CLOSED,
  },
  {
    section: "5.1",
    rule: "HEADERS after both ends are an error",
    send: [get(1, "/empty")],
    steps: [get(1)],
    expect: CLOSED,
  },
  {
    section: "5.1",
    rule: "CONTINUATION after both ends is an error",
    send: [get(1, "/empty")],
    steps: [frame("CONTINUATION", END_HEADERS, 1)],
    expect: PROTOCOL,
  },
  {
    section: "5.1",
    rule: "DATA after the client's RST_STREAM is an error",
    send: [post(1), reset(1), data(1, "x")],
    expect: { streamError: [1, "STREAM_CLOSED"] },
  },
  {
    section: "5.1",
    rule: "HEADERS after the client's RST_STREAM are an error",
    send: [post(1), reset(1), get(1)],
    expect: { streamError: [1, "STREAM_CLOSED"] },
  },
  {
    section: "5.1",
    rule: "CONTINUATION after the client's RST_STREAM is an error",
    send: [post(1), reset(1), frame("CONTINUATION", END_HEADERS, 1)],
    expect: PROTOCOL,
  },
  {
    section: "5.1",
    rule: "RST_STREAM and WINDOW_UPDATE on a closed stream are ignored",
    send: [get(1, "/empty"), reset(1), windowUpdate(1, 1), reset(1), get(3)],
    expect: { answers: { 1: 204, 3: 200 } },
  },
  {
    section: "5.1",
    rule: "frames that cross our RST_STREAM are ignored",
    send: [post(1, "/", "te: gzip"), data(1, "x"), data(1, "y", END_STREAM), get(3)],
    expect: {
      check: ({ resets, answers, goAway }) =>
        assertEquals([resets.get(1), answers.get(3)?.status, goAway], ["PROTOCOL_ERROR", 200, null]),
    },
  },
  {
    section: "5.1",
    rule: "trailers that cross our RST_STREAM keep the table right",
    send: [
      post(1, "/", "te: gzip"),
      frame("HEADERS", 5, 1, Uint8Array.from([0x40, 1, 0x61, 1, 0x62])),
      frame("HEADERS", 5, 3, concat([requestBlock, Uint8Array.of(0xbe)])),
    ],
    expect: { check: ({ answers, goAway }) => assertEquals([answers.get(3)?.status, goAway], [200, null]) },
  },

  // 5.1.1
  { section: "5.1.1", rule: "an even number is an error", send: [get(2)], expect: PROTOCOL },
  {
    section: "5.1.1",
    rule: "a smaller number that was not used is an error",
    send: [get(5), get(3)],
    expect: PROTOCOL,
  },
  {
    section: "5.1.1",
    rule: "numbers may be left out",
    send: [get(1), get(101), get(2 ** 31 - 1)],
    expect: { answers: { 1: 200, 101: 200, [2 ** 31 - 1]: 200 } },
  },
  {
    section: "5.1.1",
    rule: "a number that was left out is closed",
    send: [get(5), windowUpdate(3, 1), reset(1), get(7)],
    expect: { answers: { 5: 200, 7: 200 } },
  },

  // 5.1.2
  {
    section: "5.1.2",
    rule: "a hundred streams are taken at the same time",
    send: [NO_WINDOW, ...ids(100).map((id) => get(id))],
    expect: { check: ({ answers, resets }) => assertEquals([answers.size, resets.size], [100, 0]) },
  },
  {
    section: "5.1.2",
    rule: "one more is refused, and may be repeated",
    send: [NO_WINDOW, ...ids(101).map((id) => get(id))],
    expect: { streamError: [201, "REFUSED_STREAM"] },
  },
  {
    section: "5.1.2",
    rule: "streams whose content is awaited count",
    send: ids(101).map((id) => post(id)),
    expect: { streamError: [201, "REFUSED_STREAM"] },
  },
  {
    section: "5.1.2",
    rule: "streams that have ended do not count",
    send: ids(300).map((id) => get(id, "/empty")),
    expect: { check: ({ answers, resets }) => assertEquals([answers.size, resets.size], [300, 0]) },
  },
  {
    section: "5.1.2",
    rule: "a reset stream makes room",
    send: [NO_WINDOW, ...ids(100).map((id) => get(id)), reset(7), get(201, "/empty")],
    expect: { check: ({ answers }) => assertEquals(answers.get(201)?.status, 204) },
  },
  {
    section: "5.1.2",
    rule: "a refused stream's block keeps the table right",
    send: [
      NO_WINDOW,
      ...ids(100).map((id) => get(id)),
      frame("HEADERS", 5, 201, Uint8Array.from([0x40, 1, 0x61, 1, 0x62, ...requestBlock])),
      reset(1),
      frame("HEADERS", 5, 203, concat([requestBlock, Uint8Array.of(0xbe)])),
    ],
    expect: { check: ({ answers, goAway }) => assertEquals([answers.get(203)?.status, goAway], [200, null]) },
  },

  // 5.4
  {
    section: "5.4.1",
    rule: "GOAWAY is the last frame, and names the last stream",
    send: [get(1), get(3), ping("short")],
    expect: { check: ({ frames, goAway }) => assertEquals([frames.at(-1)?.type, goAway?.last], [TYPES.GOAWAY, 3]) },
  },
  {
    section: "5.4.1",
    rule: "GOAWAY gives the reason in words",
    send: [ping("short")],
    expect: { check: ({ goAway }) => assertEquals(goAway?.reason, "PING of a wrong length") },
  },
  {
    section: "5.4.1",
    rule: "nothing is answered after an error",
    send: [ping("short"), get(1)],
    expect: { check: ({ answers }) => assertEquals(answers.size, 0) },
  },
  {
    section: "5.4.2",
    rule: "an error of a stream leaves the others alone",
    send: [get(1, "/large"), post(3, "/", "te: gzip")],
    steps: [windowUpdate(1, 100_000), windowUpdate(0, 100_000)],
    expect: {
      check: ({ answers, resets }) =>
        assertEquals([answers.get(1)?.content.length, resets.get(3)], [100_000, "PROTOCOL_ERROR"]),
    },
  },
  {
    section: "5.4.2",
    rule: "RST_STREAM does not answer RST_STREAM",
    send: [post(1), reset(1), reset(1)],
    expect: { check: ({ resets }) => assertEquals(resets.size, 0) },
  },

  // 5.5
  {
    section: "5.5",
    rule: "extensions on any stream are ignored",
    send: [frame(0xbb, 0, 7, new Uint8Array(5)), get(1), frame(0xbb, 0, 1)],
    expect: { answers: { 1: 200 } },
  },

  // 5.2 and RFC 9218
  {
    section: "5.2",
    rule: "streams without a priority take turns",
    send: [NO_WINDOW, get(1, "/large"), get(3, "/large"), settings([4, 65_535])],
    expect: { check: ({ frames }) => assertEquals(order(frames).slice(0, 4), [1, 3, 1, 3]) },
  },
  {
    section: "9218 4.1",
    rule: "a more urgent stream is sent first",
    send: [NO_WINDOW, get(1, "/large", "priority: u=5"), get(3, "/large", "priority: u=1"), settings([4, 65_535])],
    expect: { check: ({ frames }) => assertEquals(order(frames).slice(0, 4), [3, 3, 3, 3]) },
  },
  {
    section: "9218 4.2",
    rule: "streams that are not incremental are sent in order",
    send: [NO_WINDOW, get(1, "/large", "priority: u=3"), get(3, "/large", "priority: u=3"), settings([4, 65_535])],
    expect: { check: ({ frames }) => assertEquals(order(frames).slice(0, 4), [1, 1, 1, 1]) },
  },
  {
    section: "9218 4.2",
    rule: "incremental streams take turns",
    send: [NO_WINDOW, get(1, "/large", "priority: i"), get(3, "/large", "priority: u=3, i"), settings([4, 65_535])],
    expect: { check: ({ frames }) => assertEquals(order(frames).slice(0, 4), [1, 3, 1, 3]) },
  },
  {
    section: "9218 7",
    rule: "PRIORITY_UPDATE changes the order",
    send: [
      NO_WINDOW,
      get(1, "/large", "priority: u=3"),
      get(3, "/large", "priority: u=3"),
      priorityUpdate(3, "u=0"),
      settings([4, 65_535]),
    ],
    expect: { check: ({ frames }) => assertEquals(order(frames).slice(0, 3), [3, 3, 3]) },
  },
  {
    section: "9218 4",
    rule: "a priority that is none is ignored",
    send: [
      get(1, "/", "priority: ?,;=u"),
      headers(3, END_STREAM, ":method: GET", ":scheme: http", ":authority: a", ":path: /", "priority: u=9, x=("),
    ],
    expect: { answers: { 1: 200, 3: 200 } },
  },
  {
    section: "9218 10",
    rule: "a stream whose window is closed does not hold up others",
    send: [NO_WINDOW, get(1, "/large", "priority: u=0"), get(3, "/large", "priority: u=7"), windowUpdate(3, 30_000)],
    expect: { check: ({ frames }) => assert(order(frames).length > 0 && order(frames).every((id) => id === 3)) },
  },
];
