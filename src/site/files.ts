/**
 * The step that answers with a file: finds it for the path, or a folder's index, or says why there is none.
 * @module
 */

import { type Wanted, wantedBelow } from "../files/wanted.ts";
import type { Resource } from "../files/resource.ts";
import type { FoundFolder, NotFound } from "../files/look_up.ts";
import type { Request } from "../http/request.ts";
import { explainedError, type Response, share } from "../http/response.ts";
import { decodedPath, encodePath, encodeQuery } from "../http/target.ts";
import { dress, refuse } from "./answers.ts";
import { represent } from "./representation.ts";
import type { Host } from "./host.ts";
import type { Visit } from "./steps.ts";

/** Answers with what is there. */
export function serveFile(visit: Visit, request: Request): Response {
  const found = findAgain(visit, request.askedMs) ?? find(visit, request.askedMs);
  switch (found.kind) {
    case "file":
      return represent(visit, request, found);
    case "folder":
      return redirectTo(visit);
    case "none":
      return explain(found, visit);
  }
}

/** The file that answered the same target last, unless it has to be looked for. */
function findAgain(visit: Visit, nowMs: number): Resource | null {
  const { resource, services } = visit;
  if (resource === null) return null;
  if (services.cache.reuse(resource, nowMs)) return resource;
  visit.resource = null;
  return null;
}

/** A folder is found where its slash is missing; a folder without an index is absent. */
function find(visit: Visit, nowMs: number): Resource | NotFound | FoundFolder {
  let found: Resource | NotFound | FoundFolder = { kind: "none", why: "absent" };
  for (const wanted of visit.wanted) {
    found = visit.services.cache.find(wanted, nowMs);
    // A folder with the name of an index is none.
    if (found.kind === "folder" && isFolderPath(visit.target)) found = { kind: "none", why: "absent" };
    if (found.kind !== "none" || found.why !== "absent") break;
  }
  if (found.kind === "file" && found.keeping !== null) visit.resource = found;
  return found;
}

/** The files that may answer for a path, in order: the one that it names, or the indexes of the folder that it names. */
export function wantedFor(host: Host, target: Visit["target"]): readonly Wanted[] {
  const { segments } = target;
  if (!isFolderPath(target)) return [wantedOf(host, segments)];
  return host.index.map((name) => wantedOf(host, [...segments, name]));
}

/** A file as its host sends it. */
function wantedOf(host: Host, segments: readonly string[]): Wanted {
  return wantedBelow(host, segments, host.fieldRules.additionsFor(() => decodedPath(segments, false)));
}

function isFolderPath({ directory, segments }: Visit["target"]): boolean {
  return directory || segments.length === 0;
}

/** To the folder's own address, so that links in its pages lead where they should. */
function redirectTo(visit: Visit): Response {
  const { target } = visit;
  return refuse(visit, 301, [["Location", encodePath(target.segments, true) + encodeQuery(target.query)]]);
}

const NO_INDEX = share(
  explainedError(404, "This folder has no page of its own, and the server does not list its files."),
);

function explain({ why }: NotFound, visit: Visit): Response {
  const { host, target, services } = visit;
  switch (why) {
    case "absent": {
      const isFolder = isFolderPath(target) && services.cache.hasFolder(wantedBelow(host, target.segments));
      return isFolder ? dress(visit, NO_INDEX) : refuse(visit, 404);
    }
    case "forbidden":
      return refuse(visit, 403);
    case "busy":
      return refuse(visit, 503, [["Retry-After", "1"]]);
  }
}
