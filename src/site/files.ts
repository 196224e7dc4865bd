/**
 * Step: finds the file or the folder's index, and answers with it, or with the reason why there is none.
 * @module
 */

import { filePathBelow } from "../files/file_path.ts";
import type { Finding } from "../files/cache.ts";
import type { Resource } from "../files/resource.ts";
import type { Request } from "../http/request.ts";
import type { Field, Response } from "../http/response.ts";
import { encodePath, encodeQuery } from "../http/target.ts";
import { refuse } from "./answers.ts";
import { isFolderPath } from "./candidates.ts";
import { cleanLocation, mayOmitExtension } from "./clean_urls.ts";
import { BY_ACCEPT, mayFallBack, openFallback } from "./fallback.ts";
import { noteFallback, noteFields, noteFound, pathOf } from "./file_notes.ts";
import { listFolder } from "./listing.ts";
import { lineOf } from "./notes.ts";
import type { Cause } from "./own_pages.ts";
import { represent } from "./representation.ts";
import type { Absence, Visit } from "./steps.ts";

const RETRY_AFTER: Field = ["Retry-After", "1"];
const BUSY: Cause = { status: 503, fields: [RETRY_AFTER] };

/** Answers with the file, a redirect, or an error. */
export function serveFile(visit: Visit, request: Request): Response | Promise<Response> {
  const { nowMs } = request;
  const found = findAgain(visit, nowMs) ?? find(visit, nowMs);
  switch (found.kind) {
    case "file":
      return (visit.found === found ? null : redirectToClean(visit, request, found)) ??
        represent(visit, request, found);
    case "folder":
      return redirectToFolder(visit, request);
    case "absent":
      return answerAbsent(visit, request, found);
    case "none":
      return found.why === "busy" ? refuse(visit, request, BUSY) : refuse(visit, request, 403);
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

/** Looks the target up. The result is a folder if its slash is missing, and absent if a folder has no index. */
function find(visit: Visit, nowMs: number): Finding | Absence {
  const { candidates, target, services: { cache } } = visit;
  const isFolderTarget = isFolderPath(target);
  let knownMs = nowMs;
  for (const each of candidates) {
    const found = cache.find(each, nowMs);
    // A folder with the name of an index or a page does not count.
    const isMisnamed = found.kind === "folder" && (isFolderTarget || each !== candidates[0]);
    const isAbsent = isMisnamed || found.kind === "none" && found.why === "absent";
    noteFound(visit, each, isMisnamed ? { kind: "none", why: "absent" } : found);
    if (found.kind === "file" && !mayOmitExtension(visit.host, target)) noteFields(visit, pathOf(each));
    if (!isAbsent) return each === candidates[0] ? remember(visit, found) : found;
    knownMs = Math.min(knownMs, found.knownMs);
  }
  const isFolder = isFolderTarget && cache.hasFolder(filePathBelow(visit.host, target.segments));
  return visit.found = { kind: "absent", isFolder, knownMs };
}

/** Stores a file or folder for later requests, if it is the first candidate, because an earlier one may appear. */
function remember(visit: Visit, found: Finding): Finding {
  if (found.kind === "folder") visit.found = found;
  if (found.kind === "file" && found.cacheState !== null && !mayOmitExtension(visit.host, visit.target)) {
    visit.found = found;
  }
  return found;
}

/** Redirects to the address without the extension; `null`: there is no such address. */
function redirectToClean(visit: Visit, request: Request, resource: Resource): Response | null {
  if (!mayOmitExtension(visit.host, visit.target)) return null;
  const location = cleanLocation(visit, request.nowMs);
  if (location === null) {
    noteFields(visit, visit.path);
    return null;
  }
  visit.services.note?.("redirect", `the address of this page is ${location}`, lineOf(visit.host, "clean-urls"));
  resource.close();
  return refuse(visit, request, 301, [["Location", location]]);
}

/** Redirects to the folder's address with a slash, so that relative links in its pages work. */
function redirectToFolder(visit: Visit, request: Request): Response {
  const { target } = visit;
  visit.services.note?.("redirect", "to the address of the folder, which ends with a slash");
  return refuse(visit, request, 301, [["Location", encodePath(target.segments, true) + encodeQuery(target.query)]]);
}

const NO_INDEX: Cause = {
  status: 404,
  fields: [],
  words: "This folder has no page of its own, and the server does not list its files.",
};

/** Answers with the fallback page, a listing, or 404. */
function answerAbsent(visit: Visit, request: Request, { isFolder }: Absence): Response | Promise<Response> {
  const isPageOrNone = mayFallBack(visit);
  const page = isPageOrNone ? openFallback(visit, request) : null;
  if (isPageOrNone) noteFallback(visit, request, page);
  if (page !== null) return represent(visit, request, page);
  if (isFolder && visit.host.listing) return listFolder(visit, request);
  const fields = isPageOrNone ? [BY_ACCEPT] : [];
  if (!isFolder) return refuse(visit, request, 404, fields);
  visit.services.note?.("file", "the folder is there, without an index", lineOf(visit.host, "index"));
  return refuse(visit, request, NO_INDEX, fields);
}
