/**
 * The page of an application that has addresses of its own: it answers where a browser navigates to an address and nothing is
 * there. Scripts and images that are missing stay missing.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import { namesType } from "../http/semantics/accept.ts";
import type { Field } from "../http/response.ts";
import type { Request } from "../http/request.ts";
import type { Visit } from "./steps.ts";

/** Browsers name these where they navigate; scripts say that they take anything. */
const PAGE_TYPES = ["text/html", "application/xhtml+xml"];

/** Whether an answer depends on it: the page answers where the client asks for pages. */
export const BY_ACCEPT: Field = ["Vary", "Accept"];

/** Whether the host has a page for such an address: one whose last name has no dot, as those of files have. */
export function mayFallBack({ host, target }: Pick<Visit, "host" | "target">): boolean {
  return host.fallback !== null && !(target.segments.at(-1) ?? "").includes(".");
}

/** The page, which the caller closes; `null`: the client does not ask for pages, or there is none. */
export function openFallback({ host, services }: Visit, { fields }: Request): Resource | null {
  return namesType(fields.value("accept") ?? "", PAGE_TYPES) ? host.fallback?.open(services) ?? null : null;
}
