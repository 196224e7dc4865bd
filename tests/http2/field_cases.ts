/**
 * Cases of RFC 9113, sections 8.2 to 8.5: the fields of requests.
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import type { Case } from "./case.ts";
import { END_STREAM, frame, get, headers } from "./wire.ts";

const MALFORMED = { streamError: [1, "PROTOCOL_ERROR"] } as const;
const G = ":method: GET";
const S = ":scheme: http";
const A = ":authority: a.example";
const P = ":path: /";
const ask = (...fields: readonly string[]) => [headers(1, END_STREAM, ...fields)];

export const FIELD_CASES: readonly Case[] = [
  // 8.2
  { section: "8.2", rule: "an upper-case name is malformed", send: ask(G, S, A, P, "X-Test: a"), expect: MALFORMED },
  {
    section: "8.2.1",
    rule: "an empty name is malformed",
    send: [frame("HEADERS", 5, 1, concat([get(1).subarray(9), Uint8Array.of(0, 0, 1, 0x76)]))],
    expect: MALFORMED,
  },
  ...["a b", "a(b", "a\x7fb", "a\x80b", "a\x00b", "a\rb"].map((name): Case => ({
    section: "8.2.1",
    rule: `a name with ${JSON.stringify(name)} is malformed`,
    send: ask(G, S, A, P, `${name}: v`),
    expect: MALFORMED,
  })),
  ...["a\x00b", "a\nb", "a\rb", " a", "a ", "\ta", "a\t", "a\x01b", "a\x7f"].map((value): Case => ({
    section: "8.2.1",
    rule: `a value ${JSON.stringify(value)} is malformed`,
    send: ask(G, S, A, P, `x: ${value}`),
    expect: MALFORMED,
  })),
  {
    section: "8.2.1",
    rule: "a value with octets above 0x80 is taken",
    send: ask(G, S, A, P, "x: \xe9"),
    expect: { answers: { 1: 200 } },
  },
  { section: "8.2.1", rule: "an empty value is taken", send: ask(G, S, A, P, "x: "), expect: { answers: { 1: 200 } } },
  ...["connection: close", "proxy-connection: x", "keep-alive: timeout=5", "transfer-encoding: chunked", "upgrade: h2c"]
    .map((field): Case => ({
      section: "8.2.2",
      rule: `${field} is malformed`,
      send: ask(G, S, A, P, field),
      expect: MALFORMED,
    })),
  {
    section: "8.2.2",
    rule: "TE with another value than trailers is malformed",
    send: ask(G, S, A, P, "te: trailers, deflate"),
    expect: MALFORMED,
  },
  {
    section: "8.2.2",
    rule: "te: trailers is taken",
    send: ask(G, S, A, P, "te: trailers"),
    expect: { answers: { 1: 200 } },
  },
  {
    section: "8.2.3",
    rule: "cookies in several fields are taken",
    send: ask(G, S, A, P, ...Array.from({ length: 150 }, (_, at) => `cookie: c${at}=1`)),
    expect: { answers: { 1: 200 } },
  },

  // 8.3
  {
    section: "8.3",
    rule: "a pseudo-field after others is malformed",
    send: ask(G, S, A, "x: a", P),
    expect: MALFORMED,
  },
  {
    section: "8.3",
    rule: "an unknown pseudo-field is malformed",
    send: ask(G, S, A, P, ":test: a"),
    expect: MALFORMED,
  },
  {
    section: "8.3",
    rule: "the pseudo-field of answers is malformed",
    send: ask(G, S, A, P, ":status: 200"),
    expect: MALFORMED,
  },
  ...[G, S, A, P].map((field): Case => ({
    section: "8.3",
    rule: `${field} twice is malformed`,
    send: ask(G, S, A, P, field),
    expect: MALFORMED,
  })),
  { section: "8.3.1", rule: "no :method is malformed", send: ask(S, A, P), expect: MALFORMED },
  ...["ht tp", "1http", "http:", "h\u00e9", "http/1"].map((scheme): Case => ({
    section: "8.3.1",
    rule: `:scheme ${JSON.stringify(scheme)} is malformed`,
    send: ask(G, `:scheme: ${scheme}`, A, P),
    expect: MALFORMED,
  })),
  {
    section: "8.3.1",
    rule: "a :scheme of letters, digits and signs is taken",
    send: ask(G, ":scheme: coap+TCP-1.0", A, P),
    expect: { answers: { 1: 200 } },
  },
  { section: "8.3.1", rule: "no :scheme is malformed", send: ask(G, A, P), expect: MALFORMED },
  { section: "8.3.1", rule: "no :path is malformed", send: ask(G, S, A), expect: MALFORMED },
  { section: "8.3.1", rule: "an empty :path is malformed", send: ask(G, S, A, ":path: "), expect: MALFORMED },
  {
    section: "8.3.1",
    rule: "a :path without a slash is malformed",
    send: ask(G, S, A, ":path: a/b"),
    expect: MALFORMED,
  },
  {
    section: "8.3.1",
    rule: "an absolute :path is malformed",
    send: ask(G, S, A, ":path: http://a/"),
    expect: MALFORMED,
  },
  { section: "8.3.1", rule: ":path * is for OPTIONS alone", send: ask(G, S, A, ":path: *"), expect: MALFORMED },
  {
    section: "8.3.1",
    rule: "a :path with a blank is 400",
    send: ask(G, S, A, ":path: /a b"),
    expect: { answers: { 1: 400 } },
  },
  {
    section: "8.3.1",
    rule: "a :method that is no token is 400",
    send: ask(":method: GE(T", S, A, P),
    expect: { answers: { 1: 400 } },
  },
  {
    section: "8.3.1",
    rule: "a :method cannot bring a target of its own",
    send: ask(":method: GET /x", S, A, P),
    expect: { answers: { 1: 400 } },
  },
  {
    section: "8.3.1",
    rule: "Host stands for :authority",
    send: ask(G, S, P, "host: a.example"),
    expect: { answers: { 1: 200 } },
  },
  {
    section: "8.3.1",
    rule: "Host that agrees with :authority is taken",
    send: ask(G, S, A, P, "host: A.example"),
    expect: { answers: { 1: 200 } },
  },
  {
    section: "8.3.1",
    rule: "Host that differs from :authority is malformed",
    send: ask(G, S, A, P, "host: b.example"),
    expect: MALFORMED,
  },
  {
    section: "8.3.1",
    rule: "Host twice is 400",
    send: ask(G, S, A, P, "host: a.example", "host: a.example"),
    expect: { answers: { 1: 400 } },
  },
  { section: "8.3.1", rule: "neither Host nor :authority is 400", send: ask(G, S, P), expect: { answers: { 1: 400 } } },
  {
    section: "8.3.1",
    rule: ":authority with user information is 400",
    send: ask(G, S, ":authority: u@a.example", P),
    expect: { answers: { 1: 400 } },
  },
  {
    section: "8.3.1",
    rule: ":scheme https by a proxy is taken",
    send: ask(G, ":scheme: https", A, P),
    expect: { answers: { 1: 200 } },
  },
  {
    section: "8.3.1",
    rule: "the host of a request is that of :authority",
    send: ask(G, S, ":authority: B.example:81", ":path: /echo", "user-agent: me"),
    expect: { check: ({ answers }) => assertEquals(answers.get(1)?.content, "GET b.example - me") },
  },
  { section: "8.5", rule: "CONNECT with a path is malformed", send: ask(":method: CONNECT", A, P), expect: MALFORMED },
  { section: "8.5", rule: "CONNECT without :authority is malformed", send: ask(":method: CONNECT"), expect: MALFORMED },
];
