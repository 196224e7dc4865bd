/**
 * Words of the settings that repeat to what one line says, and back. Pure.
 * @module
 */

import { takesAll } from "../site/pattern.ts";
import { compileRedirect, type RedirectRule, type RedirectStatus } from "../site/redirect_rule.ts";
import { invalid, type InvalidWord } from "./setting_words.ts";

const REDIRECT_STATUSES: readonly RedirectStatus[] = [301, 302, 303, 307, 308, 410];

/** FROM TO [STATUS]. */
export function parseRedirect(words: readonly string[]): RedirectRule | InvalidWord {
  const [from = "", to, statusWord = to === "-" ? "410" : "301", surplus] = words;
  if (to === undefined) return invalid(0, `it takes where from and where to`);
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

/** Whether a line with the pattern `later` never matches first, behind one with `earlier`. */
export function hidesPattern(earlier: string, later: string): boolean {
  return earlier === later || takesAll(earlier);
}
