/**
 * HEAD (RFC 9110, section 9.3.2): every answer has the fields of GET and no content.
 */

import { type Answer, type Case, get, LETTERS, refused, request, type Topic } from "./case.ts";

const SAME = { rfc: "9110 9.3.2", level: "SHOULD" } as const;
const NO_CONTENT = { rfc: "9110 9.3.2", level: "MUST NOT" } as const;

/** Requests that are sent with HEAD and with GET. The fields of both answers must be the same. */
const BOTH:
  readonly (readonly [id: string, about: string, target: string, fields: readonly string[], answer: Answer])[] = [
    ["file", "a file", "/letters.txt", [], { status: 200, content: LETTERS }],
    ["large", "a large file", "/big.bin", [], { status: 200, fields: { "Content-Length": "1048576" } }],
    ["empty", "an empty file", "/empty.txt", [], { status: 200, content: "" }],
    ["index", "a directory's index", "/", [], { status: 200, content: "default index" }],
    ["redirect", "a redirect", "/dir", [], { status: 301 }],
    ["missing", "a missing file", "/missing", [], { status: 404 }],
    ["forbidden", "a forbidden file", "/outside", [], { status: 403 }],
    ["failed", "a condition that fails", "/letters.txt", ['If-Match: "x"'], { status: 412 }],
    ["not-modified", "an unmodified file", "/letters.txt", ["If-None-Match: *"], { status: 304 }],
  ];

/** Refused HEAD requests. The answer has no content, and the connection ends. */
const REFUSED: readonly (readonly [id: string, about: string, sent: string, statuses: readonly number[]])[] = [
  ["no-host", "no Host", "HEAD /letters.txt HTTP/1.1\r\n\r\n", [400]],
  ["field", "a malformed field line", request("HEAD /letters.txt", "X-A : b"), [400]],
  ["length", "a malformed Content-Length", request("HEAD /letters.txt", "Content-Length: x"), [400]],
  ["coding", "an unknown transfer coding", request("HEAD /letters.txt", "Transfer-Encoding: x, chunked"), [501]],
  ["expectation", "an unknown expectation", request("HEAD /letters.txt", "Expect: x"), [417]],
  ["encoding", "a broken percent-encoding", request("HEAD /%"), [400]],
  ["long-field", "a field line that is too long", request("HEAD /", `X-A: ${"a".repeat(9000)}`), [431]],
  ["many-fields", "too many field lines", request("HEAD /", ..."X-A: b|".repeat(200).split("|").slice(0, -1)), [431]],
  ["content", "content that is too long", request("HEAD /", "Content-Length: 1000000"), [413]],
  ["chunk", "a malformed chunk", `${request("HEAD /", "Transfer-Encoding: chunked")}x\r\n`, [400]],
  ["version", "another major version", "HEAD /letters.txt HTTP/2.0\r\nHost: a\r\n\r\n", [505]],
  ["long-target", "a target that is too long", request(`HEAD /${"a".repeat(9000)}`), [414]],
  ["bad-target", "a target with a bad octet", request("HEAD /\x7f"), [400]],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "head-length",
    rfc: "9110 8.6",
    level: "MUST NOT",
    about: "Content-Length is that of GET or absent",
    send: request("HEAD /letters.txt"),
    answers: [{ status: 200, toHead: true, fields: { "Content-Length": "26" } }],
    then: "persists",
  },
  {
    id: "head-pipelined",
    rfc: "9112 6.3",
    level: "MUST",
    about: "an answer to HEAD ends with its head",
    send: request("HEAD /letters.txt") + get() + request("HEAD /big.bin") + get(),
    answers: [
      { status: 200, toHead: true },
      { status: 200, content: LETTERS },
      { status: 200, toHead: true },
      { status: 200, content: LETTERS },
    ],
    then: "persists",
  },
  {
    id: "head-1.0",
    rfc: "9110 9.3.2",
    level: "MUST NOT",
    about: "HEAD in HTTP/1.0",
    send: "HEAD /letters.txt HTTP/1.0\r\n\r\n",
    answers: [{ status: 200, toHead: true, fields: { "Content-Length": "26" } }],
    then: "closes",
  },
  {
    id: "head-close",
    rfc: "9110 9.3.2",
    level: "MUST NOT",
    about: "HEAD on a connection that then closes",
    send: request("HEAD /big.bin", "Connection: close"),
    answers: [{ status: 200, toHead: true, fields: { "Content-Length": "1048576" } }],
    then: "closes",
  },
  {
    id: "head-options",
    rfc: "9110 9.3.2",
    level: "SHOULD",
    about: "HEAD of an existing file has its validators",
    send: request("HEAD /letters.txt"),
    answers: [{ status: 200, toHead: true, fields: { ETag: "{etag}", "Last-Modified": /GMT$/ } }],
    then: "persists",
  },
];

export const HEAD: Topic = {
  name: "HEAD",
  cases: [
    ...BOTH.map(([id, about, target, fields, answer]): Case => ({
      id: `head-same-${id}`,
      ...SAME,
      about: `the fields of GET: ${about}`,
      send: request(`GET ${target}`, ...fields) + request(`HEAD ${target}`, ...fields),
      answers: [answer, { status: answer.status, toHead: true, fieldsOfFirst: true }],
      then: "persists",
    })),
    ...REFUSED.map(([id, about, sent, statuses]): Case => ({
      id: `head-refused-${id}`,
      ...NO_CONTENT,
      about: `no content with a refusal: ${about}`,
      send: sent,
      answers: refused(...statuses).answers.map((answer) => ({ ...answer, toHead: true })),
      then: "closes",
    })),
    ...OTHER_CASES,
  ],
};
