/**
 * Redirects that lead back to themselves, or on and on. Pure.
 * @module
 */

import { isRefusal } from "../http/status.ts";
import { decodedPath, parseTarget } from "../http/target.ts";
import { findRedirect, locationOf, type Redirect } from "./redirect_rule.ts";

/** Browsers give up after so many. */
const HOPS_MAX = 20;

/**
 * The paths that a browser is sent to from one that `start` is for, one behind the other, if they come to no end; `null`: they
 * do. What another host answers is not known.
 */
export function findCircle(redirects: readonly Redirect[], start: Redirect): readonly string[] | null {
  const trail = [start.from.example];
  while (trail.length <= HOPS_MAX) {
    const next = nextPath(redirects, trail.at(-1)!);
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
