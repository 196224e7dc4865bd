/** Tests of the simulation's reader of answers: all framings, split in several ways, and violations of the grammar. */

import { assertEquals, assertThrows } from "@std/assert";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { splitEvery } from "../feed.ts";
import { type Answer, AnswerReader } from "./answers.ts";
import { Violation } from "./trace.ts";

/** Reads `text` in pieces of `size` bytes. Then the connection ends without a reset. */
function read(text: string, size: number, isHead = false): { answers: Answer[]; reader: AnswerReader } {
  const reader = new AnswerReader(() => !isHead);
  const answers = splitEvery(latin1Bytes(text), size).flatMap((piece) => [...reader.read(piece)]);
  return { answers: [...answers, ...reader.end()], reader };
}

function textOf({ status, framing, content }: Answer): string {
  return `${status} ${framing} ${new TextDecoder().decode(content)}`;
}

const OK = "HTTP/1.1 200 OK\r\n";
const MEASURED = `${OK}Content-Length: 5\r\n\r\nhello`;
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\na\r\n, \r\nworld!\r\n0\r\n\r\n`;
const OPEN = `${OK}Connection: close\r\n\r\nall of it`;

for (const size of [1, 2, 7, 1000]) {
  Deno.test(`AnswerReader reads content with a length, in chunks, and until close, in pieces of ${size}`, () => {
    const text = `HTTP/1.1 100 Continue\r\n\r\n${CHUNKED}HTTP/1.1 304 Not Modified\r\n\r\n${MEASURED}${OPEN}`;
    const { answers, reader } = read(text, size);
    assertEquals(answers.map(textOf), [
      "100 none ",
      "200 chunked hello, \r\nworld!",
      "304 none ",
      "200 length hello",
      "200 close all of it",
    ]);
    assertEquals([answers.every(({ isComplete }) => isComplete), reader.isOver, reader.finals], [true, true, 4]);
  });

  Deno.test(`AnswerReader returns the received part of an incomplete answer, in pieces of ${size}`, () => {
    for (const text of [MEASURED.slice(0, -2), CHUNKED.slice(0, CHUNKED.indexOf("lo\r\n"))]) {
      const { answers, reader } = read(text, size);
      assertEquals([answers, reader.isAmid, reader.cutOff?.isComplete], [[], true, false]);
      assertEquals(new TextDecoder().decode(reader.cutOff?.content), "hel");
    }
  });
}

Deno.test("AnswerReader reads no content of an answer to HEAD", () => {
  const heads = [MEASURED, CHUNKED, OPEN].map((text) => text.slice(0, text.indexOf("\r\n\r\n") + 4)).join("");
  assertEquals(read(heads, 3, true).answers.map(textOf), ["200 length ", "200 chunked ", "200 close "]);
});

const WRONG: readonly (readonly [what: string, text: string])[] = [
  ["no length, though the connection persists", `${OK}\r\n`],
  ["a length beside chunks", `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["another coding", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ["a coding of an interim answer", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["a length of 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n"],
  ["a length with a zero in front", MEASURED.replace("5", "05")],
  ["a field twice", `${OK}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
  ["an invalid chunk size", CHUNKED.replace("5\r\nhello", "-5\r\nhello")],
  ["a chunk size with a leading zero", CHUNKED.replace("5\r\nhello", "05\r\nhello")],
  ["a chunk size without an end", CHUNKED.replace("5\r\nhello", "1".repeat(30))],
  ["an extension", CHUNKED.replace("5\r\nhello", "5;a\r\nhello")],
  ["a chunk that is longer than its size", CHUNKED.replace("hello", "hello!")],
  ["a trailer", CHUNKED.replace("0\r\n", "0\r\nX: y\r\n")],
  ["bytes after the last answer", `${OK}Content-Length: 0\r\nConnection: close\r\n\r\nx`],
];

for (const [what, text] of WRONG) {
  Deno.test(`AnswerReader throws for ${what}`, () => {
    for (const size of [1, 1000]) assertThrows(() => read(text, size), Violation);
  });
}
