/**
 * Methods (RFC 9110, section 9): supported ones, ones that are not allowed, and unknown ones.
 */

import {
  type Answer,
  answered,
  type Case,
  either,
  type Expectation,
  get,
  LETTERS,
  refused,
  request,
  SERVED,
  type Topic,
} from "./case.ts";

const ALLOW = "GET, HEAD, OPTIONS";
const NOT_ALLOWED = answered({ status: 405, fields: { Allow: ALLOW } });
const NOT_IMPLEMENTED = answered({ status: 501 });
const OPTIONS: Answer = { status: 200, fields: { Allow: ALLOW, "Content-Length": "0" } };

const ROWS: readonly (readonly [
  id: string,
  about: string,
  line: string,
  expected: Expectation,
  level: Case["level"],
  rfc: string,
])[] = [
  ["get", "GET", "GET /letters.txt", SERVED, "MUST", "9110 9.1"],
  ["head", "HEAD", "HEAD /letters.txt", answered({ status: 200, toHead: true }), "MUST", "9110 9.1"],
  ["options", "OPTIONS lists the allowed methods", "OPTIONS /letters.txt", answered(OPTIONS), "SHOULD", "9110 9.3.7"],
  ["options-server", "OPTIONS of the server", "OPTIONS *", answered(OPTIONS), "SHOULD", "9110 9.3.7"],
  ["options-missing", "OPTIONS of a missing file", "OPTIONS /missing", either(200, 404), "MAY", "9110 9.3.7"],
  ["post", "POST is not allowed", "POST /letters.txt", NOT_ALLOWED, "MUST", "9110 15.5.6"],
  ["post-missing", "POST to a missing file", "POST /missing", either(404, 405), "MAY", "9110 15.5.6"],
  ["put", "PUT is not allowed", "PUT /new.txt", NOT_ALLOWED, "MUST", "9110 15.5.6"],
  ["delete", "DELETE is not allowed", "DELETE /letters.txt", NOT_ALLOWED, "MUST", "9110 15.5.6"],
  ["patch", "PATCH is not allowed", "PATCH /letters.txt", NOT_ALLOWED, "MUST", "9110 15.5.6"],
  ["trace", "TRACE is not allowed", "TRACE /letters.txt", NOT_ALLOWED, "MUST", "9110 15.5.6"],
  ["lower-case", "get is not GET", "get /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  ["mixed-case", "Get is not GET", "Get /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  ["lower-case-head", "head is not HEAD", "head /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  ["lower-case-options", "options is not OPTIONS", "options /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  ["lower-case-post", "post is not POST", "post /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  ["prefix", "GETT is not GET", "GETT /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  ["shorter", "GE is not GET", "GE /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  ["unknown", "an unknown method", "BREW /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  [
    "unknown-missing",
    "an unknown method for a missing file",
    "BREW /missing",
    NOT_IMPLEMENTED,
    "SHOULD",
    "9110 9.1",
  ],
  ["one-letter", "a method of one letter", "X /letters.txt", NOT_IMPLEMENTED, "SHOULD", "9110 9.1"],
  [
    "token",
    "a method of every other octet of a token",
    "!#$%&'*+-.^_`|~0 /letters.txt",
    NOT_IMPLEMENTED,
    "SHOULD",
    "9110 9.1",
  ],
  ["webdav", "a method of an extension", "PROPFIND /letters.txt", either(405, 501), "SHOULD", "9110 9.1"],
  ["upnp", "M-SEARCH with *, which is no target of it", "M-SEARCH *", either(400, 501), "SHOULD", "9112 3.2"],
  ["long", "a method of 100 letters", `${"A".repeat(100)} /letters.txt`, NOT_IMPLEMENTED, "SHOULD", "9112 3"],
  [
    "very-long",
    "a method of 9,000 letters",
    `${"A".repeat(9000)} /letters.txt`,
    refused(400, 414, 431, 501),
    "SHOULD",
    "9112 3",
  ],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "method-post-content",
    rfc: "9110 15.5.6",
    level: "MUST",
    about: "POST with content is not allowed, and has no effect",
    send: request("POST /letters.txt", "Content-Length: 3", "Content-Type: text/plain") + "xyz" + get(),
    answers: [{ status: 405, fields: { Allow: ALLOW } }, { status: 200, content: LETTERS }],
    then: "either",
  },
  {
    id: "method-delete-no-effect",
    rfc: "9110 15.5.6",
    level: "MUST",
    about: "DELETE has no effect",
    send: request("DELETE /letters.txt") + get(),
    answers: [{ status: 405 }, { status: 200, content: LETTERS }],
    then: "persists",
  },
  {
    id: "method-trace-no-echo",
    rfc: "9110 9.3.8",
    level: "SHOULD",
    about: "TRACE sends nothing of the request back",
    send: request("TRACE /letters.txt", "Cookie: secret", "X-Mark: mark"),
    ...answered({ status: 405, content: /^(?!.*(?:secret|X-Mark|TRACE))/s }),
  },
  {
    id: "method-options-conditions",
    rfc: "9110 13.2.1",
    level: "MUST",
    about: "OPTIONS ignores conditions",
    send: request("OPTIONS /letters.txt", 'If-Match: "x"', "If-None-Match: *"),
    ...answered(OPTIONS),
  },
  {
    id: "method-options-range",
    rfc: "9110 14.2",
    level: "MUST",
    about: "OPTIONS ignores Range",
    send: request("OPTIONS /letters.txt", "Range: bytes=0-1"),
    ...answered(OPTIONS),
  },
  {
    id: "method-post-conditions",
    rfc: "9110 13.2.1",
    level: "MUST",
    about: "405 is independent of preconditions",
    send: request("POST /letters.txt", 'If-Match: "x"', "If-None-Match: *"),
    ...NOT_ALLOWED,
  },
  {
    id: "method-options-content-length",
    rfc: "9110 8.6",
    level: "SHOULD",
    about: "an answer without content has Content-Length: 0",
    send: request("OPTIONS /"),
    ...answered(OPTIONS),
  },
  {
    id: "method-connect-content",
    rfc: "9112 9.3",
    level: "MUST",
    about: "CONNECT is refused, and no bytes are forwarded",
    send: "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
    ...either(400, 405, 501),
  },
];

export const METHODS: Topic = {
  name: "methods",
  cases: [
    ...ROWS.map(([id, about, line, expected, level, rfc]): Case => ({
      id: `method-${id}`,
      rfc,
      level,
      about,
      send: request(line),
      ...expected,
    })),
    ...OTHER_CASES,
  ],
};
