/**
 * Pipelined requests (RFC 9112, section 9.3.2): answers in order, and none after a request that ends the connection.
 */

import {
  type Answer,
  AWAIT,
  type Case,
  get,
  HALF_CLOSE,
  LETTERS,
  LETTERS_ANSWER,
  request,
  type Topic,
} from "./case.ts";

const ORDER = { rfc: "9112 9.3.2", level: "MUST" } as const;
const NO_MORE = { rfc: "9112 9.6", level: "MUST NOT" } as const;

/** A range of one letter, so that each answer is different. */
function letter(at: number): string {
  return get(`Range: bytes=${at}-${at}`);
}

function letterAnswer(at: number): Answer {
  return { status: 206, content: LETTERS[at]! };
}

const FIRST_LETTERS = Array.from({ length: 26 }, (_, at) => at);

/** Refused requests in a pipeline. Requests before them are answered, requests after them are not. */
const REFUSED: readonly (readonly [id: string, about: string, refusedRequest: string, status: number])[] = [
  ["no-host", "a request without Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["malformed", "a malformed request line", "GET /\r\nHost: a\r\n\r\n", 400],
  ["version", "another major version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505],
  ["field", "a malformed field line", request("GET /", "X-A : b"), 400],
  ["length", "a malformed Content-Length", request("GET /", "Content-Length: x"), 400],
  [
    "both",
    "Content-Length and Transfer-Encoding",
    request("GET /", "Content-Length: 5", "Transfer-Encoding: chunked"),
    400,
  ],
  ["coding", "an unknown transfer coding", request("GET /", "Transfer-Encoding: x, chunked"), 501],
  ["chunk", "a malformed chunk", `${request("GET /", "Transfer-Encoding: chunked")}x\r\n`, 400],
  ["expectation", "an unknown expectation", request("GET /", "Expect: x"), 417],
  ["target", "a target of no known form", request("GET x"), 400],
  ["encoding", "a broken percent-encoding", request("GET /%"), 400],
  ["long-target", "a target that is too long", request(`GET /${"a".repeat(9000)}`), 414],
  ["long-field", "a field line that is too long", request("GET /", `X-A: ${"a".repeat(9000)}`), 431],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "pipelining-order",
    ...ORDER,
    about: "26 requests at once",
    send: FIRST_LETTERS.map(letter).join(""),
    answers: FIRST_LETTERS.map(letterAnswer),
    then: "persists",
  },
  {
    id: "pipelining-many",
    ...ORDER,
    about: "a thousand requests at once",
    send: letter(0).repeat(1000),
    answers: Array.from({ length: 1000 }, () => letterAnswer(0)),
    then: "persists",
  },
  {
    id: "pipelining-cut",
    ...ORDER,
    about: "requests in segments that begin and end within requests",
    send: cut(FIRST_LETTERS.slice(0, 6).map(letter).join(""), 47),
    answers: FIRST_LETTERS.slice(0, 6).map(letterAnswer),
    then: "persists",
  },
  {
    id: "pipelining-mixed",
    ...ORDER,
    about: "GET, HEAD, OPTIONS and errors in one pipeline",
    send: request("HEAD /letters.txt") + request("GET /missing") + get() + request("OPTIONS *") +
      request("POST /letters.txt") + get("If-None-Match: *") + request("HEAD /missing") + letter(3),
    answers: [
      { status: 200, toHead: true },
      { status: 404 },
      LETTERS_ANSWER,
      { status: 200, content: "" },
      { status: 405 },
      { status: 304 },
      { status: 404, toHead: true },
      letterAnswer(3),
    ],
    then: "persists",
  },
  {
    id: "pipelining-large-first",
    ...ORDER,
    about: "a small file does not overtake a large one",
    send: request("GET /big.bin") + letter(1) + request("GET /big.bin") + letter(2),
    answers: [
      { status: 200, fields: { "Content-Length": "1048576" } },
      letterAnswer(1),
      { status: 200, fields: { "Content-Length": "1048576" } },
      letterAnswer(2),
    ],
    then: "persists",
  },
  {
    id: "pipelining-content",
    ...ORDER,
    about: "requests with and without content",
    send: get("Content-Length: 5") + "hello" + letter(1) + get("Transfer-Encoding: chunked") +
      "5\r\nhello\r\n0\r\n\r\n" + letter(2),
    answers: [LETTERS_ANSWER, letterAnswer(1), LETTERS_ANSWER, letterAnswer(2)],
    then: "persists",
  },
  {
    id: "pipelining-after-close",
    ...NO_MORE,
    about: "no request is answered after one with close",
    send: letter(0) + get("Connection: close") + letter(1) + letter(2),
    answers: [letterAnswer(0), LETTERS_ANSWER],
    then: "closes",
  },
  {
    id: "pipelining-after-1.0",
    ...NO_MORE,
    about: "no request is answered after one of HTTP/1.0",
    send: `${letter(0)}GET /letters.txt HTTP/1.0\r\n\r\n${letter(1)}`,
    answers: [letterAnswer(0), LETTERS_ANSWER],
    then: "closes",
  },
  {
    id: "pipelining-late-after-close",
    ...NO_MORE,
    about: "a request that arrives after the last answer is not answered",
    send: [get("Connection: close"), AWAIT, letter(1)],
    answers: [LETTERS_ANSWER],
    then: "closes",
  },
  {
    id: "pipelining-half-close",
    rfc: "9112 9.6",
    level: "choice",
    about: "a client that closes its side gets all its answers",
    send: [letter(0) + letter(1) + letter(2), HALF_CLOSE],
    answers: [letterAnswer(0), letterAnswer(1), letterAnswer(2)],
    then: "ends",
  },
  {
    id: "pipelining-half-close-partial",
    rfc: "9112 8",
    level: "MAY",
    about: "a request before an incomplete one is answered",
    send: [letter(0) + letter(1).slice(0, -2), HALF_CLOSE],
    answers: [letterAnswer(0), { status: [400, 408], optional: true }],
    then: "ends",
  },
];

function cut(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, at) => text.slice(at * length, (at + 1) * length));
}

export const PIPELINING: Topic = {
  name: "pipelining",
  cases: [
    ...REFUSED.map(([id, about, refusedRequest, status]): Case => ({
      id: `pipelining-refused-${id}`,
      rfc: "9112 9.6",
      level: "MUST NOT",
      about: `no request is answered after ${about}`,
      send: letter(0) + refusedRequest + letter(1) + letter(2),
      answers: [letterAnswer(0), { status, fields: { Connection: "close" } }],
      then: "closes",
    })),
    ...OTHER_CASES,
  ],
};
