/**
 * Answers that are not a file: errors and redirects, with what their host adds to answers for the path of the request.
 * @module
 */

import { merge, withAdditions } from "../http/additions.ts";
import { alter, errorResponse, type Field, type Response } from "../http/response.ts";
import type { Status } from "../http/status.ts";
import { noteErrorPage, noteFields } from "./file_notes.ts";
import type { Visit } from "./steps.ts";

/** The answer of a step that refuses a request, or sends it elsewhere: the host's page, or else `builtIn`. */
export function refuse(
  visit: Visit,
  status: Status,
  fields: readonly Field[] = [],
  builtIn: Response = errorResponse(status, fields),
): Response {
  const page = visit.host.errorPages?.answer(status, fields, visit.services) ?? null;
  noteErrorPage(visit, status, page !== null);
  return dress(visit, page ?? builtIn);
}

/**
 * `response`, which is no file's, with the fields that the host adds to it. Where a password is needed no cache keeps an error: it
 * may be about somebody's own pages.
 */
export function dress(visit: Visit, response: Response): Response {
  const { fieldRules, guards } = visit.host;
  const isPrivate = guards.length > 0 && response.status >= 400;
  if (!fieldRules.hasHeaders && !isPrivate) return response;
  if (visit.services.note !== undefined) noteFields(visit, visit.path, false);
  const change = (before: Response) => {
    const kept = isPrivate ? alter(before, { fields: merge(before.fields, [NO_STORE]) }) : before;
    return withAdditions(kept, fieldRules.additionsFor(() => visit.path));
  };
  return fieldRules.alterations?.of(response, change) ?? change(response);
}

const NO_STORE: Field = ["Cache-Control", "no-store"];
