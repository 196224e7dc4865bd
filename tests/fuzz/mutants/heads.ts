/**
 * Mutated heads. The result of `parseHead` agrees with the slow reference. It does not depend on how the bytes are split, or
 * on bytes that have not been received.
 */

import { FIELD_NAMES, type FieldName } from "../../../src/http/field_names.ts";
import { parseHead, RequestHead } from "../../../src/http/h1/head.ts";
import { isRefusal } from "../../../src/http/status.ts";
import { Accumulator } from "../../../src/net/accumulator.ts";
import { feed, type Reader, receive } from "../../feed.ts";
import { agree, insist } from "../agree.ts";
import { mutating } from "../mutating.ts";
import { toText } from "../mutate.ts";
import { fieldValue, type HeadRead, readHead } from "../reference/head.ts";
import { HEADS, HTTP_WORDS, PIPELINES } from "../seeds.ts";

export const heads = mutating({
  name: "heads",
  runsInTests: 500,
  share: 4,
  found: [
    `GET /${"a".repeat(40_000)}`, // This was 431 or 414, depending on the split.
    `GET /${"a".repeat(9000)}\n`, // 400 or 414.
    `GET / HTTP/1.1\r\nX: ${"a".repeat(9000)}\n`, // 400 or 431.
  ],
  seeds: [...HEADS, ...PIPELINES.slice(0, 2)],
  dictionary: HTTP_WORDS,
  check: checkHead,
});

function checkHead(bytes: Uint8Array): string {
  let reason = "";
  const { outcome } = feed(() => headReader((why) => reason = why), bytes);
  for (const junk of ["\r\n\r\n", "a", "\0"]) {
    agree(readBeforeJunk(bytes, junk), outcome, "the result depends on bytes that were not received");
  }
  const reference = readHead(toText(bytes));
  switch (reference.kind) {
    case "refused":
      insist(
        reference.statuses.includes(Number(outcome)),
        `the reference refuses with ${reference.statuses}: ${outcome}`,
      );
      return `${outcome} ${reason}`;
    case "partial":
      agree(outcome, "partial", "the reference wants more");
      return "partial";
    case "complete":
      agree(outcome, expected(reference), "the reference reads another head");
      return `complete, ${Math.min(reference.fields.length, 5)} fields`;
  }
}

function expected(reference: HeadRead): string {
  return describe(reference, (name) => fieldValue(reference, name), reference.fields.length);
}

function describe(
  { length, method, target, minorVersion }: HeadRead | RequestHead,
  valueOf: (name: FieldName) => string | null,
  count: number,
): string {
  return JSON.stringify([length, method, target, minorVersion, count, FIELD_NAMES.map(valueOf)]);
}

/** A reader whose result is the head as text, or a status if the head is refused. `feed` treats a number as a refusal. */
function headReader(tell: (reason: string) => void = () => {}): Reader<string | number> {
  const head = new RequestHead();
  return (input) => {
    const outcome = parseHead(input, head);
    if (outcome === "partial") return outcome;
    if (isRefusal(outcome)) {
      tell(outcome.reason);
      return outcome.status;
    }
    const text = describe(head, (name) => head.value(name), head.fieldCount);
    input.consume(head.length);
    return text;
  };
}

/** Reads `bytes` from an accumulator whose free space holds `junk`. */
function readBeforeJunk(bytes: Uint8Array, junk: string): string | number {
  const input = new Accumulator({ minBytes: 64, maxBytes: 256 * 1024 });
  receive(input, bytes);
  const space = input.space();
  for (let at = 0; at < Math.min(space.length, 64); at++) space[at] = junk.charCodeAt(at % junk.length);
  return headReader()(input);
}
