/**
 * `sweepd check`: the configuration in effect as a table. Pure.
 * @module
 */

import { type Config, formatOrigin, writtenRoot } from "./config/config.ts";
import { PARAMETER_NAMES, PARAMETERS } from "./config/parameters.ts";

/** Every value in effect with its origin, one a line, in words that web.conf would take. */
export function describeConfig(config: Config): string {
  const rows: [string, string, string][] = [
    ...config.hosts.map((host) => row("host", host.name, writtenRoot(host), formatOrigin(host.origin))),
    ...config.media.map((media) => row("media", media.extension, media.type, formatOrigin(media.origin))),
    ...PARAMETER_NAMES.map((name) => {
      const { value, origin } = config.parameters[name];
      return row("parameter", name, String(value), `${formatOrigin(origin)}: ${PARAMETERS[name].summary}`);
    }),
  ];
  const nameWidth = Math.max(...rows.map(([words]) => words.length));
  const valueWidth = Math.min(32, Math.max(...rows.map(([, value]) => value.length)));
  return rows.map(([words, value, origin]) => `${words.padEnd(nameWidth)} ${value.padEnd(valueWidth)}  # ${origin}\n`)
    .join("");
}

function row(directive: string, name: string, value: string, origin: string): [string, string, string] {
  return [`${directive} ${quote(name)}`, quote(value), origin];
}

function quote(word: string): string {
  return /[ \t]|^#|^$/.test(word) ? `"${word}"` : word;
}
