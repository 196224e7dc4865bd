/**
 * Field lines (RFC 9112, section 5; RFC 9110, section 5): names, values, folding, and fields that the server ignores.
 */

import { answered, type Case, get, LETTERS, LETTERS_ANSWER, refused, SMUGGLED, type Topic } from "./case.ts";

type Rule = Pick<Case, "rfc" | "level">;

const BEFORE_COLON: Rule = { rfc: "9112 5.1", level: "MUST" };
const GRAMMAR: Rule = { rfc: "9112 2.2", level: "SHOULD" };
const FOLDING: Rule = { rfc: "9112 5.2", level: "MUST" }; // 400 or blanks are permitted. We answer 400.
const BEFORE_FIRST: Rule = { rfc: "9112 2.2", level: "MUST" };
const DANGEROUS: Rule = { rfc: "9110 5.5", level: "MUST" }; // A server may reject or replace CR, LF and NUL. We answer 400.
const CONTROL: Rule = { rfc: "9110 5.5", level: "choice" }; // Other controls are invalid, but may be accepted.
const LINE_FEED: Rule = { rfc: "9112 2.2", level: "choice" };

/** Texts after `Host: a` CR LF that are refused with 400. */
const REFUSED: readonly (readonly [id: string, about: string, lines: string, rule: Rule])[] = [
  ["blank-before-colon", "a blank between name and colon", "X-A : b\r\n\r\n", BEFORE_COLON],
  ["tab-before-colon", "a tab between name and colon", "X-A\t: b\r\n\r\n", BEFORE_COLON],
  ["length-blank-colon", "Content-Length with a blank before its colon", "Content-Length : 39\r\n\r\n", BEFORE_COLON],
  ["empty-name", "no name before the colon", ": b\r\n\r\n", GRAMMAR],
  ["no-colon", "no colon", "X-A\r\n\r\n", GRAMMAR],
  ["blank-in-name", "a blank in the name", "X A: b\r\n\r\n", GRAMMAR],
  ["nul-in-name", "NUL in the name", "X\0A: b\r\n\r\n", GRAMMAR],
  ["del-in-name", "DEL in the name", "X\x7fA: b\r\n\r\n", GRAMMAR],
  ["high-in-name", "an octet over 127 in the name", "X\xe4A: b\r\n\r\n", GRAMMAR],
  ["cr-in-name", "a bare CR in the name", "X\rA: b\r\n\r\n", BEFORE_FIRST],
  ["quotes-in-name", "quotes in the name", '"X": b\r\n\r\n', GRAMMAR],
  ["parenthesis-in-name", "a parenthesis in the name", "X(A: b\r\n\r\n", GRAMMAR],
  ["slash-in-name", "a slash in the name", "X/A: b\r\n\r\n", GRAMMAR],
  ["at-in-name", "@ in the name", "X@A: b\r\n\r\n", GRAMMAR],
  ["semicolon-in-name", "; in the name", "X;A: b\r\n\r\n", GRAMMAR],
  ["brackets-in-name", "[ in the name", "X[A: b\r\n\r\n", GRAMMAR],
  ["equals-in-name", "= in the name", "X=A: b\r\n\r\n", GRAMMAR],
  ["fold-blank", "a folded line, with a blank", "X-A: b\r\n c\r\n\r\n", FOLDING],
  ["fold-tab", "a folded line, with a tab", "X-A: b\r\n\tc\r\n\r\n", FOLDING],
  ["fold-empty", "a folded line of blanks only", "X-A: b\r\n  \r\n\r\n", FOLDING],
  ["fold-like-field", "a folded line that looks like a field", "X-A: b\r\n Content-Length: 39\r\n\r\n", FOLDING],
  ["fold-length", "a folded Content-Length", "Content-Length:\r\n 39\r\n\r\n", FOLDING],
  ["fold-host", "Host folded", "\tb\r\n\r\n", FOLDING],
  ["nul-in-value", "NUL in a value", "X-A: b\0c\r\n\r\n", DANGEROUS],
  ["nul-alone", "NUL as a value", "X-A: \0\r\n\r\n", DANGEROUS],
  ["cr-in-value", "a bare CR in a value", "X-A: b\rc\r\n\r\n", DANGEROUS],
  ["cr-at-end", "a bare CR at the end of a value", "X-A: b\r\r\n\r\n", DANGEROUS],
  ["cr-hides-field", "a bare CR before text that looks like a field", "X-A: b\rContent-Length: 39\r\n\r\n", DANGEROUS],
  ["cr-in-unknown", "a bare CR in an ignored field", "X-A: \r\r\n\r\n", DANGEROUS],
  ["control-1", "control octet 1 in a value", "X-A: b\x01c\r\n\r\n", CONTROL],
  ["vertical-tab", "a vertical tab in a value", "X-A: b\x0bc\r\n\r\n", CONTROL],
  ["escape", "ESC in a value", "X-A: \x1b[31mc\r\n\r\n", CONTROL],
  ["del-in-value", "DEL in a value", "X-A: b\x7f\r\n\r\n", CONTROL],
  ["lf-line-end", "a field line that ends with LF alone", "X-A: b\n\r\n", LINE_FEED],
  ["lf-hides-field", "LF alone before text that looks like a field", "X-A: b\nContent-Length: 39\r\n\r\n", LINE_FEED],
  ["lf-section-end", "a field section that ends with LF alone", "X-A: b\r\n\n", LINE_FEED],
  ["cr-section-end", "CR CR LF as the end of the section", "X-A: b\r\n\r\r\n", BEFORE_FIRST],
];

/** Field lines that do not change the answer. */
const PASSED_OVER: readonly (readonly [id: string, about: string, fields: readonly string[], rule: Rule])[] = [
  ["empty-value", "an empty value", ["X-A:"], { rfc: "9110 5.5", level: "MUST" }],
  ["blank-value", "a value of blanks and tabs", ["X-A: \t  "], { rfc: "9112 5.1", level: "MUST" }],
  ["no-blank", "no blank behind the colon", ["X-A:b"], { rfc: "9112 5.1", level: "MUST" }],
  ["tabs-around", "tabs around a value", ["Connection:\tkeep-alive\t"], { rfc: "9112 5.1", level: "MUST" }],
  ["tab-within", "a tab within a value", ["X-A: b\tc"], { rfc: "9110 5.5", level: "MUST" }],
  ["high-in-value", "octets over 127 in a value", ["X-A: \x80\xe4\xff"], { rfc: "9110 5.5", level: "SHOULD" }],
  ["colons", "colons in a value", ["X-A: b:c::d"], { rfc: "9110 5.5", level: "MUST" }],
  ["token-name", "every octet of a token in a name", ["!#$%&'*+-.^_`|~09AZaz: b"], { rfc: "9110 5.1", level: "MUST" }],
  ["same-name", "an unknown field on several lines", ["X-A: b", "x-a: c", "X-A: d"], {
    rfc: "9110 5.3",
    level: "MUST",
  }],
  ["unknown", "unknown fields", ["X-Nobody: knows", "Foo: bar"], { rfc: "9110 5.1", level: "SHOULD" }],
  ["content-range", "Content-Range with GET", ["Content-Range: bytes 0-4/26"], { rfc: "9110 14.4", level: "MUST" }],
  ["upgrade", "Upgrade to an unsupported protocol", ["Connection: Upgrade", "Upgrade: websocket"], {
    rfc: "9110 7.8",
    level: "MAY",
  }],
  ["upgrade-h2c", "Upgrade to HTTP/2", [
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
  ], { rfc: "9110 7.8", level: "MAY" }],
  ["te", "TE", ["Connection: TE", "TE: trailers, gzip;q=0.5"], { rfc: "9110 10.1.4", level: "MAY" }],
  ["te-unknown", "TE with an unknown coding", ["TE: x;y=z"], { rfc: "9110 10.1.4", level: "MAY" }],
  ["trailer", "Trailer without trailers", ["Trailer: X-A"], { rfc: "9110 6.6.2", level: "MAY" }],
  ["max-forwards", "Max-Forwards with GET", ["Max-Forwards: 0"], { rfc: "9110 7.6.2", level: "MAY" }],
  ["accept-encoding", "Accept-Encoding without coding", ["Accept-Encoding: gzip, br"], {
    rfc: "9110 12.5.3",
    level: "MAY",
  }],
  ["accept-other", "Accept of another type, disregarded", ["Accept: image/png"], { rfc: "9110 12.5.1", level: "MAY" }],
  ["accept-garbage", "Accept that is no list", ["Accept: ;;q=x,,"], { rfc: "9110 12.5.1", level: "MAY" }],
  ["method-override", "an override of the method", ["X-HTTP-Method-Override: DELETE"], {
    rfc: "9110 5.1",
    level: "SHOULD",
  }],
  ["url-override", "an override of the target", ["X-Original-URL: /smuggled.txt", "X-Rewrite-URL: /smuggled.txt"], {
    rfc: "9110 5.1",
    level: "SHOULD",
  }],
  ["date", "Date in a request", ["Date: not a date"], { rfc: "9110 6.6.1", level: "MAY" }],
  ["authorization", "Authorization without a challenge", ["Authorization: Basic Og=="], {
    rfc: "9110 11.6.2",
    level: "MAY",
  }],
  ["ranges-like-name", "a name that begins like Range", ["Ranges: bytes=0-1"], { rfc: "9110 5.1", level: "MUST" }],
  ["similar-length", "Content_Length is no Content-Length", ["Content_Length: 39"], { rfc: "9110 5.1", level: "MUST" }],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "field-before-first-blank",
    ...BEFORE_FIRST,
    about: "a blank before the first field line",
    send: `GET /letters.txt HTTP/1.1\r\n Host: a\r\n\r\n${SMUGGLED}`,
    ...refused(400),
  },
  {
    id: "field-before-first-line",
    ...BEFORE_FIRST,
    about: "a line of blanks before the first field line",
    send: `GET /letters.txt HTTP/1.1\r\n \r\nHost: a\r\n\r\n${SMUGGLED}`,
    ...refused(400),
  },
  {
    id: "field-name-case",
    rfc: "9110 5.1",
    level: "MUST",
    about: "names are compared without case",
    send: "GET /letters.txt HTTP/1.1\r\nhOsT: a\r\nrAnGe: bytes=0-1\r\n\r\n",
    ...answered({ status: 206, content: "ab" }),
  },
  {
    id: "field-value-trimmed",
    rfc: "9110 5.5",
    level: "MUST",
    about: "blanks around a value are not part of it",
    send: "GET /letters.txt HTTP/1.1\r\nHost:  \ta \t \r\nRange:\t bytes=0-1 \t\r\n\r\n",
    ...answered({ status: 206, content: "ab" }),
  },
  {
    id: "field-order",
    rfc: "9110 5.3",
    level: "MUST",
    about: "the order of fields does not matter",
    send: "GET /letters.txt HTTP/1.1\r\nRange: bytes=0-1\r\nConnection: keep-alive\r\nHost: a\r\n\r\n",
    ...answered({ status: 206, content: "ab" }),
  },
  {
    id: "field-upgrade-1.0",
    rfc: "9110 7.8",
    level: "MUST",
    about: "Upgrade in HTTP/1.0 is ignored",
    send: "GET /letters.txt HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    answers: [{ ...LETTERS_ANSWER, fields: { Upgrade: null } }],
    then: "closes",
  },
  {
    id: "field-wait-for-all",
    rfc: "9110 5.3",
    level: "MUST NOT",
    about: "the server does not answer before the field section is complete",
    send: ["GET /letters.txt HTTP/1.1\r\nHost: a\r\n", "Range: bytes=0-1\r\n", "\r\n"],
    ...answered({ status: 206, content: "ab" }),
  },
];

export const FIELD_LINES: Topic = {
  name: "field lines",
  cases: [
    ...REFUSED.map(([id, about, lines, rule]): Case => ({
      id: `field-${id}`,
      ...rule,
      about,
      send: `GET /letters.txt HTTP/1.1\r\nHost: a\r\n${lines}${SMUGGLED}`,
      ...refused(400),
    })),
    ...PASSED_OVER.map(([id, about, fields, rule]): Case => ({
      id: `field-ignored-${id}`,
      ...rule,
      about,
      send: get(...fields),
      ...answered({ status: 200, content: LETTERS, fields: { "Content-Encoding": null, Upgrade: null } }),
    })),
    ...OTHER_CASES,
  ],
};
