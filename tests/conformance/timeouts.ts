/**
 * Timeouts (RFC 9110, section 15.5.9; RFC 9112, section 9.5), with short values: how the server ends a connection.
 */

import { type Case, get, LETTERS_ANSWER, request, type Topic } from "./case.ts";

const REQUEST_TIMEOUT = { rfc: "9110 15.5.9", level: "choice" } as const; // A server may send 408 or nothing. We send 408.

/** Parts of requests. The rest is never sent. */
const UNFINISHED: readonly (readonly [id: string, about: string, sent: string])[] = [
  ["request-line", "a request line", "GET /lett"],
  ["head", "a head", "GET /letters.txt HTTP/1.1\r\nHo"],
  ["head-end", "a head whose last line end is missing", get().slice(0, -1)],
  ["content", "content", `${get("Content-Length: 5")}hel`],
  ["chunk", "a chunk", `${get("Transfer-Encoding: chunked")}5\r\nhel`],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "timeout-head-fields",
    rfc: "9110 9.3.2",
    level: "MUST NOT",
    about: "408 to HEAD with incomplete fields has no content",
    send: "HEAD /letters.txt HTTP/1.1\r\nHo",
    answers: [{ status: 408, toHead: true }],
    then: "closes",
  },
  {
    id: "timeout-head-content",
    rfc: "9110 9.3.2",
    level: "MUST NOT",
    about: "408 to HEAD with incomplete content has no content",
    send: `${request("HEAD /letters.txt", "Content-Length: 5")}hel`,
    answers: [{ status: 408, toHead: true }],
    then: "closes",
  },
  {
    id: "timeout-after-answers",
    ...REQUEST_TIMEOUT,
    about: "408 follows the answers to earlier requests",
    send: `${get()}GET /lett`,
    answers: [LETTERS_ANSWER, { status: 408 }],
    then: "closes",
  },
  {
    id: "timeout-after-continue",
    ...REQUEST_TIMEOUT,
    about: "408 follows 100 if the content does not arrive",
    send: get("Expect: 100-continue", "Content-Length: 5"),
    answers: [{ status: 100 }, { status: 408 }],
    then: "closes",
  },
  {
    id: "timeout-idle",
    rfc: "9112 9.5",
    level: "SHOULD",
    about: "an idle connection is closed without a reset and without an answer",
    send: get(),
    answers: [LETTERS_ANSWER],
    then: "ends",
  },
  {
    id: "timeout-idle-from-start",
    rfc: "9112 9.5",
    level: "SHOULD",
    about: "a connection without a request is closed without a reset and without an answer",
    send: [],
    answers: [],
    then: "ends",
  },
];

export const TIMEOUTS: Topic = {
  name: "time-outs",
  conf: "parameter timeout 0.4\nparameter head-timeout 0.4\n",
  cases: [
    ...UNFINISHED.map(([id, about, sent]): Case => ({
      id: `timeout-${id}`,
      ...REQUEST_TIMEOUT,
      about: `408 for incomplete ${about}`,
      send: sent,
      answers: [{ status: 408 }],
      then: "closes",
    })),
    ...OTHER_CASES,
  ],
};
