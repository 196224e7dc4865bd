/**
 * A resource as the answer to a request: preconditions, then ranges, then all of it (RFC 9110, section 13.2). Answers that are
 * worth it are prepared once and belong to the resource.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import type { Request } from "../http/request.ts";
import { withAdditions } from "../http/additions.ts";
import { evaluate, namesValidator, rangeApplies } from "../http/semantics/conditional.ts";
import { type ByteRange, contentRange, selectRanges } from "../http/semantics/range.ts";
import { type Field, type KnownResponse, NO_CONTENT, type Piece, type Response, share } from "../http/response.ts";
import { refuse } from "./answers.ts";
import { contentOf, mediaFields, wholeContent } from "./content.ts";
import type { Visit } from "./steps.ts";

/** Answers with `resource`, which is held for this answer. */
export function represent(visit: Visit, request: Request, resource: Resource): Response {
  if (!request.fields.isSelecting) return whole(resource);
  if (!namesValidator(request.fields, resource.octets)) return select(visit, request, resource);
  resource.close();
  return unchanged(resource);
}

function select(visit: Visit, { method, fields }: Request, resource: Resource): Response {
  const nowMs = visit.services.clock.wall();
  const outcome = evaluate(fields, resource.validator, nowMs);
  if (outcome !== "pass") {
    resource.close();
    return outcome === "failed" ? refuse(visit, 412) : unchanged(resource);
  }
  const field = method === "GET" ? fields.value("range") : null; // Defined for GET only (14.2).
  const ranges = field !== null && rangeApplies(fields, resource.validator, nowMs)
    ? selectRanges(field, resource.length)
    : null;
  if (ranges === null) return whole(resource);
  if (ranges !== "unsatisfiable") return partial(resource, ranges, fields.has("if-range"));
  resource.close();
  return refuse(visit, 416, [["Content-Range", `bytes */${resource.length}`]]);
}

function whole(resource: Resource): Response {
  if (resource.whole !== null) return resource.whole;
  const response: KnownResponse = {
    status: 200,
    lastModified: resource.lastModified,
    fields: [...mediaFields(resource), etagField(resource), ["Accept-Ranges", "bytes"], ...cacheFields(resource)],
    content: wholeContent(resource),
  };
  const added = withAdditions(response, resource.additions);
  return resource.keeping === null ? added : resource.whole = share(added);
}

/** With neither type nor length: a 304 speaks of what the client has (15.4.5). */
function unchanged(resource: Resource): Response {
  if (resource.unchanged !== null) return resource.unchanged;
  const fields = [etagField(resource), ...cacheFields(resource)];
  return resource.unchanged = share(withAdditions({ status: 304, fields, content: NO_CONTENT }, resource.additions));
}

/** `hasIfRange`: the client has the rest, with its fields, already (15.3.7). */
function partial(resource: Resource, ranges: readonly ByteRange[], hasIfRange: boolean): Response {
  return withAdditions(partialOf(resource, ranges, hasIfRange), resource.additions);
}

function partialOf(resource: Resource, ranges: readonly ByteRange[], hasIfRange: boolean): Response {
  const lastModified = hasIfRange ? null : resource.lastModified;
  const [range] = ranges;
  if (ranges.length > 1 || range === undefined) {
    const boundary = crypto.randomUUID(); // Never to be found in the content, with a likelihood that nobody can beat.
    return {
      status: 206,
      lastModified,
      fields: [
        ["Content-Type", `multipart/byteranges; boundary=${boundary}`],
        etagField(resource),
        ...cacheFields(resource),
      ],
      content: contentOf(resource, multipart(resource, ranges, boundary)),
    };
  }
  return {
    status: 206,
    lastModified,
    fields: [
      ...mediaFields(resource),
      ["Content-Range", contentRange(range, resource.length)],
      etagField(resource),
      ...cacheFields(resource),
    ],
    content: contentOf(resource, [pieceOf(resource, range)]),
  };
}

function cacheFields({ additions: { cacheControl } }: Resource): Field[] {
  return cacheControl === null ? [] : [["Cache-Control", cacheControl]];
}

function etagField({ validator }: Resource): Field {
  return ["ETag", validator.etag];
}

/** RFC 9110, section 14.6. A coding is that of each part's file, not of the parts together, so each part tells it. */
function multipart(resource: Resource, ranges: readonly ByteRange[], boundary: string): Piece[] {
  const text = new TextEncoder();
  const parts = ranges.flatMap((range, index) => {
    const fields: Field[] = [...mediaFields(resource), ["Content-Range", contentRange(range, resource.length)]];
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return [text.encode(`${index === 0 ? "" : "\r\n"}--${boundary}\r\n${lines}\r\n`), pieceOf(resource, range)];
  });
  return [...parts, text.encode(`\r\n--${boundary}--\r\n`)];
}

function pieceOf(resource: Resource, { first, last }: ByteRange): Piece {
  return resource.slice(first, last - first + 1);
}
