/**
 * A strict reader of multipart/byteranges (RFC 9110, section 14.6; RFC 2046, section 5.1.1).
 */

import type { Response } from "./wire.ts";

const BOUNDARY = /^multipart\/byteranges; ?boundary=([0-9A-Za-z'()+_,\-./:=?]{1,70})$/;

/** Throws unless the content is exactly these parts in this order, each with its range and a media type. */
export function checkParts(response: Response, expected: readonly (readonly [range: string, content: string])[]): void {
  const type = response.field("content-type") ?? "";
  const boundary = BOUNDARY.exec(type)?.[1];
  if (boundary === undefined) throw new Error(`no boundary in ${JSON.stringify(type)} (9110 15.3.7.2)`);
  const parts = splitParts(response.content, boundary).map(parsePart);
  const text = (list: readonly (readonly [string, string])[]) => JSON.stringify(list);
  if (text(parts) !== text(expected)) throw new Error(`the parts are ${text(parts)}, not ${text(expected)}`);
}

/** The text between the first and the closing delimiter. There must be nothing before and after them. */
function splitParts(content: string, boundary: string): string[] {
  const first = `--${boundary}\r\n`;
  const closing = `\r\n--${boundary}--\r\n`;
  if (!content.startsWith(first) || !content.endsWith(closing)) {
    throw new Error(`not delimited by ${boundary}: ${JSON.stringify(content.slice(0, 400))} (9110 14.6)`);
  }
  return content.slice(first.length, -closing.length).split(`\r\n--${boundary}\r\n`);
}

/** Range and content of a part. Its fields must be Content-Type and Content-Range. */
function parsePart(part: string): readonly [string, string] {
  const end = part.indexOf("\r\n\r\n");
  const lines = part.slice(0, end).split("\r\n").sort();
  const [, range] = /^Content-Range: bytes ([0-9]+-[0-9]+\/[0-9]+)$/.exec(lines[0] ?? "") ?? [];
  if (end < 0 || range === undefined) {
    throw new Error(`a part without Content-Range: ${JSON.stringify(part)} (9110 15.3.7.2)`);
  }
  if (lines[1]?.startsWith("Content-Type: ") !== true || lines.length !== 2) {
    throw new Error(`a part with the wrong fields: ${JSON.stringify(lines)} (9110 15.3.7.2)`);
  }
  return [range, part.slice(end + 4)];
}
