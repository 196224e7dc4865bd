/**
 * Pipelines by their grammar: all kinds of requests, with content that looks like a request, split in many ways and compared
 * with the slow reference. Also messages that are exactly as long as a limit, or a little longer or shorter.
 */

import fc from "../../fast_check.ts";
import {
  CHUNK_FRAMING_BYTES_MAX,
  CHUNK_LINE_BYTES_MAX,
  CONTENT_BYTES_MAX,
  EMPTY_LINES_MAX,
  FIELD_LINE_BYTES_MAX,
  FIELD_LINES_MAX,
  HEAD_BYTES_MAX,
  REQUEST_LINE_BYTES_MAX,
  TRAILER_BYTES_MAX,
} from "../../../src/http/limits.ts";
import { checkConversation } from "../mutants/conversations.ts";
import { toBytes } from "../mutate.ts";
import { property } from "../property.ts";

const contents = fc.constantFrom(
  "",
  "a",
  "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
  "\r\n\r\n",
  "0\r\n\r\n",
  "x".repeat(3000),
);

/** Field lines for framing, and the content framed accordingly. A few are wrong. */
const framed = fc.oneof(
  { weight: 6, arbitrary: fc.constant("\r\n") },
  { weight: 3, arbitrary: contents.map((content) => `Content-Length: ${content.length}\r\n\r\n${content}`) },
  { weight: 3, arbitrary: contents.map((content) => `Transfer-Encoding: chunked\r\n\r\n${chunked(content)}`) },
  { weight: 1, arbitrary: contents.map((content) => `Content-Length: ${content.length + 1}\r\n\r\n${content}`) },
  {
    weight: 1,
    arbitrary: contents.map((content) => `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunked(content)}`),
  },
  { weight: 1, arbitrary: contents.map((content) => `Transfer-Encoding: gzip, chunked\r\n\r\n${chunked(content)}`) },
);

function chunked(content: string): string {
  return `${content === "" ? "" : `${content.length.toString(16)}\r\n${content}\r\n`}0\r\n\r\n`;
}

const fieldLines = fc.constantFrom(
  "Expect: 100-continue",
  "expect: 100-CONTINUE",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: x, Close",
  "Expect: a miracle",
  "X: y",
  "Host: a",
);

const requests = fc.record({
  emptyLines: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3)),
  method: fc.constantFrom("GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS"),
  target: fc.constantFrom("/", "/", "/b", "http://b/c", "*", "/%2f"),
  version: fc.constantFrom("1.1", "1.1", "1.1", "1.0"),
  hosts: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.nat(2)),
  lines: fc.array(fieldLines, { maxLength: 2 }),
  framed,
}).map(({ emptyLines, method, target, version, hosts, lines, framed }) => {
  const fields = [...Array.from({ length: hosts }, () => "Host: a"), ...lines].map((line) => `${line}\r\n`).join("");
  return `${"\r\n".repeat(emptyLines)}${method} ${target} HTTP/${version}\r\n${fields}${framed}`;
});

export const pipelines = property({
  name: "pipelines",
  runsInTests: 300,
  share: 4,
  values: fc.array(requests, { minLength: 1, maxLength: 6 }),
  check: (all) => checkConversation(toBytes(all.join(""))),
});

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";
const PUT = "PUT / HTTP/1.1\r\nHost: a\r\n";
const CHUNKED = `${PUT}Transfer-Encoding: chunked\r\n\r\n`;
const fill = (length: number) => "f".repeat(Math.max(0, length));

/** Requests with one part exactly at its limit plus `over`. */
const AT_LIMIT: Readonly<Record<string, (over: number) => string>> = {
  "empty lines": (over) => "\r\n".repeat(EMPTY_LINES_MAX + over) + `${GET}\r\n`,
  "request line": (over) => `GET /${fill(REQUEST_LINE_BYTES_MAX - 14 + over)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  "field line": (over) => `${GET}X: ${fill(FIELD_LINE_BYTES_MAX - 3 + over)}\r\n\r\n`,
  "field lines": (over) => `${GET}${"X: y\r\n".repeat(FIELD_LINES_MAX - 1 + over)}\r\n`,
  "head": (over) => {
    const lines = `X: ${fill(8000)}\r\n`.repeat(4);
    return `${GET}${lines}Y: ${fill(HEAD_BYTES_MAX - GET.length - lines.length - 7 + over)}\r\n\r\n`;
  },
  "counted content": (over) => {
    return `${PUT}Content-Length: ${CONTENT_BYTES_MAX + over}\r\n\r\n${fill(CONTENT_BYTES_MAX + over)}`;
  },
  "chunked content": (over) => {
    const [first, rest] = [CONTENT_BYTES_MAX - 10, 10 + over];
    return `${CHUNKED}${first.toString(16)}\r\n${fill(first)}\r\n${rest.toString(16)}\r\n${fill(rest)}\r\n0\r\n\r\n`;
  },
  "chunk line": (over) => `${CHUNKED}1;${fill(CHUNK_LINE_BYTES_MAX - 3 + over)}\r\na\r\n0\r\n\r\n`,
  "chunk framing": (over) => {
    const chunks = "1\r\na\r\n".repeat(Math.floor((CHUNK_FRAMING_BYTES_MAX - 100) / 5));
    const left = CHUNK_FRAMING_BYTES_MAX - chunks.length / 6 * 5 - 5;
    return `${CHUNKED}${chunks}0;${fill(left - 2 + over)}\r\n\r\n`;
  },
  "trailer": (over) => {
    return `${CHUNKED}0\r\nT: ${fill(4000)}\r\nU: ${fill(TRAILER_BYTES_MAX - 4005 - 5 + over)}\r\n\r\n`;
  },
  "line of a trailer": (over) => `${CHUNKED}0\r\nT: ${fill(CHUNK_LINE_BYTES_MAX - 4 + over)}\r\n\r\n`,
};

export const limits = property({
  name: "limits",
  runsInTests: 100,
  values: fc.record({
    what: fc.constantFrom(...Object.keys(AT_LIMIT)),
    over: fc.integer({ min: -3, max: 3 }),
    end: fc.constantFrom("", "", "\r", "without CR", "without its end"),
  }),
  async check({ what, over, end }) {
    const text = AT_LIMIT[what]!(over);
    return `${what}: ${await checkConversation(toBytes(`${withEnd(text, end)}${GET}\r\n`))}`;
  },
});

/** `text` with another end, or with another end of its longest line. */
function withEnd(text: string, end: string): string {
  const lines = text.split("\r\n");
  const longest = lines.reduce((longer, line) => line.length > longer.length ? line : longer);
  if (end === "without CR") return text.replace(`${longest}\r\n`, `${longest}\n`);
  if (end === "without its end") return text.slice(0, text.indexOf(longest) + longest.length);
  return text + end;
}
