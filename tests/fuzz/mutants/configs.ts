/**
 * Mutated texts of web.conf. Parsing never throws. Every diagnostic has a position in the text, and is one line without
 * control characters. The output of `check` parses to the same configuration.
 */

import { describeConfig } from "../../../src/cli/check.ts";
import { type AnySetting, type Config, linesOf, type OwnSettings } from "../../../src/config/config.ts";
import { type Diagnostic, formatDiagnostic } from "../../../src/config/diagnostic.ts";
import { parseConfig } from "../../../src/config/parse.ts";
import { SETTING_NAMES } from "../../../src/config/settings.ts";
import { hostsOf } from "../../../src/hosts.ts";
import { systemClock } from "../../../src/net/clock.ts";
import { Site } from "../../../src/site/host.ts";
import { PasswordChecks } from "../../../src/site/password_checks.ts";
import { agree, insist } from "../agree.ts";
import { mutating } from "../mutating.ts";
import { CONFIG_WORDS, CONFIGS } from "../seeds.ts";

export const configs = mutating({
  name: "configs",
  runsInTests: 1000,
  share: 2,
  // The output of `check` for these was wrong.
  found: ["host .. a", "host a.. default", "parameter timeout 0.0000001", 'media ."x text/plain'],
  seeds: CONFIGS,
  dictionary: CONFIG_WORDS,
  bytesMax: 20_000,
  check: (bytes) => checkConfig(new TextDecoder().decode(bytes)),
});

const FILE = "web.conf";

export function checkConfig(text: string): string {
  const { config, diagnostics } = parseConfig(text, FILE);
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const diagnostic of diagnostics) checkDiagnostic(diagnostic, lines);
  checkRoundTrip(config);
  // Whatever the parser accepts can be served.
  if (diagnostics.every(({ severity }) => severity !== "error")) {
    new Site(hostsOf(config, new PasswordChecks(systemClock), true));
  }
  const kinds = diagnostics.map(({ severity, message }) => `${severity} ${message.replace(/".*"|[0-9]+/gs, "")}`);
  return [...new Set(kinds)].sort().join(", ") || "well";
}

function checkDiagnostic(diagnostic: Diagnostic, lines: readonly string[]): void {
  const { line, column } = diagnostic;
  const text = lines[line - 1];
  const isOfAll = line === 1 && column === 1; // A diagnostic about the whole file.
  const isWord = text !== undefined && /[^ \t]/.test(text[column - 1] ?? " ");
  insist(isOfAll || isWord, `${line}:${column} is not the position of a word: ${diagnostic.message}`);
  const shown = formatDiagnostic(diagnostic);
  insist(!/\p{Cc}/u.test(shown), `a diagnostic with control characters: ${JSON.stringify(shown)}`);
}

/** The output of `sweepd check` is a valid web.conf with the same meaning. */
function checkRoundTrip(config: Config): void {
  const shown = describeConfig(config);
  const again = parseConfig(shown, FILE);
  agree(again.diagnostics.filter(isOfOneLine), [], "diagnostics of the output of check");
  agree(values(again.config), values(config), "the output of check has another meaning");
}

/** Others are about lines that can each be used, but not together: `check` shows them, too. */
function isOfOneLine({ message }: Diagnostic): boolean {
  return !/^(?:redirect: browsers would be sent|header: the fields of one answer)/.test(message);
}

/** The values of a configuration without their origins. */
function values({ hosts, media, parameters, settings }: Config): unknown {
  return [
    settingValues(settings),
    hosts.map(({ name, root, settings }) => [name, root, settingValues(settings)]),
    media.map(({ extension, type }) => [extension, type]),
    Object.entries(parameters).map(([name, { value }]) => [name, value]),
  ];
}

function settingValues(settings: OwnSettings): unknown {
  return SETTING_NAMES.map((name) => {
    const setting: AnySetting | undefined = settings[name];
    return setting === undefined ? null : linesOf(name, setting).map(({ words }) => words);
  });
}
