/**
 * What is answered by the method alone (RFC 9110, section 9).
 * @module
 */

import type { Request } from "../http/request.ts";
import { errorResponse, type Field, NO_CONTENT, type Response } from "../http/response.ts";
import { dress } from "./answers.ts";
import type { Visit } from "./steps.ts";

const ALLOW: Field = ["Allow", "GET, HEAD, OPTIONS"];
const KNOWN_METHODS = new Set(["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"]);

/** The step that answers every request but GET and HEAD. */
export function refuseMethod(visit: Visit, request: Request): Response | null {
  const response = answerByMethod(request.method);
  return response === null ? null : dress(visit, response);
}

/** The answer to a method that reads no file; `null` for GET and HEAD. */
export function answerByMethod(method: string): Response | null {
  if (method === "GET" || method === "HEAD") return null;
  if (method === "OPTIONS") return describeOptions();
  return KNOWN_METHODS.has(method) ? errorResponse(405, [ALLOW]) : errorResponse(501);
}

/** RFC 9110, section 9.3.7. */
function describeOptions(): Response {
  return { status: 200, fields: [ALLOW, ["Content-Type", "text/plain; charset=utf-8"]], content: NO_CONTENT };
}
