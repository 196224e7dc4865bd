/**
 * Answers with one range of a resource, or with several as multipart (RFC 9110, section 15.3.7).
 * @module
 */

import type { Resource } from "../files/resource.ts";
import { type ByteRange, formatContentRange } from "../http/byte_range.ts";
import { withAdditions } from "../http/additions.ts";
import {
  type KnownContent,
  type KnownResponse,
  NO_CONTENT,
  partOf,
  type Piece,
  type Response,
  share,
} from "../http/response.ts";
import { latin1Bytes } from "../http/syntax.ts";
import { cacheFields, etagField, mediaFields, ResourceContent, varyFields } from "./content.ts";

/** The response for these ranges. `hasIfRange`: the client already has another part with its fields. */
export function parts(resource: Resource, ranges: readonly ByteRange[], hasIfRange: boolean): Response {
  const [range] = ranges;
  return ranges.length > 1 || range === undefined
    ? several(resource, ranges, hasIfRange)
    : part(resource, range, hasIfRange);
}

/** The response for one range. */
function part(resource: Resource, { first, last }: ByteRange, hasIfRange: boolean): Response {
  const template = hasIfRange
    ? resource.furtherPart ??= templateOf(resource, hasIfRange)
    : resource.part ??= templateOf(resource, hasIfRange);
  const length = last - first + 1;
  const content = new ResourceContent(resource, [resource.slice(first, length)], length);
  return partOf(template, { first, last, completeLength: resource.length }, content);
}

/** The response for one range, without its numbers and content. */
function templateOf(resource: Resource, hasIfRange: boolean): KnownResponse {
  const template = withAdditions<KnownContent>({
    status: 206,
    lastModified: hasIfRange ? null : resource.lastModified,
    fields: [...mediaFields(resource), etagField(resource), ...cacheFields(resource), ...varyFields(resource)],
    content: NO_CONTENT,
  }, resource.additions);
  return resource.cacheState === null ? template : share(template);
}

function several(resource: Resource, ranges: readonly ByteRange[], hasIfRange: boolean): Response {
  const boundary = crypto.randomUUID(); // Random, so that the content practically never contains it.
  const pieces = multipart(resource, ranges, boundary);
  return withAdditions({
    status: 206,
    lastModified: hasIfRange ? null : resource.lastModified,
    fields: [
      ["Content-Type", `multipart/byteranges; boundary=${boundary}`],
      etagField(resource),
      ...cacheFields(resource),
      ...varyFields(resource),
    ],
    content: new ResourceContent(resource, pieces, pieces.reduce((sum, { length }) => sum + length, 0)),
  }, resource.additions);
}

/** RFC 9110, section 14.6. Each part has the coding of the file, because the multipart content has none. */
function multipart(resource: Resource, ranges: readonly ByteRange[], boundary: string): Piece[] {
  const completeLength = resource.length;
  const described = mediaFields(resource).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const opening = `--${boundary}\r\n${described}Content-Range: `;
  let text = "";
  const ends = ranges.map(({ first, last }) => {
    text += `${text === "" ? "" : "\r\n"}${opening}${formatContentRange({ first, last, completeLength })}\r\n\r\n`;
    return text.length;
  });
  const heads = latin1Bytes(`${text}\r\n--${boundary}--\r\n`); // At once, because each conversion costs a microsecond.
  const pieces: Piece[] = [];
  let at = 0;
  for (const [index, { first, last }] of ranges.entries()) {
    pieces.push(heads.subarray(at, ends[index]), resource.slice(first, last - first + 1));
    at = ends[index]!;
  }
  return [...pieces, heads.subarray(at)];
}
