/**
 * Converts the hosts of a configuration to those of a site. Pure.
 * @module
 */

import {
  type AnySetting,
  type Config,
  formatOrigin,
  type Lines,
  settingsFor,
  type SettingsInEffect,
} from "./config/config.ts";
import { SETTING_NAMES } from "./config/settings.ts";
import type { HostOptions } from "./site/host.ts";
import type { HostLines } from "./site/notes.ts";
import type { PasswordChecks } from "./site/password_checks.ts";
import { Passwords } from "./site/passwords.ts";

/**
 * Hosts with their effective settings and, if `isExplained`, the positions of their lines. Hosts that use the same
 * password file share the cache of correct credentials.
 */
export function hostsOf(
  config: Config,
  checks: PasswordChecks,
  isExplained: boolean,
  tlsPort: number | null = null,
): HostOptions[] {
  const files = new Map(config.passwords.map(({ written, users }) => [written, new Passwords(users, checks)]));
  const nobody = new Passwords([], checks);
  return config.hosts.map((host) => {
    const settings = settingsFor(config, host);
    return {
      name: host.name,
      root: host.root,
      lines: isExplained ? { host: [formatOrigin(host.origin)], ...linesOfSettings(settings) } : {},
      index: settings.index.value,
      listing: settings.listing.value,
      dotFiles: settings.dotfiles.value ? "served" : "hidden",
      charset: settings.charset.value,
      compress: settings.compress.value,
      errors: valuesOf(settings.error),
      auth: valuesOf(settings.auth).map(({ realm, pattern, file }) => {
        return { realm, pattern, passwords: files.get(file) ?? nobody };
      }),
      redirects: valuesOf(settings.redirect),
      fallback: settings.fallback.value,
      cleanUrls: settings["clean-urls"].value,
      headers: valuesOf(settings.header),
      caching: valuesOf(settings.cache),
      cors: settings.cors.value,
      httpsPort: settings.https.value ? tlsPort : null,
      allow: valuesOf(settings.allow).flat(),
      deny: valuesOf(settings.deny).flat(),
    };
  });
}

/** One line for each rule. Each range of addresses is a rule. */
function linesOfSettings(settings: SettingsInEffect): HostLines {
  return Object.fromEntries(SETTING_NAMES.map((name) => {
    const setting: AnySetting = settings[name];
    if (!("lines" in setting)) return [name, [formatOrigin(setting.origin)]];
    const isList = name === "allow" || name === "deny";
    return [
      name,
      setting.lines.flatMap(({ value, origin }) => {
        return new Array(isList ? (value as readonly string[]).length : 1).fill(formatOrigin(origin));
      }),
    ];
  }));
}

function valuesOf<T>({ lines }: Lines<T>): readonly T[] {
  return lines.map(({ value }) => value);
}
