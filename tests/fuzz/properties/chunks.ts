/**
 * Chunked content by its grammar. Content with random chunks, extensions and trailers is skipped exactly, and the next
 * request is complete. If one byte is changed, the parser still finds the end that the grammar defines.
 */

import fc from "../../fast_check.ts";
import type { BodyReader } from "../../../src/http/h1/body.ts";
import { refuseContent, requestBody } from "../../../src/http/h1/framing.ts";
import { isMalformed } from "../../../src/http/h1/line_reader.ts";
import { parseHead, RequestHead } from "../../../src/http/h1/head.ts";
import { Accumulator } from "../../../src/net/accumulator.ts";
import { Random } from "../../simulation/random.ts";
import { receive } from "../../feed.ts";
import { agree, insist } from "../agree.ts";
import { cutRandomly } from "../cuts.ts";
import { toBytes } from "../mutate.ts";
import { property } from "../property.ts";
import { readChunked } from "../reference/content.ts";
import { fieldValues, mixedCase, tokens } from "./texts.ts";

const data = fc.oneof(
  fc.string({ unit: fc.constantFrom("\r", "\n", "0", "a", "\0", "\xff", ";", " "), minLength: 1, maxLength: 40 }),
  fc.constantFrom("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "0\r\n\r\n", "\r\n", "\r\n0\r\n\r\n"),
  fc.nat(5000).map((length) => "x".repeat(length + 1)),
);
const blanks = fc.constantFrom("", "", " ", "\t", " \t ");
const quoted = fc.array(fc.constantFrom("a", " ", "\t", ";", "=", '\\"', "\\\\", "\\a", "\xff", ","), { maxLength: 8 })
  .map((parts) => `"${parts.join("")}"`);
const extensions = fc.array(
  fc.tuple(blanks, blanks, tokens, fc.option(fc.tuple(blanks, blanks, fc.oneof(tokens, quoted)))),
  { maxLength: 3 },
).map((all) =>
  all.map(([a, b, name, value]) => {
    return `${a};${b}${name}${value === null ? "" : `${value[0]}=${value[1]}${value[2]}`}`;
  }).join("")
);
const sizes = (size: number) =>
  fc.tuple(fc.constantFrom("", "", "0", "00000000", "0".repeat(20)), mixedCase(size.toString(16))).map((
    [zeros, digits],
  ) => zeros + digits);

const chunk = fc.tuple(data, extensions).chain(([data, extension]) => {
  return sizes(data.length).map((size) => `${size}${extension}\r\n${data}\r\n`);
});
const content = fc.tuple(
  fc.array(chunk, { maxLength: 8 }),
  fc.constantFrom("0", "000", "0".repeat(20)),
  extensions,
  fc.array(fc.tuple(tokens, blanks, fieldValues).map(([name, blank, value]) => `${name}:${blank}${value}\r\n`), {
    maxLength: 4,
  }),
).map(([chunks, last, extension, trailer]) => `${chunks.join("")}${last}${extension}\r\n${trailer.join("")}\r\n`);

const NEXT = "PUT /next HTTP/1.1\r\nHost: next.example\r\n\r\n";

export const chunkGrammar = property({
  name: "chunk-grammar",
  runsInTests: 300,
  share: 2,
  values: fc.tuple(content, fc.nat()),
  check([content, seed]) {
    const reading = skip(content + NEXT, seed);
    insist(reading.outcome === "complete", `${reading.outcome}: ${JSON.stringify(content)}`);
    agree(reading.next, "PUT /next HTTP/1.1", "the next request");
    agree(reading.rest, NEXT.length, "bytes of the next request");
    return "skipped";
  },
});

/** A change: `text` replaces `length` characters at `at`. */
interface Change {
  readonly at: number;
  readonly length: number;
  readonly by: string;
}

const changes: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.constantFrom(0, 1, 2),
  by: fc.constantFrom(
    ...'0 1 5 f g ; = " \\ - + x , : a'.split(" "),
    "",
    " ",
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\t",
    "\x0b",
    "\x7f",
    "0\r\n\r\n",
    "\r\npartial\r\n",
    "partial\r\n",
  ),
});

export const chunkChanges = property({
  name: "chunk-changes",
  runsInTests: 400,
  share: 2,
  values: fc.tuple(content, changes, fc.nat()),
  check([content, { at, length, by }, seed]) {
    const first = Math.floor(at * content.length);
    const changed = content.slice(0, first) + by + content.slice(first + length);
    const reading = skip(changed + NEXT, seed);
    const end = readChunked(changed + NEXT);
    if (typeof end === "string") {
      agree(reading.outcome === "partial" ? "partial" : "refused", end, "the outcome");
      return reading.outcome;
    }
    agree([reading.outcome, reading.rest], ["complete", changed.length + NEXT.length - end], "the end of the content");
    if (end === changed.length) agree(reading.next, "PUT /next HTTP/1.1", "the next request");
    return end === changed.length ? "skipped" : "ends elsewhere";
  },
});

/** Skips chunked content that arrives in random pieces, then reads the head after it. */
function skip(text: string, seed: number): { outcome: string; rest: number; next: string } {
  const input = new Accumulator({ minBytes: 64, maxBytes: 64 * 1024 });
  const body = requestBody({ kind: "chunked" });
  let outcome: ReturnType<BodyReader["advance"]> = "partial";
  for (const chunk of cutRandomly(toBytes(text), new Random(seed))) {
    receive(input, chunk);
    if (outcome === "partial") outcome = body.advance(input);
    if (isMalformed(outcome)) {
      const { status, reason } = refuseContent(outcome);
      return { outcome: `${status} ${reason}`, rest: input.length, next: "" };
    }
  }
  const head = new RequestHead();
  const isRead = outcome === "complete" && parseHead(input, head) === "complete";
  return { outcome, rest: input.length, next: isRead ? head.requestLine : "" };
}
