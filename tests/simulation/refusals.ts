/**
 * Messages that the server must refuse, with the permitted statuses. After such an answer the connection must end.
 */

import { latin1Bytes } from "../../src/http/syntax.ts";
import type { Random } from "./random.ts";
import type { Message } from "./requests.ts";

interface Bad {
  readonly text: string;
  readonly statuses: readonly number[];
}

/** An invalid message. `isHead` is `true` only if the request line is valid. */
export function makeRefused(random: Random): Message {
  const { text, statuses } = random.pick([badLine, badFields, badFraming, badContent])(random);
  return {
    bytes: latin1Bytes(text),
    isHead: text.startsWith("HEAD "),
    isOld: false,
    persists: false,
    expectsContinue: text.includes("Expect: 100-continue"),
    expected: { kind: "refusal", statuses },
  };
}

/** An upload that nobody wants: up to five megabytes. */
export function makeUpload(random: Random): Message {
  const length = random.pick([100_000, 1_000_000, 2_000_000, 5_000_000]);
  const isChunked = random.chance(0.3);
  const field = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  const head = `POST /a.txt HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`;
  const bytes = new Uint8Array(head.length + length).fill(0x78);
  bytes.set(latin1Bytes(head));
  if (isChunked) bytes.set(latin1Bytes(`${(length - 9).toString(16).padStart(7, "0")}\r\n`), head.length);
  return {
    bytes,
    isHead: false,
    isOld: false,
    persists: false,
    expectsContinue: false,
    expected: { kind: "refusal", statuses: [405] },
  };
}

function badLine(random: Random): Bad {
  return random.pick<Bad>([
    { text: "GET / HTTP/2.0\r\nHost: a\r\n\r\n", statuses: [505] },
    { text: "GET /\r\nHost: a\r\n\r\n", statuses: [400] },
    { text: "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", statuses: [400] },
    { text: "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", statuses: [400] },
    { text: "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", statuses: [400] },
    { text: "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", statuses: [400] },
    { text: "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", statuses: [400] },
    { text: "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", statuses: [400] },
    { text: "GET / HTTP/1.1\nHost: a\n\n", statuses: [400] },
    { text: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", statuses: [400] },
    { text: "\r\n\r\n\r\n\r\n\r\n\r\n", statuses: [400] },
    { text: `GET /${"x".repeat(random.integer(8192, 20_000))} HTTP/1.1\r\nHost: a\r\n\r\n`, statuses: [414] },
  ]);
}

function badFields(random: Random): Bad {
  const method = random.pick(["GET", "HEAD", "POST"]);
  const bad = random.pick<Bad>([
    { text: "", statuses: [400] },
    { text: "Host: a\r\nHost: a\r\n", statuses: [400] },
    { text: "Host: a b\r\n", statuses: [400] },
    { text: "Host : a\r\n", statuses: [400] },
    { text: "Host: a\r\n folded: b\r\n", statuses: [400] },
    { text: "Host: a\r\nno colon\r\n", statuses: [400] },
    { text: "Host: a\r\nX: \x00\r\n", statuses: [400] },
    { text: "Host: a\r\nX: y\rz\r\n", statuses: [400] },
    { text: "Host: a\r\nExpect: nothing\r\n", statuses: [417] },
    { text: `Host: a\r\nX: ${"x".repeat(random.integer(8192, 30_000))}\r\n`, statuses: [431] },
    { text: `Host: a\r\n${"X: y\r\n".repeat(random.integer(100, 300))}`, statuses: [431] },
    { text: `Host: a\r\n${`X: ${"y".repeat(1000)}\r\n`.repeat(40)}`, statuses: [431] },
  ]);
  return { ...bad, text: `${method} /a.txt HTTP/1.1\r\n${bad.text}\r\n` };
}

const BEHIND = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

function badFraming(random: Random): Bad {
  const bad = random.pick<Bad>([
    { text: "Content-Length: -1\r\n", statuses: [400] },
    { text: "Content-Length: 1,1\r\n", statuses: [400] },
    { text: "Content-Length: 5\r\nContent-Length: 6\r\n", statuses: [400] },
    { text: "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", statuses: [400] },
    { text: "Transfer-Encoding: chunked, identity\r\n", statuses: [400] },
    { text: "Transfer-Encoding: gzip, chunked\r\n", statuses: [501] },
  ]);
  return { ...bad, text: `GET /a.txt HTTP/1.1\r\nHost: a\r\n${bad.text}\r\n${BEHIND}` };
}

/** Malformed content says more than that the method is not allowed; that says more than that there is too much content. */
function badContent(random: Random): Bad {
  const chunked = (content: string) =>
    `POST /a.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${content}`;
  const long = random.integer(65_537, 200_000);
  return random.pick<Bad>([
    { text: chunked(`zz\r\n${BEHIND}`), statuses: [400] },
    { text: chunked(`3\r\nabcd\r\n${BEHIND}`), statuses: [400] },
    { text: chunked(`3\nabc\r\n${BEHIND}`), statuses: [400] },
    { text: chunked(`0\r\nbad trailer\r\n\r\n${BEHIND}`), statuses: [400] },
    { text: chunked(`fffffffffffff\r\n${BEHIND}`), statuses: [405] },
    {
      text: `PUT /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: ${long}\r\n\r\n${"x".repeat(long)}`,
      statuses: [405],
    },
    {
      text: `POST /a.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
      statuses: [405],
    },
  ]);
}
