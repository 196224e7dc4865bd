/**
 * Heads by the grammar of RFC 9112. Parsing returns the generated values. `framing` accepts only a few combinations of
 * fields, and interprets them correctly.
 */

import fc from "../../fast_check.ts";
import { framing } from "../../../src/http/h1/framing.ts";
import { FIELD_NAMES } from "../../../src/http/field_names.ts";
import { parseHead, RequestHead } from "../../../src/http/h1/head.ts";
import { isRefusal } from "../../../src/http/status.ts";
import { Accumulator } from "../../../src/net/accumulator.ts";
import { receive } from "../../feed.ts";
import { agree, insist } from "../agree.ts";
import { toBytes } from "../mutate.ts";
import { property } from "../property.ts";
import { fieldValues, mixedCase, rawTargets, textOf, tokens } from "./texts.ts";

const blanks = textOf([" ", "\t"], 0, 3);

/** Two of them say where the content ends, and are refused where they say it wrongly. */
const KNOWN = FIELD_NAMES.filter((name) => name !== "content-length" && name !== "transfer-encoding");

const fieldLines = fc.array(
  fc.record({
    name: fc.oneof(tokens, fc.constantFrom(...KNOWN).chain(mixedCase)),
    value: fieldValues,
    before: blanks,
    behind: blanks,
  }),
  { maxLength: 20 },
);

export const headGrammar = property({
  name: "head-grammar",
  runsInTests: 300,
  values: fc.record({
    emptyLines: fc.nat(4),
    method: tokens,
    target: rawTargets,
    minor: fc.nat(9),
    lines: fieldLines,
    behind: fieldValues,
  }),
  check({ emptyLines, method, target, minor, lines, behind }) {
    const written = lines.map(({ name, value, before, behind }) => `${name}:${before}${value}${behind}\r\n`).join("");
    const text = `${"\r\n".repeat(emptyLines)}${method} ${target} HTTP/1.${minor}\r\n${written}\r\n`;
    const head = read(text + behind);
    insist(typeof head !== "string", `${head}: ${JSON.stringify(text)}`);
    agree([head.method, head.target, head.minorVersion], [method, target, Math.min(minor, 1)], "the request line");
    agree([head.length, head.fieldCount], [text.length, lines.length], "the size");
    for (const name of KNOWN) {
      const values = lines.filter((line) => line.name.toLowerCase() === name).map(({ value }) => value);
      agree([head.value(name), head.count(name)], [values.length > 0 ? values.join(", ") : null, values.length], name);
    }
    return `${lines.length} fields`;
  },
});

/** The parsed head of `text`, or the outcome if it is not complete. */
export function read(text: string): RequestHead | string {
  const input = new Accumulator({ minBytes: 64, maxBytes: 256 * 1024 });
  receive(input, toBytes(text));
  const head = new RequestHead();
  const outcome = parseHead(input, head);
  if (isRefusal(outcome)) return `${outcome.status} ${outcome.reason}`;
  return outcome === "complete" ? head : outcome;
}

const codings = fc.oneof(
  fc.constantFrom(
    "chunked",
    "Chunked",
    "gzip",
    "gzip, chunked",
    "chunked, chunked",
    "identity",
    "",
    "chunked,",
    "\x0bchunked",
  ),
  fieldValues,
);
const lengths = fc.oneof(
  fc.bigInt({ min: 0n, max: 1n << 70n }).map(String),
  fc.nat(99).map(String),
  fc.constantFrom("0", "00", "+1", "-1", "1, 1", "0x1", "1e1", "", "1 1", "\u00b2", "9007199254740992"),
);

export const framingShapes = property({
  name: "framing-shapes",
  runsInTests: 300,
  values: fc.record({
    minor: fc.constantFrom(0, 1),
    codings: fc.array(codings, { maxLength: 2 }),
    lengths: fc.array(lengths, { maxLength: 2 }),
  }),
  check({ minor, codings, lengths }) {
    const lines = [
      ...codings.map((value) => `Transfer-Encoding: ${value}\r\n`),
      ...lengths.map((value) => `Content-Length: ${value}\r\n`),
    ];
    const head = read(`GET / HTTP/1.${minor}\r\n${lines.join("")}\r\n`);
    if (typeof head === "string") return head;
    const framed = framing(head);
    const [coding] = codings;
    const [length] = lengths;
    if (isRefusal(framed)) {
      const isChunked = codings.length === 1 && coding?.toLowerCase() === "chunked" && lengths.length === 0 &&
        minor === 1;
      const isCounted = codings.length === 0 && lengths.length === 1 && /^[0-9]{1,15}$/.test(length!);
      insist(!isChunked && !isCounted && lines.length > 0, `refused: ${framed.reason}`);
      return `${framed.status} ${framed.reason}`;
    }
    const isPlain = codings.length + lengths.length <= 1;
    insist(isPlain, "two fields define the end of the content");
    if (framed.kind === "chunked") agree([coding?.toLowerCase(), minor], ["chunked", 1], "chunked");
    else {
      insist(length === undefined || /^[0-9]+$/.test(length), `a length of ${length}`);
      agree(framed.kind === "length" ? framed.length : 0, Number(length ?? 0), "the length");
    }
    return framed.kind;
  },
});
