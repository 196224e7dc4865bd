/**
 * Answers that are not a file: errors and redirects, with what their host adds to answers for the path of the request.
 * @module
 */

import { withAdditions } from "../http/additions.ts";
import { errorResponse, type Field, type Response } from "../http/response.ts";
import type { Status } from "../http/status.ts";
import type { Visit } from "./steps.ts";

/** The answer of a step that refuses a request, or sends it elsewhere: the host's page, or else `builtIn`. */
export function refuse(
  visit: Visit,
  status: Status,
  fields: readonly Field[] = [],
  builtIn: Response = errorResponse(status, fields),
): Response {
  return dress(visit, visit.host.errorPages?.answer(status, fields, visit.services) ?? builtIn);
}

/** `response`, which is no file's, with the fields that the host adds to it. */
export function dress(visit: Visit, response: Response): Response {
  const { fieldRules } = visit.host;
  return fieldRules.hasHeaders ? withAdditions(response, fieldRules.additionsFor(() => visit.path)) : response;
}
