/**
 * What is wrong with the lines of one host taken together, though each can be used. Pure.
 * @module
 */

import type { HeaderRule } from "../site/field_rules.ts";
import { findCircle } from "../site/redirect_circle.ts";
import { compileRedirect, type Redirect } from "../site/redirect_rule.ts";
import { type Config, type Lines, type Setting, settingsFor, type SettingsInEffect } from "./config.ts";
import type { Problem } from "./diagnostic.ts";

/** Clients and proxies take no longer heads; ours has 64 KiB for one. */
const HEADER_BYTES_MAX = 16 * 1024;

/** Of each line once, however many hosts it holds for. */
export function ruleProblems(config: Config): Problem[] {
  const problems = sectionsOf(config).flatMap(({ redirect, header }) => [
    ...circleProblems(redirect),
    ...sizeProblems(header),
  ]);
  return [...new Map(problems.map((problem) => [`${problem.line} ${problem.message}`, problem])).values()];
}

/** What holds for every host, and for each that has lines of these settings. */
function sectionsOf(config: Config): SettingsInEffect[] {
  const own = config.hosts.filter(({ settings }) => settings.redirect !== undefined || settings.header !== undefined);
  return [config.settings, ...own.map((host) => settingsFor(config, host))];
}

function circleProblems({ lines }: Lines<Parameters<typeof compileRedirect>[0]>): Problem[] {
  const redirects = lines.map(({ value }) => compileRedirect(value) as Redirect); // The parser has refused others.
  return redirects.flatMap((redirect, index) => {
    const trail = findCircle(redirects, redirect);
    if (trail === null) return [];
    const shown = trail.slice(0, 4).join(" -> ");
    return problemAt(
      lines[index]!,
      `redirect: browsers would be sent on and on: ${shown}${trail.length > 4 ? " ..." : ""}`,
    );
  });
}

function sizeProblems({ lines }: Lines<HeaderRule>): Problem[] {
  const longest = new Map<string, number>();
  for (const { value: { name, value } } of lines) {
    const key = name.toLowerCase();
    longest.set(key, Math.max(longest.get(key) ?? 0, name.length + value.length + 4));
  }
  const bytes = [...longest.values()].reduce((sum, each) => sum + each, 0);
  if (bytes <= HEADER_BYTES_MAX) return [];
  return problemAt(
    lines[0]!,
    `header: the fields of one answer may have ${bytes} bytes; at most ${HEADER_BYTES_MAX} are allowed`,
  );
}

function problemAt({ origin }: Setting<unknown>, message: string): Problem[] {
  return origin.kind === "file" ? [{ severity: "error", line: origin.line, column: origin.column ?? 1, message }] : [];
}
