/**
 * A configuration as plain data that can be posted to a worker, with the origin of each value.
 * @module
 */

import { type ParameterName, PARAMETERS, type Parameters } from "./parameters.ts";
import { type HostSettings, type SettingName, SETTINGS } from "./settings.ts";

/** Where a value comes from. `line` counts from 1. */
export type Origin =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly file: string; readonly line: number }
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

/** A value for each setting of a host, and where it comes from. */
export type SettingsInEffect = { readonly [Name in SettingName]: Setting<HostSettings[Name]> };

/** The settings that one host has lines for. */
export type OwnSettings = { readonly [Name in SettingName]?: Setting<HostSettings[Name]> };

/** A file extension in lower case, without its dot, and its media type. */
export interface MediaEntry {
  readonly extension: string;
  readonly type: string;
  readonly origin: Origin;
}

export type ParameterSettings = { readonly [Name in ParameterName]: Setting<Parameters[Name]> };

/** All that a server is told. */
export interface Config {
  readonly hosts: readonly HostEntry[];
  readonly media: readonly MediaEntry[];
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
    parameters: defaultsOf(PARAMETERS) as unknown as ParameterSettings,
    settings: defaultsOf(SETTINGS) as unknown as SettingsInEffect,
  };
}

function defaultsOf(rules: Readonly<Record<string, { readonly default: unknown }>>): Record<string, Setting<unknown>> {
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [name, { value: rule.default, origin: BY_DEFAULT }]),
  );
}

/** The settings that hold for `host`: its own, else those for every host. */
export function settingsFor({ settings }: Config, host: HostEntry): SettingsInEffect {
  return { ...settings, ...host.settings };
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
