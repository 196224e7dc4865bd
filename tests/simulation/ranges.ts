/**
 * A reference for ranges (RFC 9110, section 14): which bytes they select, and a strict reader of multipart content.
 */

import { equals } from "@std/bytes/equals";
import type { Answer } from "./answers.ts";
import type { RangeAsk } from "./requests.ts";

export interface Range {
  readonly first: number;
  readonly last: number;
}

/** The requested ranges of `length` bytes, without those beyond the end. */
export function resolveRanges(asks: readonly RangeAsk[], length: number): Range[] {
  return asks.flatMap(({ first, last }) => {
    if (first === null) return length === 0 ? [] : [{ first: Math.max(0, length - last!), last: length - 1 }];
    return first >= length ? [] : [{ first, last: Math.min(last ?? Infinity, length - 1) }];
  });
}

/** Whether the server may ignore the ranges: of an empty file, or if several select more bytes than it has (14.2). */
export function mayBeIgnored(asks: readonly RangeAsk[], length: number): boolean {
  const ranges = resolveRanges(asks, length);
  return length === 0 ||
    (ranges.length > 1 && ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0) > length);
}

/** Describes what is wrong with a multipart answer that must hold these ranges of `content`, in order, or returns `null`. */
export function multipartProblem(ranges: readonly Range[], content: Uint8Array, answer: Answer): string | null {
  const [, boundary] =
    /^multipart\/byteranges; boundary=([0-9a-f-]{36})$/.exec(answer.fields.get("content-type") ?? "") ??
      [];
  if (boundary === undefined) return `Content-Type: ${answer.fields.get("content-type")} for several ranges`;
  let at = 0;
  for (const [index, { first, last }] of ranges.entries()) {
    const head = takeHead(answer.content, at);
    if (head === null) return missing(answer, `part ${index}`);
    const expected = `${index === 0 ? "" : "\r\n"}--${boundary}\r\nContent-Type: `;
    if (
      !head.startsWith(expected) ||
      !head.endsWith(`\r\nContent-Range: bytes ${first}-${last}/${content.length}\r\n\r\n`)
    ) {
      return `part ${index} begins ${JSON.stringify(head)}`;
    }
    at += head.length;
    const part = answer.content.subarray(at, at + last - first + 1);
    if (!equals(part, content.subarray(first, first + part.length))) return `other content in part ${index}`;
    at += last - first + 1;
  }
  const end = latin1(answer.content.subarray(at));
  if (!answer.isComplete) return null;
  return end === `\r\n--${boundary}--\r\n` ? null : `parts end ${JSON.stringify(end.slice(0, 80))}`;
}

function missing({ isComplete }: Answer, what: string): string | null {
  return isComplete ? `${what} is missing` : null;
}

function takeHead(bytes: Uint8Array, from: number): string | null {
  const text = latin1(bytes.subarray(from, from + 300));
  const end = text.indexOf("\r\n\r\n", 2);
  return end < 0 ? null : text.slice(0, end + 4);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 300));
}
