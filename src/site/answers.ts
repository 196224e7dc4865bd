/**
 * Answers that are not a file: errors and redirects, with the fields that their host adds for the requested path.
 * @module
 */

import { merge, withAdditions } from "../http/additions.ts";
import { alter, type Field, type Response } from "../http/response.ts";
import type { Request } from "../http/request.ts";
import type { Status } from "../http/status.ts";
import { noteErrorPage, noteFields } from "./file_notes.ts";
import type { Cause } from "./own_pages.ts";
import type { Visit } from "./steps.ts";

/**
 * The answer of a step that refuses or redirects a request: the host's page if there is one, otherwise the built-in page
 * for `cause`.
 */
export function refuse(
  visit: Visit,
  request: Request,
  cause: Status | Cause,
  fields: readonly Field[] = NO_FIELDS,
): Response {
  const page = visit.host.errorPages === null ? null : hostPage(visit, request, cause, fields);
  return addHostFields(visit, page ?? visit.pages.answer(cause, fields));
}

const NO_FIELDS: readonly Field[] = [];

/** The host's own page; `null`: there is none. */
function hostPage(
  visit: Visit,
  request: Request,
  cause: Status | Cause,
  fields: readonly Field[],
): Response | null {
  const head = typeof cause === "number"
    ? { status: cause, fields }
    : { ...cause, fields: [...cause.fields, ...fields] };
  const page = visit.host.errorPages?.answer(head, request, visit.services) ?? null;
  noteErrorPage(visit, head.status, page !== null);
  return page;
}

/**
 * Adds the host's fields to a response that is not a file. If the path needs a password, caches must not store errors,
 * because they may depend on the user.
 */
export function addHostFields(visit: Visit, response: Response): Response {
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
