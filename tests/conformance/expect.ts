/**
 * Expect: 100-continue (RFC 9110, section 10.1.1): the server sends 100 if it waits for content, and only then.
 */

import {
  type Answer,
  AWAIT,
  type Case,
  either,
  get,
  LETTERS_ANSWER,
  refused,
  request,
  SERVED,
  SMUGGLED,
  type Topic,
} from "./case.ts";

const CONTINUE: Answer = { status: 100 };
const MAYBE_CONTINUE: Answer = { status: 100, optional: true };

const MUST = { rfc: "9110 10.1.1", level: "MUST" } as const;
const MAY = { rfc: "9110 10.1.1", level: "MAY" } as const;
const UNKNOWN = { rfc: "9110 10.1.1", level: "choice" } as const; // A server may answer 417 or ignore it. We answer 417.

const LENGTH = "Content-Length: 39";
const EXPECT = "Expect: 100-continue";

/** Expectations that the server does not support. */
const UNMET: readonly (readonly [id: string, about: string, fields: readonly string[]])[] = [
  ["unknown", "an unknown one", ["Expect: x"]],
  ["value", "100-continue with a value", ["Expect: 100-continue=yes"]],
  ["parameter", "100-continue with a parameter", ["Expect: 100-continue;a=b"]],
  ["list", "a list with an unknown one", ["Expect: 100-continue, x"]],
  ["lines", "an unknown one on a second line", ["Expect: 100-continue", "Expect: x"]],
  ["similar", "100-continued", ["Expect: 100-continued"]],
  ["quoted", "100-continue in quotes", ['Expect: "100-continue"']],
];

/** Other spellings of `Expect: 100-continue`. */
const SAME:
  readonly (readonly [id: string, about: string, fields: readonly string[], rule: Pick<Case, "rfc" | "level">])[] = [
    ["case", "in upper case", ["EXPECT: 100-CONTINUE"], MUST],
    ["blanks", "with blanks around it", ["Expect: \t100-continue \t"], { rfc: "9112 5.1", level: "MUST" }],
    ["empty-member", "with an empty member", ["Expect: 100-continue,"], { rfc: "9110 5.6.1.2", level: "MUST" }],
    ["empty-first", "with an empty member first", ["Expect: , 100-continue"], { rfc: "9110 5.6.1.2", level: "MUST" }],
  ];

const OTHER_CASES: readonly Case[] = [
  {
    id: "expect-continue",
    ...MUST,
    about: "100 is sent before the content arrives",
    send: [get(EXPECT, LENGTH), AWAIT, SMUGGLED],
    answers: [CONTINUE, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "expect-continue-chunked",
    ...MUST,
    about: "100 is sent before chunked content arrives",
    send: [get(EXPECT, "Transfer-Encoding: chunked"), AWAIT, `27\r\n${SMUGGLED}\r\n0\r\n\r\n`],
    answers: [CONTINUE, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "expect-content-there",
    ...MAY,
    about: "100 may be omitted if the content has already arrived",
    send: get(EXPECT, LENGTH) + SMUGGLED,
    answers: [MAYBE_CONTINUE, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "expect-no-content",
    ...MAY,
    about: "100 may be omitted if there is no content",
    send: get(EXPECT),
    answers: [MAYBE_CONTINUE, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "expect-zero-content",
    ...MAY,
    about: "100 may be omitted if the content is empty",
    send: get(EXPECT, "Content-Length: 0"),
    answers: [MAYBE_CONTINUE, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "expect-1.0",
    ...MUST,
    about: "a client of HTTP/1.0 gets no 100",
    send: [`GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\n${EXPECT}\r\n${LENGTH}\r\n\r\n`, SMUGGLED],
    ...SERVED,
  },
  {
    id: "expect-1.0-unknown",
    ...MAY,
    about: "an unknown expectation in HTTP/1.0",
    send: "GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\nExpect: x\r\n\r\n",
    ...either(200, 417),
  },
  {
    id: "expect-not-allowed",
    ...MUST,
    about: "an error is sent without waiting for the content, and the content is not parsed as a request",
    send: [request("POST /letters.txt", EXPECT, LENGTH), AWAIT, SMUGGLED],
    ...either(405),
  },
  {
    id: "expect-not-found",
    ...MUST,
    about: "404 is sent at once or after 100",
    send: [request("GET /missing", EXPECT, LENGTH), AWAIT, SMUGGLED],
    answers: [MAYBE_CONTINUE, { status: 404 }],
    then: "either",
  },
  {
    id: "expect-failed",
    ...MUST,
    about: "412 is sent at once or after 100",
    send: [get(EXPECT, LENGTH, 'If-Match: "x"'), AWAIT, SMUGGLED],
    answers: [MAYBE_CONTINUE, { status: 412 }],
    then: "either",
  },
  {
    id: "expect-too-large",
    ...MUST,
    about: "a Content-Length over the limit gets 413, and the content is not parsed as a request",
    send: get(EXPECT, "Content-Length: 1000000") + SMUGGLED,
    answers: [MAYBE_CONTINUE, { status: 413 }],
    then: "closes",
  },
  {
    id: "expect-head",
    ...MUST,
    about: "100 for HEAD",
    send: [request("HEAD /letters.txt", EXPECT, LENGTH), AWAIT, SMUGGLED],
    answers: [CONTINUE, { status: 200, toHead: true }],
    then: "persists",
  },
  {
    id: "expect-malformed-length",
    rfc: "9112 6.3",
    level: "MUST",
    about: "no 100 if the framing is invalid",
    send: get(EXPECT, "Content-Length: x") + SMUGGLED,
    ...refused(400),
  },
  {
    id: "expect-pipelined",
    rfc: "9112 9.3.2",
    level: "MUST",
    about: "100 follows the answer to the previous request",
    send: [get() + get(EXPECT, LENGTH), AWAIT, AWAIT, SMUGGLED],
    answers: [LETTERS_ANSWER, CONTINUE, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "expect-twice",
    ...MAY,
    about: "100-continue twice is accepted, or gets 417",
    send: [get("Expect: 100-continue, 100-continue", LENGTH), AWAIT, SMUGGLED],
    answers: [MAYBE_CONTINUE, { status: [200, 417] }],
    then: "either",
  },
  {
    id: "expect-two-lines",
    ...MAY,
    about: "100-continue on two lines is accepted, or gets 417",
    send: [get(EXPECT, EXPECT, LENGTH), AWAIT, SMUGGLED],
    answers: [MAYBE_CONTINUE, { status: [200, 417] }],
    then: "either",
  },
  {
    id: "expect-empty",
    ...MAY,
    about: "an empty list of expectations",
    send: get("Expect:"),
    ...either(200, 417),
  },
];

export const EXPECT_TOPIC: Topic = {
  name: "Expect",
  cases: [
    ...UNMET.map(([id, about, fields]): Case => ({
      id: `expect-unmet-${id}`,
      ...UNKNOWN,
      about: `417 for ${about}`,
      send: get(...fields, LENGTH) + SMUGGLED,
      ...refused(417),
    })),
    ...SAME.map(([id, about, fields, rule]): Case => ({
      id: `expect-same-${id}`,
      ...rule,
      about: `100-continue ${about}`,
      send: [get(...fields, LENGTH), AWAIT, SMUGGLED],
      answers: [CONTINUE, LETTERS_ANSWER],
      then: "persists",
    })),
    ...OTHER_CASES,
  ],
};
