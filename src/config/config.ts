/**
 * A configuration as plain data that can be posted to a worker, with the origin of each value.
 * @module
 */

import type { Withheld } from "../files/withheld.ts";
import type { User } from "../site/password_file.ts";
import type { Listen } from "./listeners.ts";
import { type ParameterName, PARAMETERS, type Parameters } from "./parameters.ts";
import {
  type CertificateFiles,
  type HostRules,
  type HostSettings,
  type RepeatingName,
  ruleOf,
  SETTING_NAMES,
  type SettingName,
  type SingleName,
} from "./settings.ts";

/** The origin of a value. `line` and `column` count from 1. Only settings have a column. */
export type Origin =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column?: number }
  | { readonly kind: "flag"; readonly flag: string };

/** A value in effect, and its origin. */
export interface Setting<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** A host name in lower case, or `default`, and its root. */
export interface HostEntry {
  /** `files.lab.org`, `*.lab.org`, `[::1]` or `default`. */
  readonly name: string;
  /** The name in web.conf, if it contains non-ASCII letters. */
  readonly writtenName?: string;
  readonly root: string;
  /** For an embedded root, its name in web.conf. `root` is then a path that only the runtime knows. */
  readonly written?: string;
  readonly origin: Origin;
  /** The settings in the host's own lines, below its `host` line. */
  readonly settings: OwnSettings;
}

/** The root as shown to the user. */
export function writtenRoot({ root, written }: HostEntry): string {
  return written ?? root;
}

/** The lines of a repeating setting, in order. */
export interface Lines<T> {
  /** The origin of the line `none`, which discards inherited lines; `null`: there is no such line. */
  readonly cleared: Origin | null;
  readonly lines: readonly Setting<T>[];
}

/** A value or lines for each setting of a host, with their origins. */
export type SettingsInEffect =
  & { readonly [Name in SingleName]: Setting<HostSettings[Name]> }
  & { readonly [Name in RepeatingName]: Lines<HostRules[Name]> };

/** The settings in the lines of one host, or above the first host. */
export type OwnSettings = Partial<SettingsInEffect>;

/** A setting of either kind, for code that handles all settings. */
export type AnySetting = Setting<unknown> | Lines<unknown>;

/** A file extension in lower case, without its dot, and its media type. */
export interface MediaEntry {
  readonly extension: string;
  readonly type: string;
  readonly origin: Origin;
}

/** The content of a password file. Workers get the users, and do not open the file. */
export interface PasswordFile {
  /** Its name in web.conf. */
  readonly written: string;
  /** Its absolute path. */
  readonly path: string;
  readonly users: readonly User[];
  /** Its real paths and numbers, so that it is never served. */
  readonly places: readonly Withheld[];
  /** Differs when the file has changed since. */
  readonly stamp: string;
}

/** A certificate and its key. Workers get the texts, and do not open the files. */
export interface Certificate {
  /** The names of its files in web.conf; `null`: it is the server's own, which is in no file. */
  readonly written: CertificateFiles | null;
  /** The certificate and those of its issuers, in PEM. */
  readonly certificate: string;
  /** The private key in PEM. */
  readonly key: string;
  /** The names and addresses that it is valid for, in lower case. */
  readonly names: readonly string[];
  /** From when until when it is valid, in milliseconds since 1970. */
  readonly beginsMs: number;
  readonly expiresMs: number;
  /** SHA-256, in pairs of hexadecimal digits with colons. */
  readonly fingerprint: string;
  /** Real paths and numbers of its files, so that they are never served. */
  readonly places: readonly Withheld[];
  /** Its files, with stamps that differ when they have changed since. */
  readonly stamps: readonly { readonly path: string; readonly stamp: string }[];
}

export type ParameterSettings = { readonly [Name in ParameterName]: Setting<Parameters[Name]> };

/** A whole configuration. */
export interface Config {
  readonly hosts: readonly HostEntry[];
  readonly media: readonly MediaEntry[];
  /** The password files of the settings, after they have been read. */
  readonly passwords: readonly PasswordFile[];
  /** The certificates of the hosts, after they have been read, or the server's own. */
  readonly certificates: readonly Certificate[];
  /** The `listen` lines. `listenersOf` gives the listeners in effect. */
  readonly listen: readonly Setting<Listen>[];
  readonly parameters: ParameterSettings;
  /** Whether standard output gets no access log, also if the format is not off. */
  readonly isSilent: boolean;
  /** Whether a terminal shows a line with the rate of requests, so that they must be counted. */
  readonly showsLive: boolean;
  /** The places of log files, so that they are never served. */
  readonly logPlaces: readonly Withheld[];
  /** The settings of hosts without own lines: the lines above the first `host` line, or the defaults. */
  readonly settings: SettingsInEffect;
}

const BY_DEFAULT: Origin = { kind: "default" };

/** The configuration without a file and flags: no hosts, no media types, default parameters and settings. */
export function defaultConfig(): Config {
  return {
    hosts: [],
    media: [],
    passwords: [],
    certificates: [],
    listen: [],
    isSilent: false,
    showsLive: false,
    logPlaces: [],
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

/** The settings of `host`: its own, and for the others those of every host. */
export function settingsFor({ settings }: Config, host: HostEntry): SettingsInEffect {
  return withOwn(settings, host.settings);
}

/** Combines settings: an own value replaces the inherited one, and own lines precede the inherited ones. */
export function withOwn(inherited: SettingsInEffect, own: OwnSettings): SettingsInEffect {
  return Object.fromEntries(SETTING_NAMES.map((name) => {
    const [above, mine] = [inherited[name] as AnySetting, own[name] as AnySetting | undefined];
    if (mine === undefined) return [name, above];
    return [name, "lines" in mine && "lines" in above ? joined(name, mine, above) : mine];
  })) as unknown as SettingsInEffect;
}

/** Joins lines. Repetitions are removed, because they can never take effect. */
function joined(name: SettingName, own: Lines<unknown>, inherited: Lines<unknown>): Lines<unknown> {
  if (own.cleared !== null) return own;
  const known = new Set(own.lines.map(({ value }) => writtenValue(name, value)));
  const others = inherited.lines.filter(({ value }) => !known.has(writtenValue(name, value)));
  return { cleared: inherited.cleared, lines: [...own.lines, ...others] };
}

function writtenValue(name: SettingName, value: unknown): string {
  return JSON.stringify(ruleOf(name).format(value));
}

/** A file that settings use, and the origins of their lines. */
export interface NamedFile {
  /** Its name in web.conf. */
  readonly written: string;
  readonly origins: readonly Origin[];
}

/** The password files for the hosts of `config`, without repetitions. */
export function passwordFilesOf(config: Config): readonly NamedFile[] {
  const files = new Map<string, Set<Origin>>();
  for (const { value, origin } of config.hosts.flatMap((host) => settingsFor(config, host).auth.lines)) {
    files.set(value.file, (files.get(value.file) ?? new Set()).add(origin));
  }
  return Array.from(files, ([written, origins]) => ({ written, origins: [...origins] }));
}

/** A log file, and the origins of the lines that name it. */
export interface LogFile {
  /** The path, absolute after loading. */
  readonly path: string;
  readonly origins: readonly Origin[];
}

/** The log files of `config`, without repetitions. */
export function logFilesOf(config: Config): readonly LogFile[] {
  const { parameters } = config;
  const own = config.hosts.map((host) => settingsFor(config, host).log);
  const named = [parameters["access-log"], parameters["error-log"], ...own];
  const files = new Map<string, Origin[]>();
  for (const { value, origin } of named) {
    if (value !== "off" && value !== "default") files.set(value, [...files.get(value) ?? [], origin]);
  }
  return Array.from(files, ([path, origins]) => ({ path, origins }));
}

/** The files of a certificate, and the origins of the lines that name them. */
export interface NamedCertificate extends CertificateFiles {
  readonly origins: readonly Origin[];
}

/** The files of the certificates of `config`, without repetitions. */
export function certificateFilesOf(config: Config): readonly NamedCertificate[] {
  const files = new Map<string, NamedCertificate & { readonly origins: Origin[] }>();
  for (const { value, origin } of config.hosts.map((host) => settingsFor(config, host).certificate)) {
    if (value === null) continue;
    const named = files.get(JSON.stringify(value)) ?? { ...value, origins: [] };
    if (!named.origins.includes(origin)) named.origins.push(origin);
    files.set(JSON.stringify(value), named);
  }
  return [...files.values()];
}

/** A setting as a line of web.conf: the words after the name. */
export interface WrittenLine {
  readonly words: readonly string[];
  readonly origin: Origin;
}

/** The lines of web.conf for a setting, at least one. */
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
