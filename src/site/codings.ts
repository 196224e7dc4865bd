/**
 * Chooses the content coding in which a file is sent (RFC 9110, section 12.5.3).
 * Knows what clients accept and which forms a file has; not how the forms are made.
 * @module
 */

import type { Later } from "../files/codings.ts";
import type { Resource } from "../files/resource.ts";
import type { Request } from "../http/request.ts";
import { type Acceptance, type Coding, CODINGS } from "../http/semantics/coding.ts";
import { Acceptances } from "./acceptances.ts";
import { noteCoding } from "./file_notes.ts";
import type { Services, Visit } from "./steps.ts";

const acceptances = new Acceptances();

/** Whether a request may be answered with a resource as it is, without looking at its forms. */
export function isPlain({ fields }: Request, { forms }: Resource): boolean {
  return !fields.has("accept-encoding") && (forms === null || !forms.needsLookUp);
}

/**
 * The form of `resource` to send. The caller holds `resource`, and holds the result in place of it. `null`: the client
 * accepts none of the forms.
 */
export function choose(visit: Visit, request: Request, resource: Resource): Resource | Promise<Resource | null> | null {
  const acceptance = acceptances.of(request.fields);
  const { services } = visit;
  const { forms } = resource;
  const again = forms === null ? null : services.cache.codings.findAgain(forms, acceptance, request.nowMs);
  if (again !== null) return settle(visit, request, resource, again);
  const chosen = tryEach(services, request, resource, acceptance, request.nowMs);
  if (chosen === null) return settle(visit, request, resource, null);
  if (chosen.kind === "file") {
    if (chosen !== resource) forms?.remember(acceptance, chosen, request.nowMs);
    return settle(visit, request, resource, chosen);
  }
  return chosen.done.then(async () => {
    let later: Resource | Later | null = chosen;
    for (let waits = 0; later?.kind === "later" && waits < (later.isSoon ? TURNS_MAX : HELPER_WAITS_MAX); waits++) {
      await later.done;
      later = tryEach(services, request, resource, acceptance, services.clock.now());
    }
    return settle(visit, request, resource, later?.kind === "later" ? null : later);
  });
}

/** More turns than there are connections that may wait for one. */
const TURNS_MAX = 100_000;

/** Waits for the helper. Its form may be evicted before it is used. */
const HELPER_WAITS_MAX = 3;

/** The form to send with an error. It never waits, and if the client accepts none, the content is sent as it is. */
export function chooseForError(services: Services, request: Request, resource: Resource): Resource {
  if (isPlain(request, resource)) return resource;
  const acceptance = { ...acceptances.of(request.fields), isIdentityAccepted: true };
  const chosen = tryEach(services, request, resource, acceptance, request.nowMs);
  if (chosen?.kind !== "file" || chosen === resource) return resource;
  resource.close();
  return chosen;
}

/** Tries the codings in their order, then the content as it is. */
function tryEach(
  { cache }: Services,
  request: Request,
  resource: Resource,
  { codings, isIdentityAccepted }: Acceptance,
  nowMs: number,
): Resource | Later | null {
  if (resource.forms?.needsLookUp === true) cache.codings.lookForSiblings(resource, CODINGS, nowMs);
  const wanted = { nowMs, isRequired: !isIdentityAccepted };
  let later: Later | null = null;
  for (const coding of codings) {
    const found = cache.codings.find(resource, coding, wanted);
    if (found === null) continue;
    if (found.kind === "later") {
      if (found.isSoon) return found;
      later ??= found;
    } else if (isIdentityAccepted && isUnstable(found) && asksForRange(request)) found.close();
    else return found;
  }
  // A file that is stored in a coding has no other form.
  if (isIdentityAccepted || resource.coding !== null) return resource;
  return later;
}

/** The bytes of a form without a strong validator may be others at the next request, so parts do not fit together. */
function isUnstable({ etag }: Resource): boolean {
  return etag.startsWith("W/");
}

function asksForRange({ method, fields }: Request): boolean {
  return method === "GET" && fields.has("range");
}

function settle(visit: Visit, request: Request, resource: Resource, chosen: Resource | null): Resource | null {
  noteCoding(visit, request.fields, resource, chosen);
  if (chosen === resource) return chosen;
  if (chosen !== null) visit.services.cache.codings.count(chosen.coding as Coding);
  resource.close();
  return chosen;
}
