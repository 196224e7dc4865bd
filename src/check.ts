/**
 * `sweepd check`: the configuration in effect as a table. Pure.
 * @module
 */

import { type Config, formatOrigin, type HostEntry, writtenRoot } from "./config/config.ts";
import { PARAMETER_NAMES, PARAMETERS } from "./config/parameters.ts";

/** Every value in effect with its origin, one a line, in words that web.conf would take. */
export function describeConfig(config: Config): string {
  const rows: [string, string, string][] = [
    ...config.hosts.map(hostRow),
    ...config.media.map((media) => row("media", media.extension, media.type, formatOrigin(media.origin))),
    ...PARAMETER_NAMES.map((name) => {
      const { value, origin } = config.parameters[name];
      return row("parameter", name, String(value), `${formatOrigin(origin)}: ${PARAMETERS[name].summary}`);
    }),
  ];
  const nameWidth = widest(rows.map(([words]) => words));
  const valueWidth = Math.min(32, widest(rows.map(([, value]) => value)));
  return rows.map(([words, value, origin]) => `${words.padEnd(nameWidth)} ${value.padEnd(valueWidth)}  # ${origin}\n`)
    .join("");
}

function widest(words: readonly string[]): number {
  return words.reduce((width, word) => Math.max(width, word.length), 0);
}

function hostRow(host: HostEntry): [string, string, string] {
  const { name, writtenName, origin } = host;
  if (writtenName === undefined) return row("host", name, writtenRoot(host), formatOrigin(origin));
  return row("host", writtenName, writtenRoot(host), `${formatOrigin(origin)}: ${name}`);
}

function row(directive: string, name: string, value: string, origin: string): [string, string, string] {
  return [`${directive} ${quote(name)}`, quote(value), origin];
}

function quote(word: string): string {
  return /[ \t]|^#|^$/.test(word) ? `"${word}"` : word;
}
