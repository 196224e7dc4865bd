/**
 * A Content-Security-Policy that lets the script of live reload pass, and nothing else that it did not permit before
 * (CSP Level 3). Pure.
 * @module
 */

import { LIVE_FOLDER } from "./script.ts";

type Directive = readonly [name: string, ...sources: string[]];

/** The policies in `value` for a page that the browser got from `authority`, which is its Host field. */
export function permitLive(value: string, authority: string): string {
  return value.split(",").map((policy) => permit(policy, authority)).join(", ");
}

function permit(policy: string, authority: string): string {
  const directives = policy.split(";").map((text) => text.trim().split(/\s+/) as [string, ...string[]])
    .filter(([name]) => name !== "");
  const script = addSource(directives, ["script-src-elem", "script-src"], `${authority}/${LIVE_FOLDER}/live.js`);
  return addSource(script, ["connect-src"], `${authority}/${LIVE_FOLDER}/events`)
    .map((directive) => directive.join(" ")).join("; ");
}

/** Adds a source to the first of `names` that is there. Without any, default-src decides, and is copied. */
function addSource(directives: readonly Directive[], names: readonly string[], source: string): readonly Directive[] {
  const find = (name: string) => directives.find(([other]) => other.toLowerCase() === name);
  const own = names.map(find).find((found) => found !== undefined);
  const extended = (
    [, ...sources]: Directive,
  ) => [...sources.filter((each) => each.toLowerCase() !== "'none'"), source];
  if (own !== undefined) return directives.map((each) => each === own ? [own[0], ...extended(own)] : each);
  const fallback = find("default-src");
  return fallback === undefined ? directives : [...directives, [names.at(-1)!, ...extended(fallback)]];
}
