/**
 * Mutated requests with content. `framing` and `BodyReader` find the same end of the content as the grammar, or refuse it,
 * however it is split. So a byte of the next request is never treated as content, and no content as a request.
 */

import { concat } from "@std/bytes/concat";
import type { BodyReader } from "../../../src/http/h1/body.ts";
import { framing, refuseContent, requestBody } from "../../../src/http/h1/framing.ts";
import { parseHead, RequestHead } from "../../../src/http/h1/head.ts";
import { isMalformed } from "../../../src/http/h1/line_reader.ts";
import { isRefusal, type Refusal } from "../../../src/http/status.ts";
import { feed, type Reader } from "../../feed.ts";
import { agree, insist } from "../agree.ts";
import { mutating } from "../mutating.ts";
import { toBytes, toText } from "../mutate.ts";
import { type ContentReading, readChunked, readCounted, readFraming } from "../reference/content.ts";
import { type HeadRead, readHead } from "../reference/head.ts";
import { FRAMED, HTTP_WORDS } from "../seeds.ts";

export const contents = mutating({
  name: "contents",
  runsInTests: 500,
  share: 5,
  found: [
    "Transfer-Encoding: chunked\r\n\r\npartial\r\n", // A line that equals an internal result of the code.
    `Transfer-Encoding: chunked\r\n\r\n${"0".repeat(20)}3\r\nabc\r\n${"0".repeat(20)}\r\n\r\n`,
  ],
  seeds: FRAMED,
  dictionary: HTTP_WORDS,
  check: checkContent,
});

const BEGINNING = toBytes("POST / HTTP/1.1\r\nHost: a\r\n");

/** `framed` holds field lines, an empty line and content. */
function checkContent(framed: Uint8Array): string {
  const bytes = concat([BEGINNING, framed]);
  let reason = "";
  const { outcome, consumed } = feed(() => contentReader((why) => reason = why), bytes);
  const text = toText(bytes);
  const head = readHead(text);
  if (head.kind !== "complete") {
    agree(outcome === "partial" ? "partial" : "refused", head.kind, "the head");
    return `head ${head.kind}`;
  }
  const end = contentEnd(head, text);
  if (end === "partial") {
    agree(outcome, "partial", "the reference wants more content");
    return "partial";
  }
  if (end === "refused") {
    insist(typeof outcome === "number", `the reference refuses: ${outcome}`);
    return `${outcome} ${reason}`;
  }
  agree([outcome, consumed], ["complete", end], "the end of the content");
  return end === head.length ? "no content" : "skipped";
}

/** The position in `text` where the request with this head ends. */
export function contentEnd(head: HeadRead, text: string): ContentReading {
  const framed = readFraming(head);
  if (framed === "refused") return "refused";
  if (framed === "none") return head.length;
  const content = text.slice(head.length);
  const length = framed === "chunked" ? readChunked(content) : readCounted(content, framed.length);
  return typeof length === "number" ? head.length + length : length;
}

/** A reader that skips a request with its content. Its result is the status if the request is refused. */
function contentReader(tell: (reason: string) => void): Reader<string | number> {
  const head = new RequestHead();
  let body: BodyReader | null = null;
  const refused = ({ status, reason }: Refusal) => {
    tell(reason);
    return status;
  };
  return (input) => {
    if (body === null) {
      const parsed = parseHead(input, head);
      if (parsed === "partial") return parsed;
      const framed = isRefusal(parsed) ? parsed : framing(head);
      if (isRefusal(framed)) return refused(framed);
      input.consume(head.length);
      body = requestBody(framed);
    }
    const skipped = body.advance(input);
    return isMalformed(skipped) ? refused(refuseContent(skipped)) : skipped;
  };
}
