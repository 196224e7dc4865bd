/**
 * Cases of RFC 9113, section 8.1: requests, their content, and answers.
 */

import { assert, assertEquals } from "@std/assert";
import type { Case } from "./case.ts";
import { LARGE } from "./talking.ts";
import { data, END_STREAM, get, headers, post, reset, settings, windowUpdate } from "./wire.ts";

const MALFORMED = { streamError: [1, "PROTOCOL_ERROR"] } as const;
const G = ":method: GET";
const S = ":scheme: http";
const A = ":authority: a.example";
const P = ":path: /";
const ask = (...fields: readonly string[]) => [headers(1, END_STREAM, ...fields)];
const WIDE = [windowUpdate(0, 10 * LARGE), settings([4, 10 * LARGE])];

export const MESSAGE_CASES: readonly Case[] = [
  // 8.1
  { section: "8.1", rule: "GET is answered", send: ask(G, S, A, P), expect: { answers: { 1: 200 } } },
  {
    section: "8.1",
    rule: "HEAD is answered without content",
    send: ask(":method: HEAD", S, A, P),
    expect: {
      check: ({ answers }) =>
        assertEquals([
          answers.get(1)?.content,
          answers.get(1)?.isEnded,
          answers.get(1)?.fields.includes("content-length: 5"),
        ], ["", true, true]),
    },
  },
  {
    section: "8.1",
    rule: "OPTIONS with * is answered",
    send: ask(":method: OPTIONS", S, A, ":path: *"),
    expect: { answers: { 1: 200 } },
  },
  {
    section: "8.1",
    rule: "content is received before the answer",
    send: [post(1), data(1, "abc"), data(1, "def", END_STREAM)],
    expect: { answers: { 1: 405 } },
  },
  {
    section: "8.1",
    rule: "trailers end the content",
    send: [post(1), data(1, "abc"), headers(1, END_STREAM, "x-sum: 1")],
    expect: { answers: { 1: 405 } },
  },
  {
    section: "8.1",
    rule: "trailers without DATA end the request",
    send: [post(1), headers(1, END_STREAM, "x-sum: 1")],
    expect: { answers: { 1: 405 } },
  },
  {
    section: "8.1",
    rule: "second HEADERS that do not end the stream are malformed",
    send: [post(1), headers(1, 0, "x-sum: 1")],
    expect: MALFORMED,
  },
  {
    section: "8.1",
    rule: "pseudo-fields in trailers are malformed",
    send: [post(1), headers(1, END_STREAM, G)],
    expect: MALFORMED,
  },
  {
    section: "8.1",
    rule: "upper-case names in trailers are malformed",
    send: [post(1), headers(1, END_STREAM, "X-Sum: 1")],
    expect: MALFORMED,
  },
  {
    section: "8.1",
    rule: "content in frames no larger than 16 KiB",
    send: [...WIDE, get(1, "/large")],
    expect: {
      check: ({ answers, frames }) =>
        assert(answers.get(1)?.content.length === LARGE && frames.every(({ payload }) => payload.length <= 16_384)),
    },
  },
  {
    section: "8.1",
    rule: "content of unknown length ends with END_STREAM",
    send: [get(1, "/stream")],
    expect: {
      check: ({ answers }) =>
        assertEquals([
          answers.get(1)?.content,
          answers.get(1)?.isEnded,
          answers.get(1)?.fields.some((field) => field.startsWith("content-length")),
        ], ["one two", true, false]),
    },
  },
  {
    section: "8.1",
    rule: "answers that come later are sent when they come",
    send: [get(1, "/later"), get(3)],
    expect: { answers: { 1: 200, 3: 200 } },
  },
  {
    section: "8.1",
    rule: "204 and 304 have no content and no length",
    send: [get(1, "/empty"), get(3, "/unchanged")],
    expect: {
      check: ({ answers }) =>
        assertEquals(
          [1, 3].map((id) => [
            answers.get(id)?.isEnded,
            answers.get(id)?.fields.some((field) => field.startsWith("content-length")),
          ]),
          [[true, false], [true, false]],
        ),
    },
  },
  {
    section: "8.1",
    rule: "a handler that fails is 500",
    send: [get(1, "/fails"), get(3)],
    expect: { answers: { 1: 500, 3: 200 } },
  },

  // 8.1.1
  {
    section: "8.1.1",
    rule: "less content than Content-Length is malformed",
    send: [post(1, "/", "content-length: 5"), data(1, "abc", END_STREAM)],
    expect: MALFORMED,
  },
  {
    section: "8.1.1",
    rule: "more content than Content-Length is malformed",
    send: [post(1, "/", "content-length: 2"), data(1, "abc")],
    expect: MALFORMED,
  },
  {
    section: "8.1.1",
    rule: "less content in several frames is malformed",
    send: [post(1, "/", "content-length: 5"), data(1, "a"), data(1, "b", END_STREAM)],
    expect: MALFORMED,
  },
  {
    section: "8.1.1",
    rule: "Content-Length without content is malformed",
    send: ask(G, S, A, P, "content-length: 1"),
    expect: MALFORMED,
  },
  {
    section: "8.1.1",
    rule: "less content before trailers is malformed",
    send: [post(1, "/", "content-length: 5"), data(1, "abc"), headers(1, END_STREAM, "x: 1")],
    expect: MALFORMED,
  },
  {
    section: "8.1.1",
    rule: "Content-Length that agrees is taken",
    send: [post(1, "/", "content-length: 6"), data(1, "abc"), data(1, "def", END_STREAM)],
    expect: { answers: { 1: 405 } },
  },
  {
    section: "8.1.1",
    rule: "Content-Length: 0 without content is taken",
    send: ask(G, S, A, P, "content-length: 0"),
    expect: { answers: { 1: 200 } },
  },
  {
    section: "8.1.1",
    rule: "Content-Length that is no number is 400",
    send: [post(1, "/", "content-length: 5x"), data(1, "abc", END_STREAM)],
    expect: { answers: { 1: 400 } },
  },
  {
    section: "8.1.1",
    rule: "Content-Length twice is 400",
    send: ask(G, S, A, P, "content-length: 0", "content-length: 0"),
    expect: { answers: { 1: 400 } },
  },

  // Content, and limits
  {
    section: "8.1",
    rule: "too long a content is answered at once, and nobody reads it",
    send: [headers(1, 0, G, S, A, P, "content-length: 65537")],
    expect: {
      check: ({ answers, resets }) => assertEquals([answers.get(1)?.status, resets.get(1)], [413, "NO_ERROR"]),
    },
  },
  {
    section: "8.1",
    rule: "content without a length is limited as well",
    send: [headers(1, 0, G, S, A, P), ...Array.from({ length: 3 }, () => data(1, 16_384))],
    steps: [data(1, 16_384), data(1, 1)],
    expect: {
      check: ({ answers, resets }) => assertEquals([answers.get(1)?.status, resets.get(1)], [413, "NO_ERROR"]),
    },
  },
  {
    section: "8.1",
    rule: "64 KiB of content are taken",
    send: [headers(1, 0, G, S, A, P), ...Array.from({ length: 3 }, () => data(1, 16_384))],
    steps: [data(1, 16_384, END_STREAM)],
    expect: { answers: { 1: 200 } },
  },
  {
    section: "9110 10.1.1",
    rule: "a client that waits to continue is answered",
    send: [headers(1, 0, ":method: POST", S, A, P, "expect: 100-continue", "content-length: 5")],
    expect: {
      check: ({ answers, resets }) => assertEquals([answers.get(1)?.status, resets.get(1)], [405, "NO_ERROR"]),
    },
  },
  {
    section: "9110 10.1.1",
    rule: "another expectation is 417",
    send: ask(G, S, A, P, "expect: magic"),
    expect: { answers: { 1: 417 } },
  },
  {
    section: "6.5.2",
    rule: "fields of more than 32 KiB are 431, and the connection goes on",
    send: [
      headers(1, END_STREAM, G, S, A, P, ...Array.from({ length: 3 }, (_, at) => `x${at}: ${"v".repeat(5000)}`)),
      headers(3, END_STREAM, G, S, A, P, ...Array.from({ length: 400 }, (_, at) => `x${at}: ${"v".repeat(20)}`)),
      headers(5, END_STREAM, G, S, A, P, ...Array.from({ length: 99 }, (_, at) => `x${at}: v`)),
      get(7),
    ],
    expect: { answers: { 1: 200, 3: 431, 5: 200, 7: 200 } },
  },
  {
    section: "8.2",
    rule: "more than 100 fields are 431",
    send: ask(G, S, A, P, ...Array.from({ length: 101 }, (_, at) => `x${at}: v`)),
    expect: { answers: { 1: 431 } },
  },
  {
    section: "8.3.1",
    rule: "a :path over 8 KiB is 414",
    send: ask(G, S, A, `:path: /${"a".repeat(8200)}`),
    expect: { answers: { 1: 414 } },
  },
  {
    section: "8.7",
    rule: "an answer that was reset stops",
    send: [get(1, "/large"), reset(1)],
    steps: [windowUpdate(0, LARGE)],
    expect: { check: ({ answers, goAway }) => assertEquals([answers.get(1)?.isEnded, goAway], [false, null]) },
  },
];
