/**
 * Limits on the length of a head, and the cost of reading one that arrives byte by byte.
 */

import { assert, assertEquals } from "@std/assert";
import { parseHead, RequestHead } from "../../src/http/h1/head.ts";
import {
  EMPTY_LINES_MAX,
  FIELD_LINE_BYTES_MAX,
  FIELD_LINES_MAX,
  HEAD_BYTES_MAX,
  REQUEST_LINE_BYTES_MAX,
} from "../../src/http/limits.ts";
import { isRefusal } from "../../src/http/status.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import type { Accumulator } from "../../src/net/accumulator.ts";
import { type Fed, feed, type Reader } from "../feed.ts";

const REQUEST_LINE = "GET / HTTP/1.1\r\n";

function lengthReader(): Reader<"complete" | number> {
  const head = new RequestHead();
  return (input) => {
    const outcome = parseHead(input, head);
    if (outcome === "complete") input.consume(head.length);
    return isRefusal(outcome) ? outcome.status : outcome;
  };
}

function feedHead(text: string): Fed<"complete" | number> {
  return feed(lengthReader, text);
}

/** A request line with this number of bytes, without its line end. */
function requestLineOf(length: number): string {
  return `GET /${"a".repeat(length - "GET / HTTP/1.1".length)} HTTP/1.1`;
}

/** A field line with this number of bytes, without its line end. */
function fieldLineOf(length: number): string {
  return `X: ${"a".repeat(length - "X: ".length)}`;
}

/** A head with this number of bytes, in lines that are far below their own limit. */
function headOfLength(length: number): string {
  const lineBytes = 4096;
  let text = REQUEST_LINE;
  let left = length - text.length - "\r\n".length;
  for (; left > 2 * lineBytes; left -= lineBytes) text += fieldLineOf(lineBytes - 2) + "\r\n";
  return text + fieldLineOf(left - 2) + "\r\n\r\n";
}

Deno.test("parseHead() accepts a request line of 8000 octets (RFC 9112, 3)", () => {
  assertEquals(feedHead(`${requestLineOf(8000)}\r\n\r\n`), { outcome: "complete", consumed: 8004 });
});

Deno.test("parseHead() accepts request lines up to their limit and refuses longer ones with 414", () => {
  assertEquals(feedHead(`${requestLineOf(REQUEST_LINE_BYTES_MAX - 1)}\r\n\r\n`).outcome, "complete");
  assertEquals(feedHead(`${requestLineOf(REQUEST_LINE_BYTES_MAX + 1)}\r\n\r\n`).outcome, 414);
});

Deno.test("parseHead() does not wait for the end of a request line that is already too long", () => {
  assertEquals(feedHead(requestLineOf(REQUEST_LINE_BYTES_MAX - 1)).outcome, "partial");
  assertEquals(feedHead(requestLineOf(REQUEST_LINE_BYTES_MAX + 1)).outcome, 414);
});

Deno.test("parseHead() accepts field lines up to their limit and refuses longer ones with 431", () => {
  assertEquals(feedHead(`${REQUEST_LINE}${fieldLineOf(FIELD_LINE_BYTES_MAX - 1)}\r\n\r\n`).outcome, "complete");
  assertEquals(feedHead(`${REQUEST_LINE}${fieldLineOf(FIELD_LINE_BYTES_MAX + 1)}\r\n\r\n`).outcome, 431);
});

Deno.test("parseHead() does not wait for the end of a field line that is already too long", () => {
  assertEquals(feedHead(REQUEST_LINE + fieldLineOf(FIELD_LINE_BYTES_MAX - 1)).outcome, "partial");
  assertEquals(feedHead(REQUEST_LINE + fieldLineOf(FIELD_LINE_BYTES_MAX + 1)).outcome, 431);
});

Deno.test("parseHead() accepts field lines up to their maximum number and refuses one more with 431", () => {
  const lines = "X: a\r\n".repeat(FIELD_LINES_MAX);
  assertEquals(feedHead(`${REQUEST_LINE}${lines}\r\n`).outcome, "complete");
  assertEquals(feedHead(`${REQUEST_LINE}${lines}X: a\r\n\r\n`).outcome, 431);
});

Deno.test("parseHead() counts lines of known and unknown fields", () => {
  const lines = "Host: a\r\nX: b\r\n".repeat(FIELD_LINES_MAX / 2);
  assertEquals(feedHead(`${REQUEST_LINE}${lines}Host: a\r\n\r\n`).outcome, 431);
});

Deno.test("parseHead() accepts heads up to their limit and refuses longer ones with 431", () => {
  assertEquals(feedHead(headOfLength(HEAD_BYTES_MAX)), { outcome: "complete", consumed: HEAD_BYTES_MAX });
  assertEquals(feedHead(headOfLength(HEAD_BYTES_MAX + 1)).outcome, 431);
});

Deno.test("parseHead() does not wait for the end of a head that is already too long", () => {
  const text = headOfLength(2 * HEAD_BYTES_MAX);
  assertEquals(feedHead(text.slice(0, HEAD_BYTES_MAX)).outcome, "partial");
  assertEquals(feedHead(text.slice(0, HEAD_BYTES_MAX + 1)).outcome, 431);
});

Deno.test("parseHead() accepts empty lines up to their limit and refuses more with 400", () => {
  const lines = "\r\n".repeat(EMPTY_LINES_MAX);
  assertEquals(feedHead(`${lines}${REQUEST_LINE}\r\n`).outcome, "complete");
  assertEquals(feedHead(`${lines}\r\n${REQUEST_LINE}\r\n`).outcome, 400);
});

Deno.test("parseHead() reads each byte only a few times, even if they arrive one by one", () => {
  const bytes = latin1Bytes(headOfLength(HEAD_BYTES_MAX / 2));
  let looks = 0;
  const counted = new Proxy(bytes, {
    get(target, key) {
      looks++;
      return Reflect.get(target, key);
    },
  });
  const head = new RequestHead();
  for (let length = 1; length <= bytes.length; length++) {
    const input = { bytes: counted, start: 0, end: length, length };
    const outcome = parseHead(input as unknown as Accumulator, head);
    assertEquals(outcome, length < bytes.length ? "partial" : "complete");
  }
  assert(looks < 8 * bytes.length, `${looks} looks at ${bytes.length} bytes`);
});
