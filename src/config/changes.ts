/**
 * Describes the differences between two configurations. Pure.
 * @module
 */

import {
  type AnySetting,
  type Certificate,
  type Config,
  formatOrigin,
  linesOf,
  type Origin,
  type PasswordFile,
} from "./config.ts";
import { formatListen } from "./listeners.ts";
import { PARAMETER_NAMES } from "./parameters.ts";
import { SETTING_NAMES, type SettingName } from "./settings.ts";

/** Limit of the list, because a message must stay readable. */
const LISTED_MAX = 20;

/** Limit of a value. A root may have thousands of characters. */
const VALUE_CHARS_MAX = 100;

/**
 * One text for each added, removed or altered setting, host, media type or parameter. Only the first 20 are listed,
 * with the number of the others. None: both configurations have the same meaning.
 */
export function describeChanges(before: Config, after: Config): string[] {
  const all = [
    ...differences("setting", commonSettings(before), commonSettings(after)),
    ...differences("host", byName(before.hosts, "name", "root"), byName(after.hosts, "name", "root")),
    ...differences("host", hostSettings(before), hostSettings(after)),
    ...passwordDifferences(before.passwords, after.passwords),
    ...certificateDifferences(before.certificates, after.certificates),
    ...differences("media", byName(before.media, "extension", "type"), byName(after.media, "extension", "type")),
    ...differences("listen", listeners(before), listeners(after)),
    ...differences("parameter", parameters(before), parameters(after)),
  ];
  const left = all.length - LISTED_MAX;
  return left <= 0 ? all : [...all.slice(0, LISTED_MAX), `and ${left} more`];
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

function listeners({ listen }: Config): Values {
  return new Map(listen.map(({ value, origin }) => [formatListen(value), { value: formatListen(value), origin }]));
}

function commonSettings({ settings }: Config): Values {
  return new Map(SETTING_NAMES.map((name) => [name, valueOf(name, settings[name])]));
}

/** The hosts' own settings. The key is the name of the host and that of the setting. */
function hostSettings({ hosts }: Config): Values {
  return new Map(hosts.flatMap((host) =>
    SETTING_NAMES.flatMap((name) => {
      const own = host.settings[name];
      return own === undefined ? [] : [[`${host.name} ${name}`, valueOf(name, own)] as const];
    })
  ));
}

function valueOf(name: SettingName, setting: AnySetting): Value {
  const lines = linesOf(name, setting);
  return { value: lines.map(({ words }) => words.join(" ")).join("; "), origin: lines[0]!.origin };
}

function differences(directive: string, before: Values, after: Values): string[] {
  const lines: string[] = [];
  for (const [name, { value, origin }] of after) {
    const earlier = before.get(name)?.value;
    const place = formatOrigin(origin);
    if (earlier === undefined) lines.push(`${directive} ${short(name)} added: ${short(value)} (${place})`);
    else if (earlier !== value) {
      lines.push(`${directive} ${short(name)} altered: ${short(earlier)} -> ${short(value)} (${place})`);
    }
  }
  for (const [name, { value }] of before) {
    if (!after.has(name)) lines.push(`${directive} ${short(name)} removed: it was ${short(value)}`);
  }
  return lines;
}

/** Password files whose users or passwords have changed. No user is named, because the messages go to a log. */
function passwordDifferences(before: readonly PasswordFile[], after: readonly PasswordFile[]): string[] {
  return after.flatMap(({ written, users }) => {
    const old = before.find((file) => file.written === written);
    const isSame = old === undefined || JSON.stringify(old.users) === JSON.stringify(users);
    return isSame ? [] : [`passwords of ${short(written)} altered: ${users.length} users`];
  });
}

/** Certificates that have been renewed. */
function certificateDifferences(before: readonly Certificate[], after: readonly Certificate[]): string[] {
  return after.flatMap(({ written, fingerprint, expiresMs }) => {
    const old = before.find((other) => JSON.stringify(other.written) === JSON.stringify(written));
    if (old === undefined || old.fingerprint === fingerprint) return [];
    const until = new Date(expiresMs).toISOString().slice(0, 10);
    return [`certificate ${short(written?.cert ?? "of sweepd's own")} altered: it is valid until ${until}`];
  });
}

function short(value: string): string {
  return value.length > VALUE_CHARS_MAX ? `${value.slice(0, VALUE_CHARS_MAX)}...` : value;
}
