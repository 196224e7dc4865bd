/**
 * Content-Length in requests (RFC 9110, section 8.6; RFC 9112, sections 6.2 and 6.3): valid values, and the end of content.
 */

import {
  type Answer,
  AWAIT,
  type Case,
  type Expectation,
  get,
  HALF_CLOSE,
  LETTERS_ANSWER,
  refused,
  request,
  SERVED,
  SMUGGLED,
  type Topic,
} from "./case.ts";

const REFUSED = refused(400);

type Rule = Pick<Case, "rfc" | "level">;

const INVALID: Rule = { rfc: "9112 6.3", level: "MUST" }; // An unrecoverable error: 400, and close.
const OVERFLOW: Rule = { rfc: "9110 8.6", level: "MUST" }; // Large numerals must be anticipated.
const LIST: Rule = { rfc: "9110 8.6", level: "choice" }; // A server may accept equal values. We do not.

/** Refused field lines. A request follows them, which is also the content. The server must not answer it. */
const WRONG:
  readonly (readonly [id: string, about: string, fields: readonly string[], rule: Rule, expected: Expectation])[] = [
    ["plus", "a plus sign", ["Content-Length: +39"], INVALID, REFUSED],
    ["minus", "a negative number", ["Content-Length: -39"], INVALID, REFUSED],
    ["minus-zero", "minus zero", ["Content-Length: -0"], INVALID, REFUSED],
    ["hex", "hex with 0x", ["Content-Length: 0x27"], INVALID, REFUSED],
    ["hex-digits", "hex digits", ["Content-Length: 2a"], INVALID, REFUSED],
    ["octal", "octal with 0o", ["Content-Length: 0o47"], INVALID, REFUSED],
    ["empty", "nothing", ["Content-Length:"], INVALID, REFUSED],
    ["blanks", "blanks only", ["Content-Length:  \t"], INVALID, REFUSED],
    ["inner-blank", "a blank between digits", ["Content-Length: 3 9"], INVALID, REFUSED],
    ["inner-tab", "a tab between digits", ["Content-Length: 3\t9"], INVALID, REFUSED],
    ["fraction", "a fraction", ["Content-Length: 39.0"], INVALID, REFUSED],
    ["exponent", "an exponent", ["Content-Length: 39e0"], INVALID, REFUSED],
    ["underscore", "an underscore", ["Content-Length: 3_9"], INVALID, REFUSED],
    ["quotes", "quotes", ['Content-Length: "39"'], INVALID, REFUSED],
    ["parameter", "a parameter", ["Content-Length: 39;a"], INVALID, REFUSED],
    ["word", "a word", ["Content-Length: many"], INVALID, REFUSED],
    ["nan", "NaN", ["Content-Length: NaN"], INVALID, REFUSED],
    ["infinity", "Infinity", ["Content-Length: Infinity"], INVALID, REFUSED],
    ["chunked", "a transfer coding", ["Content-Length: chunked"], INVALID, REFUSED],
    ["other-digits", "digits that are not ASCII", ["Content-Length: \xd9\xa3\xd9\xa9"], INVALID, REFUSED],
    ["superscript", "a superscript digit of ISO 8859-1", ["Content-Length: \xb3"], INVALID, REFUSED],
    ["no-break-space", "a no-break space before the digits", ["Content-Length: \xa039"], INVALID, REFUSED],
    ["vertical-tab", "a vertical tab behind the digits", ["Content-Length: 39\x0b"], INVALID, REFUSED],
    ["nul", "NUL behind the digits", ["Content-Length: 39\0"], INVALID, REFUSED],
    ["bare-cr", "a bare CR behind the digits", ["Content-Length: 39\r"], INVALID, REFUSED],
    ["list-different", "a list of different numbers", ["Content-Length: 39, 0"], INVALID, REFUSED],
    ["list-word", "a list with a word", ["Content-Length: 39, a"], INVALID, REFUSED],
    ["lines-different", "two lines that differ", ["Content-Length: 39", "Content-Length: 0"], INVALID, REFUSED],
    [
      "lines-zero-first",
      "two lines that differ, zero first",
      ["Content-Length: 0", "Content-Length: 39"],
      INVALID,
      REFUSED,
    ],
    [
      "lines-one-invalid",
      "a second line that is no number",
      ["Content-Length: 39", "Content-Length: x"],
      INVALID,
      REFUSED,
    ],
    ["lines-one-empty", "a second line that is empty", ["Content-Length: 39", "Content-Length:"], INVALID, REFUSED],
    ["list-equal", "a list of equal numbers", ["Content-Length: 39, 39"], LIST, REFUSED],
    ["list-equal-value", "a list of numbers equal in value", ["Content-Length: 39, 039"], LIST, REFUSED],
    ["list-empty-member", "a list with an empty member", ["Content-Length: 39,"], LIST, REFUSED],
    ["lines-equal", "two equal lines", ["Content-Length: 39", "Content-Length: 39"], LIST, REFUSED],
    ["lines-zero", "two lines of zero", ["Content-Length: 0", "Content-Length: 0"], LIST, REFUSED],
    ["overflow-32", "2 to the 32 and 39", ["Content-Length: 4294967335"], OVERFLOW, refused(400, 413)],
    ["overflow-53", "2 to the 53 and 1", ["Content-Length: 9007199254740993"], OVERFLOW, refused(400, 413)],
    ["overflow-63", "2 to the 63", ["Content-Length: 9223372036854775808"], OVERFLOW, refused(400, 413)],
    ["overflow-64", "2 to the 64 and 39", ["Content-Length: 18446744073709551655"], OVERFLOW, refused(400, 413)],
    ["overflow-long", "400 digits", [`Content-Length: ${"9".repeat(400)}`], OVERFLOW, refused(400, 413)],
  ];

/** Spellings of 39, the length of the request that is the content. */
const RIGHT: readonly (readonly [id: string, about: string, field: string, rule: Rule])[] = [
  ["plain", "digits", "Content-Length: 39", { rfc: "9112 6.2", level: "MUST" }],
  ["leading-zero", "a leading zero", "Content-Length: 039", { rfc: "9110 8.6", level: "MUST" }],
  ["leading-zeros", "thirty leading zeros", `Content-Length: ${"0".repeat(30)}39`, { rfc: "9110 8.6", level: "MUST" }],
  ["blanks-around", "blanks and tabs around the digits", "Content-Length:\t 39 \t", { rfc: "9112 5.1", level: "MUST" }],
  ["no-blank", "no blank behind the colon", "content-length:39", { rfc: "9112 5.1", level: "MUST" }],
];

/** Requests whose content looks like a request. The server must not answer the content. */
const CARRIERS:
  readonly (readonly [id: string, about: string, line: string, fields: readonly string[], answer: Answer])[] = [
    ["head", "HEAD", "HEAD /letters.txt", [], { status: 200, toHead: true }],
    ["options", "OPTIONS", "OPTIONS *", [], { status: 200 }],
    ["post", "POST, which is not allowed", "POST /letters.txt", [], { status: 405 }],
    ["put", "PUT, which is not allowed", "PUT /letters.txt", [], { status: 405 }],
    ["delete", "DELETE, which is not allowed", "DELETE /letters.txt", [], { status: 405 }],
    ["trace", "TRACE, which must not have any", "TRACE /letters.txt", [], { status: 405 }],
    ["unknown", "a method that is not known", "BREW /letters.txt", [], { status: 501 }],
    ["missing", "a missing file", "GET /missing", [], { status: 404 }],
    ["redirect", "a redirect", "GET /dir", [], { status: 301 }],
    ["not-modified", "a condition that is met", "GET /letters.txt", ["If-None-Match: *"], { status: 304 }],
    ["failed", "a condition that fails", "GET /letters.txt", ['If-Match: "x"'], { status: 412 }],
    ["range", "a range", "GET /letters.txt", ["Range: bytes=0-0"], { status: 206, content: "a" }],
    ["unsatisfiable", "a range beyond the end", "GET /letters.txt", ["Range: bytes=99-"], { status: 416 }],
    [
      "connection-option",
      "the length named as a connection option",
      "GET /letters.txt",
      ["Connection: content-length"],
      LETTERS_ANSWER,
    ],
  ];

const OTHER_CASES: readonly Case[] = [
  {
    id: "content-length-zero",
    rfc: "9112 6.2",
    level: "MUST",
    about: "0 means no content",
    send: get("Content-Length: 0") + get("Content-Length: 00"),
    answers: [LETTERS_ANSWER, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "content-length-none",
    rfc: "9112 6.3",
    level: "MUST",
    about: "a request without Content-Length and Transfer-Encoding has no content",
    send: request("POST /letters.txt") + get(),
    answers: [{ status: 405 }, LETTERS_ANSWER],
    then: "either",
  },
  {
    id: "content-length-pieces",
    rfc: "9112 6.3",
    level: "MUST",
    about: "content in several segments, with the next request in the last one",
    send: [get("Content-Length: 39"), SMUGGLED.slice(0, 5), SMUGGLED.slice(5, 30), SMUGGLED.slice(30) + get()],
    answers: [LETTERS_ANSWER, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "content-length-1.0",
    rfc: "9112 6.3",
    level: "MUST",
    about: "content in HTTP/1.0",
    send: `GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 39\r\n\r\n${SMUGGLED}`,
    ...SERVED,
  },
  {
    id: "content-length-incomplete",
    rfc: "9112 6.3",
    level: "MUST",
    about: "after incomplete content nothing is served, and the connection ends",
    send: [get("Content-Length: 40") + SMUGGLED, HALF_CLOSE],
    answers: [{ status: [400, 408], optional: true }],
    then: "ends",
  },
  {
    id: "content-length-after-answer",
    rfc: "9112 9.3",
    level: "MUST",
    about: "content that arrives after the refusal is not parsed as a request",
    send: [request("POST /letters.txt", "Expect: 100-continue", "Content-Length: 39"), AWAIT, SMUGGLED],
    answers: [{ status: 100, optional: true }, { status: 405 }],
    then: "either",
  },
  {
    id: "content-length-large",
    rfc: "9112 9.3",
    level: "choice",
    about: "over 64 KiB of content is refused, and not parsed as a request",
    send: get(`Content-Length: ${64 * 1024 + 1}`) + SMUGGLED.repeat(1681),
    ...refused(413),
  },
  {
    id: "content-length-largest",
    rfc: "9112 9.3",
    level: "choice",
    about: "64 KiB of content are discarded",
    send: get(`Content-Length: ${64 * 1024}`) + SMUGGLED.repeat(1681).slice(0, 64 * 1024),
    ...SERVED,
  },
  {
    id: "content-length-large-post",
    rfc: "9112 9.3",
    level: "MUST",
    about: "405 wins over 413 for over 64 KiB of content",
    send: request("POST /letters.txt", "Content-Length: 200000") + SMUGGLED.repeat(5129).slice(0, 200_000),
    ...refused(405),
  },
  {
    id: "content-length-huge-post",
    rfc: "9110 15.5.6",
    level: "choice",
    about: "405 wins over 413 for a huge Content-Length",
    send: request("POST /letters.txt", "Content-Length: 999999999"),
    ...refused(405),
  },
];

export const CONTENT_LENGTH: Topic = {
  name: "Content-Length",
  cases: [
    ...WRONG.map(([id, about, fields, rule, expected]): Case => ({
      id: `content-length-${id}`,
      ...rule,
      about: `Content-Length with ${about}`,
      send: get(...fields) + SMUGGLED,
      ...expected,
    })),
    ...RIGHT.map(([id, about, field, rule]): Case => ({
      id: `content-length-${id}`,
      ...rule,
      about: `Content-Length with ${about}`,
      send: get(field) + SMUGGLED,
      ...SERVED,
    })),
    ...CARRIERS.map(([id, about, line, fields, answer]): Case => ({
      id: `content-length-of-${id}`,
      rfc: "9112 9.3",
      level: "MUST",
      about: `content that looks like a request, with ${about}`,
      send: request(line, ...fields, "Content-Length: 39") + SMUGGLED,
      answers: [answer],
      then: "either",
    })),
    ...OTHER_CASES,
  ],
};
