/**
 * Skipping content (RFC 9112, sections 6.2 and 7.1): its end, split in many ways, and refused content.
 */

import { concat } from "@std/bytes/concat";
import { assertEquals } from "@std/assert";
import { type Framing, refuseContent, requestBody } from "../../src/http/h1/framing.ts";
import { CHUNK_LINE_BYTES_MAX, CONTENT_BYTES_MAX, TRAILER_BYTES_MAX } from "../../src/http/limits.ts";
import { isMalformed } from "../../src/http/h1/line_reader.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Accumulator } from "../../src/net/accumulator.ts";
import { type Fed, feed, randomFrom, type Reader, receive } from "../feed.ts";

type Skipped = "complete" | number;

function skipperFor(framing: Framing): () => Reader<Skipped> {
  return () => {
    const body = requestBody(framing);
    return (input) => {
      const outcome = body.advance(input);
      return isMalformed(outcome) ? refuseContent(outcome).status : outcome;
    };
  };
}

const chunkedReader = skipperFor({ kind: "chunked" });

function feedCounted(length: number, message: string): Fed<Skipped> {
  return feed(skipperFor({ kind: "length", length }), message);
}

/** Expects each text to be complete at its last byte. */
function assertComplete(texts: readonly string[]): void {
  for (const text of texts) {
    assertEquals(feed(chunkedReader, text), { outcome: "complete", consumed: text.length }, JSON.stringify(text));
  }
}

function assertRefused(status: number, texts: readonly string[]): void {
  for (const text of texts) assertEquals(feed(chunkedReader, text).outcome, status, JSON.stringify(text.slice(0, 80)));
}

Deno.test("BodyReader consumes exactly Content-Length bytes", () => {
  assertEquals(feedCounted(5, "hello"), { outcome: "complete", consumed: 5 });
  assertEquals(feedCounted(1, "\n"), { outcome: "complete", consumed: 1 });
});

Deno.test("BodyReader is partial until the last byte of Content-Length", () => {
  assertEquals(feedCounted(5, "hell"), { outcome: "partial", consumed: 4 });
  assertEquals(feedCounted(5, ""), { outcome: "partial", consumed: 0 });
});

Deno.test("BodyReader consumes nothing if there is no content", () => {
  assertEquals(feed(skipperFor({ kind: "none" }), "").outcome, "complete");
});

Deno.test("BodyReader accepts content up to its limit, and refuses a longer one with 413 before it arrives", () => {
  const content = "x".repeat(CONTENT_BYTES_MAX);
  assertEquals(feedCounted(CONTENT_BYTES_MAX, content), { outcome: "complete", consumed: CONTENT_BYTES_MAX });
  assertEquals(feedCounted(CONTENT_BYTES_MAX + 1, "x").outcome, 413);
});

Deno.test("BodyReader reads chunks up to the last one and the empty line after it", () => {
  assertComplete(["0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"]);
});

Deno.test("BodyReader is partial until the last byte of chunked content", () => {
  const text = "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n";
  for (let length = 0; length < text.length; length++) {
    assertEquals(feed(chunkedReader, text.slice(0, length)).outcome, "partial", `${length} bytes`);
  }
});

Deno.test("BodyReader reads chunk sizes as hexadecimal, in either case, with leading zeros", () => {
  const data = "x".repeat(0x1f);
  assertComplete(
    ["1f", "1F", "01F", "000000000000001f", `${"0".repeat(1000)}1f`].map((size) => `${size}\r\n${data}\r\n0\r\n\r\n`),
  );
  assertComplete(["a\r\n0123456789\r\n00\r\n\r\n", "A\r\n0123456789\r\n0000\r\n\r\n"]);
});

Deno.test("BodyReader does not look for line ends or sizes within a chunk", () => {
  assertComplete(["9\r\n\r\n0\r\n\r\nab\r\n0\r\n\r\n", "2\r\n\r\n\r\n0\r\n\r\n"]);
});

Deno.test("BodyReader refuses sizes that are not plain hexadecimal digits (RFC 9112, 7.1)", () => {
  const sizes = ["", "g", "0x5", "+5", "-5", "5.", " 5", "5 ", "5\t", "5h", "5 5", "\xb2", "5,", "5\0", "_5", "5_0"];
  assertRefused(400, sizes.map((size) => `${size}\r\nhello\r\n0\r\n\r\n`));
});

Deno.test("BodyReader refuses sizes that are too large for a number", () => {
  assertRefused(413, ["ffffffffffffffff\r\n", "8000000000000000\r\n"]);
  assertRefused(400, ["10000000000000005\r\n"]);
});

Deno.test("BodyReader refuses a chunk that is longer or shorter than its size", () => {
  assertRefused(400, [
    "4\r\nhello\r\n0\r\n\r\n",
    "6\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "5\r\nhello\r\r\n0\r\n\r\n",
  ]);
});

Deno.test("BodyReader refuses lines that end in LF alone, and CR elsewhere", () => {
  assertRefused(400, [
    "5\nhello\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "0\n\r\n",
    "0\r\n\n",
    "0\r\nX: y\n\r\n",
    "5\r\r\nhello\r\n0\r\n\r\n",
    "5;a\rb\r\nhello\r\n0\r\n\r\n",
    "0\r\nX: a\rb\r\n\r\n",
  ]);
});

Deno.test("BodyReader skips chunk extensions, including quoted strings (RFC 9112, 7.1.1)", () => {
  const extensions = [
    ";a",
    ";a=b",
    ";a=b;c",
    ' ; a = "b"',
    '\t;a\t=\t"b;c=\\"d\\\\"',
    ';a="\xe9\t "',
    ';a=""',
    ";!#$=%&'",
  ];
  assertComplete(extensions.map((extension) => `2${extension}\r\nab\r\n0${extension}\r\n\r\n`));
});

Deno.test("BodyReader refuses malformed chunk extensions", () => {
  const extensions = [
    ";",
    ";a=",
    ";=b",
    "; a b",
    ';a="b',
    ';a="b"c',
    ";a=b;",
    ";a=b c",
    ";a=(b)",
    ' "a"',
    ";a=\0",
    ';a="\x7f"',
  ];
  assertRefused(400, extensions.map((extension) => `2${extension}\r\nab\r\n0\r\n\r\n`));
});

Deno.test("BodyReader skips the trailer section (RFC 9112, 7.1.2)", () => {
  assertComplete(["0\r\nX: y\r\n\r\n", "0\r\nX:\r\nY-Z: \ta b \r\n\r\n", "1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n"]);
});

Deno.test("BodyReader refuses trailer lines that are not field lines", () => {
  const lines = ["X", ": y", "X : y", " X: y", "X: y\r\n z", "X\0: y", "X: \0", "GET / HTTP/1.1"];
  assertRefused(400, lines.map((line) => `0\r\n${line}\r\n\r\n`));
});

Deno.test("BodyReader accepts chunks up to a total limit, and refuses more with 413 before they arrive", () => {
  const half = CONTENT_BYTES_MAX / 2;
  const chunk = `${half.toString(16)}\r\n${"x".repeat(half)}\r\n`;
  assertComplete([`${chunk}${chunk}0\r\n\r\n`]);
  assertRefused(413, [`${chunk}${chunk}1\r\n`, `${(CONTENT_BYTES_MAX + 1).toString(16)}\r\n`]);
});

Deno.test("BodyReader limits the lines between chunks", () => {
  const line = `1;${"a".repeat(CHUNK_LINE_BYTES_MAX - "1;".length - 1)}`;
  assertComplete([`${line}\r\nx\r\n0\r\n\r\n`]);
  assertRefused(400, [`${line}aa\r\nx\r\n0\r\n\r\n`, `${line}aa`, `0\r\nX: ${"y".repeat(CHUNK_LINE_BYTES_MAX)}`]);
});

Deno.test("BodyReader limits the trailer section with 431", () => {
  const line = `X: ${"y".repeat(1024 - "X: \r\n".length)}\r\n`;
  const lines = line.repeat(TRAILER_BYTES_MAX / line.length);
  assertComplete([`0\r\n${lines}\r\n`]);
  assertRefused(431, [`0\r\n${lines}X:\r\n`]);
});

Deno.test("BodyReader never holds more than a line, because it consumes chunk data as it arrives", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  const skipper = requestBody({ kind: "chunked" });
  const text = `${(1000).toString(16)}\r\n${"x".repeat(1000)}\r\n0\r\n\r\n`;
  let outcome = skipper.advance(input);
  for (const octet of latin1Bytes(text)) {
    receive(input, Uint8Array.of(octet)); // Throws if the accumulator is full.
    outcome = skipper.advance(input);
  }
  assertEquals([outcome, input.length], ["complete", 0]);
});

Deno.test("BodyReader has the same result for any bytes however they are split", () => {
  const random = randomFrom(7);
  const seed = latin1Bytes('5;a="b;c"\r\nhello\r\n10 ; d\r\n0123456789abcdef\r\n0\r\nX: y\r\n\r\n');
  const octets = latin1Bytes('\r\n\0 ;="0123af\x7f\xff:');
  const outcomes = new Set<string>();
  for (let round = 0; round < 600; round++) {
    const bytes = concat([seed]);
    for (let changes = Math.floor(random() * 2); changes >= 0; changes--) {
      bytes[Math.floor(random() * bytes.length)] = octets[Math.floor(random() * octets.length)]!;
    }
    outcomes.add(String(feed(chunkedReader, bytes).outcome));
  }
  assertEquals([...outcomes].toSorted(), ["400", "complete", "partial"]);
});
