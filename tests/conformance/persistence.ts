/**
 * Persistent connections (RFC 9112, sections 9.3 and 9.6): after which request the connection ends.
 */

import { type Answer, AWAIT, type Case, get, HALF_CLOSE, LETTERS, LETTERS_ANSWER, type Topic } from "./case.ts";

type Rule = Pick<Case, "rfc" | "level">;

const CLOSE: Rule = { rfc: "9112 9.6", level: "MUST" }; // The connection ends, and later requests get no answer.
const PERSIST: Rule = { rfc: "9112 9.3", level: "SHOULD" };
const OLD: Rule = { rfc: "9112 9.3", level: "MUST" };

type Row = readonly [id: string, about: string, version: string, fields: readonly string[], rule: Rule];

/** Requests after which the connection ends. Another request follows, which the server must not answer. */
const CLOSING: readonly Row[] = [
  ["close", "close", "1.1", ["Connection: close"], CLOSE],
  ["close-capital", "Close", "1.1", ["Connection: Close"], CLOSE],
  ["close-upper", "CLOSE", "1.1", ["CONNECTION: CLOSE"], CLOSE],
  ["close-first", "close, first in a list", "1.1", ["Connection: close, TE"], CLOSE],
  ["close-last", "close, last in a list", "1.1", ["Connection: TE, close"], CLOSE],
  ["close-middle", "close in the middle, without blanks", "1.1", ["Connection: a,close,b"], CLOSE],
  ["close-tabs", "close between tabs", "1.1", ["Connection: a\t,\tclose\t,\tb"], CLOSE],
  ["close-empty-members", "close among empty members", "1.1", ["Connection: ,, close ,,"], {
    rfc: "9110 5.6.1.2",
    level: "MUST",
  }],
  ["close-keep-alive", "close and keep-alive", "1.1", ["Connection: close, keep-alive"], CLOSE],
  ["keep-alive-close", "keep-alive and close", "1.1", ["Connection: keep-alive, close"], CLOSE],
  ["close-second-line", "close on a second line", "1.1", ["Connection: keep-alive", "Connection: close"], {
    rfc: "9110 5.3",
    level: "MUST",
  }],
  ["close-first-line", "close on a first line", "1.1", ["Connection: close", "Connection: keep-alive"], {
    rfc: "9110 5.3",
    level: "MUST",
  }],
  ["close-1.2", "close in a higher minor version", "1.2", ["Connection: close"], CLOSE],
  ["old", "HTTP/1.0", "1.0", [], OLD],
  ["old-close", "HTTP/1.0 with close", "1.0", ["Connection: close"], OLD],
  ["old-both", "HTTP/1.0 with keep-alive and close", "1.0", ["Connection: keep-alive, close"], OLD],
  ["old-other", "HTTP/1.0 with another option", "1.0", ["Connection: TE"], OLD],
  ["old-keep-alive-field", "HTTP/1.0 with Keep-Alive, but no option", "1.0", ["Keep-Alive: timeout=5"], OLD],
  ["old-proxy-connection", "HTTP/1.0 with Proxy-Connection", "1.0", ["Proxy-Connection: keep-alive"], OLD],
  ["old-similar", "HTTP/1.0 with keep-alives", "1.0", ["Connection: keep-alives"], OLD],
];

/** Requests after which the connection persists. */
const PERSISTING: readonly Row[] = [
  ["default", "no Connection field", "1.1", [], PERSIST],
  ["keep-alive", "keep-alive", "1.1", ["Connection: keep-alive"], PERSIST],
  ["empty", "an empty Connection field", "1.1", ["Connection:"], PERSIST],
  ["closed", "closed, which is not close", "1.1", ["Connection: closed"], PERSIST],
  ["x-close", "x-close, which is not close", "1.1", ["Connection: x-close"], PERSIST],
  ["close-blank", "close within a longer word", "1.1", ["Connection: notclose, closenot"], PERSIST],
  ["close-other-field", "close in another field", "1.1", ["X-Connection: close", "Proxy-Connection: close"], PERSIST],
  ["unknown-option", "an unknown option", "1.1", ["Connection: x"], PERSIST],
  ["keep-alive-field", "Keep-Alive with parameters", "1.1", ["Keep-Alive: timeout=1, max=1"], PERSIST],
  ["minor-2", "HTTP/1.2", "1.2", [], PERSIST],
];

/** In HTTP/1.0, client and server both send keep-alive for a persistent connection. */
const OLD_PERSISTING: readonly Row[] = [
  ["keep-alive", "keep-alive", "1.0", ["Connection: keep-alive"], OLD],
  ["keep-alive-case", "Keep-Alive", "1.0", ["Connection: Keep-Alive"], OLD],
  ["keep-alive-list", "keep-alive in a list", "1.0", ["Connection: TE, keep-alive"], OLD],
];

/** Answers after which the connection persists, including errors with clear framing. */
const AFTER:
  readonly (readonly [id: string, about: string, line: string, fields: readonly string[], answer: Answer])[] = [
    ["not-found", "404", "GET /missing", [], { status: 404 }],
    ["forbidden", "403", "GET /outside", [], { status: 403 }],
    ["not-allowed", "405", "POST /letters.txt", [], { status: 405 }],
    ["not-implemented", "501 for a method", "BREW /letters.txt", [], { status: 501 }],
    ["redirect", "301", "GET /dir", [], { status: 301 }],
    ["not-modified", "304", "GET /letters.txt", ["If-None-Match: *"], { status: 304 }],
    ["failed", "412", "GET /letters.txt", ['If-Match: "x"'], { status: 412 }],
    ["unsatisfiable", "416", "GET /letters.txt", ["Range: bytes=99-"], { status: 416 }],
    ["partial", "206", "GET /letters.txt", ["Range: bytes=0-1"], { status: 206 }],
    ["head", "an answer to HEAD", "HEAD /letters.txt", [], { status: 200, toHead: true }],
    ["head-not-found", "404 to HEAD", "HEAD /missing", [], { status: 404, toHead: true }],
    ["empty", "an empty file", "GET /empty.txt", [], { status: 200, content: "" }],
    ["large", "a large file", "GET /big.bin", [], { status: 200 }],
  ];

function linesOf(version: string, fields: readonly string[]): string {
  return `GET /letters.txt HTTP/${version}\r\nHost: a\r\n${fields.map((line) => `${line}\r\n`).join("")}\r\n`;
}

const OTHER_CASES: readonly Case[] = [
  {
    id: "persistence-sequence",
    ...PERSIST,
    about: "several requests, each sent after the previous answer",
    send: [get(), AWAIT, get("Range: bytes=0-1"), AWAIT, get(), AWAIT, get()],
    answers: [LETTERS_ANSWER, { status: 206, content: "ab" }, LETTERS_ANSWER, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "persistence-half-close",
    rfc: "9112 9.6",
    level: "choice",
    about: "a client that closes its side after a request gets its answer",
    send: [get(), HALF_CLOSE],
    answers: [LETTERS_ANSWER],
    then: "ends",
  },
  {
    id: "persistence-half-close-large",
    rfc: "9112 9.6",
    level: "choice",
    about: "a client that closes its side gets all of a large answer",
    send: ["GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n", HALF_CLOSE],
    answers: [{ status: 200, fields: { "Content-Length": "1048576" } }],
    then: "ends",
  },
  {
    id: "persistence-half-close-nothing",
    rfc: "9112 8",
    level: "MAY",
    about: "a client that sends nothing gets no answer",
    send: [HALF_CLOSE],
    answers: [],
    then: "ends",
  },
  {
    id: "persistence-half-close-partial",
    rfc: "9112 8",
    level: "MAY",
    about: "a request that ends within its head is not served",
    send: ["GET /letters.txt HTTP/1.1\r\nHost: a\r\n", HALF_CLOSE],
    answers: [{ status: [400, 408], optional: true }],
    then: "ends",
  },
  {
    id: "persistence-close-no-reset",
    rfc: "9112 9.6",
    level: "choice",
    about: "a client that sends more after its last request gets the answer",
    send: ["GET /big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "\r\n", "x".repeat(1000)],
    answers: [{ status: 200, fields: { "Content-Length": "1048576" } }],
    then: "closes",
  },
  {
    id: "persistence-refusal-no-reset",
    rfc: "9112 9.6",
    level: "choice",
    about: "a refused client that continues to send gets the refusal",
    send: ["GET /letters.txt HTTP/1.1\r\n\r\n", "x".repeat(200_000), "x".repeat(200_000)],
    answers: [{ status: 400 }],
    then: "closes",
  },
];

export const PERSISTENCE: Topic = {
  name: "persistence",
  cases: [
    ...CLOSING.map(([id, about, version, fields, rule]): Case => ({
      id: `persistence-ends-${id}`,
      ...rule,
      about: `ends: ${about}`,
      send: linesOf(version, fields) + get(),
      answers: [{ status: 200, content: LETTERS, fields: { Connection: "close" } }],
      then: "closes",
    })),
    ...PERSISTING.map(([id, about, version, fields, rule]): Case => ({
      id: `persistence-${id}`,
      ...rule,
      about: `persists: ${about}`,
      send: linesOf(version, fields),
      answers: [LETTERS_ANSWER],
      then: "persists",
    })),
    ...["1.0", "1.1"].map((version): Case => ({
      id: `persistence-time-${version}`,
      rfc: "9110 7.6.1",
      level: "MUST",
      about: `the answer to HTTP/${version} has keep-alive, and for how long: a second less than it is kept`,
      send: linesOf(version, ["Connection: keep-alive"]),
      answers: [{ ...LETTERS_ANSWER, fields: { Connection: "keep-alive", "Keep-Alive": "timeout=4" } }],
      then: "persists",
    })),
    {
      id: "persistence-time-close",
      rfc: "9110 7.6.1",
      level: "MUST",
      about: "an answer with close has no Keep-Alive",
      send: linesOf("1.1", ["Connection: close"]),
      answers: [{ ...LETTERS_ANSWER, fields: { Connection: "close", "Keep-Alive": null } }],
      then: "closes",
    },
    ...OLD_PERSISTING.map(([id, about, version, fields, rule]): Case => ({
      id: `persistence-old-${id}`,
      ...rule,
      about: `HTTP/1.0 persists with ${about}, and the answer has keep-alive`,
      send: linesOf(version, fields),
      answers: [{ ...LETTERS_ANSWER, fields: { Connection: "keep-alive" } }],
      then: "persists",
    })),
    ...AFTER.map(([id, about, line, fields, answer]): Case => ({
      id: `persistence-after-${id}`,
      ...PERSIST,
      about: `persists after ${about}`,
      send: `${line} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`,
      answers: [answer],
      then: "persists",
    })),
    ...OTHER_CASES,
  ],
};
