/**
 * Cases of RFC 9113, sections 6.5 to 6.9: settings, PING, GOAWAY and the windows.
 */

import { assert, assertEquals } from "@std/assert";
import type { Case } from "./case.ts";
import { LARGE } from "./talking.ts";
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  numberAt,
  ping,
  post,
  settings,
  TYPES,
  uint32,
  windowUpdate,
} from "./wire.ts";

const bytes = (...octets: readonly number[]) => Uint8Array.from(octets);
const requestBlock = get(1).subarray(9);
const PROTOCOL = { connectionError: "PROTOCOL_ERROR" } as const;
const SIZE = { connectionError: "FRAME_SIZE_ERROR" } as const;
const FLOW = { connectionError: "FLOW_CONTROL_ERROR" } as const;
const ANSWERED = { answers: { 1: 200 } } as const;

/** DATA frames of a stream, by their lengths. */
const dataLengths =
  (stream: number) => ({ frames }: { frames: readonly { type: number; stream: number; payload: Uint8Array }[] }) =>
    frames.filter((each) => each.type === TYPES.DATA && each.stream === stream).map(({ payload }) => payload.length);

export const FLOW_CASES: readonly Case[] = [
  // 6.5 SETTINGS
  { section: "6.5", rule: "SETTINGS on a stream are an error", send: [frame("SETTINGS", 0, 1)], expect: PROTOCOL },
  {
    section: "6.5",
    rule: "an acknowledgement with a payload is an error",
    send: [frame("SETTINGS", ACK, 0, bytes(0, 1, 0, 0, 0, 0))],
    expect: SIZE,
  },
  {
    section: "6.5",
    rule: "a length that is no multiple of six is an error",
    send: [frame("SETTINGS", 0, 0, bytes(0, 1, 0))],
    expect: SIZE,
  },
  { section: "6.5.2", rule: "ENABLE_PUSH is 0 or 1", send: [settings([2, 2])], expect: PROTOCOL },
  { section: "9218 2.1", rule: "NO_RFC7540_PRIORITIES is 0 or 1", send: [settings([9, 2])], expect: PROTOCOL },
  {
    section: "9218 2.1",
    rule: "NO_RFC7540_PRIORITIES 0 and 1 are taken",
    send: [settings([9, 0], [9, 1]), get(1)],
    expect: ANSWERED,
  },
  { section: "6.5.2", rule: "INITIAL_WINDOW_SIZE has 31 bits", send: [settings([4, 2 ** 31])], expect: FLOW },
  { section: "6.5.2", rule: "MAX_FRAME_SIZE is at least 16,384", send: [settings([5, 16_383])], expect: PROTOCOL },
  { section: "6.5.2", rule: "MAX_FRAME_SIZE is below 2^24", send: [settings([5, 2 ** 24])], expect: PROTOCOL },
  {
    section: "6.5.2",
    rule: "the largest MAX_FRAME_SIZE is taken",
    send: [settings([5, 2 ** 24 - 1]), get(1, "/large")],
    steps: [windowUpdate(0, LARGE), windowUpdate(1, LARGE)],
    expect: ANSWERED,
  },
  {
    section: "6.5.2",
    rule: "unknown settings are ignored",
    send: [settings([0xff, 1], [0, 0]), get(1)],
    expect: ANSWERED,
  },
  {
    section: "6.5.3",
    rule: "each SETTINGS is acknowledged",
    send: [settings(), settings([3, 1])],
    expect: {
      check: ({ frames }) =>
        assertEquals(frames.filter(({ type, flags }) => type === TYPES.SETTINGS && flags === ACK).length, 3),
    },
  },
  {
    section: "6.5.3",
    rule: "the last value of a setting counts",
    send: [settings([4, 100], [4, 1]), get(1)],
    expect: { check: (received) => assertEquals(dataLengths(1)(received), [1]) },
  },

  // 6.6 PUSH_PROMISE
  {
    section: "8.4",
    rule: "PUSH_PROMISE of a client is an error",
    send: [frame("PUSH_PROMISE", END_HEADERS, 1, bytes(0, 0, 0, 2, ...requestBlock))],
    expect: PROTOCOL,
  },

  // 6.7 PING
  {
    section: "6.7",
    rule: "PING is answered with its octets",
    send: [ping("abcdefgh")],
    expect: {
      check: ({ frames }) =>
        assertEquals(
          frames.filter(({ type }) => type === TYPES.PING).map((
            { flags, payload },
          ) => [flags, new TextDecoder().decode(payload)]),
          [[ACK, "abcdefgh"]],
        ),
    },
  },
  {
    section: "6.7",
    rule: "an acknowledgement is not answered",
    send: [ping("abcdefgh", ACK)],
    expect: { check: ({ frames }) => assert(!frames.some(({ type }) => type === TYPES.PING)) },
  },
  { section: "6.7", rule: "PING on a stream is an error", send: [ping("12345678", 0, 1)], expect: PROTOCOL },
  { section: "6.7", rule: "PING of another length is an error", send: [ping("1234567")], expect: SIZE },

  // 6.8 GOAWAY
  {
    section: "6.8",
    rule: "GOAWAY on a stream is an error",
    send: [frame("GOAWAY", 0, 1, bytes(...uint32(0), ...uint32(0)))],
    expect: PROTOCOL,
  },
  {
    section: "6.8",
    rule: "GOAWAY that is too short is an error",
    send: [frame("GOAWAY", 0, 0, bytes(0, 0, 0, 0))],
    expect: SIZE,
  },
  {
    section: "6.8",
    rule: "requests before GOAWAY are answered",
    send: [get(1), frame("GOAWAY", 0, 0, bytes(...uint32(0), ...uint32(0), 0x78))],
    expect: ANSWERED,
  },
  {
    section: "7",
    rule: "GOAWAY with an unknown code is taken",
    send: [get(1), frame("GOAWAY", 0, 0, bytes(...uint32(0), ...uint32(0xffff)))],
    expect: ANSWERED,
  },

  // 6.9 WINDOW_UPDATE
  {
    section: "6.9",
    rule: "an increment of 0 is an error of the connection",
    send: [windowUpdate(0, 0)],
    expect: PROTOCOL,
  },
  {
    section: "6.9",
    rule: "an increment of 0 is an error of its stream",
    send: [post(1), windowUpdate(1, 0)],
    expect: { streamError: [1, "PROTOCOL_ERROR"] },
  },
  {
    section: "6.9",
    rule: "WINDOW_UPDATE of another length is an error",
    send: [frame("WINDOW_UPDATE", 0, 0, bytes(0, 0, 1))],
    expect: SIZE,
  },
  { section: "6.9", rule: "WINDOW_UPDATE on an idle stream is an error", send: [windowUpdate(1, 1)], expect: PROTOCOL },
  {
    section: "6.9",
    rule: "WINDOW_UPDATE on a closed stream is ignored",
    send: [get(1), windowUpdate(1, 1), get(3)],
    expect: { answers: { 1: 200, 3: 200 } },
  },
  {
    section: "6.9.1",
    rule: "no more is sent than the stream's window",
    send: [settings([4, 3]), get(1)],
    expect: {
      check: (received) => assertEquals([dataLengths(1)(received), received.answers.get(1)?.isEnded], [[3], false]),
    },
  },
  {
    section: "6.9.1",
    rule: "no more is sent than the connection's window",
    send: [settings([4, 2 ** 31 - 1]), get(1, "/large")],
    expect: {
      check: (received) => assertEquals(dataLengths(1)(received).reduce((sum, each) => sum + each, 0), 65_535),
    },
  },
  {
    section: "6.9.1",
    rule: "the connection's window may not overflow",
    send: [windowUpdate(0, 2 ** 31 - 1)],
    expect: FLOW,
  },
  {
    section: "6.9.1",
    rule: "a stream's window may not overflow",
    send: [post(1), windowUpdate(1, 2 ** 31 - 1)],
    expect: { streamError: [1, "FLOW_CONTROL_ERROR"] },
  },
  {
    section: "6.9.1",
    rule: "the rest is sent when the windows open",
    send: [settings([4, 0]), get(1)],
    steps: [windowUpdate(1, 2), windowUpdate(1, 100)],
    expect: {
      check: (received) =>
        assertEquals([dataLengths(1)(received), received.answers.get(1)?.content], [[2, 3], "hello"]),
    },
  },
  {
    section: "6.9.1",
    rule: "HEADERS and empty answers need no window",
    send: [settings([4, 0]), get(1, "/empty"), get(3)],
    expect: { check: ({ answers }) => assertEquals([answers.get(1)?.isEnded, answers.get(3)?.status], [true, 200]) },
  },
  {
    section: "6.9.2",
    rule: "a new initial window changes the windows of open streams",
    send: [settings([4, 0]), get(1)],
    steps: [settings([4, 1]), settings([4, 4])],
    expect: { check: (received) => assertEquals(dataLengths(1)(received), [1, 3]) },
  },
  {
    section: "6.9.2",
    rule: "a window may become negative",
    send: [settings([4, 3]), get(1)],
    steps: [settings([4, 2]), windowUpdate(1, 1), windowUpdate(1, 1)],
    expect: { check: (received) => assertEquals(dataLengths(1)(received), [3, 1]) },
  },
  {
    section: "6.9.2",
    rule: "an open stream's window may not overflow by SETTINGS",
    send: [post(1), windowUpdate(1, 2 ** 31 - 1 - 65_535), settings([4, 65_536])],
    expect: FLOW,
  },
  {
    section: "6.9",
    rule: "content that is taken opens the connection's window",
    send: [post(1), data(1, 16_384), data(1, 16_384, END_STREAM)],
    expect: {
      check: ({ frames }) =>
        assertEquals(
          frames.filter(({ type, stream }) => type === TYPES.WINDOW_UPDATE && stream === 0).map(({ payload }) =>
            numberAt(payload, 0)
          ),
          [32_768],
        ),
    },
  },
];
