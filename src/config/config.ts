/**
 * A configuration as plain data that can be posted to a worker, with the origin of each value.
 * @module
 */

import type { Withheld } from "../files/withheld.ts";
import type { User } from "../site/password_file.ts";
import { type ParameterName, PARAMETERS, type Parameters } from "./parameters.ts";
import {
  type HostRules,
  type HostSettings,
  type RepeatingName,
  ruleOf,
  SETTING_NAMES,
  type SettingName,
  type SingleName,
} from "./settings.ts";

/** Where a value comes from. `line` and `column` count from 1; the column is known of settings. */
export type Origin =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column?: number }
  | { readonly kind: "flag"; readonly flag: string };

/** A value in effect, and where it comes from. */
export interface Setting<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** A host name in lower case, or `default`, and its root as it was written. */
export interface HostEntry {
  /** `files.lab.org`, `*.lab.org`, `[::1]` or `default`. */
  readonly name: string;
  /** The name as web.conf writes it, if that has letters that are no ASCII. */
  readonly writtenName?: string;
  readonly root: string;
  /** Where the root is embedded in this program: how web.conf writes it. `root` is then a place that only the runtime knows. */
  readonly written?: string;
  readonly origin: Origin;
  /** The settings of its own lines, below its `host` line. */
  readonly settings: OwnSettings;
}

/** The root for a person. */
export function writtenRoot({ root, written }: HostEntry): string {
  return written ?? root;
}

/** The lines of a setting that repeats, in order. */
export interface Lines<T> {
  /** The line that says `none`: nothing of what would be inherited holds. `null`: there is none. */
  readonly cleared: Origin | null;
  readonly lines: readonly Setting<T>[];
}

/** A value, or lines, for each setting of a host, and where they come from. */
export type SettingsInEffect =
  & { readonly [Name in SingleName]: Setting<HostSettings[Name]> }
  & { readonly [Name in RepeatingName]: Lines<HostRules[Name]> };

/** The settings that one host, or the part above the first host, has lines for. */
export type OwnSettings = Partial<SettingsInEffect>;

/** A setting of either kind, as code that goes through all of them sees it. */
export type AnySetting = Setting<unknown> | Lines<unknown>;

/** A file extension in lower case, without its dot, and its media type. */
export interface MediaEntry {
  readonly extension: string;
  readonly type: string;
  readonly origin: Origin;
}

/** A password file that was read. Workers get the users, and never open it. */
export interface PasswordFile {
  /** Its name as web.conf writes it. */
  readonly written: string;
  /** Where it was looked for: an absolute path. */
  readonly path: string;
  readonly users: readonly User[];
  /** Where it really is, so that it is never served. */
  readonly places: readonly Withheld[];
}

export type ParameterSettings = { readonly [Name in ParameterName]: Setting<Parameters[Name]> };

/** All that a server is told. */
export interface Config {
  readonly hosts: readonly HostEntry[];
  readonly media: readonly MediaEntry[];
  /** The password files that settings name, once they are read. */
  readonly passwords: readonly PasswordFile[];
  readonly parameters: ParameterSettings;
  /** What holds for a host that has no line of its own: the lines above the first `host` line, else the defaults. */
  readonly settings: SettingsInEffect;
}

const BY_DEFAULT: Origin = { kind: "default" };

/** What holds without a file and without flags: no hosts, no media types, default parameters and settings. */
export function defaultConfig(): Config {
  return {
    hosts: [],
    media: [],
    passwords: [],
    parameters: defaultsOf(PARAMETERS) as unknown as ParameterSettings,
    settings: Object.fromEntries(SETTING_NAMES.map((name) => [name, defaultOf(name)])) as unknown as SettingsInEffect,
  };
}

function defaultsOf(rules: Readonly<Record<string, { readonly default: unknown }>>): Record<string, Setting<unknown>> {
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, byDefault(rule.default)]));
}

function defaultOf(name: SettingName): AnySetting {
  const rule = ruleOf(name);
  return rule.repeats ? { cleared: null, lines: rule.default.map(byDefault) } : byDefault(rule.default);
}

function byDefault<T>(value: T): Setting<T> {
  return { value, origin: BY_DEFAULT };
}

/** The settings that hold for `host`: its own, else those for every host. */
export function settingsFor({ settings }: Config, host: HostEntry): SettingsInEffect {
  return withOwn(settings, host.settings);
}

/** What holds where `own` stands below `inherited`: a value replaces the one above it, lines stand before those above. */
export function withOwn(inherited: SettingsInEffect, own: OwnSettings): SettingsInEffect {
  return Object.fromEntries(SETTING_NAMES.map((name) => {
    const [above, mine] = [inherited[name] as AnySetting, own[name] as AnySetting | undefined];
    if (mine === undefined) return [name, above];
    return [name, "lines" in mine && "lines" in above ? joined(name, mine, above) : mine];
  })) as unknown as SettingsInEffect;
}

/** A line that says the same as one before it could never take effect. */
function joined(name: SettingName, own: Lines<unknown>, inherited: Lines<unknown>): Lines<unknown> {
  if (own.cleared !== null) return own;
  const known = new Set(own.lines.map(({ value }) => writtenValue(name, value)));
  const others = inherited.lines.filter(({ value }) => !known.has(writtenValue(name, value)));
  return { cleared: inherited.cleared, lines: [...own.lines, ...others] };
}

function writtenValue(name: SettingName, value: unknown): string {
  return JSON.stringify(ruleOf(name).format(value));
}

/** A file that settings name, and the lines that do. */
export interface NamedFile {
  /** As web.conf writes it. */
  readonly written: string;
  readonly origins: readonly Origin[];
}

/** The password files that hold for a host of `config`, each once. */
export function passwordFilesOf(config: Config): readonly NamedFile[] {
  const files = new Map<string, Set<Origin>>();
  for (const { value, origin } of config.hosts.flatMap((host) => settingsFor(config, host).auth.lines)) {
    files.set(value.file, (files.get(value.file) ?? new Set()).add(origin));
  }
  return Array.from(files, ([written, origins]) => ({ written, origins: [...origins] }));
}

/** A line of web.conf that says what a setting says: its words behind the name. */
export interface WrittenLine {
  readonly words: readonly string[];
  readonly origin: Origin;
}

/** The lines that say what a setting says; at least one. */
export function linesOf(name: SettingName, setting: AnySetting): readonly WrittenLine[] {
  const { format } = ruleOf(name);
  if (!("lines" in setting)) return [{ words: format(setting.value), origin: setting.origin }];
  const { cleared, lines } = setting;
  const none = cleared !== null || lines.length === 0 ? [{ words: ["none"], origin: cleared ?? BY_DEFAULT }] : [];
  return [...none, ...lines.map(({ value, origin }) => ({ words: format(value), origin }))];
}

/** `config` with one parameter set. */
export function withParameter<Name extends ParameterName>(
  config: Config,
  name: Name,
  setting: Setting<Parameters[Name]>,
): Config {
  return { ...config, parameters: { ...config.parameters, [name]: setting } };
}

/** `default`, `web.conf:3` or `--port`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "file":
      return `${origin.file}:${origin.line}`;
    case "flag":
      return origin.flag;
  }
}
