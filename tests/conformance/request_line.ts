/**
 * The request line (RFC 9112, sections 2 and 3): its parts, the version, empty lines before it, other protocols.
 */

import { type Case, get, LETTERS_ANSWER, refused, SERVED, SMUGGLED, type Topic } from "./case.ts";

type Rule = Pick<Case, "rfc" | "level">;

const GRAMMAR: Rule = { rfc: "9112 2.2", level: "SHOULD" }; // Messages that violate the grammar: 400, then close.
const INVALID_LINE: Rule = { rfc: "9112 3.2", level: "SHOULD" }; // 400 or a redirect, but no silent correction.
const LENIENCY: Rule = { rfc: "9112 3", level: "choice" }; // A server may accept other white space. We do not.
const BARE_CR: Rule = { rfc: "9112 2.2", level: "MUST" }; // Invalid, or a blank, which is invalid here, too.
const VERSION: Rule = { rfc: "9112 2.3", level: "SHOULD" };

/** Request lines that are refused with 400. A second request follows, which the server must not answer. */
const MALFORMED: readonly (readonly [id: string, about: string, line: string, rule: Rule])[] = [
  ["method-only", "a method alone", "GET", GRAMMAR],
  ["no-target", "no target", "GET HTTP/1.1", GRAMMAR],
  ["empty-target", "an empty target between two blanks", "GET  HTTP/1.1", GRAMMAR],
  ["no-version", "no version, as in HTTP/0.9", "GET /letters.txt", GRAMMAR],
  ["no-version-blank", "a blank instead of a version", "GET /letters.txt ", GRAMMAR],
  ["extra-word", "a word behind the version", "GET /letters.txt HTTP/1.1 x", INVALID_LINE],
  ["empty-method", "no method", " /letters.txt HTTP/1.1", GRAMMAR],
  ["leading-blank", "a blank before the method", " GET /letters.txt HTTP/1.1", LENIENCY],
  ["leading-tab", "a tab before the method", "\tGET /letters.txt HTTP/1.1", LENIENCY],
  ["two-blanks-first", "two blanks before the target", "GET  /letters.txt HTTP/1.1", LENIENCY],
  ["two-blanks-second", "two blanks before the version", "GET /letters.txt  HTTP/1.1", LENIENCY],
  ["trailing-blank", "a blank behind the version", "GET /letters.txt HTTP/1.1 ", LENIENCY],
  ["trailing-tab", "a tab behind the version", "GET /letters.txt HTTP/1.1\t", LENIENCY],
  ["tab-first", "a tab before the target", "GET\t/letters.txt HTTP/1.1", LENIENCY],
  ["tab-second", "a tab before the version", "GET /letters.txt\tHTTP/1.1", LENIENCY],
  ["vertical-tab", "a vertical tab before the target", "GET\x0b/letters.txt HTTP/1.1", LENIENCY],
  ["form-feed", "a form feed before the version", "GET /letters.txt\x0cHTTP/1.1", LENIENCY],
  ["cr-separator", "a bare CR before the target", "GET\r/letters.txt HTTP/1.1", BARE_CR],
  ["cr-in-target", "a bare CR in the target", "GET /letters\r.txt HTTP/1.1", BARE_CR],
  ["cr-before-version", "a bare CR before the version's blank", "GET /letters.txt\r HTTP/1.1", BARE_CR],
  ["cr-at-end", "a bare CR before the line end", "GET /letters.txt HTTP/1.1\r", BARE_CR],
  ["cr-at-start", "a bare CR before the method", "\rGET /letters.txt HTTP/1.1", BARE_CR],
  ["blank-in-target", "a blank in the target", "GET /a b.txt HTTP/1.1", INVALID_LINE],
  ["nul-in-method", "NUL in the method", "G\0T /letters.txt HTTP/1.1", GRAMMAR],
  ["nul-in-target", "NUL in the target", "GET /letters.txt\0 HTTP/1.1", GRAMMAR],
  ["nul-in-version", "NUL in the version", "GET /letters.txt HTTP/1.\0", GRAMMAR],
  ["del-in-target", "DEL in the target", "GET /letters.txt\x7f HTTP/1.1", INVALID_LINE],
  ["escape-in-target", "ESC in the target", "GET /\x1b[31m HTTP/1.1", INVALID_LINE],
  ["fragment", "a fragment in the target", "GET /letters.txt#x HTTP/1.1", INVALID_LINE],
  ["backslash", "a backslash in the path", "GET /dir\\a.txt HTTP/1.1", INVALID_LINE],
  ["method-parenthesis", "a method that is no token: (", "G(T /letters.txt HTTP/1.1", GRAMMAR],
  ["method-slash", "a method that is no token: /", "GE/T /letters.txt HTTP/1.1", GRAMMAR],
  ["method-quotes", "a method in quotes", '"GET" /letters.txt HTTP/1.1', GRAMMAR],
  ["method-high", "a method with an octet over 127", "G\xc9T /letters.txt HTTP/1.1", GRAMMAR],
  ["method-colon", "a field line where the request line should be", "Host: a", GRAMMAR],
  ["lower-case-name", "http/1.1 in lower case", "GET /letters.txt http/1.1", VERSION],
  ["mixed-case-name", "Http/1.1", "GET /letters.txt Http/1.1", VERSION],
  ["two-digit-minor", "HTTP/1.10", "GET /letters.txt HTTP/1.10", VERSION],
  ["leading-zero-major", "HTTP/01.1", "GET /letters.txt HTTP/01.1", VERSION],
  ["leading-zero-minor", "HTTP/1.01", "GET /letters.txt HTTP/1.01", VERSION],
  ["no-minor", "HTTP/1", "GET /letters.txt HTTP/1", VERSION],
  ["empty-minor", "HTTP/1.", "GET /letters.txt HTTP/1.", VERSION],
  ["empty-major", "HTTP/.1", "GET /letters.txt HTTP/.1", VERSION],
  ["three-numbers", "HTTP/1.1.1", "GET /letters.txt HTTP/1.1.1", VERSION],
  ["comma", "HTTP/1,1", "GET /letters.txt HTTP/1,1", VERSION],
  ["letter-minor", "HTTP/1.x", "GET /letters.txt HTTP/1.x", VERSION],
  ["signed", "HTTP/+1.1", "GET /letters.txt HTTP/+1.1", VERSION],
  ["blank-in-version", "HTTP/ 1.1", "GET /letters.txt HTTP/ 1.1", VERSION],
  ["other-name", "HTTPS/1.1", "GET /letters.txt HTTPS/1.1", VERSION],
  ["rtsp", "another protocol of the same shape", "DESCRIBE rtsp://a/ RTSP/1.0", VERSION],
  ["status-line", "a status line instead", "HTTP/1.1 200 OK", GRAMMAR],
  ["ssh", "an SSH greeting", "SSH-2.0-OpenSSH_9.2", GRAMMAR],
  ["proxy-protocol", "a PROXY protocol header", "PROXY TCP4 192.0.2.1 192.0.2.2 1234 80", GRAMMAR],
];

/** Versions with another major number. They are refused with 505. */
const OTHER_MAJORS = ["0.9", "0.0", "2.0", "2.1", "3.0", "9.9"];

const PLAIN = get();

const OTHER_CASES: readonly Case[] = [
  {
    id: "request-line-bare-lf",
    rfc: "9112 2.2",
    level: "choice",
    about: "a request line that ends with LF alone",
    send: `GET /letters.txt HTTP/1.1\nHost: a\r\n\r\n${SMUGGLED}`,
    ...refused(400),
  },
  {
    id: "request-line-bare-lf-everywhere",
    rfc: "9112 2.2",
    level: "choice",
    about: "a head whose lines all end with LF alone",
    send: `GET /letters.txt HTTP/1.1\nHost: a\n\n${SMUGGLED}`,
    ...refused(400),
  },
  {
    id: "request-line-minor-2",
    rfc: "9110 6.2",
    level: "SHOULD",
    about: "HTTP/1.2 is taken as HTTP/1.1",
    send: "GET /letters.txt HTTP/1.2\r\nHost: a\r\n\r\n",
    ...SERVED,
  },
  {
    id: "request-line-minor-9",
    rfc: "9110 6.2",
    level: "SHOULD",
    about: "HTTP/1.9 is taken as HTTP/1.1",
    send: "GET /letters.txt HTTP/1.9\r\nHost: a\r\n\r\n",
    ...SERVED,
  },
  {
    id: "request-line-minor-0",
    rfc: "9110 6.2",
    level: "SHOULD",
    about: "an answer to HTTP/1.0 has the server's own version",
    send: "GET /letters.txt HTTP/1.0\r\n\r\n",
    answers: [LETTERS_ANSWER],
    then: "closes",
  },
  {
    id: "request-line-http2-preface",
    rfc: "9112 2.2",
    level: "SHOULD",
    about: "the preface of HTTP/2 is refused",
    send: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    ...refused(505),
  },
  {
    id: "request-line-tls",
    rfc: "9112 2.2",
    level: "SHOULD",
    about: "a TLS ClientHello is refused at once",
    send: "\x16\x03\x01\x00\xc4\x01\x00\x00\xc0\x03\x03" + "\x5a".repeat(186),
    ...refused(400),
  },
  {
    id: "request-line-socks",
    rfc: "9112 2.2",
    level: "SHOULD",
    about: "a SOCKS greeting is refused at once",
    send: "\x05\x01\x00",
    ...refused(400),
  },
  ...[1, 2, 4].map((count): Case => ({
    id: `request-line-${count}-empty-before`,
    rfc: "9112 2.2",
    level: count === 1 ? "SHOULD" : "choice",
    about: `empty lines before the request line are ignored: ${count}`,
    send: "\r\n".repeat(count) + PLAIN,
    ...SERVED,
  })),
  {
    id: "request-line-5-empty-before",
    rfc: "9112 2.2",
    level: "choice",
    about: "more than 4 empty lines are refused",
    send: "\r\n".repeat(5) + PLAIN,
    ...refused(400),
  },
  {
    id: "request-line-empty-between",
    rfc: "9112 2.2",
    level: "SHOULD",
    about: "an empty line between two requests is ignored",
    send: `${PLAIN}\r\n${PLAIN}`,
    answers: [LETTERS_ANSWER, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "request-line-lf-before",
    rfc: "9112 2.2",
    level: "choice",
    about: "LF alone before the request line",
    send: `\n${PLAIN}`,
    ...refused(400),
  },
  {
    id: "request-line-blank-line-before",
    rfc: "9112 2.2",
    level: "SHOULD",
    about: "a line with a blank before the request line is not empty",
    send: ` \r\n${PLAIN}`,
    ...refused(400),
  },
  {
    id: "request-line-split",
    rfc: "9112 2.2",
    level: "MUST",
    about: "a request in several segments, split within CR LF",
    send: ["G", "ET /let", "ters.txt HTTP/1.1\r", "\nHost: a\r", "\n\r", "\n"],
    ...SERVED,
  },
  {
    id: "request-line-bytewise",
    rfc: "9112 2.2",
    level: "MUST",
    about: "a request that arrives octet by octet",
    send: [...PLAIN],
    ...SERVED,
  },
];

export const REQUEST_LINE: Topic = {
  name: "request line",
  cases: [
    ...MALFORMED.map(([id, about, line, rule]): Case => ({
      id: `request-line-${id}`,
      ...rule,
      about,
      send: `${line}\r\nHost: a\r\n\r\n${SMUGGLED}`,
      ...refused(400),
    })),
    ...OTHER_MAJORS.map((version): Case => ({
      id: `request-line-http-${version}`,
      rfc: "9110 15.6.6",
      level: "choice",
      about: `HTTP/${version} is not supported`,
      send: `GET /letters.txt HTTP/${version}\r\nHost: a\r\n\r\n${SMUGGLED}`,
      ...refused(505),
    })),
    ...OTHER_CASES,
  ],
};
