/**
 * Time-outs (RFC 9110, section 15.5.9; RFC 9112, section 9.5), with short ones: what is said when patience ends, and how.
 */

import { type Case, get, LETTERS_ANSWER, request, type Topic } from "./case.ts";

const REQUEST_TIMEOUT = { rfc: "9110 15.5.9", level: "choice" } as const; // 408, or nothing; here 408.

/** Parts of requests; the rest never comes. */
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
    about: "408 to HEAD has no content: its fields did not come",
    send: "HEAD /letters.txt HTTP/1.1\r\nHo",
    answers: [{ status: 408, toHead: true }],
    then: "closes",
  },
  {
    id: "timeout-head-content",
    rfc: "9110 9.3.2",
    level: "MUST NOT",
    about: "408 to HEAD has no content: its own content did not come",
    send: `${request("HEAD /letters.txt", "Content-Length: 5")}hel`,
    answers: [{ status: 408, toHead: true }],
    then: "closes",
  },
  {
    id: "timeout-after-answers",
    ...REQUEST_TIMEOUT,
    about: "408 stands behind the answers that were due",
    send: `${get()}GET /lett`,
    answers: [LETTERS_ANSWER, { status: 408 }],
    then: "closes",
  },
  {
    id: "timeout-after-continue",
    ...REQUEST_TIMEOUT,
    about: "408 follows 100 when the content does not come",
    send: get("Expect: 100-continue", "Content-Length: 5"),
    answers: [{ status: 100 }, { status: 408 }],
    then: "closes",
  },
  {
    id: "timeout-idle",
    rfc: "9112 9.5",
    level: "SHOULD",
    about: "an idle connection is closed gracefully, and nothing is said",
    send: get(),
    answers: [LETTERS_ANSWER],
    then: "ends",
  },
  {
    id: "timeout-idle-from-start",
    rfc: "9112 9.5",
    level: "SHOULD",
    about: "a connection on which nothing comes is closed gracefully, and nothing is said",
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
      about: `408 for ${about} that does not come in full`,
      send: sent,
      answers: [{ status: 408 }],
      then: "closes",
    })),
    ...OTHER_CASES,
  ],
};
