/**
 * Conditional requests (RFC 9110, section 13): each precondition alone, and all of them in the order of 13.2.2.
 */

import { answered, type Case, type Expectation, get, MODIFIED, request, SERVED, type Topic } from "./case.ts";

type Rule = Pick<Case, "rfc" | "level">;

const EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
const LATER = "Sun, 06 Nov 1994 08:49:38 GMT";

const NOT_MODIFIED = answered({
  status: 304,
  fields: { ETag: "{etag}", "Content-Length": null, "Content-Type": null },
});
const FAILED = answered({ status: 412 });
const PARTIAL = answered({ status: 206, content: "abcde" });

const IF_MATCH: Rule = { rfc: "9110 13.1.1", level: "MUST" };
const IF_NONE_MATCH: Rule = { rfc: "9110 13.1.2", level: "MUST" };
const IF_MODIFIED: Rule = { rfc: "9110 13.1.3", level: "SHOULD" };
const IF_UNMODIFIED: Rule = { rfc: "9110 13.1.4", level: "MUST" };
const STRONG: Rule = { rfc: "9110 8.8.3.2", level: "MUST" };
const EMPTY_MEMBER: Rule = { rfc: "9110 5.6.1.2", level: "MUST" };
const SYNTAX: Rule = { rfc: "9110 8.8.3", level: "MUST" };
const ORDER: Rule = { rfc: "9110 13.2.2", level: "MUST" };

type Row = readonly [id: string, about: string, fields: readonly string[], rule: Rule, expected: Expectation];

/** Fields of a GET for /letters.txt. */
const ALONE: readonly Row[] = [
  ["if-match", "its tag", ["If-Match: {etag}"], IF_MATCH, SERVED],
  ["if-match-other", "another tag", ['If-Match: "other"'], IF_MATCH, FAILED],
  ["if-match-star", "any representation", ["If-Match: *"], IF_MATCH, SERVED],
  ["if-match-weak", "its tag, weak, which equals none", ["If-Match: W/{etag}"], STRONG, FAILED],
  ["if-match-list", "a list with its tag", ['If-Match: "a", {etag}, "b"'], IF_MATCH, SERVED],
  ["if-match-list-without", "a list without its tag", ['If-Match: "a", "b"'], IF_MATCH, FAILED],
  ["if-match-no-blanks", "a list without blanks", ['If-Match: "a",{etag},"b"'], IF_MATCH, SERVED],
  ["if-match-lines", "its tag on a second line", ['If-Match: "a"', "If-Match: {etag}"], {
    rfc: "9110 5.3",
    level: "MUST",
  }, SERVED],
  ["if-match-empty-members", "empty members around its tag", ["If-Match: ,, {etag} ,"], EMPTY_MEMBER, SERVED],
  ["if-match-comma", "a comma within another tag", ['If-Match: "a,b", {etag}'], SYNTAX, SERVED],
  ["if-match-inside", "its tag within another", ['If-Match: "x{etag}x"'], SYNTAX, FAILED],
  ["if-match-unquoted", "a tag without quotes", ["If-Match: other"], SYNTAX, FAILED],
  ["if-none-match", "its tag", ["If-None-Match: {etag}"], IF_NONE_MATCH, NOT_MODIFIED],
  ["if-none-match-other", "another tag", ['If-None-Match: "other"'], IF_NONE_MATCH, SERVED],
  ["if-none-match-star", "any representation", ["If-None-Match: *"], IF_NONE_MATCH, NOT_MODIFIED],
  ["if-none-match-weak", "its tag, weak, which equals it", ["If-None-Match: W/{etag}"], STRONG, NOT_MODIFIED],
  ["if-none-match-lower-w", "its tag after w/, which is not a tag", ["If-None-Match: w/{etag}"], SYNTAX, SERVED],
  ["if-none-match-list", "a list with its tag", ['If-None-Match: "a", W/"b", {etag}'], IF_NONE_MATCH, NOT_MODIFIED],
  ["if-none-match-list-without", "a list without its tag", ['If-None-Match: "a", W/"b"'], IF_NONE_MATCH, SERVED],
  ["if-none-match-no-blanks", "a list without blanks", ['If-None-Match: "a",{etag}'], IF_NONE_MATCH, NOT_MODIFIED],
  ["if-none-match-tabs", "a list with tabs", ['If-None-Match: "a"\t,\t{etag}'], IF_NONE_MATCH, NOT_MODIFIED],
  ["if-none-match-lines", "its tag on a second line", ['If-None-Match: "a"', "If-None-Match: {etag}"], {
    rfc: "9110 5.3",
    level: "MUST",
  }, NOT_MODIFIED],
  [
    "if-none-match-empty-members",
    "empty members around its tag",
    ["If-None-Match: ,, {etag} ,"],
    EMPTY_MEMBER,
    NOT_MODIFIED,
  ],
  ["if-none-match-comma", "a comma within another tag", ['If-None-Match: "a,b", {etag}'], SYNTAX, NOT_MODIFIED],
  [
    "if-none-match-backslash",
    "a backslash in another tag, which quotes nothing",
    ['If-None-Match: "a\\", {etag}'],
    SYNTAX,
    NOT_MODIFIED,
  ],
  ["if-none-match-high", "octets over 127 in another tag", ['If-None-Match: "\xfc", {etag}'], SYNTAX, NOT_MODIFIED],
  ["if-none-match-empty-tag", "an empty tag before its own", ['If-None-Match: "", {etag}'], SYNTAX, NOT_MODIFIED],
  ["if-none-match-unquoted", "a tag without quotes", ["If-None-Match: other"], SYNTAX, SERVED],
  ["if-none-match-prefix", "the beginning of its tag", ['If-None-Match: "1'], SYNTAX, SERVED],
  ["if-none-match-case", "tags are compared with case", ['If-None-Match: "A"'], SYNTAX, SERVED],
  ["if-modified-since", "its date", [`If-Modified-Since: ${MODIFIED}`], IF_MODIFIED, NOT_MODIFIED],
  ["if-modified-since-later", "a later date", [`If-Modified-Since: ${LATER}`], IF_MODIFIED, NOT_MODIFIED],
  ["if-modified-since-earlier", "an earlier date", [`If-Modified-Since: ${EARLIER}`], IF_MODIFIED, SERVED],
  ["if-modified-since-future", "a date in the future", ["If-Modified-Since: {tomorrow}"], IF_MODIFIED, NOT_MODIFIED],
  ["if-modified-since-epoch", "1970", ["If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"], IF_MODIFIED, SERVED],
  ["if-unmodified-since", "its date", [`If-Unmodified-Since: ${MODIFIED}`], IF_UNMODIFIED, SERVED],
  ["if-unmodified-since-later", "a later date", [`If-Unmodified-Since: ${LATER}`], IF_UNMODIFIED, SERVED],
  ["if-unmodified-since-earlier", "an earlier date", [`If-Unmodified-Since: ${EARLIER}`], IF_UNMODIFIED, FAILED],
  ["if-unmodified-since-future", "a date in the future", ["If-Unmodified-Since: {tomorrow}"], IF_UNMODIFIED, SERVED],
];

const TAG = "If-Match: {etag}";
const NO_TAG = 'If-Match: "other"';
const NONE = 'If-None-Match: "other"';
const NOT_NONE = "If-None-Match: {etag}";
const UNMODIFIED = `If-Unmodified-Since: ${MODIFIED}`;
const NOT_UNMODIFIED = `If-Unmodified-Since: ${EARLIER}`;
const MODIFIED_SINCE = `If-Modified-Since: ${EARLIER}`;
const NOT_MODIFIED_SINCE = `If-Modified-Since: ${MODIFIED}`;
const RANGE = "Range: bytes=0-4";

/** Several preconditions, in the order of 13.2.2. */
const TOGETHER: readonly Row[] = [
  ["match-over-unmodified", "If-Match true, so If-Unmodified-Since is ignored", [TAG, NOT_UNMODIFIED], {
    rfc: "9110 13.1.4",
    level: "MUST",
  }, SERVED],
  ["match-fails-first", "If-Match false, though If-Unmodified-Since is true", [NO_TAG, UNMODIFIED], ORDER, FAILED],
  ["match-then-none", "If-Match true, then If-None-Match false", [TAG, NOT_NONE], ORDER, NOT_MODIFIED],
  ["match-fails-before-none", "If-Match false, before If-None-Match", [NO_TAG, NOT_NONE], ORDER, FAILED],
  ["match-and-none", "If-Match and If-None-Match true", [TAG, NONE], ORDER, SERVED],
  [
    "unmodified-then-none",
    "If-Unmodified-Since true, then If-None-Match false",
    [UNMODIFIED, NOT_NONE],
    ORDER,
    NOT_MODIFIED,
  ],
  [
    "unmodified-fails-before-none",
    "If-Unmodified-Since false, before If-None-Match",
    [NOT_UNMODIFIED, NOT_NONE],
    ORDER,
    FAILED,
  ],
  ["none-over-modified", "If-None-Match true, so If-Modified-Since is ignored", [NONE, NOT_MODIFIED_SINCE], {
    rfc: "9110 13.1.3",
    level: "MUST",
  }, SERVED],
  ["none-false-over-modified", "If-None-Match false, so If-Modified-Since is ignored", [NOT_NONE, MODIFIED_SINCE], {
    rfc: "9110 13.1.3",
    level: "MUST",
  }, NOT_MODIFIED],
  [
    "none-invalid-over-modified",
    "an invalid If-None-Match still disables If-Modified-Since",
    ["If-None-Match: x", NOT_MODIFIED_SINCE],
    { rfc: "9110 13.1.3", level: "MUST" },
    SERVED,
  ],
  [
    "unmodified-then-modified",
    "both dates: unmodified, and not modified since",
    [UNMODIFIED, NOT_MODIFIED_SINCE],
    ORDER,
    NOT_MODIFIED,
  ],
  [
    "unmodified-fails-before-modified",
    "both dates: If-Unmodified-Since comes first",
    [NOT_UNMODIFIED, NOT_MODIFIED_SINCE],
    ORDER,
    FAILED,
  ],
  [
    "match-then-modified",
    "If-Match true, then If-Modified-Since false",
    [TAG, NOT_MODIFIED_SINCE],
    ORDER,
    NOT_MODIFIED,
  ],
  ["all-true", "all four true", [TAG, UNMODIFIED, NONE, MODIFIED_SINCE], ORDER, SERVED],
  ["all-false", "all four false", [NO_TAG, NOT_UNMODIFIED, NOT_NONE, NOT_MODIFIED_SINCE], ORDER, FAILED],
  ["range-failed", "a range, and If-Match false", [RANGE, NO_TAG], ORDER, FAILED],
  ["range-not-modified", "a range, and If-None-Match false", [RANGE, NOT_NONE], ORDER, NOT_MODIFIED],
  [
    "range-not-modified-since",
    "a range, and If-Modified-Since false",
    [RANGE, NOT_MODIFIED_SINCE],
    ORDER,
    NOT_MODIFIED,
  ],
  ["range-true", "a range, and all four true", [RANGE, TAG, UNMODIFIED, NONE, MODIFIED_SINCE], ORDER, PARTIAL],
  [
    "range-if-range-not-modified",
    "If-None-Match false, before If-Range",
    [RANGE, "If-Range: {etag}", NOT_NONE],
    ORDER,
    NOT_MODIFIED,
  ],
  ["range-if-range-false", "If-Match true, then If-Range false", [RANGE, TAG, 'If-Range: "other"'], ORDER, SERVED],
  ["range-if-range-true", "If-Match true, then If-Range true", [RANGE, TAG, "If-Range: {etag}"], ORDER, PARTIAL],
  ["unsatisfiable-failed", "a range beyond the end, and If-Match false", ["Range: bytes=99-", NO_TAG], ORDER, FAILED],
  [
    "unsatisfiable-not-modified",
    "a range beyond the end, and If-None-Match false",
    ["Range: bytes=99-", NOT_NONE],
    ORDER,
    NOT_MODIFIED,
  ],
];

/** Preconditions are ignored if the answer would be neither 2xx nor 412. */
const NOT_EVALUATED: readonly (readonly [id: string, about: string, line: string, status: number])[] = [
  ["missing", "404", "GET /missing", 404],
  ["redirect", "301", "GET /dir", 301],
  ["forbidden", "403", "GET /outside", 403],
  ["hidden", "a dot file", "GET /.hidden", 404],
  ["not-allowed", "405", "PUT /letters.txt", 405],
  ["not-implemented", "501", "BREW /letters.txt", 501],
];

const NEITHER = [
  'If-Match: "other"',
  "If-None-Match: *",
  `If-Unmodified-Since: ${EARLIER}`,
  `If-Modified-Since: ${LATER}`,
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "conditional-head-not-modified",
    rfc: "9110 13.1.2",
    level: "MUST",
    about: "304 for HEAD",
    send: request("HEAD /letters.txt", NOT_NONE),
    ...answered({ status: 304, toHead: true, fields: { ETag: "{etag}" } }),
  },
  {
    id: "conditional-head-modified-since",
    rfc: "9110 13.1.3",
    level: "SHOULD",
    about: "304 for HEAD by date",
    send: request("HEAD /letters.txt", NOT_MODIFIED_SINCE),
    ...answered({ status: 304, toHead: true }),
  },
  {
    id: "conditional-head-failed",
    rfc: "9110 13.1.1",
    level: "MUST",
    about: "412 for HEAD",
    send: request("HEAD /letters.txt", NO_TAG),
    ...answered({ status: 412, toHead: true }),
  },
  {
    id: "conditional-304-fields",
    rfc: "9110 15.4.5",
    level: "SHOULD NOT",
    about: "304 has no metadata that the client already has",
    send: get(NOT_NONE),
    ...answered({
      status: 304,
      fields: { Date: /GMT$/, ETag: "{etag}", "Last-Modified": null, "Content-Type": null, "Content-Range": null },
    }),
  },
  {
    id: "conditional-304-index",
    rfc: "9110 13.1.2",
    level: "MUST",
    about: "304 for a directory's index",
    send: request("GET /", "If-None-Match: *"),
    ...answered({ status: 304 }),
  },
  {
    id: "conditional-304-pipelined",
    rfc: "9112 6.3",
    level: "MUST",
    about: "304 ends with its head",
    send: get(NOT_NONE) + get() + get(NOT_NONE) + get(),
    answers: [{ status: 304 }, ...SERVED.answers, { status: 304 }, ...SERVED.answers],
    then: "persists",
  },
  {
    id: "conditional-1.0",
    rfc: "9110 13.1.3",
    level: "SHOULD",
    about: "304 in HTTP/1.0",
    send: `GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\n${NOT_MODIFIED_SINCE}\r\n\r\n`,
    ...NOT_MODIFIED,
  },
  {
    id: "conditional-fraction-modified",
    rfc: "9110 13.1.3",
    level: "SHOULD",
    about: "a file that was modified within a second was not modified since that second",
    send: request("GET /recent.txt", "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT"),
    ...answered({ status: 304 }),
  },
  {
    id: "conditional-fraction-unmodified",
    rfc: "9110 13.1.4",
    level: "MUST",
    about: "a file that was modified within a second is unmodified since that second",
    send: request("GET /recent.txt", "If-Unmodified-Since: Wed, 01 Jan 2020 00:00:00 GMT"),
    ...answered({ status: 200, fields: { "Last-Modified": "Wed, 01 Jan 2020 00:00:00 GMT" } }),
  },
  {
    id: "conditional-missing-star",
    rfc: "9110 13.2.1",
    level: "MUST",
    about: "If-None-Match: * for a missing file",
    send: request("GET /missing", "If-None-Match: *"),
    ...answered({ status: 404 }),
  },
];

export const CONDITIONAL: Topic = {
  name: "conditional requests",
  cases: [
    ...[...ALONE, ...TOGETHER].map(([id, about, fields, rule, expected]): Case => ({
      id: `conditional-${id}`,
      ...rule,
      about,
      send: get(...fields),
      ...expected,
    })),
    ...NOT_EVALUATED.map(([id, about, line, status]): Case => ({
      id: `conditional-not-evaluated-${id}`,
      rfc: "9110 13.2.1",
      level: "MUST",
      about: `preconditions are ignored if the answer would be ${about}`,
      send: request(line, ...NEITHER),
      ...answered({ status }),
    })),
    ...OTHER_CASES,
  ],
};
