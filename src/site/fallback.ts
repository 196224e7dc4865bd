/**
 * The page of a web application with its own addresses. It is sent if a browser navigates to an address without a file.
 * Missing scripts and images still get 404.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import { namesType } from "../http/semantics/accept.ts";
import type { Field } from "../http/response.ts";
import type { Request } from "../http/request.ts";
import type { Visit } from "./steps.ts";

/** Browsers list these types when they navigate. Scripts accept everything. */
const PAGE_TYPES = ["text/html", "application/xhtml+xml"];

/** The answer depends on Accept, because the page is sent only to clients that accept pages. */
export const BY_ACCEPT: Field = ["Vary", "Accept"];

/** Whether the host has a page for the address. Its last segment must not contain a dot, which suggests a file. */
export function mayFallBack({ host, target }: Pick<Visit, "host" | "target">): boolean {
  return host.fallback !== null && !(target.segments.at(-1) ?? "").includes(".");
}

/** Whether the client lists pages in Accept by name. */
export function acceptsPages({ fields }: Request): boolean {
  return namesType(fields.value("accept") ?? "", PAGE_TYPES);
}

/** The page, which the caller must close; `null`: the client does not accept pages, or the page cannot be opened. */
export function openFallback({ host, services }: Visit, request: Request): Resource | null {
  return acceptsPages(request) ? host.fallback?.open(services) ?? null : null;
}
