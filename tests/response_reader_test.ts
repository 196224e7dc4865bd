/** The reader of responses itself: what a careless server would send is seen, however it is cut. */

import { assertEquals, assertThrows } from "@std/assert";
import { latin1, latin1Bytes } from "../src/http/syntax.ts";
import { readContent, readHead } from "./response_reader.ts";

interface Response {
  readonly head: string;
  readonly content: string;
  /** Bytes of both. */
  readonly length: number;
}

/** The response that `text` begins with; `null`: more must come. */
function read(text: string, isEnded = false, toHead = false): Response | null {
  const bytes = latin1Bytes(text);
  const head = readHead(bytes, toHead);
  if (head === null) return null;
  const body = readContent(head.framing, bytes.subarray(head.length), isEnded);
  if (body === null) return null;
  const content = latin1(body.content, 0, body.content.length);
  return { head: `${head.status} ${head.framing.kind}`, content, length: head.length + body.length };
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const RESPONSES: readonly (readonly [text: string, head: string, content: string])[] = [
  [`${OK}Content-Length: 5\r\n\r\nhello`, "200 length", "hello"],
  [`${OK}Content-Length: 0\r\nX: a\r\nX:\r\n\r\n`, "200 length", ""],
  [`${CHUNKED}5\r\nhello\r\nA\r\n, \r\nworld!\r\n0\r\n\r\n`, "200 chunked", "hello, \r\nworld!"],
  [`${CHUNKED}0\r\n\r\n`, "200 chunked", ""],
  ["HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 none", ""],
  ["HTTP/1.1 204 No Content\r\n\r\n", "204 none", ""],
  ["HTTP/1.1 100 Continue\r\n\r\n", "100 none", ""],
];

for (const [text, head, content] of RESPONSES) {
  Deno.test(`readHead() and readContent() read ${JSON.stringify(text)} whole, in part and with bytes behind it`, () => {
    const expected = { head, content, length: text.length };
    assertEquals(read(text), expected);
    assertEquals(read(`${text}HTTP/1.1 200 OK\r\n`), expected);
    for (let end = 0; end < text.length; end++) assertEquals(read(text.slice(0, end), true), null, `${end}`);
  });
}

Deno.test("readContent() gives what came until the connection ended, where the head says close", () => {
  const text = `${OK}Connection: close\r\n\r\nall of it`;
  assertEquals(read(text), null);
  assertEquals(read(text, true), { head: "200 close", content: "all of it", length: text.length });
});

Deno.test("readHead() has no content follow an answer to HEAD, whatever it says", () => {
  for (const line of ["Content-Length: 5", "Transfer-Encoding: chunked"]) {
    assertEquals(read(`${OK}${line}\r\n\r\n`, false, true)?.head, "200 none");
  }
});

const CARELESS: readonly (readonly [what: string, text: string])[] = [
  ["another protocol", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
  ["no blank behind the status", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"],
  ["LF alone", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"],
  ["a blank before the colon", `${OK}Content-Length : 0\r\n\r\n`],
  ["two blanks behind the colon", `${OK}Content-Length:  0\r\n\r\n`],
  ["no blank behind the colon", `${OK}Content-Length:0\r\n\r\n`],
  ["a blank behind the value", `${OK}Content-Length: 0 \r\n\r\n`],
  ["a folded line", `${OK}Content-Length: 0\r\nX: a\r\n b\r\n\r\n`],
  ["no length, and no close", `${OK}\r\n`],
  ["a length twice", `${OK}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
  ["a length that is none", `${OK}Content-Length: +1\r\n\r\n`],
  ["a length beside chunks", `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["another coding", `${OK}Transfer-Encoding: gzip\r\n\r\n`],
  ["a coding twice", `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks in an interim response", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["a head without an end", `${OK}X: ${"a".repeat(20_000)}`],
  ["a chunk size that is none", `${CHUNKED}g\r\n`],
  ["a chunk size with a zero in front", `${CHUNKED}05\r\nhello\r\n0\r\n\r\n`],
  ["an extension", `${CHUNKED}5;a=b\r\nhello\r\n0\r\n\r\n`],
  ["a chunk that goes on behind its size", `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`],
  ["a chunk that ends in LF alone", `${CHUNKED}5\r\nhello\n0\r\n\r\n`],
  ["a trailer", `${CHUNKED}0\r\nX: y\r\n\r\n`],
  ["a chunk size without an end", CHUNKED + "1".repeat(2000)],
];

for (const [what, text] of CARELESS) {
  Deno.test(`readHead() or readContent() throws at ${what}`, () => {
    assertThrows(() => read(text, true), Error);
  });
}
