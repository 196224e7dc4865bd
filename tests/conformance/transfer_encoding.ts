/**
 * Transfer-Encoding in requests (RFC 9112, sections 6.1, 6.3 and 7): which values are understood, and with what else.
 */

import {
  answered,
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

const REFUSED = refused(400);

type Rule = Pick<Case, "rfc" | "level">;

const NOT_FINAL: Rule = { rfc: "9112 6.3", level: "MUST" }; // Chunked is not the last coding: 400, and close.
const UNKNOWN: Rule = { rfc: "9112 6.1", level: "SHOULD" }; // 501
const NAME: Rule = { rfc: "9112 5.1", level: "MUST" };
const VALUE: Rule = { rfc: "9110 5.5", level: "MUST" };
const CONTROL: Rule = { rfc: "9110 5.5", level: "choice" };
const FOLDING: Rule = { rfc: "9112 5.2", level: "MUST" };
const LINE_FEED: Rule = { rfc: "9112 2.2", level: "choice" };
const TWICE: Rule = { rfc: "9112 6.1", level: "choice" }; // A sender must not do this. A recipient may accept it.
const EMPTY_MEMBER: Rule = { rfc: "9112 11.2", level: "choice" }; // Recipients interpret it differently.

type Row = readonly [id: string, about: string, lines: string, rule: Rule, expected: Expectation];

/** Field lines. Empty chunked content and a request follow, which the server must not answer. */
const WRONG: readonly Row[] = [
  ["gzip-chunked", "gzip, then chunked", "Transfer-Encoding: gzip, chunked\r\n", UNKNOWN, refused(501)],
  ["deflate-chunked", "deflate, then chunked", "Transfer-Encoding: deflate,chunked\r\n", UNKNOWN, refused(501)],
  ["unknown-chunked", "an unknown coding, then chunked", "Transfer-Encoding: x, chunked\r\n", UNKNOWN, refused(501)],
  [
    "identity-chunked",
    "identity, which is no coding any more",
    "Transfer-Encoding: identity, chunked\r\n",
    UNKNOWN,
    refused(400, 501),
  ],
  [
    "two-lines-gzip",
    "gzip and chunked on two lines",
    "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    UNKNOWN,
    refused(501),
  ],
  ["gzip-parameter", "gzip with a parameter", "Transfer-Encoding: gzip;q=1, chunked\r\n", {
    rfc: "9112 7.2",
    level: "SHOULD",
  }, refused(400, 501)],
  [
    "quoted-comma",
    "a comma and chunked in a quoted parameter",
    'Transfer-Encoding: x;a=",chunked"\r\n',
    NOT_FINAL,
    REFUSED,
  ],
  ["gzip", "gzip alone", "Transfer-Encoding: gzip\r\n", NOT_FINAL, REFUSED],
  ["identity", "identity alone", "Transfer-Encoding: identity\r\n", NOT_FINAL, REFUSED],
  ["chunked-gzip", "chunked, then gzip", "Transfer-Encoding: chunked, gzip\r\n", NOT_FINAL, REFUSED],
  ["chunked-identity", "chunked, then identity", "Transfer-Encoding: chunked, identity\r\n", NOT_FINAL, REFUSED],
  [
    "two-lines-identity",
    "chunked and identity on two lines",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    NOT_FINAL,
    REFUSED,
  ],
  ["empty", "nothing", "Transfer-Encoding:\r\n", NOT_FINAL, REFUSED],
  ["comma", "a comma", "Transfer-Encoding: ,\r\n", NOT_FINAL, REFUSED],
  ["xchunked", "xchunked", "Transfer-Encoding: xchunked\r\n", NOT_FINAL, REFUSED],
  ["chunkedx", "chunkedx", "Transfer-Encoding: chunkedx\r\n", NOT_FINAL, REFUSED],
  ["chunk", "chunk", "Transfer-Encoding: chunk\r\n", NOT_FINAL, REFUSED],
  ["blank-within", "a blank within", "Transfer-Encoding: chun ked\r\n", NOT_FINAL, REFUSED],
  ["no-comma", "a blank instead of a comma", "Transfer-Encoding: gzip chunked\r\n", NOT_FINAL, REFUSED],
  ["semicolon", "a semicolon instead of a comma", "Transfer-Encoding: gzip;chunked\r\n", NOT_FINAL, REFUSED],
  ["quotes", "quotes", 'Transfer-Encoding: "chunked"\r\n', NOT_FINAL, REFUSED],
  ["single-quotes", "single quotes", "Transfer-Encoding: 'chunked'\r\n", NOT_FINAL, REFUSED],
  ["brackets", "brackets", "Transfer-Encoding: [chunked]\r\n", NOT_FINAL, REFUSED],
  ["colon", "a second colon", "Transfer-Encoding: : chunked\r\n", NOT_FINAL, REFUSED],
  ["percent", "percent-encoding", "Transfer-Encoding: %63hunked\r\n", NOT_FINAL, REFUSED],
  ["kelvin", "a Kelvin sign for its k", "Transfer-Encoding: chun\xe2\x84\xaaed\r\n", NOT_FINAL, REFUSED],
  ["no-break-space", "a no-break space before it", "Transfer-Encoding: \xa0chunked\r\n", NOT_FINAL, REFUSED],
  ["high-octet-behind", "an octet over 127 behind it", "Transfer-Encoding: chunked\xff\r\n", NOT_FINAL, REFUSED],
  ["parameter", "a parameter, which chunked does not have", "Transfer-Encoding: chunked;q=1\r\n", {
    rfc: "9112 7.1",
    level: "SHOULD",
  }, REFUSED],
  ["twice", "chunked twice", "Transfer-Encoding: chunked, chunked\r\n", TWICE, REFUSED],
  ["two-lines", "chunked on two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", TWICE, REFUSED],
  [
    "three-with-gzip",
    "chunked, gzip, chunked",
    "Transfer-Encoding: chunked, gzip, chunked\r\n",
    TWICE,
    refused(400, 501),
  ],
  ["empty-first", "an empty member before chunked", "Transfer-Encoding: , chunked\r\n", EMPTY_MEMBER, REFUSED],
  ["empty-last", "an empty member behind chunked", "Transfer-Encoding: chunked,\r\n", EMPTY_MEMBER, REFUSED],
  [
    "empty-line",
    "an empty line of it before chunked",
    "Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n",
    EMPTY_MEMBER,
    REFUSED,
  ],
  ["vertical-tab-behind", "a vertical tab behind it", "Transfer-Encoding: chunked\x0b\r\n", CONTROL, REFUSED],
  ["vertical-tab-before", "a vertical tab before it", "Transfer-Encoding: \x0bchunked\r\n", CONTROL, REFUSED],
  ["form-feed", "a form feed before it", "Transfer-Encoding:\x0cchunked\r\n", CONTROL, REFUSED],
  ["backspace", "a control octet before it", "Transfer-Encoding: \x08chunked\r\n", CONTROL, REFUSED],
  ["nul", "NUL behind it", "Transfer-Encoding: chunked\0\r\n", VALUE, REFUSED],
  ["bare-cr-before", "a bare CR before it", "Transfer-Encoding: \rchunked\r\n", VALUE, REFUSED],
  ["bare-cr-behind", "a bare CR behind it", "Transfer-Encoding: chunked\r\r\n", VALUE, REFUSED],
  ["hidden-by-cr", "behind a bare CR in another value", "X-A: b\rTransfer-Encoding: chunked\r\n", VALUE, REFUSED],
  ["hidden-by-lf", "behind LF alone", "X-A: b\nTransfer-Encoding: chunked\r\n", LINE_FEED, REFUSED],
  ["lf-behind", "a line that ends with LF alone", "Transfer-Encoding: chunked\n", LINE_FEED, REFUSED],
  ["name-blank", "a blank before the colon", "Transfer-Encoding : chunked\r\n", NAME, REFUSED],
  ["name-tab", "a tab before the colon", "Transfer-Encoding\t: chunked\r\n", NAME, REFUSED],
  [
    "name-nul",
    "NUL behind the name",
    "Transfer-Encoding\0: chunked\r\n",
    { rfc: "9112 2.2", level: "SHOULD" },
    REFUSED,
  ],
  ["name-vertical-tab", "a vertical tab behind the name", "Transfer-Encoding\x0b: chunked\r\n", {
    rfc: "9112 2.2",
    level: "SHOULD",
  }, REFUSED],
  ["name-inner-blank", "a blank within the name", "Transfer Encoding: chunked\r\n", {
    rfc: "9112 2.2",
    level: "SHOULD",
  }, REFUSED],
  ["folded-name", "a blank before the name", " Transfer-Encoding: chunked\r\n", FOLDING, REFUSED],
  ["folded", "a folded value", "Transfer-Encoding:\r\n chunked\r\n", FOLDING, REFUSED],
  ["folded-list", "a list folded behind its comma", "Transfer-Encoding: gzip,\r\n\tchunked\r\n", FOLDING, REFUSED],
  ["with-length", "with Content-Length", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", {
    rfc: "9112 6.1",
    level: "choice",
  }, REFUSED],
  ["before-length", "before Content-Length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", {
    rfc: "9112 6.1",
    level: "choice",
  }, REFUSED],
  ["with-length-zero", "with Content-Length 0", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", {
    rfc: "9112 6.1",
    level: "choice",
  }, REFUSED],
  [
    "with-length-right",
    "with Content-Length of all that follows",
    "Content-Length: 44\r\nTransfer-Encoding: chunked\r\n",
    { rfc: "9112 6.1", level: "choice" },
    REFUSED,
  ],
  ["with-invalid-length", "with an invalid Content-Length", "Content-Length: x\r\nTransfer-Encoding: chunked\r\n", {
    rfc: "9112 6.1",
    level: "choice",
  }, REFUSED],
  [
    "unknown-with-length",
    "not chunked, with Content-Length",
    "Content-Length: 44\r\nTransfer-Encoding: xchunked\r\n",
    NOT_FINAL,
    REFUSED,
  ],
];

/** Spellings of `chunked`. */
const RIGHT: readonly (readonly [id: string, about: string, line: string])[] = [
  ["chunked", "chunked", "Transfer-Encoding: chunked"],
  ["upper-case", "CHUNKED, for codings are compared without case", "TRANSFER-ENCODING: CHUNKED"],
  ["blanks", "blanks and tabs around it", "Transfer-Encoding: \t chunked \t"],
  ["no-blank", "no blank behind the colon", "Transfer-Encoding:chunked"],
];

const CHUNKED = "5\r\nhello\r\n0\r\n\r\n";

const OTHER_CASES: readonly Case[] = [
  {
    id: "transfer-encoding-1.0",
    rfc: "9112 6.1",
    level: "MUST",
    about: "in HTTP/1.0 the framing is faulty",
    send:
      `GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ...REFUSED,
  },
  {
    id: "transfer-encoding-1.0-length",
    rfc: "9112 6.1",
    level: "MUST",
    about: "in HTTP/1.0 the framing is faulty, even with Content-Length",
    send:
      "GET /letters.txt HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `0\r\n\r\n${SMUGGLED}`,
    ...REFUSED,
  },
  {
    id: "transfer-encoding-1.2",
    rfc: "9110 6.2",
    level: "SHOULD",
    about: "a higher minor version is treated like 1.1",
    send: `GET /letters.txt HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED}`,
    ...SERVED,
  },
  {
    id: "transfer-encoding-post",
    rfc: "9112 9.3",
    level: "MUST",
    about: "chunked content of a request that is not allowed is discarded",
    send: request("POST /letters.txt", "Transfer-Encoding: chunked") + `27\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    ...either(405),
  },
  {
    id: "transfer-encoding-head",
    rfc: "9112 9.3",
    level: "MUST",
    about: "chunked content of HEAD is discarded",
    send: request("HEAD /letters.txt", "Transfer-Encoding: chunked") + CHUNKED,
    ...answered({ status: 200, toHead: true }),
  },
  {
    id: "transfer-encoding-similar-name",
    rfc: "9110 5.1",
    level: "MUST",
    about: "Transfer_Encoding is another field",
    send: get("Transfer_Encoding: chunked") + get(),
    answers: [LETTERS_ANSWER, LETTERS_ANSWER],
    then: "persists",
  },
  {
    id: "transfer-encoding-connection-option",
    rfc: "9110 7.6.1",
    level: "MUST",
    about: "the field is effective even if Connection names it",
    send: get("Connection: Transfer-Encoding", "Transfer-Encoding: chunked") + `27\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    ...SERVED,
  },
  {
    id: "transfer-encoding-response",
    rfc: "9112 6.1",
    level: "MUST NOT",
    about: "no answer to HTTP/1.0 is chunked",
    send: "GET /big.bin HTTP/1.0\r\n\r\n",
    answers: [{ status: 200, fields: { "Transfer-Encoding": null, "Content-Length": "1048576" } }],
    then: "closes",
  },
];

export const TRANSFER_ENCODING: Topic = {
  name: "Transfer-Encoding",
  cases: [
    ...WRONG.map(([id, about, lines, rule, expected]): Case => ({
      id: `transfer-encoding-${id}`,
      ...rule,
      about: `Transfer-Encoding: ${about}`,
      send: `GET /letters.txt HTTP/1.1\r\nHost: a\r\n${lines}\r\n0\r\n\r\n${SMUGGLED}`,
      ...expected,
    })),
    ...RIGHT.map(([id, about, line]): Case => ({
      id: `transfer-encoding-right-${id}`,
      rfc: "9112 6.1",
      level: "MUST",
      about: `Transfer-Encoding: ${about}`,
      send: get(line) + CHUNKED,
      ...SERVED,
    })),
    ...OTHER_CASES,
  ],
};
