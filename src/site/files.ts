/**
 * The step that answers with a file: finds it for the path, or a folder's index, or says why there is none.
 * @module
 */

import { type Wanted, wantedBelow } from "../files/wanted.ts";
import type { Finding } from "../files/cache.ts";
import type { Resource } from "../files/resource.ts";
import type { Request } from "../http/request.ts";
import { errorResponse, explainedError, type Field, type Response, share } from "../http/response.ts";
import { decodedPath, encodePath, encodeQuery } from "../http/target.ts";
import { refuse } from "./answers.ts";
import { cleanLocation, isUnclean, withExtension } from "./clean_urls.ts";
import { BY_ACCEPT, mayFallBack, openFallback } from "./fallback.ts";
import { noteFallback, noteFields, noteFound, pathOf } from "./file_notes.ts";
import { lineOf } from "./notes.ts";
import { represent } from "./representation.ts";
import type { Host } from "./host.ts";
import type { Absence, Visit } from "./steps.ts";

const RETRY_AFTER: Field = ["Retry-After", "1"];
const BUSY = share(errorResponse(503, [RETRY_AFTER]));

/** Answers with what is there. */
export function serveFile(visit: Visit, request: Request): Response {
  const { nowMs } = request;
  const found = findAgain(visit, nowMs) ?? find(visit, nowMs);
  switch (found.kind) {
    case "file":
      return (visit.found === found ? null : redirectToClean(visit, found, nowMs)) ?? represent(visit, request, found);
    case "folder":
      return redirectToFolder(visit);
    case "absent":
      return answerAbsent(visit, request, found);
    case "none":
      return found.why === "busy" ? refuse(visit, 503, [RETRY_AFTER], BUSY) : refuse(visit, 403);
  }
}

/** What the last request for the target found, unless it must be looked up again. */
function findAgain(visit: Visit, nowMs: number): Visit["found"] {
  const { found, services: { cache } } = visit;
  if (found === null) return null;
  if (found.kind === "file" ? cache.reuse(found, nowMs) : cache.isRecent(found, nowMs)) return found;
  visit.found = null;
  return null;
}

/** A folder is found where its slash is missing; a folder without an index is absent. */
function find(visit: Visit, nowMs: number): Finding | Absence {
  const { wanted, target, services: { cache } } = visit;
  const isFolderTarget = isFolderPath(target);
  let knownMs = nowMs;
  for (const each of wanted) {
    const found = cache.find(each, nowMs);
    // A folder with the name of an index, or of a page, is none.
    const isMisnamed = found.kind === "folder" && (isFolderTarget || each !== wanted[0]);
    const isAbsent = isMisnamed || found.kind === "none" && found.why === "absent";
    noteFound(visit, each, isMisnamed ? { kind: "none", why: "absent" } : found);
    if (found.kind === "file" && !isUnclean(visit.host, target)) noteFields(visit, pathOf(each));
    if (!isAbsent) return each === wanted[0] ? remember(visit, found) : found;
    knownMs = Math.min(knownMs, found.knownMs);
  }
  const isFolder = isFolderTarget && cache.hasFolder(wantedBelow(visit.host, target.segments));
  return visit.found = { kind: "absent", isFolder, knownMs };
}

/** Remembers a file or folder, if it is the first of the wanted names, because an earlier one may appear at any time. */
function remember(visit: Visit, found: Finding): Finding {
  if (found.kind === "folder") visit.found = found;
  if (found.kind === "file" && found.cacheState !== null && !isUnclean(visit.host, visit.target)) visit.found = found;
  return found;
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
function answerAbsent(visit: Visit, request: Request, { isFolder }: Absence): Response {
  const isPageOrNone = mayFallBack(visit);
  const page = isPageOrNone ? openFallback(visit, request) : null;
  if (isPageOrNone) noteFallback(visit, page);
  if (page !== null) return represent(visit, request, page);
  const fields = isPageOrNone ? [BY_ACCEPT] : [];
  if (!isFolder) return refuse(visit, 404, fields);
  visit.services.note?.("file", "the folder is there, without an index", lineOf(visit.host, "index"));
  return refuse(visit, 404, fields, isPageOrNone ? explainedError(404, NO_INDEX_WORDS, fields) : NO_INDEX);
}
