/**
 * What differs between two configurations, in words. Pure.
 * @module
 */

import type { Config, Origin } from "./config.ts";
import { formatOrigin } from "./config.ts";
import { PARAMETER_NAMES } from "./parameters.ts";

/** One line a host, media type or parameter that was added, removed or altered; none when both mean the same. */
export function describeChanges(before: Config, after: Config): string[] {
  return [
    ...differences("host", byName(before.hosts, "name", "root"), byName(after.hosts, "name", "root")),
    ...differences("media", byName(before.media, "extension", "type"), byName(after.media, "extension", "type")),
    ...differences("parameter", parameters(before), parameters(after)),
  ];
}

interface Value {
  readonly value: string;
  readonly origin: Origin;
}

type Values = ReadonlyMap<string, Value>;

function byName<K extends string, V extends string>(
  entries: readonly (Readonly<Record<K | V, string>> & { readonly origin: Origin })[],
  key: K,
  value: V,
): Values {
  return new Map(entries.map((entry) => [entry[key], { value: entry[value], origin: entry.origin }]));
}

function parameters(config: Config): Values {
  return new Map(PARAMETER_NAMES.map((name) => {
    const { value, origin } = config.parameters[name];
    return [name, { value: String(value), origin }];
  }));
}

function differences(directive: string, before: Values, after: Values): string[] {
  const lines: string[] = [];
  for (const [name, { value, origin }] of after) {
    const earlier = before.get(name)?.value;
    const place = formatOrigin(origin);
    if (earlier === undefined) lines.push(`${directive} ${name} added: ${value} (${place})`);
    else if (earlier !== value) lines.push(`${directive} ${name} altered: ${earlier} -> ${value} (${place})`);
  }
  for (const [name, { value }] of before) {
    if (!after.has(name)) lines.push(`${directive} ${name} removed: it was ${value}`);
  }
  return lines;
}
