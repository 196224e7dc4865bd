/**
 * Problems of lines together, of one host or of listeners, when each line alone is valid. Pure.
 * @module
 */

import type { HeaderRule } from "../site/field_rules.ts";
import { findLoop } from "../site/redirect_loop.ts";
import { compileRedirect, type Redirect } from "../site/redirect_rule.ts";
import { type Config, type Lines, type Setting, settingsFor, type SettingsInEffect } from "./config.ts";
import type { Problem } from "./diagnostic.ts";

/** Clients and proxies accept no longer heads. Our own client accepts 64 KiB. */
const HEADER_BYTES_MAX = 16 * 1024;

/** The problems, each once, even if its line applies to several hosts. */
export function ruleProblems(config: Config): Problem[] {
  const problems = sectionsOf(config).flatMap(({ redirect, header }) => [
    ...loopProblems(redirect),
    ...sizeProblems(header),
  ]).concat(proxyProblems(config));
  return [...new Map(problems.map((problem) => [`${problem.line} ${problem.message}`, problem])).values()];
}

/** The settings of every host, and those of each host with own lines of these settings. */
function sectionsOf(config: Config): SettingsInEffect[] {
  const own = config.hosts.filter(({ settings }) => settings.redirect !== undefined || settings.header !== undefined);
  return [config.settings, ...own.map((host) => settingsFor(config, host))];
}

function loopProblems({ lines }: Lines<Parameters<typeof compileRedirect>[0]>): Problem[] {
  const redirects = lines.map(({ value }) => compileRedirect(value) as Redirect); // The parser has refused invalid ones.
  return redirects.flatMap((redirect, index) => {
    const trail = findLoop(redirects, redirect);
    if (trail === null) return [];
    const shown = trail.slice(0, 4).join(" -> ");
    return problemAt(
      lines[index]!,
      `redirect: the redirects form a loop: ${shown}${trail.length > 4 ? " ..." : ""}`,
    );
  });
}

/** Without a trusted proxy, a listener for proxies would close every connection. */
function proxyProblems({ listen, parameters }: Config): Problem[] {
  if (parameters.trust.value !== "none") return [];
  const message = "listen: proxy needs to know whose PROXY headers count; write: parameter trust ADDRESS...";
  return listen.filter(({ value }) => value.proxy).flatMap((line) => problemAt(line, message));
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
