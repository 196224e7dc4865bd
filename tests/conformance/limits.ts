/**
 * Limits (RFC 9110, sections 4.1, 5.4 and 15.5.15; RFC 9112, section 3; RFC 6585, section 5): requests at and over them.
 */

import {
  type Case,
  either,
  type Expectation,
  get,
  LETTERS_ANSWER,
  refused,
  request,
  SERVED,
  SMUGGLED,
  type Topic,
} from "./case.ts";

type Rule = Pick<Case, "rfc" | "level">;

const LEAST_LINE: Rule = { rfc: "9112 3", level: "SHOULD" }; // 8000 octets at least.
const LONG_TARGET: Rule = { rfc: "9112 3", level: "MUST" }; // 414
const LONG_FIELD: Rule = { rfc: "9110 5.4", level: "MUST" }; // 4xx
const CHOICE: Rule = { rfc: "9110 2.3", level: "choice" };

const HAPPY: Expectation = SERVED;

/** A request line for /letters.txt of `octets` octets without its line end. */
function lineOf(octets: number): string {
  const fixed = "GET /letters.txt? HTTP/1.1".length;
  return `GET /letters.txt?${"q".repeat(octets - fixed)} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

/** A field line of `octets` octets without its line end. */
function fieldOf(octets: number): string {
  return `X-A: ${"b".repeat(octets - "X-A: ".length)}`;
}

function fieldLines(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `X-${at}: b`);
}

const ROWS: readonly (readonly [id: string, about: string, sent: string, rule: Rule, expected: Expectation])[] = [
  ["line-8000", "a request line of 8000 octets", lineOf(8000), LEAST_LINE, HAPPY],
  ["line-8192", "a request line of 8192 octets", lineOf(8192), CHOICE, HAPPY],
  ["line-8193", "a request line of 8193 octets", lineOf(8193) + SMUGGLED, LONG_TARGET, refused(414)],
  ["line-20000", "a request line of 20,000 octets", lineOf(20_000) + SMUGGLED, LONG_TARGET, refused(414)],
  ["line-200000", "a request line of 200,000 octets", lineOf(200_000) + SMUGGLED, LONG_TARGET, refused(414)],
  ["line-endless", "a request line without end", `GET /${"a".repeat(100_000)}`, LONG_TARGET, refused(414)],
  [
    "path-8000",
    "a path of 8000 octets, in segments",
    request(`GET ${"/abcdefg".repeat(990)}`),
    LEAST_LINE,
    either(404),
  ],
  ["path-depth", "a path of 4000 segments", request(`GET ${"/a".repeat(4000)}`), LEAST_LINE, either(404)],
  ["path-dots", "a path of 2600 dot segments", request(`GET ${"/..".repeat(2600)}/letters.txt`), LEAST_LINE, HAPPY],
  ["absolute-8000", "an absolute target of 8000 octets", request(`GET http://a/letters.txt?${"q".repeat(7950)}`), {
    rfc: "9110 4.1",
    level: "SHOULD",
  }, HAPPY],
  ["field-4096", "a field line of 4096 octets", get(fieldOf(4096)), CHOICE, HAPPY],
  ["field-8192", "a field line of 8192 octets", get(fieldOf(8192)), CHOICE, HAPPY],
  ["field-8193", "a field line of 8193 octets", get(fieldOf(8193)) + SMUGGLED, LONG_FIELD, refused(431)],
  [
    "field-endless",
    "a field line without end",
    `${get().slice(0, -2)}X-A: ${"b".repeat(100_000)}`,
    LONG_FIELD,
    refused(431),
  ],
  [
    "field-name-endless",
    "a field name without end",
    `${get().slice(0, -2)}${"b".repeat(100_000)}`,
    LONG_FIELD,
    refused(431),
  ],
  ["fields-100", "100 field lines with Host", get(...fieldLines(99)), CHOICE, HAPPY],
  ["fields-101", "101 field lines with Host", get(...fieldLines(100)) + SMUGGLED, LONG_FIELD, refused(431)],
  ["fields-5000", "5000 field lines", get(...fieldLines(5000)) + SMUGGLED, LONG_FIELD, refused(431)],
  ["head-30000", "a head of 30,000 octets", get(...Array.from({ length: 6 }, () => fieldOf(4990))), CHOICE, HAPPY],
  ["head-33000", "a head of 33,000 octets", get(...Array.from({ length: 8 }, () => fieldOf(4120))) + SMUGGLED, {
    rfc: "6585 5",
    level: "choice",
  }, refused(431)],
  ["head-last-host", "Host as the last of 100 field lines", lastHost(), CHOICE, HAPPY],
  ["value-commas", "a Connection field of 4000 members", get(`Connection: ${"a,".repeat(3999)}b`), CHOICE, HAPPY],
  ["tags-many", "If-None-Match with 2000 tags", get(`If-None-Match: ${'"a",'.repeat(1999)}"b"`), CHOICE, HAPPY],
];

function lastHost(): string {
  return `GET /letters.txt HTTP/1.1\r\n${fieldLines(99).map((line) => `${line}\r\n`).join("")}Host: a\r\n\r\n`;
}

const OTHER_CASES: readonly Case[] = [
  {
    id: "limit-after-others",
    rfc: "9112 9.3.2",
    level: "MUST",
    about: "requests before one that is too long are answered",
    send: get() + get() + lineOf(9000) + SMUGGLED,
    answers: [LETTERS_ANSWER, LETTERS_ANSWER, { status: 414 }],
    then: "closes",
  },
  {
    id: "limit-total-of-many",
    rfc: "9112 9.3",
    level: "SHOULD",
    about: "limits apply to each request, not to the connection",
    send: get(fieldOf(8000)).repeat(12),
    answers: Array.from({ length: 12 }, () => LETTERS_ANSWER),
    then: "persists",
  },
  {
    id: "limit-garbage",
    rfc: "9112 2.2",
    level: "SHOULD",
    about: "a megabyte that is not HTTP",
    send: "\xff".repeat(1_000_000),
    ...refused(400),
  },
  {
    id: "limit-garbage-letters",
    rfc: "9112 2.2",
    level: "SHOULD",
    about: "half a megabyte of letters",
    send: "A".repeat(500_000),
    ...refused(400, 414, 431, 501),
  },
];

export const LIMITS: Topic = {
  name: "limits",
  cases: [
    ...ROWS.map(([id, about, sent, rule, expected]): Case => ({
      id: `limit-${id}`,
      ...rule,
      about,
      send: sent,
      ...expected,
    })),
    ...OTHER_CASES,
  ],
};
