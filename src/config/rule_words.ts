/**
 * Parses and formats the words of the settings that repeat. Pure.
 * @module
 */

import { TCHAR } from "../http/syntax.ts";
import { ERROR_STATUSES, type ErrorClass, type ErrorRule } from "../site/error_rule.ts";
import type { CachePolicy, CacheRule, HeaderRule } from "../site/field_rules.ts";
import { compilePattern, matchesAll } from "../site/pattern.ts";
import { pageSegments } from "../site/page.ts";
import { compileRedirect, type RedirectRule, type RedirectStatus } from "../site/redirect_rule.ts";
import { suggest } from "./diagnostic.ts";
import { invalid, type InvalidWord } from "./setting_words.ts";

const REDIRECT_STATUSES: readonly RedirectStatus[] = [301, 302, 303, 307, 308, 410];

/** FROM TO [STATUS]. */
export function parseRedirect(words: readonly string[]): RedirectRule | InvalidWord {
  const [from = "", to, statusWord = to === "-" ? "410" : "301", surplus] = words;
  if (to === undefined) return invalid(0, "it takes a path to redirect from and a target");
  if (surplus !== undefined) {
    return invalid(3, `"${surplus}" is one word too many; put words with blanks in quotation marks`);
  }
  const status = REDIRECT_STATUSES.find((each) => String(each) === statusWord);
  if (status === undefined) return invalid(2, `"${statusWord}" is none of ${REDIRECT_STATUSES.join(", ")}`);
  const rule = { from, to, status };
  const redirect = compileRedirect(rule);
  return "kind" in redirect ? invalid(["from", "to", "status"].indexOf(redirect.part), redirect.message) : rule;
}

export function formatRedirect({ from, to, status }: RedirectRule): readonly string[] {
  return status === (to === "-" ? 410 : 301) ? [from, to] : [from, to, String(status)];
}

export function hidesRedirect(earlier: RedirectRule, later: RedirectRule): boolean {
  return hidesPattern(earlier.from, later.from);
}

/** Whether a line with the pattern `later` can never match, because one with `earlier` precedes it. */
export function hidesPattern(earlier: string, later: string): boolean {
  return earlier === later || matchesAll(earlier);
}

/** Fields that determine the end of an answer or its connection, and Date, which the server always sets. */
const FRAMING_FIELDS = [
  "connection",
  "content-length",
  "content-range",
  "date",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
];

/** Fields that the server makes from the file. Other values would mislead caches, so they can only be removed. */
const VALIDATORS = ["accept-ranges", "etag", "last-modified"];

/** Other servers and proxies accept no longer lines. */
const VALUE_CHARS_MAX = 4096;

/** PATTERN NAME VALUE. */
export function parseHeader(words: readonly string[]): HeaderRule | InvalidWord {
  const [pattern = "", name, text, surplus] = words;
  const wrong = invalidPattern(pattern);
  if (wrong !== null) return wrong;
  if (name === undefined || text === undefined) return invalid(0, "it takes a pattern, a name and a value");
  if (surplus !== undefined) return invalid(3, `"${surplus}" is one word too many; put the value in quotation marks`);
  const nameProblem = invalidFieldNameReason(name, text);
  if (nameProblem !== null) return invalid(1, nameProblem);
  if (text.length > VALUE_CHARS_MAX) return invalid(2, `the value has more than ${VALUE_CHARS_MAX} characters`);
  if (!/^[\x20-\x7e\t]*$/.test(text)) return invalid(2, "the value has a character that is not ASCII, or a control");
  return { pattern, name, value: text.trim() };
}

function invalidFieldNameReason(name: string, value: string): string | null {
  if (!FIELD_NAME.test(name)) return `"${name.replace(/:$/, "")}" is not the name of a field; write it without a colon`;
  if (FRAMING_FIELDS.includes(name.toLowerCase())) return `${name} is the server's own field`;
  if (value !== "" && VALIDATORS.includes(name.toLowerCase())) {
    return `${name} is made from the file; it can only be removed`;
  }
  return null;
}

const FIELD_NAME = new RegExp(`^${TCHAR}{1,100}$`);

/** 68 years. Caches need not support larger values (RFC 9111, section 1.2.2). */
const SECONDS_MAX = 2 ** 31 - 1;

const NAMED_POLICIES = ["immutable", "no-cache", "no-store", "off"] as const;

/** PATTERN POLICY. */
export function parseCache(words: readonly string[]): CacheRule | InvalidWord {
  const [pattern = "", word, surplus] = words;
  const wrong = invalidPattern(pattern);
  if (wrong !== null) return wrong;
  if (word === undefined) return invalid(0, "it takes a pattern and a policy");
  if (surplus !== undefined) return invalid(2, `"${surplus}" is one word too many`);
  const named = NAMED_POLICIES.find((policy) => policy === word);
  const policy: CachePolicy = named ?? (/^[0-9]{1,10}$/.test(word) ? Number(word) : NaN);
  if (named !== undefined || Number(policy) <= SECONDS_MAX) return { pattern, policy };
  return invalid(
    1,
    `"${word}" is neither a number of seconds nor immutable, no-cache, no-store or off${suggest(word, NAMED_POLICIES)}`,
  );
}

function invalidPattern(text: string): InvalidWord | null {
  const pattern = compilePattern(text);
  return typeof pattern === "string" ? invalid(0, pattern) : null;
}

const ERROR_CLASSES: readonly ErrorClass[] = [...ERROR_STATUSES, "4xx", "5xx"];

/** STATUS PATH. */
export function parseError(words: readonly string[]): ErrorRule | InvalidWord {
  const [statusWord = "", path, surplus] = words;
  const status = ERROR_CLASSES.find((each) => String(each) === statusWord.toLowerCase());
  if (status === undefined) {
    const isOther = /^[45][0-9][0-9]$/.test(statusWord);
    const reason = isOther ? "is not an error that a host sends" : "is not the status of an error";
    return invalid(0, `"${statusWord}" ${reason}; write one of ${ERROR_CLASSES.join(", ")}`);
  }
  if (path === undefined) return invalid(0, "it takes a status and the path of a page");
  if (surplus !== undefined) return invalid(2, `"${surplus}" is one word too many`);
  const segments = pageSegments(path);
  return typeof segments === "string" ? invalid(1, segments) : { status, path };
}
