/**
 * `sweepd check`: the configuration in effect as a table. Pure.
 * @module
 */

import { describeCache, type Shared } from "../config/cache_share.ts";
import { type AnySetting, type Config, formatOrigin, type HostEntry, linesOf, writtenRoot } from "../config/config.ts";
import { describeCertificate, needsOwnCertificate } from "../config/certificate_choice.ts";
import { formatListen } from "../config/listeners.ts";
import { PARAMETER_NAMES, PARAMETERS } from "../config/parameters.ts";
import { ruleOf, SETTING_NAMES, type SettingName } from "../config/settings.ts";

/** Directive and name, value, and origin. */
type Row = readonly [words: string, value: string, origin: string];

/**
 * Every value in effect with its origin, one per line, in the syntax of web.conf. `shared`: what decides the size of the
 * caches, if it is known.
 */
export function describeConfig(config: Config, shared: Shared | null = null): string {
  const rows: Row[] = [
    ...SETTING_NAMES.flatMap((name) =>
      rowsOf(name, config.settings[name]).map(([words, value, origin], index): Row => {
        return [words, value, index === 0 ? `${origin}: ${ruleOf(name).summary}` : origin];
      })
    ),
    ...config.hosts.flatMap((host) => [hostRow(host), ...ownRows(host)]),
    ...config.media.map((media) => row("media", media.extension, media.type, formatOrigin(media.origin))),
    ...config.listen.map(({ value, origin }): Row => ["listen", formatListen(value), formatOrigin(origin)]),
    ...PARAMETER_NAMES.map((name) => {
      const { value, origin } = config.parameters[name];
      return row("parameter", name, String(value), `${formatOrigin(origin)}: ${PARAMETERS[name].summary}`);
    }),
  ];
  const nameWidth = widest(rows.map(([words]) => words));
  const valueWidth = Math.min(32, widest(rows.map(([, value]) => value)));
  return rows.map(([words, value, origin]) => `${words.padEnd(nameWidth)} ${value.padEnd(valueWidth)}  # ${origin}\n`)
    .join("") + describeAutoCache(config, shared) + describeCertificates(config);
}

/** The number that `parameter cache auto` means on this machine. */
function describeAutoCache({ parameters: { cache } }: Config, shared: Shared | null): string {
  return shared === null || cache.value !== "auto" ? "" : `# cache auto: ${describeCache(cache.value, shared)}\n`;
}

/** The certificates, which stand in files. */
function describeCertificates(config: Config): string {
  const own = needsOwnCertificate(config)
    ? ["of sweepd's own: each start makes another one, which browsers warn of"]
    : [];
  return [...config.certificates.map(describeCertificate), ...own].map((text) => `# certificate ${text}\n`).join("");
}

function widest(words: readonly string[]): number {
  return words.reduce((width, word) => Math.max(width, word.length), 0);
}

function hostRow(host: HostEntry): Row {
  const { name, writtenName, origin } = host;
  if (writtenName === undefined) return row("host", name, writtenRoot(host), formatOrigin(origin));
  return row("host", writtenName, writtenRoot(host), `${formatOrigin(origin)}: ${name}`);
}

/** The settings in the host's own lines, indented below it. */
function ownRows({ settings }: HostEntry): Row[] {
  return SETTING_NAMES.flatMap((name): Row[] => {
    const own = settings[name];
    return own === undefined ? [] : rowsOf(name, own).map(([words, ...rest]) => [`  ${words}`, ...rest]);
  });
}

/** One row for each line of a setting. */
function rowsOf(name: SettingName, setting: AnySetting): Row[] {
  return linesOf(name, setting).map(({ words, origin }) => [name, words.map(quote).join(" "), formatOrigin(origin)]);
}

function row(directive: string, name: string, value: string, origin: string): Row {
  return [`${directive} ${quote(name)}`, quote(value), origin];
}

function quote(word: string): string {
  return /[ \t]|^#|^$/.test(word) ? `"${word}"` : word;
}
