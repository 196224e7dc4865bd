/**
 * Finds redirects that form a loop or never end. Pure.
 * @module
 */

import { isRefusal } from "../http/status.ts";
import { decodedPath, parseTarget } from "../http/target.ts";
import { findRedirect, locationOf, type Redirect } from "./redirect_rule.ts";

/** Browsers stop after this many redirects. */
const HOPS_MAX = 20;

/**
 * The paths of a redirect loop that begins at a path of `start`, in order; `null`: the redirects end. A redirect to
 * another host counts as an end, because the answer of that host is unknown. `builtIn` says where the host redirects a
 * path that no redirect matches.
 */
export function findLoop(
  redirects: readonly Redirect[],
  start: Redirect,
  builtIn: (path: string) => string | null = () => null,
): readonly string[] | null {
  const trail = [start.from.example];
  while (trail.length <= HOPS_MAX) {
    const path = trail.at(-1)!;
    const next = findRedirect(redirects, path) === null ? builtIn(path) : nextPath(redirects, path);
    if (next === null) return null;
    trail.push(next);
    if (trail.indexOf(next) < trail.length - 1) return trail;
  }
  return trail;
}

function nextPath(redirects: readonly Redirect[], path: string): string | null {
  const found = findRedirect(redirects, path);
  if (found === null || found.to === null || found.to.origin !== "") return null;
  const [location = ""] = locationOf(found.to, found.from.captures(path)!, "").split("#");
  const target = parseTarget(location, "GET");
  return isRefusal(target) || target.kind !== "path" ? null : decodedPath(target.segments, target.directory);
}
