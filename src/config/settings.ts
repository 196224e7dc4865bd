/**
 * The settings of hosts: name, words, default and meaning of each. The parser, `check`, the report of changes, the
 * manual page and the table in README.md use this table. Pure: looks up no file.
 * @module
 */

import type { ErrorRule } from "../site/error_rule.ts";
import type { CacheRule, HeaderRule } from "../site/field_rules.ts";
import type { RedirectRule } from "../site/redirect_rule.ts";
import {
  formatSwitch,
  type InvalidWord,
  isInvalidWord,
  parseCertificate,
  parseCharset,
  parseFallback,
  parseHttps,
  parseLog,
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

/** The settings with one value. A host's line replaces that for every host. */
export interface HostSettings {
  /** Names of index files, in the order in which they are tried. Empty: folders have no index. */
  readonly index: readonly string[];
  /** Whether a folder without an index is answered with a list of its files. */
  readonly listing: boolean;
  /** Whether files whose names begin with a dot are served. */
  readonly dotfiles: boolean;
  /** Origins whose scripts may read answers. `*` alone: all. */
  readonly cors: Origins;
  /** Path of the page that is sent if there is no file; `null`: there is none. */
  readonly fallback: string | null;
  /** Whether addresses of pages have no `.html`. */
  readonly "clean-urls": boolean;
  /** The charset of text whose media type contains none; `null`: none is sent. */
  readonly charset: string | null;
  /** The files of the certificate and its key, in PEM; `null`: none. */
  readonly certificate: CertificateFiles | null;
  /** Whether plain requests are redirected to the listener for TLS. */
  readonly https: boolean;
  /** Whether content codings are used. */
  readonly compress: boolean;
  /** A file for the access log of this host; `off`: this host has none; `default`: that of all hosts. */
  readonly log: string;
}

/** The names of two files in web.conf. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** The settings that repeat, by the value of one line. The first line that matches decides. */
export interface HostRules {
  readonly error: ErrorRule;
  readonly redirect: RedirectRule;
  readonly header: HeaderRule;
  readonly cache: CacheRule;
  /** IP addresses and ranges. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly auth: AuthLine;
}

/** The name of a setting with one value. */
export type SingleName = keyof HostSettings;

/** The name of a setting that repeats. */
export type RepeatingName = keyof HostRules;

/** The name of a setting. */
export type SettingName = SingleName | RepeatingName;

/** The common properties of both kinds of rows. `Value` is the value of one line. */
interface Rule<Value> {
  /** The words after the name, for a usage line. */
  readonly words: string;
  /** The meaning, in one line without a capital letter and a full stop. */
  readonly summary: string;
  /** A valid line. */
  readonly example: string;
  /** Parses the words, at least one. */
  readonly parse: (words: readonly string[]) => Value | InvalidWord;
  /** The words for a value. The inverse of `parse`. */
  readonly format: (value: Value) => readonly string[];
}

/** A setting with one value. */
export interface SettingRule<Value> extends Rule<Value> {
  readonly repeats: false;
  readonly default: Value;
}

/** A setting that repeats. A host's own lines precede those for every host, and these precede the default. */
export interface RepeatingRule<Value> extends Rule<Value> {
  readonly repeats: true;
  readonly default: readonly Value[];
  /** Whether `later` can never take effect, because `earlier` precedes it. */
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
      summary: "names of index files, in the order in which they are tried; none: folders have no index",
      example: "index index.html index.htm",
      parse: parseNames,
      format: (names) => names.length === 0 ? ["none"] : names,
    },
    listing: {
      repeats: false,
      words: "on | off",
      default: false,
      summary: "list the files of a folder without an index (on with DIR, or without web.conf)",
      example: "listing on",
      parse: parseSwitch,
      format: formatSwitch,
    },
    error: {
      repeats: true,
      words: "STATUS PATH",
      default: [],
      summary: "send this file of the root as the page of an error; STATUS may be 4xx or 5xx",
      example: "error 404 /errors/404.html",
      parse: parseError,
      format: ({ status, path }) => [String(status), path],
      hides: (earlier, later) => earlier.status === later.status,
    },
    redirect: {
      repeats: true,
      words: "FROM TO [STATUS]",
      default: [],
      summary: "redirect requests for FROM to TO, with 301 by default; $1 is the text of the first wildcard in FROM",
      example: "redirect /old/** /new/$1",
      parse: parseRedirect,
      format: formatRedirect,
      hides: hidesRedirect,
    },
    fallback: {
      repeats: false,
      words: "PATH",
      default: null,
      summary: "send this page when a browser opens an address without a file; none: 404",
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
    compress: {
      repeats: false,
      words: "on | off",
      default: true,
      summary: "send files in the codings br, zstd and gzip to clients that accept them",
      example: "compress off",
      parse: parseSwitch,
      format: formatSwitch,
    },
    charset: {
      repeats: false,
      words: "NAME | off",
      default: "utf-8",
      summary: "the charset that is sent with text files; off: none",
      example: "charset iso-8859-1",
      parse: parseCharset,
      format: (charset) => [charset ?? "off"],
    },
    log: {
      repeats: false,
      words: "FILE | off | default",
      default: "default",
      summary:
        "file for this host's access log instead of parameter access-log; off: none, not on standard output either",
      example: "log /var/log/sweepd/lab.log",
      parse: parseLog,
      format: (file) => [file],
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
      summary: "let scripts of these origins read answers; none: only those of this host",
      example: "cors https://app.example",
      parse: parseOrigins,
      format: (origins) => origins.length === 0 ? ["none"] : origins,
    },
    certificate: {
      repeats: false,
      words: "CERT KEY",
      default: null,
      summary: "the certificate of this host and its key, two files in PEM; none: there is none",
      example: "certificate lab.pem lab.key",
      parse: parseCertificate,
      format: (files) => files === null ? ["none"] : [files.cert, files.key],
    },
    https: {
      repeats: false,
      words: "redirect | off",
      default: false,
      summary: "redirect plain requests to the listener that speaks TLS (308)",
      example: "https redirect",
      parse: parseHttps,
      format: (isRedirected) => [isRedirected ? "redirect" : "off"],
    },
    auth: {
      repeats: true,
      words: "REALM FILE [PATTERN]",
      default: [],
      summary: "require a user and password from FILE; without PATTERN for every path",
      example: 'auth "Lab files" staff.htpasswd /staff/**',
      parse: parseAuth,
      format: formatAuth,
      hides: hidesAuth,
    },
    allow: {
      repeats: true,
      words: "CIDR...",
      default: [],
      summary: "accept requests from these addresses only; others get 403",
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

/** A row of either kind, for code that handles all settings. */
export type AnyRule = SettingRule<unknown> | RepeatingRule<unknown>;

/** The row for a name of any kind. */
export function ruleOf(name: SettingName): AnyRule {
  return SETTINGS[name] as AnyRule;
}

/** The names of all settings, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Whether `word` is the name of a setting. */
export function isSettingName(word: string): word is SettingName {
  return Object.hasOwn(SETTINGS, word);
}

/** Settings that restrict access. A word that is similar to one of them is an error. */
export const ACCESS_SETTINGS: readonly string[] = ["auth", "allow", "deny"];

/** Whether `words` discard the inherited lines of a setting that repeats. */
export function isNone(words: readonly string[]): boolean {
  return words.length === 1 && words[0] === "none";
}

export { type InvalidWord, isInvalidWord };
