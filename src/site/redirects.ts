/**
 * Step: sends a request to another address, by the redirects of its host. Looks at no file.
 * @module
 */

import { errorResponse, type Response } from "../http/response.ts";
import type { Redirect } from "./redirect_rule.ts";
import { locationOf } from "./redirect_rule.ts";
import type { Visit } from "./steps.ts";

/** Whether a redirect of its host is for the request. */
export function isRedirected({ host, path }: Visit): boolean {
  return findRedirect(host.redirects, path) !== null;
}

/** The first redirect that matches. */
export function findRedirect(redirects: readonly Redirect[], path: string): Redirect | null {
  return redirects.find(({ from }) => from.matches(path)) ?? null;
}

/** Answers with the first redirect that matches. */
export function redirect({ host, path, target }: Visit): Response | null {
  const found = findRedirect(host.redirects, path);
  if (found === null) return null;
  const { from, to, status } = found;
  return to === null
    ? errorResponse(status)
    : errorResponse(status, [["Location", locationOf(to, from.captures(path)!, target.query)]]);
}
