/**
 * Step: answers requests for which the method alone decides (RFC 9110, section 9).
 * @module
 */

import type { Request } from "../http/request.ts";
import { errorResponse, type Field, NO_CONTENT, type Response, share } from "../http/response.ts";
import { addHostFields, refuse } from "./answers.ts";
import type { Cause } from "./own_pages.ts";
import type { Visit } from "./steps.ts";

const ALLOW: Field = ["Allow", "GET, HEAD, OPTIONS"];
const NOT_ALLOWED: Cause = { status: 405, fields: [ALLOW] };
const NOT_ALLOWED_ANYWHERE = share(errorResponse(405, [ALLOW]));

/** RFC 9110, section 9.3.7. */
const OPTIONS_ANSWER = share({
  status: 200,
  fields: [ALLOW, ["Content-Type", "text/plain; charset=utf-8"]],
  content: NO_CONTENT,
});

const KNOWN_METHODS = new Set(["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"]);

/** Answers every request other than GET and HEAD. */
export function refuseMethod(visit: Visit, request: Request): Response | null {
  const { method } = request;
  if (method === "GET" || method === "HEAD") return null;
  visit.services.note?.("method", `${method} reads no file`);
  if (method === "OPTIONS") return addHostFields(visit, OPTIONS_ANSWER);
  return isKnown(method) ? refuse(visit, request, NOT_ALLOWED) : refuse(visit, request, 501);
}

/** The answer to a request without a path, or without a host for it. */
export function answerWithoutHost({ method }: Request): Response {
  if (method === "OPTIONS") return OPTIONS_ANSWER;
  if (method === "GET" || method === "HEAD") return errorResponse(400);
  return isKnown(method) ? NOT_ALLOWED_ANYWHERE : errorResponse(501);
}

function isKnown(method: string): boolean {
  return KNOWN_METHODS.has(method);
}
