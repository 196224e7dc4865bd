/**
 * Rules for redirects: which paths, and where to. Pure: makes no response.
 * @module
 */

import { encodePath, encodeQuery } from "../http/target.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** The status of a redirect. 410: the content is gone, and there is no other address. */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308 | 410;

/** One redirect. */
export interface RedirectRule {
  /** A pattern. */
  readonly from: string;
  /** A path or an absolute URL, in which `$1` is the text of the first wildcard in `from`. `-`: no target (410). */
  readonly to: string;
  readonly status: RedirectStatus;
}

/** A compiled redirect. */
export interface Redirect {
  readonly status: RedirectStatus;
  readonly from: Pattern;
  readonly to: Template | null;
}

/** The target of a redirect, in parts that contain `$1` and so on. */
interface Template {
  /** Scheme and authority; empty: the same host. */
  readonly origin: string;
  readonly path: string;
  /** With its `?`; `null`: the query of the request. */
  readonly query: string | null;
  /** With its `#`; empty: none. */
  readonly fragment: string;
}

/** An invalid part of a rule, and the reason. */
export interface InvalidRule {
  readonly kind: "invalid rule";
  readonly part: keyof RedirectRule;
  readonly message: string;
}

/** Some clients do not support longer addresses. */
const CHARS_MAX = 2048;

/** Compiles a rule, or returns the reason why it is invalid. */
export function compileRedirect({ from, to, status }: RedirectRule): Redirect | InvalidRule {
  const pattern = compilePattern(from);
  if (typeof pattern === "string") return { kind: "invalid rule", part: "from", message: pattern };
  const isNowhere = to === "-";
  if (isNowhere !== (status === 410)) {
    return { kind: "invalid rule", part: "status", message: "410 (Gone) and the target - belong together" };
  }
  const template = isNowhere ? null : compileTemplate(to, pattern.wildcards);
  if (typeof template === "string") return { kind: "invalid rule", part: "to", message: template };
  return { status, from: pattern, to: template };
}

function compileTemplate(to: string, wildcards: number): Template | string {
  const [, origin = "", path = "", query = null, fragment = ""] =
    /^(https?:\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(to) ?? [];
  if (to.length > CHARS_MAX) return `a target has more than ${CHARS_MAX} characters`;
  if (origin === "" && !path.startsWith("/")) {
    return `"${to}" is neither a path, like /new, nor an address, like https://a.example/`;
  }
  if (to.includes("\\") || (origin === "" && path.startsWith("//"))) {
    return `"${to}" would lead to another host; write the address with http:// or https:// if that is meant`;
  }
  if (origin.includes("$")) {
    return `"${to}" takes its host from the request, so a client could choose it; write the host`;
  }
  if (origin !== "" && !URL.canParse(origin)) return `"${origin}" is not an address`;
  const missing = (to.match(/\$[0-9]/g) ?? []).find((reference) =>
    reference === "$0" || Number(reference[1]) > wildcards
  );
  if (missing !== undefined) return `there is no wildcard for ${missing}; the pattern has ${wildcards || "none"}`;
  return { origin, path, query, fragment };
}

/** The first redirect that matches. */
export function findRedirect(redirects: readonly Redirect[], path: string): Redirect | null {
  return redirects.find(({ from }) => from.matches(path)) ?? null;
}

/** The target for a request with this path, which must match, and this query: ASCII, percent-encoded if necessary. */
export function locationOf(template: Template, captures: readonly string[], query: string): string {
  const { origin, path, fragment } = template;
  const fill = (text: string) =>
    encodeRest(text).replace(/\$([1-9])/g, (_, digit) => encodeCapture(captures[digit - 1]!));
  // An empty capture must not produce two slashes, because at the beginning they would name another host.
  const filled = fill(path).replace(/\/{2,}/g, "/");
  return encodeRest(origin) + filled + (template.query === null ? encodeQuery(query) : fill(template.query)) +
    fill(fragment);
}

function encodeCapture(text: string): string {
  return text.split("/").map((segment) => encodePath([segment], false).slice(1)).join("/");
}

/** Percent-encodes characters that a URL must not contain. Keeps existing encodings. */
function encodeRest(text: string): string {
  return text.replace(
    /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%#[\]]+/g,
    (part) => part === "%" ? "%25" : encodeURIComponent(part),
  );
}
