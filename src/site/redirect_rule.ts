/**
 * Redirects as rules: which paths they are for, and where to. Pure; makes no response.
 * @module
 */

import { encodePath, encodeQuery } from "../http/target.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** What a redirect can be answered with. 410: there is nothing any more, here or elsewhere. */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308 | 410;

/** One redirect. */
export interface RedirectRule {
  /** A pattern. */
  readonly from: string;
  /** A path or an absolute URL, in which `$1` stands for what the first wildcard of `from` has matched; `-`: nowhere (410). */
  readonly to: string;
  readonly status: RedirectStatus;
}

/** A redirect that can be compared with paths. */
export interface Redirect {
  readonly status: RedirectStatus;
  readonly from: Pattern;
  readonly to: Template | null;
}

/** Where a redirect leads, in parts that hold `$1` and so on. */
interface Template {
  /** Scheme and authority; empty: the same host. */
  readonly origin: string;
  readonly path: string;
  /** With its `?`; `null`: that of the request. */
  readonly query: string | null;
  /** With its `#`, or empty. */
  readonly fragment: string;
}

/** A part of a rule that cannot be used, and why. */
export interface InvalidRule {
  readonly kind: "invalid rule";
  readonly part: keyof RedirectRule;
  readonly message: string;
}

/** Longer addresses do not work with every client. */
const CHARS_MAX = 2048;

/** The rule in a form that can be compared with paths, or what is wrong with it. */
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
    return `"${to}" takes its host from the request, so that anybody could choose it; write the host`;
  }
  if (origin !== "" && !URL.canParse(origin)) return `"${origin}" is not an address`;
  const missing = (to.match(/\$[0-9]/g) ?? []).find((reference) =>
    reference === "$0" || Number(reference[1]) > wildcards
  );
  if (missing !== undefined) return `${missing} stands for no wildcard; the pattern has ${wildcards || "none"}`;
  return { origin, path, query, fragment };
}

/** The first redirect that matches. */
export function findRedirect(redirects: readonly Redirect[], path: string): Redirect | null {
  return redirects.find(({ from }) => from.matches(path)) ?? null;
}

/** Where the redirect sends a request for `path`, which it matches, and `query`: ASCII, with all that a URL may not hold encoded. */
export function locationOf(template: Template, captures: readonly string[], query: string): string {
  const { origin, path, fragment } = template;
  const fill = (text: string) =>
    encodeRest(text).replace(/\$([1-9])/g, (_, digit) => encodeCapture(captures[digit - 1]!));
  // An empty capture must not make two slashes: at the beginning they would name another host.
  const filled = fill(path).replace(/\/{2,}/g, "/");
  return encodeRest(origin) + filled + (template.query === null ? encodeQuery(query) : fill(template.query)) +
    fill(fragment);
}

function encodeCapture(text: string): string {
  return text.split("/").map((segment) => encodePath([segment], false).slice(1)).join("/");
}

/** Percent-encodes what a URL may not hold; what is encoded already stays as it is. */
function encodeRest(text: string): string {
  return text.replace(
    /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%#[\]]+/g,
    (part) => part === "%" ? "%25" : encodeURIComponent(part),
  );
}
