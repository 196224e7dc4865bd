/**
 * Range requests (RFC 9110, sections 14 and 15.3.7): which bytes are sent, and when Range is ignored.
 */

import {
  type Answer,
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

const SATISFIED: Rule = { rfc: "9110 14.2", level: "SHOULD" };
const UNIT: Rule = { rfc: "9110 14.2", level: "MUST" }; // Unknown units are ignored.
const INVALID: Rule = { rfc: "9110 14.2", level: "choice" }; // A server may refuse invalid sets. We ignore them.
const EMPTY_MEMBER: Rule = { rfc: "9110 5.6.1.2", level: "MUST" };
const LARGE: Rule = { rfc: "9110 14.1.2", level: "MUST" }; // Large numerals must be anticipated.

/** Fields of a 200 that a 206 must have as well (15.3.7). */
const REPRESENTATION = {
  "Content-Type": "text/plain; charset=utf-8",
  "Last-Modified": MODIFIED,
  ETag: "{etag}",
} as const;

function partial(first: number, last: number): Expectation {
  const content = LETTERS.slice(first, last + 1);
  const fields = { ...REPRESENTATION, "Content-Range": `bytes ${first}-${last}/26` };
  return answered({ status: 206, content, fields });
}

const UNSATISFIABLE = answered({ status: 416, fields: { "Content-Range": "bytes */26" } });

/** One range of /letters.txt. */
const SINGLE: readonly (readonly [id: string, about: string, range: string, rule: Rule, expected: Expectation])[] = [
  ["first", "from the beginning", "bytes=0-4", SATISFIED, partial(0, 4)],
  ["middle", "from the middle", "bytes=10-12", SATISFIED, partial(10, 12)],
  ["one", "one octet", "bytes=7-7", SATISFIED, partial(7, 7)],
  ["last", "the last octet", "bytes=25-25", SATISFIED, partial(25, 25)],
  ["all", "everything", "bytes=0-25", SATISFIED, partial(0, 25)],
  ["open", "to the end", "bytes=20-", SATISFIED, partial(20, 25)],
  ["open-zero", "from 0 to the end", "bytes=0-", SATISFIED, partial(0, 25)],
  ["suffix", "the last three", "bytes=-3", SATISFIED, partial(23, 25)],
  ["suffix-all", "as many of the last as there are", "bytes=-26", SATISFIED, partial(0, 25)],
  [
    "suffix-more",
    "more of the last than there are",
    "bytes=-27",
    { rfc: "9110 14.1.2", level: "SHOULD" },
    partial(0, 25),
  ],
  ["beyond", "an end beyond the last octet", "bytes=24-99", { rfc: "9110 14.1.2", level: "SHOULD" }, partial(24, 25)],
  ["unit-case", "the unit in upper case", "BYTES=0-4", { rfc: "9110 14.1", level: "MUST" }, partial(0, 4)],
  ["zeros", "leading zeros", "bytes=00000-00004", SATISFIED, partial(0, 4)],
  ["large-last", "an end of 2 to the 64", "bytes=24-18446744073709551616", LARGE, partial(24, 25)],
  ["long-last", "an end of 400 digits", `bytes=24-${"9".repeat(400)}`, LARGE, partial(24, 25)],
  ["large-suffix", "a suffix of 2 to the 64", "bytes=-18446744073709551616", LARGE, partial(0, 25)],
  ["empty-member-last", "an empty member last", "bytes=0-4,", EMPTY_MEMBER, partial(0, 4)],
  ["empty-member-first", "an empty member before", "bytes=,0-4", EMPTY_MEMBER, partial(0, 4)],
  ["empty-members", "empty members around, with blanks", "bytes=, ,0-4 ,\t,", EMPTY_MEMBER, partial(0, 4)],
  ["one-of-two", "one satisfiable and one not", "bytes=0-4,26-", SATISFIED, partial(0, 4)],
  ["one-of-two-suffix", "a suffix of nothing and one more", "bytes=-0,0-4", SATISFIED, partial(0, 4)],
  ["after-end", "a start after the end", "bytes=26-", SATISFIED, UNSATISFIABLE],
  ["far-after-end", "a start far after the end", "bytes=1000-2000", SATISFIED, UNSATISFIABLE],
  ["large-first", "a start of 2 to the 64", "bytes=18446744073709551616-", LARGE, UNSATISFIABLE],
  ["wrapped-first", "a start of 2 to the 32", "bytes=4294967296-4294967300", LARGE, UNSATISFIABLE],
  ["suffix-zero", "a suffix of nothing", "bytes=-0", { rfc: "9110 14.1.2", level: "SHOULD" }, UNSATISFIABLE],
  ["all-after-end", "several, none of them satisfiable", "bytes=26-,30-40,-0", SATISFIED, UNSATISFIABLE],
  ["unit", "an unknown unit", "lines=0-4", UNIT, SERVED],
  ["unit-longer", "a unit that begins like bytes", "bytesx=0-4", UNIT, SERVED],
  ["unit-empty", "no unit", "=0-4", INVALID, SERVED],
  ["unit-none", "the unit none", "none=0-4", UNIT, SERVED],
];

/** Malformed sets. A server may ignore or refuse them. We ignore them and send everything. */
const MALFORMED: readonly (readonly [id: string, about: string, range: string])[] = [
  ["reversed", "an end before the start", "bytes=4-0"],
  ["reversed-among", "an end before the start, among others", "bytes=0-1,4-3"],
  ["empty", "an empty set", "bytes="],
  ["commas", "nothing but commas", "bytes=,,"],
  ["no-equals", "no equals sign", "bytes 0-4"],
  ["colon", "a colon for the equals sign", "bytes:0-4"],
  ["no-dash", "no dash", "bytes=4"],
  ["dash", "a dash alone", "bytes=-"],
  ["two-dashes", "two dashes", "bytes=0--4"],
  ["leading-dashes", "two dashes before a suffix", "bytes=--4"],
  ["three-numbers", "three numbers", "bytes=0-4-8"],
  ["plus", "a sign", "bytes=+0-4"],
  ["hex", "hex", "bytes=0x0-0x4"],
  ["letters", "letters", "bytes=a-b"],
  ["fraction", "a fraction", "bytes=0.0-4.0"],
  ["blank-before-dash", "a blank before the dash", "bytes=0 -4"],
  ["blank-after-dash", "a blank behind the dash", "bytes=0- 4"],
  ["blank-for-comma", "a blank for the comma", "bytes=0-1 3-4"],
  ["semicolon", "a semicolon for the comma", "bytes=0-1;3-4"],
  ["unit-blank", "a blank before the equals sign", "bytes =0-4"],
  ["star", "a star", "bytes=*"],
  ["content-range", "a Content-Range", "bytes 0-4/26"],
  ["second-unit", "a second unit", "bytes=0-1,bytes=3-4"],
  ["valid-and-not", "one valid and one not", "bytes=0-4,x"],
  ["other-digits", "digits that are not ASCII", "bytes=\xb2-\xb3"],
];

const EMPTY_FILE: Answer = { status: 200, content: "" };

const OTHER_CASES: readonly Case[] = [
  {
    id: "range-blank-after-equals",
    rfc: "9110 14.2",
    level: "MAY",
    about: "a set with a blank after the equals sign is accepted or ignored",
    send: get("Range: bytes= 0-4"),
    ...either(200, 206),
  },
  {
    id: "range-two-lines",
    rfc: "9110 14.2",
    level: "MAY",
    about: "two Range lines make a malformed set",
    send: get("Range: bytes=0-1", "Range: bytes=3-4"),
    ...either(200, 400, 416),
  },
  {
    id: "range-head",
    rfc: "9110 14.2",
    level: "MUST",
    about: "HEAD ignores Range",
    send: request("HEAD /letters.txt", "Range: bytes=0-4"),
    ...answered({ status: 200, toHead: true, fields: { "Content-Length": "26", "Content-Range": null } }),
  },
  {
    id: "range-head-unsatisfiable",
    rfc: "9110 14.2",
    level: "MUST",
    about: "HEAD ignores a Range that cannot be satisfied",
    send: request("HEAD /letters.txt", "Range: bytes=99-"),
    ...answered({ status: 200, toHead: true, fields: { "Content-Length": "26" } }),
  },
  {
    id: "range-post",
    rfc: "9110 14.2",
    level: "MUST",
    about: "a method that is not allowed ignores Range",
    send: request("POST /letters.txt", "Range: bytes=0-4"),
    ...answered({ status: 405, fields: { "Content-Range": null } }),
  },
  {
    id: "range-missing",
    rfc: "9110 14.2",
    level: "MUST",
    about: "a missing file ignores Range",
    send: request("GET /missing", "Range: bytes=0-4"),
    ...answered({ status: 404, fields: { "Content-Range": null } }),
  },
  {
    id: "range-redirect",
    rfc: "9110 14.2",
    level: "MUST",
    about: "a redirect ignores Range",
    send: request("GET /dir", "Range: bytes=0-4"),
    ...answered({ status: 301, fields: { "Content-Range": null } }),
  },
  {
    id: "range-index",
    rfc: "9110 14.2",
    level: "SHOULD",
    about: "a range of a directory's index",
    send: request("GET /", "Range: bytes=0-6"),
    ...answered({ status: 206, content: "default", fields: { "Content-Range": "bytes 0-6/13" } }),
  },
  {
    id: "range-1.0",
    rfc: "9110 14.2",
    level: "MAY",
    about: "a range in HTTP/1.0",
    send: "GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\nRange: bytes=0-4\r\n\r\n",
    ...either(200, 206),
  },
  {
    id: "range-large-file",
    rfc: "9110 15.3.7.1",
    level: "MUST",
    about: "a range of a large file, longer than any buffer",
    send: request("GET /big.bin", "Range: bytes=100-500099"),
    ...answered({ status: 206, fields: { "Content-Range": "bytes 100-500099/1048576", "Content-Length": "500000" } }),
  },
  {
    id: "range-empty-file",
    rfc: "9110 14.2",
    level: "MAY",
    about: "a range of an empty file: all of it",
    send: request("GET /empty.txt", "Range: bytes=0-"),
    answers: [EMPTY_FILE],
    then: "persists",
  },
  {
    id: "range-empty-file-suffix",
    rfc: "9110 14.2",
    level: "MAY",
    about: "a suffix of an empty file cannot be written as a range",
    send: request("GET /empty.txt", "Range: bytes=-5"),
    answers: [EMPTY_FILE],
    then: "persists",
  },
  {
    id: "range-accept-ranges",
    rfc: "9110 14.3",
    level: "MAY",
    about: "a 200 has Accept-Ranges",
    send: get(),
    ...answered({ status: 200, fields: { "Accept-Ranges": "bytes" } }),
  },
  {
    id: "range-accept-ranges-head",
    rfc: "9110 14.3",
    level: "MAY",
    about: "an answer to HEAD has Accept-Ranges, too",
    send: request("HEAD /letters.txt"),
    ...answered({ status: 200, toHead: true, fields: { "Accept-Ranges": "bytes" } }),
  },
];

export const RANGES: Topic = {
  name: "ranges",
  cases: [
    ...SINGLE.map(([id, about, range, rule, expected]): Case => ({
      id: `range-${id}`,
      ...rule,
      about,
      send: get(`Range: ${range}`),
      ...expected,
    })),
    ...MALFORMED.map(([id, about, range]): Case => ({
      id: `range-malformed-${id}`,
      ...INVALID,
      about: `ignored: ${about}`,
      send: get(`Range: ${range}`),
      ...SERVED,
    })),
    ...OTHER_CASES,
  ],
};
