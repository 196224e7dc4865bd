/**
 * The settings of hosts: the name of each, the words that it takes, its default and its meaning. The parser, `check`, the
 * report of changes, the manual page and README.md's table are made from this table. Pure: looks up no file.
 * @module
 */

import type { ErrorRule } from "../site/error_rule.ts";
import type { CacheRule, HeaderRule } from "../site/field_rules.ts";
import type { RedirectRule } from "../site/redirect_rule.ts";
import {
  formatSwitch,
  type InvalidWord,
  isInvalidWord,
  parseCharset,
  parseFallback,
  parseNames,
  parseSwitch,
} from "./setting_words.ts";
import {
  type AuthLine,
  formatAuth,
  hidesAuth,
  hidesRanges,
  parseAuth,
  parseOrigins,
  parseRanges,
} from "./access_words.ts";
import type { Origins } from "../site/origins.ts";
import {
  formatRedirect,
  hidesPattern,
  hidesRedirect,
  parseCache,
  parseError,
  parseHeader,
  parseRedirect,
} from "./rule_words.ts";

/** What a host can be told in one line, by the names in web.conf: a line replaces the one for every host. */
export interface HostSettings {
  /** Names that are tried in a folder, in order; none: a folder has no index. */
  readonly index: readonly string[];
  /** Whether files whose names begin with a dot are served. */
  readonly dotfiles: boolean;
  /** Origins whose scripts may read answers; `*` alone: all. */
  readonly cors: Origins;
  /** Path of the page that answers where nothing is there; `null`: nothing does. */
  readonly fallback: string | null;
  /** Whether pages have addresses without `.html`. */
  readonly "clean-urls": boolean;
  /** Of text whose type does not say one; `null`: none is told. */
  readonly charset: string | null;
}

/** What one line says of a setting that repeats: its lines add up, and the first one that matches decides. */
export interface HostRules {
  readonly error: ErrorRule;
  readonly redirect: RedirectRule;
  readonly header: HeaderRule;
  readonly cache: CacheRule;
  /** Addresses and ranges of them. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly auth: AuthLine;
}

/** The name of a setting that has one value. */
export type SingleName = keyof HostSettings;

/** The name of a setting that repeats. */
export type RepeatingName = keyof HostRules;

/** The name of a setting. */
export type SettingName = SingleName | RepeatingName;

/** What a row of either kind has. `Value` is what one line says. */
interface Rule<Value> {
  /** The words behind the name, as a usage line shows them. */
  readonly words: string;
  /** What it means, in a line without a capital or a full stop. */
  readonly summary: string;
  /** A line that web.conf takes. */
  readonly example: string;
  /** The value that `words`, at least one, stand for. */
  readonly parse: (words: readonly string[]) => Value | InvalidWord;
  /** The words that stand for `value`; `parse` takes them back. */
  readonly format: (value: Value) => readonly string[];
}

/** A setting that has one value. */
export interface SettingRule<Value> extends Rule<Value> {
  readonly repeats: false;
  readonly default: Value;
}

/** A setting whose lines add up: a host's own stand before those for every host, and these before the default. */
export interface RepeatingRule<Value> extends Rule<Value> {
  readonly repeats: true;
  readonly default: readonly Value[];
  /** Whether `later` can never take effect, because `earlier` stands before it. */
  readonly hides: (earlier: Value, later: Value) => boolean;
}

/** The settings, in the order in which documents list them. */
export const SETTINGS:
  & { readonly [Name in SingleName]: SettingRule<HostSettings[Name]> }
  & { readonly [Name in RepeatingName]: RepeatingRule<HostRules[Name]> } = {
    index: {
      repeats: false,
      words: "NAME...",
      default: ["index.html"],
      summary: "names that are tried in a folder, in order; none: folders have no index",
      example: "index index.html index.htm",
      parse: parseNames,
      format: (names) => names.length === 0 ? ["none"] : names,
    },
    error: {
      repeats: true,
      words: "STATUS PATH",
      default: [],
      summary: "send the file PATH of the root as the page for an error; STATUS may be 4xx or 5xx",
      example: "error 404 /errors/404.html",
      parse: parseError,
      format: ({ status, path }) => [String(status), path],
      hides: (earlier, later) => earlier.status === later.status,
    },
    redirect: {
      repeats: true,
      words: "FROM TO [STATUS]",
      default: [],
      summary: "send requests for FROM to TO, by default with 301; $1 is what the first wildcard of FROM matches",
      example: "redirect /old/** /new/$1",
      parse: parseRedirect,
      format: formatRedirect,
      hides: hidesRedirect,
    },
    fallback: {
      repeats: false,
      words: "PATH",
      default: null,
      summary: "answer with this page where a browser opens an address at which nothing is; none: with 404",
      example: "fallback /index.html",
      parse: parseFallback,
      format: (path) => [path ?? "none"],
    },
    "clean-urls": {
      repeats: false,
      words: "on | off",
      default: false,
      summary: "answer /about with about.html, and redirect /about.html to /about",
      example: "clean-urls on",
      parse: parseSwitch,
      format: formatSwitch,
    },
    header: {
      repeats: true,
      words: "PATTERN NAME VALUE",
      default: [],
      summary: 'set this field on answers to matching paths; "" removes it',
      example: "header **.html X-Frame-Options SAMEORIGIN",
      parse: parseHeader,
      format: ({ pattern, name, value }) => [pattern, name, value],
      hides: (earlier, later) =>
        earlier.name.toLowerCase() === later.name.toLowerCase() && hidesPattern(earlier.pattern, later.pattern),
    },
    cache: {
      repeats: true,
      words: "PATTERN POLICY",
      default: [{ pattern: "*", policy: "no-cache" }],
      summary: "how long browsers may keep matching files: SECONDS, immutable (a year), no-cache, no-store or off",
      example: "cache /assets/** immutable",
      parse: parseCache,
      format: ({ pattern, policy }) => [pattern, String(policy)],
      hides: (earlier, later) => hidesPattern(earlier.pattern, later.pattern),
    },
    charset: {
      repeats: false,
      words: "NAME | off",
      default: "utf-8",
      summary: "the charset of text files, for browsers; off: none is told",
      example: "charset iso-8859-1",
      parse: parseCharset,
      format: (charset) => [charset ?? "off"],
    },
    dotfiles: {
      repeats: false,
      words: "on | off",
      default: false,
      summary: "serve files and folders whose names begin with a dot (.well-known always is)",
      example: "dotfiles on",
      parse: parseSwitch,
      format: formatSwitch,
    },
    cors: {
      repeats: false,
      words: "ORIGIN... | *",
      default: [],
      summary: "let scripts of these origins read what is served; none: only those of this host",
      example: "cors https://app.example",
      parse: parseOrigins,
      format: (origins) => origins.length === 0 ? ["none"] : origins,
    },
    auth: {
      repeats: true,
      words: "REALM FILE [PATTERN]",
      default: [],
      summary: "ask for a name and a password, which are in FILE; without PATTERN for every path",
      example: 'auth "Lab files" staff.htpasswd /staff/**',
      parse: parseAuth,
      format: formatAuth,
      hides: hidesAuth,
    },
    allow: {
      repeats: true,
      words: "CIDR...",
      default: [],
      summary: "let in these addresses only; others get 403",
      example: "allow 192.0.2.0/24 2001:db8::/32",
      parse: parseRanges,
      format: (words) => words,
      hides: hidesRanges,
    },
    deny: {
      repeats: true,
      words: "CIDR...",
      default: [],
      summary: "answer these addresses with 403, even if they are allowed",
      example: "deny 192.0.2.66",
      parse: parseRanges,
      format: (words) => words,
      hides: hidesRanges,
    },
  };

/** A row as code that goes through all of them sees it. */
export type AnyRule = SettingRule<unknown> | RepeatingRule<unknown>;

/** The row for a name of any kind. */
export function ruleOf(name: SettingName): AnyRule {
  return SETTINGS[name] as AnyRule;
}

/** The names of all settings, in the table's order. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Whether `word` is the name of a setting. */
export function isSettingName(word: string): word is SettingName {
  return Object.hasOwn(SETTINGS, word);
}

/** Settings that keep visitors out: a word that nearly names one of them stops a start. */
export const ACCESS_SETTINGS: readonly string[] = ["auth", "allow", "deny"];

/** Whether `words` clear what is inherited of a setting that repeats. */
export function isNone(words: readonly string[]): boolean {
  return words.length === 1 && words[0] === "none";
}

export { type InvalidWord, isInvalidWord };
