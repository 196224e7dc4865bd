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
import { refuse } from "./answers.ts";
import { cleanLocation, isUnclean, withExtension } from "./clean_urls.ts";
import { BY_ACCEPT, mayFallBack, openFallback } from "./fallback.ts";
import { noteFallback, noteFields, noteFound, pathOf } from "./file_notes.ts";
import { lineOf } from "./notes.ts";
import { represent } from "./representation.ts";
import type { Host } from "./host.ts";
import type { Visit } from "./steps.ts";

/** Answers with what is there. */
export function serveFile(visit: Visit, request: Request): Response {
  const again = findAgain(visit, request.nowMs);
  if (again !== null) return represent(visit, request, again);
  const found = find(visit, request.nowMs);
  switch (found.kind) {
    case "file":
      return redirectToClean(visit, found, request.nowMs) ?? represent(visit, request, found);
    case "folder":
      return redirectToFolder(visit);
    case "none":
      return found.why === "absent" ? answerAbsent(visit, request) : explain(found.why, visit);
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
    // A folder with the name of an index, or of a page, is none.
    const isMisnamed = found.kind === "folder" && (isFolderPath(visit.target) || wanted !== visit.wanted[0]);
    if (isMisnamed) found = { kind: "none", why: "absent" };
    noteFound(visit, wanted, found);
    if (found.kind !== "none" || found.why !== "absent") {
      if (found.kind === "file" && !isUnclean(visit.host, visit.target)) noteFields(visit, pathOf(wanted));
      if (found.kind === "file" && wanted === visit.wanted[0]) remember(visit, found);
      return found;
    }
  }
  return found;
}

/** Only what was looked for first: what comes before another may be there the next time. */
function remember(visit: Visit, resource: Resource): void {
  if (resource.cacheState !== null && !isUnclean(visit.host, visit.target)) visit.resource = resource;
}

/** The files that may answer for a path, in order: the one that it names, or the indexes of the folder that it names. */
export function wantedFor(host: Host, target: Visit["target"]): readonly Wanted[] {
  const { segments } = target;
  if (isFolderPath(target)) return host.index.map((name) => wantedOf(host, [...segments, name]));
  const named = wantedOf(host, segments);
  return host.cleanUrls ? [named, wantedOf(host, withExtension(segments))] : [named];
}

/** A file as its host sends it. */
function wantedOf(host: Host, segments: readonly string[]): Wanted {
  return wantedBelow(host, segments, host.fieldRules.additionsFor(() => decodedPath(segments, false)));
}

function isFolderPath({ directory, segments }: Visit["target"]): boolean {
  return directory || segments.length === 0;
}

/** To the address that a page has where the host leaves out extensions; `null`: it has none but this. */
function redirectToClean(visit: Visit, resource: Resource, nowMs: number): Response | null {
  if (!isUnclean(visit.host, visit.target)) return null;
  const location = cleanLocation(visit, nowMs);
  if (location === null) {
    noteFields(visit, visit.path);
    return null;
  }
  visit.services.note?.("redirect", `the address of this page is ${location}`, lineOf(visit.host, "clean-urls"));
  resource.close();
  return refuse(visit, 301, [["Location", location]]);
}

/** To the folder's own address, so that links in its pages lead where they should. */
function redirectToFolder(visit: Visit): Response {
  const { target } = visit;
  visit.services.note?.("redirect", "to the address of the folder, which ends with a slash");
  return refuse(visit, 301, [["Location", encodePath(target.segments, true) + encodeQuery(target.query)]]);
}

const NO_INDEX_WORDS = "This folder has no page of its own, and the server does not list its files.";
const NO_INDEX = share(explainedError(404, NO_INDEX_WORDS));

/** Nothing is there: the page that stands in for it, or 404. */
function answerAbsent(visit: Visit, request: Request): Response {
  const { host, target, services } = visit;
  const isPageOrNone = mayFallBack(visit);
  const page = isPageOrNone ? openFallback(visit, request) : null;
  if (isPageOrNone) noteFallback(visit, page);
  if (page !== null) return represent(visit, request, page);
  const fields = isPageOrNone ? [BY_ACCEPT] : [];
  const isFolder = isFolderPath(target) && services.cache.hasFolder(wantedBelow(host, target.segments));
  if (!isFolder) return refuse(visit, 404, fields);
  services.note?.("file", "the folder is there, without an index", lineOf(host, "index"));
  return refuse(visit, 404, fields, isPageOrNone ? explainedError(404, NO_INDEX_WORDS, fields) : NO_INDEX);
}

function explain(why: Exclude<NotFound["why"], "absent">, visit: Visit): Response {
  return why === "forbidden" ? refuse(visit, 403) : refuse(visit, 503, [["Retry-After", "1"]]);
}
