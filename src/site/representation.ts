/**
 * Answers a request with a resource: preconditions, then ranges, then the whole content (RFC 9110, section 13.2).
 * Responses that are the same for many requests are made once and stored in the resource.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import type { Request } from "../http/request.ts";
import { withAdditions } from "../http/additions.ts";
import { evaluate, isRangeFree, namesValidator, rangeApplies } from "../http/semantics/conditional.ts";
import { readRanges, selectRanges } from "../http/semantics/range.ts";
import { type Field, type KnownResponse, NO_CONTENT, type Response, share } from "../http/response.ts";
import type { Status } from "../http/status.ts";
import { refuse } from "./answers.ts";
import { choose, isPlain } from "./codings.ts";
import { BY_CODING, cacheFields, etagField, mediaFields, varyFields, wholeContent } from "./content.ts";
import { noteCondition, noteRanges } from "./file_notes.ts";
import type { Cause } from "./own_pages.ts";
import { parts } from "./parts.ts";
import type { Visit } from "./steps.ts";

/** The response with `resource`, which the caller holds for it, in the coding that the client prefers. */
export function represent(visit: Visit, request: Request, resource: Resource): Response | Promise<Response> {
  if (!request.fields.isSelecting && resource.whole !== null) return resource.whole;
  if (isPlain(request, resource)) return answerWith(visit, request, resource);
  const chosen = choose(visit, request, resource);
  if (chosen instanceof Promise) return chosen.then((later) => answerOrRefuse(visit, request, later));
  return answerOrRefuse(visit, request, chosen);
}

function answerOrRefuse(visit: Visit, request: Request, chosen: Resource | null): Response {
  return chosen === null ? refuse(visit, request, 406, [BY_CODING]) : answerWith(visit, request, chosen);
}

function answerWith(visit: Visit, request: Request, resource: Resource): Response {
  const { fields } = request;
  // As browsers ask: only for a coding.
  if (!fields.isSelecting || !fields.isConditional && !fields.has("range")) return whole(resource);
  if (namesValidator(fields, resource.octets)) {
    noteCondition(visit, fields, "not modified");
    resource.close();
    return unchanged(resource);
  }
  const ranges = rangesWithoutStrings(visit, request, resource);
  return ranges === null ? select(visit, request, resource) : answerRanges(visit, request, resource, ranges);
}

/** The ranges of the request, if they and their condition can be read without strings. */
function rangesWithoutStrings({ services }: Visit, { method, fields }: Request, resource: Resource): Selected | null {
  const field = fields.octets("range");
  const isFree = field !== null && method === "GET" && isRangeFree(fields, resource.octets, services.clock);
  return isFree ? readRanges(field, resource.length) : null;
}

function select(visit: Visit, request: Request, resource: Resource): Response {
  const { method, fields } = request;
  const nowMs = visit.services.clock.wall();
  const outcome = evaluate(fields, resource.validator, nowMs);
  noteCondition(visit, fields, outcome);
  if (outcome !== "pass") {
    resource.close();
    return outcome === "failed" ? refuse(visit, request, failureOf(resource)) : unchanged(resource);
  }
  const field = method === "GET" ? fields.value("range") : null; // Range is defined for GET only (14.2).
  const ranges = field !== null && rangeApplies(fields, resource.validator, nowMs)
    ? selectRanges(field, resource.length)
    : null;
  return answerRanges(visit, request, resource, ranges);
}

/** 412. A constant for each case, so that its answer is kept. */
function failureOf({ isVarying }: Resource): Status | Cause {
  return isVarying ? FAILED_BY_CODING : 412;
}

const FAILED_BY_CODING: Cause = { status: 412, fields: [BY_CODING] };

/** What `selectRanges` selects. */
type Selected = ReturnType<typeof selectRanges>;

function answerRanges(visit: Visit, request: Request, resource: Resource, ranges: Selected): Response {
  const { fields } = request;
  noteRanges(visit, fields, ranges, resource);
  if (ranges === null) return whole(resource);
  if (ranges !== "unsatisfiable") return parts(resource, ranges, fields.has("if-range"));
  resource.close();
  return refuse(visit, request, 416, [["Content-Range", `bytes */${resource.length}`], ...varyFields(resource)]);
}

const BY_RANGE: Field = ["Accept-Ranges", "bytes"];

function whole(resource: Resource): Response {
  if (resource.whole !== null) return resource.whole;
  const fields = [
    ...mediaFields(resource),
    etagField(resource),
    BY_RANGE,
    ...cacheFields(resource),
    ...varyFields(resource),
  ];
  const response: KnownResponse = {
    status: 200,
    lastModified: resource.lastModified,
    fields: fields.slice(), // Without the room to grow.
    content: wholeContent(resource),
  };
  const added = withAdditions(response, resource.additions);
  return resource.cacheState === null ? added : resource.whole = share(added);
}

/** 304, without type and length, because it describes what the client has (15.4.5). */
function unchanged(resource: Resource): Response {
  if (resource.unchanged !== null) return resource.unchanged;
  const fields = [etagField(resource), ...cacheFields(resource), ...varyFields(resource)];
  return resource.unchanged = share(withAdditions({ status: 304, fields, content: NO_CONTENT }, resource.additions));
}
