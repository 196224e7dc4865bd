/**
 * Step: sends a redirect of the host. Looks at no file.
 * @module
 */

import type { Request } from "../http/request.ts";
import type { Field, Response } from "../http/response.ts";
import { refuse } from "./answers.ts";
import { lineOf } from "./notes.ts";
import { findRedirect, locationOf } from "./redirect_rule.ts";
import type { Visit } from "./steps.ts";

/** Whether a redirect of the host matches the request. */
export function isRedirected({ host, path }: Visit): boolean {
  return findRedirect(host.redirects, path) !== null;
}

/** Answers with the first redirect that matches. */
export function redirect(visit: Visit, request: Request): Response | null {
  const { host, path, target } = visit;
  const found = findRedirect(host.redirects, path);
  if (found === null) return null;
  const { from, to, status } = found;
  const location = to === null ? null : locationOf(to, from.captures(path)!, target.query);
  visit.services.note?.(
    "redirect",
    `${from.text} matches: ${location === null ? "gone" : `to ${location}`}`,
    lineOf(host, "redirect", host.redirects.indexOf(found)),
  );
  const fields: Field[] = location === null ? [] : [["Location", location]];
  return refuse(visit, request, status, fields);
}
