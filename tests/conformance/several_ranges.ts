/**
 * Several ranges in one request (RFC 9110, 14.2, 14.6, 15.3.7.2 and 17.15): their parts, the order, too many ranges.
 */

import { answered, type Case, get, LETTERS, MODIFIED, SERVED, type Topic } from "./case.ts";

const PARTS = { rfc: "9110 15.3.7.2", level: "MUST" } as const;
const ORDER = { rfc: "9110 15.3.7.2", level: "SHOULD" } as const;
const UNREASONABLE = { rfc: "9110 14.2", level: "choice" } as const; // A server may ignore them. The README says when we do.

type Pair = readonly [first: number, last: number];

/** Ranges that are sent as parts, in the order of the request. */
const IN_PARTS: readonly (readonly [
  id: string,
  about: string,
  range: string,
  rule: Pick<Case, "rfc" | "level">,
  parts: readonly Pair[],
])[] = [
  ["two", "two ranges", "bytes=0-1,10-11", PARTS, [[0, 1], [10, 11]]],
  ["three", "three ranges", "bytes=0-0,5-6,25-25", PARTS, [[0, 0], [5, 6], [25, 25]]],
  ["open", "one to the end", "bytes=0-1,24-", PARTS, [[0, 1], [24, 25]]],
  ["suffix", "one suffix", "bytes=0-1,-2", PARTS, [[0, 1], [24, 25]]],
  ["blanks", "blanks and tabs behind the commas", "bytes=0-1, \t10-11", PARTS, [[0, 1], [10, 11]]],
  ["blanks-before", "blanks before the commas", "bytes=0-1 ,10-11", PARTS, [[0, 1], [10, 11]]],
  ["empty-members", "empty members", "bytes=0-1,,10-11,", { rfc: "9110 5.6.1.2", level: "MUST" }, [[0, 1], [10, 11]]],
  ["descending", "in descending order", "bytes=10-11,0-1", ORDER, [[10, 11], [0, 1]]],
  ["mixed-order", "in no order", "bytes=5-5,-1,0-0", ORDER, [[5, 5], [25, 25], [0, 0]]],
  ["unsatisfiable-first", "the first of three unsatisfiable", "bytes=99-,0-1,10-11", ORDER, [[0, 1], [10, 11]]],
  ["unsatisfiable-middle", "the second of three unsatisfiable", "bytes=0-1,26-30,10-11", ORDER, [[0, 1], [10, 11]]],
  ["beyond", "an end beyond the last octet", "bytes=0-1,24-99", PARTS, [[0, 1], [24, 25]]],
];

function contentOf([first, last]: Pair): readonly [string, string] {
  return [`${first}-${last}/26`, LETTERS.slice(first, last + 1)];
}

/** Ignored sets. The server sends everything once. */
const IGNORED: readonly (readonly [id: string, about: string, range: string])[] = [
  ["all-twice", "everything twice", "bytes=0-25,0-25"],
  ["all-many", "everything fifty times", `bytes=${Array.from({ length: 50 }, () => "0-").join(",")}`],
  ["overlapping", "more octets than there are, overlapping", "bytes=0-20,5-25"],
  ["overlapping-suffixes", "suffixes that overlap", "bytes=-20,-19,-18"],
  ["too-many", "over 64 ranges", `bytes=${Array.from({ length: 65 }, () => "0-0").join(",")}`],
  ["far-too-many", "a thousand ranges", `bytes=${Array.from({ length: 1000 }, (_, at) => `${at}-${at}`).join(",")}`],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "ranges-fields",
    rfc: "9110 15.3.7",
    level: "MUST",
    about: "a multipart answer has the fields of the representation, and no Content-Range",
    send: get("Range: bytes=0-1,10-11"),
    ...answered({
      status: 206,
      fields: {
        "Content-Type": /^multipart\/byteranges; ?boundary=[^\s"]+$/,
        "Content-Range": null,
        "Last-Modified": MODIFIED,
        ETag: "{etag}",
      },
    }),
  },
  {
    id: "ranges-part-type",
    rfc: "9110 15.3.7.2",
    level: "SHOULD",
    about: "each part has the media type of the whole",
    send: get("Range: bytes=0-1,10-11"),
    ...answered({
      status: 206,
      content:
        /^(?:--\S+\r\n(?:Content-Type: text\/plain; charset=utf-8\r\n|Content-Range: \S+ \S+\r\n){2}\r\n..\r\n){2}--\S+--\r\n$/,
    }),
  },
  {
    id: "ranges-two-overlapping",
    rfc: "9110 14.2",
    level: "MAY",
    about: "two ranges that overlap a little are sent as parts, as one part, or as everything",
    send: get("Range: bytes=0-5,4-9"),
    ...answered({ status: [200, 206] }),
  },
  {
    id: "ranges-adjacent",
    rfc: "9110 15.3.7.2",
    level: "MAY",
    about: "two adjacent ranges are sent as two parts or one",
    send: get("Range: bytes=0-5,6-9"),
    ...answered({ status: 206 }),
  },
  {
    id: "ranges-one",
    rfc: "9110 15.3.7.2",
    level: "MUST NOT",
    about: "one range is never multipart",
    send: get("Range: bytes=0-1"),
    ...answered({ status: 206, fields: { "Content-Type": "text/plain; charset=utf-8" }, content: "ab" }),
  },
  {
    id: "ranges-one-in-list",
    rfc: "9110 15.3.7.2",
    level: "MUST NOT",
    about: "one range among empty members is one range",
    send: get("Range: bytes=,0-1,"),
    ...answered({ status: 206, fields: { "Content-Type": "text/plain; charset=utf-8" }, content: "ab" }),
  },
  {
    id: "ranges-most",
    ...UNREASONABLE,
    about: "26 ranges of one octet each",
    send: get(`Range: bytes=${Array.from({ length: 26 }, (_, at) => `${at}-${at}`).join(",")}`),
    ...answered({ status: 206, parts: Array.from({ length: 26 }, (_, at) => contentOf([at, at])) }),
  },
  {
    id: "ranges-64",
    ...UNREASONABLE,
    about: "64 ranges",
    send: bigRequest(64),
    ...answered({ status: 206, parts: Array.from({ length: 64 }, () => bigPart(0, 0)) }),
  },
  {
    id: "ranges-65",
    ...UNREASONABLE,
    about: "65 ranges are ignored",
    send: bigRequest(65),
    ...answered({ status: 200, fields: { "Content-Length": "1048576" } }),
  },
  {
    id: "ranges-large-file",
    ...PARTS,
    about: "parts of a large file, longer than any buffer",
    send: "GET /big.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-199999,500000-799999\r\n\r\n",
    ...answered({ status: 206, parts: [bigPart(0, 199_999), bigPart(500_000, 799_999)] }),
  },
];

function bigRequest(ranges: number): string {
  return `GET /big.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=${
    Array.from({ length: ranges }, () => "0-0").join()
  }\r\n\r\n`;
}

function bigPart(first: number, last: number): readonly [string, string] {
  const octets = Array.from({ length: last - first + 1 }, (_, at) => String.fromCharCode((first + at) % 251));
  return [`${first}-${last}/1048576`, octets.join("")];
}

export const SEVERAL_RANGES: Topic = {
  name: "several ranges",
  cases: [
    ...IN_PARTS.map(([id, about, range, rule, pairs]): Case => ({
      id: `ranges-${id}`,
      ...rule,
      about,
      send: get(`Range: ${range}`),
      ...answered({ status: 206, parts: pairs.map(contentOf) }),
    })),
    ...IGNORED.map(([id, about, range]): Case => ({
      id: `ranges-ignored-${id}`,
      ...UNREASONABLE,
      about: `ignored: ${about}`,
      send: get(`Range: ${range}`),
      ...SERVED,
    })),
    ...OTHER_CASES,
  ],
};
