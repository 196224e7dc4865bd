/** `AnswerReader`: all framings of answers, split in many ways, and invalid answers. */

import { assertEquals } from "@std/assert";
import { type Answer, answerFraming, fieldValue, isFlaw, quote } from "../../src/http/client/answer.ts";
import { AnswerReader, type AnswerReaderOptions } from "../../src/http/client/answer_reader.ts";
import { feed, receive } from "../feed.ts";
import { Accumulator } from "../../src/net/accumulator.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const OPTIONS: AnswerReaderOptions = { isHeadRequest: false, contentBytesMax: 100_000, keepsContent: true };

/** The outcome for an answer, split in every way: the answer in short, the problem, or `"partial"`. */
function outcomeOf(text: string, options: Partial<AnswerReaderOptions> = {}): unknown {
  return feed(() => {
    const reader = new AnswerReader({ ...OPTIONS, ...options });
    return (input) => {
      const outcome = reader.advance(input);
      return outcome === "partial" ? outcome : isFlaw(outcome) ? 400 : shortened(outcome);
    };
  }, text).outcome;
}

function shortened({ status, framing, content, contentBytes, persists }: Answer): unknown {
  return [status, framing, new TextDecoder().decode(content), contentBytes, persists];
}

/** The result of a reader for `text` and the end of the stream after it. */
function wordsOf(text: string, options: Partial<AnswerReaderOptions> = {}): unknown {
  const input = new Accumulator({ minBytes: 64, maxBytes: 256 * 1024 });
  receive(input, Uint8Array.from(text, (char) => char.charCodeAt(0)));
  const reader = new AnswerReader({ ...OPTIONS, ...options });
  const outcome = reader.advance(input);
  const last = outcome === "partial" ? reader.end(input.length) : outcome;
  return isFlaw(last) ? `${last.flaw}: ${last.words}` : last === null ? null : shortened(last);
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const WHOLE: readonly [rule: string, text: string, expected: unknown][] = [
  ["content by length", `${OK}Content-Length: 5\r\n\r\nhello`, [200, "length", "hello", 5, true]],
  ["content of no bytes", `${OK}Content-Length: 0\r\n\r\n`, [200, "length", "", 0, true]],
  ["chunked content", `${CHUNKED}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`, [200, "chunked", "hello", 5, true]],
  ["chunk extensions and trailers", `${CHUNKED}5;a=b ; c="d;\\""\r\nhello\r\n0\r\nA: b\r\n\r\n`, [
    200,
    "chunked",
    "hello",
    5,
    true,
  ]],
  ["204 without content", "HTTP/1.1 204 No Content\r\n\r\n", [204, "none", "", 0, true]],
  ["304 without content, despite its Content-Length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", [
    304,
    "none",
    "",
    0,
    true,
  ]],
  [
    "interim answers before the answer",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    [
      200,
      "length",
      "x",
      1,
      true,
    ],
  ],
  ["an empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", [200, "length", "", 0, true]],
  ["Connection: close", `${OK}Connection: Foo, Close\r\nContent-Length: 0\r\n\r\n`, [200, "length", "", 0, false]],
  ["HTTP/1.0, which ends", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", [200, "length", "", 0, false]],
  ["HTTP/1.0 that persists", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", [
    200,
    "length",
    "",
    0,
    true,
  ]],
];

for (const [rule, text, expected] of WHOLE) {
  Deno.test(`AnswerReader accepts ${rule}`, () => assertEquals(outcomeOf(text), expected));
}

Deno.test("AnswerReader reads no content of an answer to HEAD", () => {
  assertEquals(outcomeOf(`${OK}Content-Length: 5\r\n\r\n`, { isHeadRequest: true }), [200, "none", "", 0, true]);
  assertEquals(outcomeOf(CHUNKED, { isHeadRequest: true }), [200, "none", "", 0, true]);
});

Deno.test("AnswerReader reads content without a length until the connection ends", () => {
  assertEquals(outcomeOf(`${OK}\r\nhello`), "partial");
  assertEquals(wordsOf(`${OK}\r\nhello`), [200, "until close", "hello", 5, false]);
  assertEquals(wordsOf(`${OK}\r\n`), [200, "until close", "", 0, false]);
});

Deno.test("AnswerReader counts content that it does not keep", () => {
  assertEquals(outcomeOf(`${CHUNKED}5\r\nhello\r\n0\r\n\r\n`, { keepsContent: false }), [200, "chunked", "", 5, true]);
});

Deno.test("AnswerReader keeps all of a long content", () => {
  const content = "0123456789".repeat(5000);
  assertEquals(wordsOf(`${OK}Content-Length: 50000\r\n\r\n${content}`), [200, "length", content, 50_000, true]);
});

const MALFORMED: readonly [what: string, text: string][] = [
  ["something that is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["HTTP/2", "HTTP/2 200 OK\r\n"],
  ["a version in small letters", "http/1.1 200 OK\r\n"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n"],
  ["a status beyond 599", "HTTP/1.1 600 Odd\r\n"],
  ["a status line without a blank after the status", "HTTP/1.1 200\r\n"],
  ["a line that ends without CR", "HTTP/1.1 200 OK\n"],
  ["a field line without a colon", `${OK}Server\r\n`],
  ["a blank before the colon", `${OK}Server : x\r\n`],
  ["a folded field line", `${OK}A: b\r\n c\r\n`],
  ["a control octet in a value", `${OK}A: b\x00c\r\n`],
  ["a length that is no number", `${OK}Content-Length: 5x\r\n\r\n`],
  ["a negative length", `${OK}Content-Length: -5\r\n\r\n`],
  ["a length beyond all bounds", `${OK}Content-Length: 99999999999999999999\r\n\r\n`],
  ["two lengths, equal or not", `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`],
  ["a length and chunks", `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["another transfer coding", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["a 204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"],
  ["an unrequested 101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
  ["a chunk size that is no number", `${CHUNKED}five\r\n`],
  ["a chunk size that equals an internal result", `${CHUNKED}partial\r\n`],
  ["an empty chunk size", `${CHUNKED}\r\n`],
  ["a chunk that is longer than its size", `${CHUNKED}3\r\nhello\r\n`],
  ["a malformed trailer", `${CHUNKED}0\r\nno trailer\r\n`],
];

for (const [what, text] of MALFORMED) {
  Deno.test(`AnswerReader refuses ${what}`, () => {
    assertEquals(outcomeOf(text), 400);
    assertEquals(String(wordsOf(text)).split(":")[0], "malformed");
  });
}

Deno.test("AnswerReader describes where an incomplete answer ends", () => {
  const cases: readonly (readonly [text: string, words: string | null])[] = [
    ["", null],
    ["HTTP/1.1 2", "short: the answer ends in the middle of its head"],
    [OK, "short: the answer ends in the middle of its head"],
    [`${OK}Content-Length: 10\r\n\r\nhello`, "short: the content ends 5 bytes short of its Content-Length 10"],
    [`${CHUNKED}5\r\nhel`, "short: the chunked content ends after 3 bytes, before its last chunk"],
    [`${CHUNKED}5\r\nhello\r\n`, "short: the chunked content ends after 5 bytes, before its last chunk"],
    [`${CHUNKED}0\r\n`, "short: the chunked content ends after 0 bytes, before its last chunk"],
  ];
  for (const [text, words] of cases) assertEquals(wordsOf(text), words);
});

Deno.test("AnswerReader limits the length of every part of an answer", () => {
  const cases: readonly (readonly [text: string, words: string])[] = [
    ["x".repeat(40_000), "a line of more than 32768 bytes"],
    [OK + "A: b\r\n".repeat(101), "more than 100 field lines"],
    [OK + `A: ${"b".repeat(20_000)}\r\n`.repeat(2), "a head of more than 32768 bytes"],
    ["HTTP/1.1 100 Continue\r\n\r\n".repeat(9), "more than 8 interim answers"],
    [`${OK}Content-Length: 100001\r\n\r\n`, "more content than the 100000 bytes that it may have"],
    [`${OK}\r\n${"x".repeat(100_001)}`, "more content than the 100000 bytes that it may have"],
    [`${CHUNKED}ffffffffffffffff\r\n`, "more content than the 100000 bytes that it may have"],
    [`${CHUNKED}186a1\r\n`, "more content than the 100000 bytes that it may have"],
    [CHUNKED + `1;${"a".repeat(4000)}\r\nx\r\n`.repeat(20), "more framing of chunks than is permitted"],
    [`${CHUNKED}1;${"a".repeat(5000)}`, "a line of more than 4096 bytes"],
    [`${CHUNKED}0\r\n${"A: b\r\n".repeat(2000)}`, "the trailer section is too long"],
  ];
  for (const [text, words] of cases) assertEquals(wordsOf(text), `too long: ${words}`);
});

Deno.test("fieldValue() joins several lines, and ignores letter case", () => {
  assertEquals(fieldValue([["Vary", "a"], ["X", "y"], ["vary", "b"]], "vary"), "a, b");
  assertEquals(fieldValue([], "vary"), null);
});

Deno.test("answerFraming() ignores Content-Length if the answer is chunked", () => {
  const head = { status: 200, reason: "", minorVersion: 1, fields: [["Transfer-Encoding", "Chunked"] as const] };
  assertEquals(answerFraming(head, false), { kind: "chunked" });
});

Deno.test("quote() escapes control characters, so that a server cannot control the terminal", () => {
  assertEquals(quote('a"\x1b[2J\x9b\n'), '"a\\"\\u001b[2J\\u009b\\n"');
  assertEquals(quote("x".repeat(100)).length, 65);
});
