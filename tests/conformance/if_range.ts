/**
 * If-Range (RFC 9110, section 13.1.5): the server sends a range only if the client has the same representation.
 */

import {
  answered,
  type Case,
  either,
  type Expectation,
  get,
  LETTERS,
  MODIFIED,
  request,
  SERVED,
  type Topic,
} from "./case.ts";

type Rule = Pick<Case, "rfc" | "level">;

const TRUE: Rule = { rfc: "9110 13.1.5", level: "SHOULD" };
const FALSE: Rule = { rfc: "9110 13.1.5", level: "MUST" };
const EXACT: Rule = { rfc: "9110 13.1.5", level: "MAY" }; // "exactly matches" permits a comparison as texts and as times.
const STRONG: Rule = { rfc: "9110 8.8.3.2", level: "MUST" };

const PARTIAL = answered({
  status: 206,
  content: "abcde",
  fields: { "Content-Range": "bytes 0-4/26", ETag: "{etag}" },
});

const EITHER = either(200, 206);

/** Values of If-Range with `Range: bytes=0-4`. */
const VALUES: readonly (readonly [id: string, about: string, value: string, rule: Rule, expected: Expectation])[] = [
  ["tag", "its entity tag", "{etag}", TRUE, PARTIAL],
  ["other-tag", "another entity tag", '"other"', FALSE, SERVED],
  ["weak-tag", "its entity tag, weak", "W/{etag}", STRONG, SERVED],
  ["lower-weak-tag", "its entity tag after w/", "w/{etag}", FALSE, SERVED],
  ["unquoted", "an entity tag without quotes", "other", FALSE, SERVED],
  ["star", "a star, which is no validator", "*", FALSE, SERVED],
  ["list", "a list of entity tags, which it cannot be", '"other", {etag}', FALSE, SERVED],
  ["list-first", "a list that begins with its entity tag", '{etag}, "other"', FALSE, SERVED],
  ["empty", "nothing", "", FALSE, SERVED],
  ["date", "its date", MODIFIED, TRUE, PARTIAL],
  ["date-rfc850", "its date in the form of RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", EXACT, EITHER],
  ["date-asctime", "its date in the form of asctime", "Sun Nov  6 08:49:37 1994", EXACT, EITHER],
  ["earlier", "a second before its date", "Sun, 06 Nov 1994 08:49:36 GMT", FALSE, SERVED],
  ["later", "a second after its date", "Sun, 06 Nov 1994 08:49:38 GMT", FALSE, SERVED],
  ["now", "the present", "{now}", FALSE, SERVED],
  ["no-date", "a word that is not a date", "yesterday", FALSE, SERVED],
];

const IF_TAG = "If-Range: {etag}";

const OTHER_CASES: readonly Case[] = [
  {
    id: "if-range-without-range",
    rfc: "9110 13.1.5",
    level: "MUST",
    about: "ignored without Range",
    send: get('If-Range: "other"'),
    ...SERVED,
  },
  {
    id: "if-range-without-range-true",
    rfc: "9110 13.1.5",
    level: "MUST",
    about: "ignored without Range, its own tag too",
    send: get(IF_TAG),
    ...SERVED,
  },
  {
    id: "if-range-fields",
    rfc: "9110 15.3.7",
    level: "SHOULD NOT",
    about: "the client has Last-Modified already",
    send: get("Range: bytes=0-4", IF_TAG),
    ...answered({ status: 206, fields: { "Last-Modified": null, ETag: "{etag}" } }),
  },
  {
    id: "if-range-unsatisfiable",
    rfc: "9110 14.2",
    level: "SHOULD",
    about: "true, and a range beyond the end",
    send: get("Range: bytes=99-", IF_TAG),
    ...answered({ status: 416, fields: { "Content-Range": "bytes */26" } }),
  },
  {
    id: "if-range-false-unsatisfiable",
    rfc: "9110 13.1.5",
    level: "MUST",
    about: "false, and a range beyond the end: everything",
    send: get("Range: bytes=99-", 'If-Range: "other"'),
    ...SERVED,
  },
  {
    id: "if-range-several",
    rfc: "9110 13.1.5",
    level: "SHOULD",
    about: "true, and several ranges",
    send: get("Range: bytes=0-1,10-11", IF_TAG),
    ...answered({ status: 206, parts: [["0-1/26", "ab"], ["10-11/26", "kl"]], fields: { ETag: "{etag}" } }),
  },
  {
    id: "if-range-false-several",
    rfc: "9110 13.1.5",
    level: "MUST",
    about: "false, and several ranges: everything",
    send: get("Range: bytes=0-1,10-11", 'If-Range: "other"'),
    ...SERVED,
  },
  {
    id: "if-range-head",
    rfc: "9110 14.2",
    level: "MUST",
    about: "HEAD has no ranges, even with If-Range",
    send: request("HEAD /letters.txt", "Range: bytes=0-4", IF_TAG),
    ...answered({ status: 200, toHead: true, fields: { "Content-Length": "26" } }),
  },
  {
    id: "if-range-two-lines",
    rfc: "9110 13.1.5",
    level: "MUST",
    about: "two lines are not a valid validator",
    send: get("Range: bytes=0-4", IF_TAG, IF_TAG),
    ...answered({ status: 200, content: LETTERS }),
  },
  {
    id: "if-range-unknown-unit",
    rfc: "9110 14.2",
    level: "MUST",
    about: "true, and an unknown unit",
    send: get("Range: lines=0-4", IF_TAG),
    ...SERVED,
  },
  {
    id: "if-range-weak-date",
    rfc: "9110 13.1.5",
    level: "MUST",
    about: "a date within the present second is not a strong validator (8.8.2.2), because the file may change again",
    send: request("GET /future.txt", "Range: bytes=0-1", "If-Range: {now}"),
    ...answered({ status: 200, content: "future" }),
  },
];

export const IF_RANGE: Topic = {
  name: "If-Range",
  cases: [
    ...VALUES.map(([id, about, value, rule, expected]): Case => ({
      id: `if-range-${id}`,
      ...rule,
      about,
      send: get("Range: bytes=0-4", `If-Range: ${value}`),
      ...expected,
    })),
    ...OTHER_CASES,
  ],
};
