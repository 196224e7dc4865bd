/**
 * Chunked content (RFC 9112, section 7.1): sizes, extensions, data, trailers, and the line ends between them.
 */

import {
  type Case,
  type Expectation,
  get,
  HALF_CLOSE,
  LETTERS_ANSWER,
  refused,
  SERVED,
  SMUGGLED,
  type Topic,
} from "./case.ts";

const HEAD = get("Transfer-Encoding: chunked");
const END = "0\r\n\r\n";
const HELLO = `5\r\nhello\r\n${END}`;
/** The size of `SMUGGLED` in hex. */
const SMUGGLED_SIZE = SMUGGLED.length.toString(16);

type Rule = Pick<Case, "rfc" | "level">;

const DECODING: Rule = { rfc: "9112 7.1", level: "MUST" };
const EXTENSION: Rule = { rfc: "9112 7.1.1", level: "MUST" }; // The server ignores unknown extensions.
const TRAILER: Rule = { rfc: "9112 7.1.2", level: "MAY" };
const NO_MERGE: Rule = { rfc: "9110 6.5.1", level: "MUST NOT" };

/** Well-formed content. The answer is the same as without content, and the next request follows the content. */
const WELL_FORMED: readonly (readonly [id: string, about: string, content: string, rule: Rule])[] = [
  ["empty", "no chunk but the last", END, DECODING],
  ["one", "one chunk", HELLO, DECODING],
  ["several", "several chunks", `1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n${END}`, DECODING],
  ["lower-hex", "a size in lower case", `a\r\n0123456789\r\n${END}`, DECODING],
  ["upper-hex", "a size in upper case", `A\r\n0123456789\r\n${END}`, DECODING],
  ["two-digits", "a size of two digits", `1f\r\n${"x".repeat(31)}\r\n${END}`, DECODING],
  ["leading-zeros", "a size with leading zeros", `000005\r\nhello\r\n${END}`, DECODING],
  ["many-zeros", "a last chunk of several zeros", "0000\r\n\r\n", DECODING],
  ["data-crlf", "data of line ends", `6\r\n\r\n\r\n\r\n\r\n${END}`, DECODING],
  ["data-end", "data that looks like the last chunk", `5\r\n${END}\r\n${END}`, DECODING],
  ["data-request", "data that looks like a request", `${SMUGGLED_SIZE}\r\n${SMUGGLED}\r\n${END}`, DECODING],
  ["data-binary", "data of every octet", `100\r\n${everyOctet()}\r\n${END}`, DECODING],
  ["many", "a thousand chunks", "1\r\nx\r\n".repeat(1000) + END, DECODING],
  ["large", "a chunk of 60,000 octets", `ea60\r\n${"x".repeat(60_000)}\r\n${END}`, DECODING],
  ["extension", "an extension without value", `5;a\r\nhello\r\n${END}`, EXTENSION],
  ["extension-value", "an extension with a token", `5;a=b\r\nhello\r\n${END}`, EXTENSION],
  ["extension-quoted", "an extension with a quoted string", `5;a="b"\r\nhello\r\n${END}`, EXTENSION],
  ["extension-empty-quoted", "an extension with an empty string", `5;a=""\r\nhello\r\n${END}`, EXTENSION],
  ["extension-semicolon", "a semicolon in a quoted string", `5;a="b;c=d"\r\nhello\r\n${END}`, EXTENSION],
  ["extension-pair", "quoted pairs", `5;a="\\"\\\\\\;"\r\nhello\r\n${END}`, EXTENSION],
  ["extension-high", "octets over 127 in a quoted string", `5;a="\xff"\r\nhello\r\n${END}`, EXTENSION],
  ["extension-several", "several extensions", `5;a;b=c;d="e"\r\nhello\r\n${END}`, EXTENSION],
  ["extension-blanks", "blanks around ; and =", `5 ; a = b\r\nhello\r\n${END}`, { rfc: "9110 5.6.3", level: "MUST" }],
  ["extension-tabs", "tabs around ; and =", `5\t;\ta\t=\tb\r\nhello\r\n${END}`, { rfc: "9110 5.6.3", level: "MUST" }],
  ["extension-last", "an extension of the last chunk", `5\r\nhello\r\n0;a=b\r\n\r\n`, EXTENSION],
  ["extension-size", "an extension that looks like a size", `5;ff=ff\r\nhello\r\n${END}`, EXTENSION],
  ["trailer", "a trailer field", "0\r\nX-A: b\r\n\r\n", TRAILER],
  ["trailers", "several trailer fields", "0\r\nX-A: b\r\nX-B:\r\nx-a: c\r\n\r\n", TRAILER],
  ["trailer-length", "Content-Length as a trailer", `0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n`, NO_MERGE],
  ["trailer-coding", "Transfer-Encoding as a trailer", "0\r\nTransfer-Encoding: gzip\r\n\r\n", NO_MERGE],
  ["trailer-host", "Host as a trailer", "0\r\nHost: other.example\r\n\r\n", NO_MERGE],
  ["trailer-range", "Range as a trailer", "0\r\nRange: bytes=0-1\r\n\r\n", NO_MERGE],
  ["trailer-connection", "Connection as a trailer", "0\r\nConnection: close\r\n\r\n", NO_MERGE],
];

function everyOctet(): string {
  return Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");
}

const GRAMMAR: Rule = { rfc: "9112 2.2", level: "SHOULD" }; // Messages that violate the grammar: 400, then close.
const OVERFLOW: Rule = { rfc: "9112 7.1", level: "MUST" }; // Large numerals must be anticipated.
const BARE_CR: Rule = { rfc: "9112 2.2", level: "MUST" };
const LINE_FEED: Rule = { rfc: "9112 2.2", level: "choice" };
const TRAILER_LINE: Rule = { rfc: "9112 5.1", level: "MUST" };
const DANGEROUS: Rule = { rfc: "9110 5.5", level: "MUST" };

const REFUSED = refused(400);
const TOO_LARGE = refused(400, 413);

/** Malformed content. A request follows it, which the server must not answer. */
const MALFORMED:
  readonly (readonly [id: string, about: string, content: string, rule: Rule, expected?: Expectation])[] = [
    ["size-empty", "no size", `\r\nhello\r\n${END}`, GRAMMAR],
    ["size-plus", "a size with a plus sign", `+5\r\nhello\r\n${END}`, GRAMMAR],
    ["size-minus", "a negative size", `-5\r\nhello\r\n${END}`, GRAMMAR],
    ["size-minus-zero", "minus zero", "-0\r\n\r\n", GRAMMAR],
    ["size-0x", "a size with 0x", `0x5\r\nhello\r\n${END}`, GRAMMAR],
    ["size-h", "a size followed by h", `5h\r\nhello\r\n${END}`, GRAMMAR],
    ["size-letter", "a letter that is no hex digit", `g\r\nhello\r\n${END}`, GRAMMAR],
    ["size-fraction", "a fraction", `5.0\r\nhello\r\n${END}`, GRAMMAR],
    ["size-underscore", "an underscore between digits", `0_5\r\nhello\r\n${END}`, GRAMMAR],
    ["size-quotes", "quotes", `"5"\r\nhello\r\n${END}`, GRAMMAR],
    ["size-comma", "a comma", `5,5\r\nhello\r\n${END}`, GRAMMAR],
    ["size-inner-blank", "a blank between digits", `0 5\r\nhello\r\n${END}`, GRAMMAR],
    ["size-leading-blank", "a blank before the size", ` 5\r\nhello\r\n${END}`, GRAMMAR],
    ["size-trailing-blank", "a blank behind the size", `5 \r\nhello\r\n${END}`, GRAMMAR],
    ["size-trailing-tab", "a tab behind the size", `5\t\r\nhello\r\n${END}`, GRAMMAR],
    ["size-nul", "NUL behind the size", `5\0\r\nhello\r\n${END}`, GRAMMAR],
    ["size-other-digit", "a digit that is not ASCII", `\xef\xbc\x95\r\nhello\r\n${END}`, GRAMMAR],
    ["size-overflow-32", "2 to the 32 and 5", `100000005\r\nhello\r\n${END}`, OVERFLOW, TOO_LARGE],
    ["size-overflow-53", "2 to the 53 and 1", `20000000000001\r\nhello\r\n${END}`, OVERFLOW, TOO_LARGE],
    ["size-overflow-63", "2 to the 63", `8000000000000000\r\nhello\r\n${END}`, OVERFLOW, TOO_LARGE],
    ["size-overflow-minus-1", "2 to the 64, less 1", `ffffffffffffffff\r\nhello\r\n${END}`, OVERFLOW, TOO_LARGE],
    ["size-overflow-64", "2 to the 64 and 5", `10000000000000005\r\nhello\r\n${END}`, OVERFLOW, TOO_LARGE],
    ["size-overflow-long", "200 digits", `${"f".repeat(200)}\r\nhello\r\n${END}`, OVERFLOW, TOO_LARGE],
    ["data-long", "data longer than its size", `5\r\nhello!\r\n${END}`, GRAMMAR],
    ["data-short", "data shorter than its size", `7\r\nhello\r\n${END}`, GRAMMAR],
    ["data-no-crlf", "no line end behind the data", `5\r\nhello${END}`, GRAMMAR],
    ["data-lf", "LF alone behind the data", `5\r\nhello\n${END}`, LINE_FEED],
    ["data-cr", "a bare CR behind the data", `5\r\nhello\r${END}`, BARE_CR],
    ["data-lf-cr", "LF CR behind the data", `5\r\nhello\n\r${END}`, LINE_FEED],
    ["data-two-line-ends", "two line ends behind the data", `5\r\nhello\r\n\r\n${END}`, GRAMMAR],
    ["size-lf", "LF alone behind the size", `5\nhello\r\n${END}`, LINE_FEED],
    ["size-cr", "a bare CR behind the size", `5\rhello\r\n${END}`, BARE_CR],
    ["size-cr-cr-lf", "CR CR LF behind the size", `5\r\r\nhello\r\n${END}`, BARE_CR],
    ["last-lf", "LF alone behind the last size", "5\r\nhello\r\n0\n\r\n", LINE_FEED],
    ["end-lf", "LF alone at the end", "5\r\nhello\r\n0\r\n\n", LINE_FEED],
    ["end-cr", "CR CR LF at the end", "5\r\nhello\r\n0\r\n\r\r\n", BARE_CR],
    ["all-lf", "LF alone everywhere", "5\nhello\n0\n\n", LINE_FEED],
    ["extension-lf", "LF alone in an extension", `5;a\nb\r\nhello\r\n${END}`, LINE_FEED],
    ["extension-cr", "a bare CR in an extension", `5;a\rb\r\nhello\r\n${END}`, BARE_CR],
    ["extension-quoted-cr", "a bare CR in a quoted string", `5;a="\r"\r\nhello\r\n${END}`, BARE_CR],
    ["extension-quoted-crlf", "a line end in a quoted string", `5;a="\r\n"\r\nhello\r\n${END}`, GRAMMAR],
    ["extension-nul", "NUL in an extension", `5;a="\0"\r\nhello\r\n${END}`, GRAMMAR],
    ["extension-open", "a quoted string that does not end", `5;a="b\r\nhello\r\n${END}`, GRAMMAR],
    ["extension-empty", "a semicolon without an extension", `5;\r\nhello\r\n${END}`, GRAMMAR],
    ["extension-no-name", "an extension without name", `5;=b\r\nhello\r\n${END}`, GRAMMAR],
    ["extension-no-value", "an extension with = and no value", `5;a=\r\nhello\r\n${END}`, GRAMMAR],
    ["extension-two-values", "an extension with two values", `5;a=b=c\r\nhello\r\n${END}`, GRAMMAR],
    [
      "extension-long",
      "an extension of 10,000 octets",
      `5;a="${"x".repeat(10_000)}"\r\nhello\r\n${END}`,
      GRAMMAR,
      refused(400, 413, 431),
    ],
    ["trailer-blank-colon", "a blank before the colon of a trailer field", "0\r\nX-A : b\r\n\r\n", TRAILER_LINE],
    ["trailer-fold", "a folded trailer field", "0\r\nX-A: b\r\n c\r\n\r\n", { rfc: "9112 5.2", level: "MUST" }],
    ["trailer-no-colon", "a trailer field without colon", "0\r\nX-A\r\n\r\n", GRAMMAR],
    ["trailer-no-name", "a trailer field without name", "0\r\n: b\r\n\r\n", GRAMMAR],
    ["trailer-nul", "NUL in a trailer field", "0\r\nX-A: \0\r\n\r\n", DANGEROUS],
    ["trailer-cr", "a bare CR in a trailer field", "0\r\nX-A: b\rc\r\n\r\n", DANGEROUS],
    ["trailer-lf", "a trailer field that ends with LF alone", "0\r\nX-A: b\n\r\n", LINE_FEED],
    ["trailer-request", "a request instead of trailers", `0\r\n${SMUGGLED}`, GRAMMAR],
    ["trailer-long", "20,000 octets of trailer fields", `0\r\n${`X-A: ${"b".repeat(993)}\r\n`.repeat(20)}\r\n`, {
      rfc: "9110 5.4",
      level: "MUST",
    }, refused(400, 413, 431)],
    ["total", "over 64 KiB in many chunks", `1000\r\n${"x".repeat(4096)}\r\n`.repeat(17) + END, {
      rfc: "9112 9.3",
      level: "choice",
    }, refused(413)],
  ];

const OTHER_CASES: readonly Case[] = [
  {
    id: "chunked-pieces",
    ...DECODING,
    about: "chunked content in several segments, split within line ends",
    send: [HEAD, "0", "5;a", '="b', '"\r', "\nhe", "llo", "\r", "\n", "0", "\r", "\nX-A", ": b\r\n", "\r", "\n"],
    ...SERVED,
  },
  {
    id: "chunked-bytewise",
    ...DECODING,
    about: "chunked content octet by octet",
    send: [HEAD, ...HELLO],
    ...SERVED,
  },
  {
    id: "chunked-pipelined",
    ...DECODING,
    about: "requests after chunked content are answered",
    send: HEAD + HELLO + HEAD + END + get(),
    answers: [LETTERS_ANSWER, LETTERS_ANSWER, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "chunked-incomplete-data",
    rfc: "9112 8",
    level: "MAY",
    about: "data that ends early is not served",
    send: [`${HEAD}5\r\nhel`, HALF_CLOSE],
    answers: [{ status: [400, 408], optional: true }],
    then: "ends",
  },
  {
    id: "chunked-incomplete-end",
    rfc: "9112 8",
    level: "MAY",
    about: "content without its end is not served",
    send: [`${HEAD}5\r\nhello\r\n0\r\n`, HALF_CLOSE],
    answers: [{ status: [400, 408], optional: true }],
    then: "ends",
  },
  {
    id: "chunked-size-zeros-long",
    rfc: "9112 7.1",
    level: "MAY",
    about: "a size with forty leading zeros is accepted, or refused by a limit",
    send: `${HEAD}${"0".repeat(40)}5\r\nhello\r\n${END}`,
    answers: [{ status: [200, 400] }],
    then: "either",
  },
];

export const CHUNKED: Topic = {
  name: "chunked content",
  cases: [
    ...WELL_FORMED.map(([id, about, content, rule]): Case => ({
      id: `chunked-${id}`,
      ...rule,
      about,
      send: HEAD + content,
      ...SERVED,
    })),
    ...MALFORMED.map(([id, about, content, rule, expected = REFUSED]): Case => ({
      id: `chunked-bad-${id}`,
      ...rule,
      about,
      send: HEAD + content + SMUGGLED,
      ...expected,
    })),
    ...OTHER_CASES,
  ],
};
